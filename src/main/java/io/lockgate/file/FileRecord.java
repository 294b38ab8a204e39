package io.lockgate.file;

/**
 * A registered file system object.
 *
 * @param id unsigned 64-bit
 * @param confirmed false while the first acquire on a new path has not succeeded: to readers it does not exist
 */
public record FileRecord(long id, FilePath path, FileKind kind, boolean confirmed) {}
