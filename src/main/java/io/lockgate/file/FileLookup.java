package io.lockgate.file;

/** The outcome of looking up a reference. */
public sealed interface FileLookup {
    /**
     * A file that locks may be on.
     *
     * @param id unsigned 64-bit
     * @param confirmOwed true only from {@link Files#forAcquire}: the path is reserved, and after a grant
     *     {@link Files#confirm} is due
     */
    record Known(long id, boolean confirmOwed) implements FileLookup {}

    /** Not registered, and it needs to be. */
    record Unknown(FileRef ref) implements FileLookup {}

    /** A directory: there are no byte ranges to lock. */
    record NotAFile(FileRef ref) implements FileLookup {}
}
