package io.lockgate.postgres;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lockgate.file.FileCatalog;
import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRecord;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers confirmed entries, which never change, so that a file in use costs no call of the store and goes on being
 * known while the store is down. What is not there, or only reserved, is never remembered: it may be there a moment
 * later, made by another replica.
 */
public final class CachedFileCatalog implements FileCatalog {
    private final FileCatalog store;
    private final Cache<FilePath, FileRecord> byPath;
    private final Cache<Long, FileRecord> byId;

    /**
     * @param maxEntries entries remembered; the ones used least go first. An entry takes about 250 bytes and its path,
     *     so at most 4.5 KB.
     */
    public CachedFileCatalog(FileCatalog store, int maxEntries) {
        this.store = store;
        this.byPath = cache(maxEntries);
        this.byId = cache(maxEntries);
    }

    @Override
    public Uni<Optional<FileRecord>> findByPath(FilePath path) {
        FileRecord known = byPath.getIfPresent(path);
        return known != null ? Uni.createFrom().item(Optional.of(known)) : remembering(store.findByPath(path));
    }

    @Override
    public Uni<Optional<FileRecord>> findById(long id) {
        FileRecord known = byId.getIfPresent(id);
        return known != null ? Uni.createFrom().item(Optional.of(known)) : remembering(store.findById(id));
    }

    @Override
    public Uni<FileRecord> reserve(FilePath path) {
        FileRecord known = byPath.getIfPresent(path);
        return known != null
                ? Uni.createFrom().item(known)
                : store.reserve(path).invoke(this::remember);
    }

    @Override
    public Uni<Optional<FileRecord>> confirm(long id) {
        FileRecord known = byId.getIfPresent(id);
        return known != null ? Uni.createFrom().item(Optional.of(known)) : remembering(store.confirm(id));
    }

    @Override
    public Uni<Optional<FileRecord>> register(FilePath path, FileKind kind) {
        return byPath.getIfPresent(path) != null
                ? Uni.createFrom().item(Optional.empty())
                : remembering(store.register(path, kind));
    }

    @Override
    public Uni<Map<Long, FileRecord>> confirmed(Collection<Long> ids) {
        Map<Long, FileRecord> known = new HashMap<>(byId.getAllPresent(ids));
        List<Long> missing = new ArrayList<>(ids);
        missing.removeAll(known.keySet());
        if (missing.isEmpty()) {
            return Uni.createFrom().item(known);
        }
        return store.confirmed(missing).map(found -> {
            found.values().forEach(this::remember);
            known.putAll(found);
            return known;
        });
    }

    private Uni<Optional<FileRecord>> remembering(Uni<Optional<FileRecord>> lookup) {
        return lookup.invoke(entry -> entry.ifPresent(this::remember));
    }

    private void remember(FileRecord entry) {
        if (entry.confirmed()) {
            byPath.put(entry.path(), entry);
            byId.put(entry.id(), entry);
        }
    }

    private static <K> Cache<K, FileRecord> cache(int maxEntries) {
        // Its upkeep runs in the thread that reads or writes: it is short, and needs no thread of its own.
        return Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .executor(Runnable::run)
                .build();
    }
}
