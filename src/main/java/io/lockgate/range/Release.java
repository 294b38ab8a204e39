package io.lockgate.range;

/** The outcome of a release. */
public sealed interface Release {
    /**
     * The bytes that were asked for are free.
     *
     * @param grants how many grants were released, trimmed or split; 0 is a success in POSIX
     * @param left what is left of those that were trimmed or split
     */
    record Released(long grants, ChangedGrants left) implements Release {
        /** Of whole grants. */
        public Released(long grants) {
            this(grants, ChangedGrants.NONE);
        }
    }

    /** SMB: no lock of that handle with exactly that range; or no such grant for this caller. */
    record NoSuchLock() implements Release {}
}
