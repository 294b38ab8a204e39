package io.lockgate.file;

import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The file registry: which references name a file, and under which id its locks are kept. The only orchestration of
 * this domain; what it remembers is in the {@link FileCatalog} given to it.
 *
 * <p>In open mode an id outside [2^62, 2^63) belongs to the client, is a file without question, and costs no call of
 * the catalogue. Everything else is asked there, and fails with {@link CatalogUnavailableException} when the catalogue
 * does not answer and the entry is not remembered.
 *
 * <p><b>A new path in open mode.</b> {@link #forAcquire} reserves it: it has its id for good, and readers do not see
 * it. The lock is acquired under that id, and after the grant {@link #confirm} makes the path visible. The order is this
 * one because an id must exist before the grant, and a refused acquire must not make a file appear. What can go wrong
 * in between:
 *
 * <ul>
 *   <li>The acquire is refused, or nobody answers it: the entry stays reserved. It costs one row, and the next acquire
 *       finds the same id. Reserved entries are never removed: only the lock table knows whether a grant exists whose
 *       confirmation got lost, and the registry cannot ask it in the same step. An entry removed by mistake would give
 *       the path a second id, and two owners the same bytes. Nor would removal bound the table: a caller who may
 *       acquire can as well acquire and release, and such entries stay for a reason.
 *   <li>The confirmation fails: the grant stands and its holder is to be told so. The path stays unknown to listings
 *       until the next acquire on it owes, and repeats, the confirmation. {@link #forRelease} finds reserved entries
 *       too, so the lock can be released by path meanwhile.
 * </ul>
 *
 * <p>The registry is a table of names, not a tree: an acquire does not look at the directories above a path.
 */
public final class Files {
    private final FileCatalog catalog;
    private final CatalogMode mode;

    public Files(FileCatalog catalog, CatalogMode mode) {
        this.catalog = catalog;
        this.mode = mode;
    }

    /** The file that a listing, a test or another reading call means. */
    public Uni<FileLookup> forReading(FileRef ref) {
        return lookUp(ref, entry -> known(ref, entry.filter(FileRecord::confirmed)));
    }

    /**
     * The file that an acquire means; in open mode an unknown path is reserved. To be called once everything else about
     * the request is known to be in order. Callers at the same moment with one new path get one id, and all of them may
     * owe the confirmation.
     */
    public Uni<FileLookup> forAcquire(FileRef ref) {
        if (mode == CatalogMode.OPEN && ref instanceof FileRef.ByPath(FilePath path) && !path.isRoot()) {
            return catalog.reserve(path).map(entry -> owing(ref, entry));
        }
        return forReading(ref);
    }

    /**
     * The file that a release means: like {@link #forReading}, but reserved entries count, for there may be a grant
     * whose confirmation failed.
     */
    public Uni<FileLookup> forRelease(FileRef ref) {
        return lookUp(ref, entry -> known(ref, entry));
    }

    /**
     * True when an acquire on this unknown reference would make it known. So a test of such an acquire, which acquires
     * nothing, meets no other lock, where other reading calls answer that there is no such file.
     */
    public boolean isMadeByAcquire(FileLookup.Unknown unknown) {
        return mode == CatalogMode.OPEN && unknown.ref() instanceof FileRef.ByPath;
    }

    /**
     * Makes the path of an id visible, after the first grant on it. Repeating it changes nothing.
     *
     * @param id unsigned 64-bit, of a {@link FileLookup.Known} that owes it
     * @return fails with {@link CatalogUnavailableException} when the catalogue does not answer. The grant stands then:
     *     its holder is to be told of it, and the failure is for the log.
     */
    public Uni<Void> confirm(long id) {
        return catalog.confirm(id).replaceWithVoid();
    }

    /**
     * Registers an entry of a directory. The parent is {@code "/"} or a registered directory; in open mode also any
     * path that is not registered.
     *
     * @param name one path segment
     */
    public Uni<Registration> register(FileRef directory, String name, FileKind kind) {
        return parent(directory).flatMap(found -> switch (found) {
            case Parent.At(FilePath path) -> register(path, name, kind);
            case Parent.Refused(Registration why) -> Uni.createFrom().item(why);
        });
    }

    /** The attributes of a file or directory. */
    public Uni<Attributes> attributes(FileRef ref) {
        if (isClientsOwn(ref) && ref instanceof FileRef.ById(long id)) {
            return Uni.createFrom().item(new Attributes.Found(id, Optional.empty(), FileKind.FILE));
        }
        return find(ref)
                .map(entry -> entry.filter(FileRecord::confirmed)
                        .<Attributes>map(file -> new Attributes.Found(file.id(), Optional.of(file.path()), file.kind()))
                        .orElseGet(() -> new Attributes.Unknown(ref)));
    }

    /**
     * Paths of ids.
     *
     * @param ids unsigned 64-bit, at most {@link FileCatalog#MAX_IDS}
     * @return those that have a path, by id; ids that are not registered are left out
     */
    public Uni<Map<Long, FilePath>> resolve(Collection<Long> ids) {
        Set<Long> asked = new HashSet<>(ids);
        boolean root = asked.remove(FileIds.ROOT);
        if (mode == CatalogMode.OPEN) {
            asked.removeIf(id -> !FileIds.isGivenByRegistry(id));
        }
        Uni<Map<Long, FileRecord>> entries =
                asked.isEmpty() ? Uni.createFrom().item(Map.of()) : catalog.confirmed(asked);
        return entries.map(found -> {
            Map<Long, FilePath> paths = new HashMap<>();
            found.forEach((id, file) -> paths.put(id, file.path()));
            if (root) {
                paths.put(FileIds.ROOT, FilePath.ROOT);
            }
            return paths;
        });
    }

    private Uni<FileLookup> lookUp(FileRef ref, Function<Optional<FileRecord>, FileLookup> judge) {
        if (isClientsOwn(ref) && ref instanceof FileRef.ById(long id)) {
            return Uni.createFrom().item(new FileLookup.Known(id, false));
        }
        return find(ref).map(judge);
    }

    private Uni<Optional<FileRecord>> find(FileRef ref) {
        return switch (ref) {
            case FileRef.ById(long id)
            when id == FileIds.ROOT -> Uni.createFrom().item(Optional.of(FileRecord.ROOT));
            case FileRef.ByPath(FilePath path)
            when path.isRoot() -> Uni.createFrom().item(Optional.of(FileRecord.ROOT));
            case FileRef.ById(long id) -> catalog.findById(id);
            case FileRef.ByPath(FilePath path) -> catalog.findByPath(path);
        };
    }

    private boolean isClientsOwn(FileRef ref) {
        return mode == CatalogMode.OPEN && ref instanceof FileRef.ById(long id) && !FileIds.isGivenByRegistry(id);
    }

    private static FileLookup known(FileRef ref, Optional<FileRecord> entry) {
        return entry.map(file -> file.kind() == FileKind.DIRECTORY
                        ? new FileLookup.NotAFile(ref)
                        : new FileLookup.Known(file.id(), false))
                .orElseGet(() -> new FileLookup.Unknown(ref));
    }

    private static FileLookup owing(FileRef ref, FileRecord entry) {
        return entry.kind() == FileKind.DIRECTORY
                ? new FileLookup.NotAFile(ref)
                : new FileLookup.Known(entry.id(), !entry.confirmed());
    }

    private sealed interface Parent {
        record At(FilePath path) implements Parent {}

        record Refused(Registration why) implements Parent {}
    }

    private Uni<Parent> parent(FileRef directory) {
        if (isClientsOwn(directory)) {
            return Uni.createFrom().item(new Parent.Refused(new Registration.NoSuchParent(directory)));
        }
        return find(directory).map(entry -> parent(directory, entry.filter(FileRecord::confirmed)));
    }

    private Parent parent(FileRef directory, Optional<FileRecord> entry) {
        if (entry.isPresent()) {
            return entry.get().kind() == FileKind.DIRECTORY
                    ? new Parent.At(entry.get().path())
                    : new Parent.Refused(new Registration.NotADirectory(directory));
        }
        return mode == CatalogMode.OPEN && directory instanceof FileRef.ByPath(FilePath path)
                ? new Parent.At(path)
                : new Parent.Refused(new Registration.NoSuchParent(directory));
    }

    private Uni<Registration> register(FilePath directory, String name, FileKind kind) {
        FilePath path;
        try {
            path = directory.child(name);
        } catch (BadPathException e) {
            return Uni.createFrom().item(new Registration.BadName(String.valueOf(e.getMessage())));
        }
        return catalog.register(path, kind)
                .map(entry -> entry.<Registration>map(Registration.Registered::new)
                        .orElseGet(() -> new Registration.AlreadyThere(path)));
    }
}
