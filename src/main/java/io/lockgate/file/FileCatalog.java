package io.lockgate.file;

import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The port of the file registry. An entry, once made, is never removed, and its id and path never change. The root is
 * not in it: {@link Files} answers for {@link FileRecord#ROOT} itself.
 *
 * <p>Every method answers within a bounded time (below two seconds); a registry that cannot be reached, or does not
 * answer by then, fails the {@code Uni} with {@link CatalogUnavailableException}. What was asked may then have happened
 * all the same: every method is safe to repeat. Nothing happens before the {@code Uni} is subscribed to, and giving up
 * the subscription does not undo what has begun.
 */
public interface FileCatalog {
    /** The most ids that {@link #confirmed} takes in one call. */
    int MAX_IDS = 10_000;

    /** The entry of a path, confirmed or not. */
    Uni<Optional<FileRecord>> findByPath(FilePath path);

    /**
     * The entry of an id, confirmed or not.
     *
     * @param id unsigned 64-bit
     */
    Uni<Optional<FileRecord>> findById(long id);

    /**
     * The entry of a path, made if there is none: a file with an id of {@link FileIds#draw()}, unconfirmed. One
     * statement decides a race, so that all callers of one path, on all replicas, get one id.
     */
    Uni<FileRecord> reserve(FilePath path);

    /**
     * Makes a reserved entry visible to readers. Repeating it changes nothing.
     *
     * @param id unsigned 64-bit
     * @return the entry, confirmed; empty when no entry has this id
     */
    Uni<Optional<FileRecord>> confirm(long id);

    /**
     * Registers a path, confirmed. An entry that was only reserved keeps its id and takes the kind given here. Of
     * several at once on one path exactly one gets the entry.
     *
     * @return the entry; empty when a confirmed one was there already
     */
    Uni<Optional<FileRecord>> register(FilePath path, FileKind kind);

    /**
     * Those of {@code ids} that are registered and confirmed, by id.
     *
     * @param ids unsigned 64-bit, at most {@link #MAX_IDS}
     * @throws IllegalArgumentException when there are more, as a failure of the {@code Uni}
     */
    Uni<Map<Long, FileRecord>> confirmed(Collection<Long> ids);
}
