package io.lockgate.range;

import io.lockgate.file.FileRef;

/** What became of a call on a file: the outcome of the call, or why locks cannot be on that file. */
public sealed interface OnFile<T> {
    /** The file is known and the call was made. */
    record Done<T>(T outcome) implements OnFile<T> {}

    /** Nothing is registered as {@code file}, and it needs to be. */
    record NoSuchFile<T>(FileRef file) implements OnFile<T> {}

    /** A directory, which has no bytes to lock. */
    record NotAFile<T>(FileRef file) implements OnFile<T> {}
}
