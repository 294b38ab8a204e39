package io.lockgate.file;

/**
 * A registered file system object. Id and path of an entry never change, and a confirmed entry does not change at all;
 * so a confirmed one may be remembered for ever.
 *
 * @param id unsigned 64-bit
 * @param confirmed false while the first acquire on a new path has not succeeded: to readers it does not exist
 */
public record FileRecord(long id, FilePath path, FileKind kind, boolean confirmed) {
    /** The entry of {@code "/"}, which is known without any store and is in none. */
    public static final FileRecord ROOT = new FileRecord(FileIds.ROOT, FilePath.ROOT, FileKind.DIRECTORY, true);
}
