package io.lockgate.range;

/** The outcome of a release. */
public sealed interface Release {
    /**
     * The bytes that were asked for are free.
     *
     * @param grants how many grants were released, trimmed or split; 0 is a success in POSIX
     */
    record Released(long grants) implements Release {}

    /** SMB: no lock of that handle with exactly that range; or no such grant for this caller. */
    record NoSuchLock() implements Release {}
}
