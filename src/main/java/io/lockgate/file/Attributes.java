package io.lockgate.file;

import java.util.Optional;

/** Attributes of a file or directory. */
public sealed interface Attributes {
    /**
     * It is known.
     *
     * @param id unsigned 64-bit
     * @param path empty for a file known only by the id that its client gives it
     */
    record Found(long id, Optional<FilePath> path, FileKind kind) implements Attributes {}

    /** Not registered, and it needs to be. */
    record Unknown(FileRef ref) implements Attributes {}
}
