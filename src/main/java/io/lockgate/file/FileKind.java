package io.lockgate.file;

/** The kind of a registered path. */
public enum FileKind {
    FILE,
    DIRECTORY
}
