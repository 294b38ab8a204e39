package io.lockgate.file;

import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The double of the registry: two maps and a lock. It can be made unreachable, and counts what it was asked. */
public final class InMemoryFileCatalog implements FileCatalog {
    private final Map<FilePath, FileRecord> byPath = new HashMap<>();
    private final Map<Long, FileRecord> byId = new HashMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean down;

    /** From now on every call fails, or none. */
    public void setDown(boolean down) {
        this.down = down;
    }

    /** Calls so far, failed ones included. */
    public int calls() {
        return calls.get();
    }

    @Override
    public Uni<Optional<FileRecord>> findByPath(FilePath path) {
        return call(() -> Optional.ofNullable(byPath.get(path)));
    }

    @Override
    public Uni<Optional<FileRecord>> findById(long id) {
        return call(() -> Optional.ofNullable(byId.get(id)));
    }

    @Override
    public Uni<FileRecord> reserve(FilePath path) {
        return call(() -> {
            FileRecord known = byPath.get(path);
            return known != null ? known : put(new FileRecord(FileIds.draw(), path, FileKind.FILE, false));
        });
    }

    @Override
    public Uni<Optional<FileRecord>> confirm(long id) {
        return call(() -> Optional.ofNullable(byId.get(id))
                .map(entry -> put(new FileRecord(id, entry.path(), entry.kind(), true))));
    }

    @Override
    public Uni<Optional<FileRecord>> register(FilePath path, FileKind kind) {
        return call(() -> {
            FileRecord known = byPath.get(path);
            if (known != null && known.confirmed()) {
                return Optional.empty();
            }
            return Optional.of(put(new FileRecord(known == null ? FileIds.draw() : known.id(), path, kind, true)));
        });
    }

    @Override
    public Uni<Map<Long, FileRecord>> confirmed(Collection<Long> ids) {
        if (ids.size() > MAX_IDS) {
            return Uni.createFrom().failure(new IllegalArgumentException("more than " + MAX_IDS + " ids"));
        }
        return call(() -> {
            Map<Long, FileRecord> found = new HashMap<>(byId);
            found.keySet().retainAll(ids);
            found.values().removeIf(entry -> !entry.confirmed());
            return found;
        });
    }

    private FileRecord put(FileRecord entry) {
        byPath.put(entry.path(), entry);
        byId.put(entry.id(), entry);
        return entry;
    }

    private <T> Uni<T> call(Supplier<T> work) {
        return Uni.createFrom().item(() -> {
            calls.incrementAndGet();
            if (down) {
                throw new CatalogUnavailableException("switched off", new IllegalStateException("by the test"));
            }
            synchronized (byPath) {
                return work.get();
            }
        });
    }
}
