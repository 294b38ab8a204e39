package io.lockgate.file;

import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The port of the file registry. An id, once given to a path, never changes. A registry that cannot be reached fails the
 * {@code Uni} with {@link CatalogUnavailableException}.
 */
public interface FileCatalog {
    /** The entry of a path, confirmed or not. */
    Uni<Optional<FileRecord>> findByPath(FilePath path);

    /** The entry of an id, confirmed or not. */
    Uni<Optional<FileRecord>> findById(long id);

    /**
     * The entry of a path, made if there is none: with a random id in [2^62, 2^63), unconfirmed. One statement decides a
     * race, so that all callers of one path get one id.
     */
    Uni<FileRecord> reserve(FilePath path);

    /** Makes a reserved entry visible to readers. Repeating it changes nothing. */
    Uni<Void> confirm(long id);

    /** Registers a path, confirmed; empty when a confirmed entry was there already. */
    Uni<Optional<FileRecord>> register(FilePath path, FileKind kind);

    /** Paths of those of {@code ids} that are registered and confirmed. */
    Uni<Map<Long, FilePath>> paths(Collection<Long> ids);
}
