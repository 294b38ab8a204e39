package io.lockgate.file;

/** What a registered path names. */
public enum FileKind {
    FILE,
    DIRECTORY
}
