package io.lockgate.file;

/** How a registration ended. */
public sealed interface Registration {
    /** The path has an id now and is visible to readers. */
    record Registered(FileRecord file) implements Registration {}

    /**
     * A confirmed entry was there before. It may be the caller's own: a registration whose answer was lost is answered
     * so when repeated.
     */
    record AlreadyThere(FilePath path) implements Registration {}

    /** The directory is not registered and needs to be, or is an id of which no path is known. */
    record NoSuchParent(FileRef directory) implements Registration {}

    /** The parent is a registered file. */
    record NotADirectory(FileRef directory) implements Registration {}

    /**
     * The name is no path segment, or makes the path too long.
     *
     * @param reason why, in words fit for the client
     */
    record BadName(String reason) implements Registration {}
}
