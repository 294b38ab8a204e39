package io.lockgate.postgres;

import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.file.FileCatalog;
import io.lockgate.file.FileIds;
import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRecord;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * The file registry in the table {@code files}. Every change is one statement that commits by itself; races are decided
 * by the two constraints of the table, one on ids and one on paths, and never by a look beforehand.
 */
public final class PostgresFileCatalog implements FileCatalog {
    /**
     * How often a statement that neither made nor found a row is tried again. It happens when the drawn id was taken,
     * or when another caller's row on the same path became visible between the two halves of the statement; either
     * hardly ever twice.
     */
    private static final int MAX_ATTEMPTS = 8;

    /**
     * Looks first, so that a path that is there costs no write. Both halves see the table as it was when the statement
     * began: a row committed since stops the insertion and is not found, and then nothing comes back.
     */
    private static final String RESERVE = """
            WITH found AS (SELECT id, path, kind, confirmed FROM files WHERE path = :path),
                 made AS (INSERT INTO files (id, path, kind, confirmed)
                          SELECT CAST(:id AS NUMERIC(20)), :path, :kind, FALSE WHERE NOT EXISTS (SELECT 1 FROM found)
                          ON CONFLICT DO NOTHING
                          RETURNING id, path, kind, confirmed)
            SELECT id, path, kind, confirmed FROM found UNION ALL SELECT id, path, kind, confirmed FROM made
            """;

    private static final String CONFIRM = """
            UPDATE files SET confirmed = TRUE WHERE id = :id RETURNING id, path, kind, confirmed
            """;

    private static final String REGISTER_NEW = """
            INSERT INTO files (id, path, kind, confirmed) VALUES (:id, :path, :kind, TRUE)
            ON CONFLICT DO NOTHING RETURNING id, path, kind, confirmed
            """;

    private static final String REGISTER_RESERVED = """
            UPDATE files SET confirmed = TRUE, kind = :kind WHERE path = :path AND NOT confirmed
            RETURNING id, path, kind, confirmed
            """;

    /** One text parameter, whatever the number of ids: one statement to prepare, and no limit of parameters. */
    private static final String CONFIRMED = """
            SELECT id, path, kind, confirmed FROM files
            WHERE confirmed AND id = ANY (CAST(string_to_array(:ids, ',') AS NUMERIC(20)[]))
            """;

    private final PostgresCalls calls;
    private final LongSupplier ids;

    /** Connects to nothing by itself: it uses the pool of the default datasource. */
    public PostgresFileCatalog(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this(vertx, limits, bulkheads, FileIds::draw);
    }

    /**
     * @param ids draws the ids of new entries
     */
    PostgresFileCatalog(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads, LongSupplier ids) {
        this.calls = new PostgresCalls(
                vertx, bulkheads, PostgresUse.FILES, limits.timeout(), CatalogUnavailableException::new);
        this.ids = ids;
    }

    @Override
    public Uni<Optional<FileRecord>> findByPath(FilePath path) {
        return calls.inSession(() -> rowOf(path));
    }

    @Override
    public Uni<Optional<FileRecord>> findById(long id) {
        return calls.inSession(() -> FileEntity.<FileEntity>findById(Unsigned.toColumn(id))
                .map(row -> Optional.ofNullable(row).map(FileEntity::toRecord)));
    }

    @Override
    public Uni<FileRecord> reserve(FilePath path) {
        return calls.inSession(() -> reserve(path, 1));
    }

    @Override
    public Uni<Optional<FileRecord>> confirm(long id) {
        return calls.inSession(() -> one(CONFIRM, Map.of("id", Unsigned.toColumn(id))));
    }

    @Override
    public Uni<Optional<FileRecord>> register(FilePath path, FileKind kind) {
        return calls.inSession(() -> register(path, kind, 1));
    }

    @Override
    public Uni<Map<Long, FileRecord>> confirmed(Collection<Long> ids) {
        if (ids.size() > MAX_IDS) {
            return Uni.createFrom().failure(new IllegalArgumentException("more than " + MAX_IDS + " ids"));
        }
        if (ids.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        String list = ids.stream().map(Long::toUnsignedString).collect(Collectors.joining(","));
        return calls.inSession(() -> all(CONFIRMED, Map.of("ids", list))).map(rows -> {
            Map<Long, FileRecord> byId = HashMap.newHashMap(rows.size());
            rows.forEach(row -> byId.put(row.id(), row));
            return byId;
        });
    }

    private Uni<FileRecord> reserve(FilePath path, int attempt) {
        Map<String, Object> values = Map.of(
                "id",
                Unsigned.toColumn(ids.getAsLong()),
                "path",
                path.text(),
                "kind",
                FileEntity.column(FileKind.FILE));
        return one(RESERVE, values).flatMap(row -> {
            if (row.isPresent()) {
                return Uni.createFrom().item(row.get());
            }
            return attempt < MAX_ATTEMPTS ? reserve(path, attempt + 1) : noAttemptLeft();
        });
    }

    private Uni<Optional<FileRecord>> register(FilePath path, FileKind kind, int attempt) {
        String column = FileEntity.column(kind);
        Map<String, Object> fresh =
                Map.of("id", Unsigned.toColumn(ids.getAsLong()), "path", path.text(), "kind", column);
        return firstOf(one(REGISTER_NEW, fresh), one(REGISTER_RESERVED, Map.of("path", path.text(), "kind", column)))
                .flatMap(row -> row.isPresent() ? Uni.createFrom().item(row) : registerAgain(path, kind, attempt));
    }

    /** Neither made nor turned: a confirmed entry is there, or else the drawn id was taken. */
    private Uni<Optional<FileRecord>> registerAgain(FilePath path, FileKind kind, int attempt) {
        return rowOf(path).flatMap(there -> {
            if (there.filter(FileRecord::confirmed).isPresent()) {
                return Uni.createFrom().item(Optional.empty());
            }
            return attempt < MAX_ATTEMPTS ? register(path, kind, attempt + 1) : noAttemptLeft();
        });
    }

    private static Uni<Optional<FileRecord>> rowOf(FilePath path) {
        return FileEntity.<FileEntity>find("path", path.text())
                .firstResult()
                .map(row -> Optional.ofNullable(row).map(FileEntity::toRecord));
    }

    private static Uni<Optional<FileRecord>> firstOf(Uni<Optional<FileRecord>> one, Uni<Optional<FileRecord>> other) {
        return one.flatMap(row -> row.isPresent() ? Uni.createFrom().item(row) : other);
    }

    private static Uni<Optional<FileRecord>> one(String sql, Map<String, Object> values) {
        return all(sql, values).map(rows -> rows.stream().findFirst());
    }

    private static Uni<List<FileRecord>> all(String sql, Map<String, Object> values) {
        return Panache.getSession()
                .flatMap(session -> {
                    Mutiny.SelectionQuery<FileEntity> query = session.createNativeQuery(sql, FileEntity.class);
                    values.forEach(query::setParameter);
                    return query.getResultList();
                })
                .map(rows -> rows.stream().map(FileEntity::toRecord).toList());
    }

    private static <T> Uni<T> noAttemptLeft() {
        return Uni.createFrom()
                .failure(new StoreFault("no free id in " + MAX_ATTEMPTS + " draws: ids are not drawn at random"));
    }
}
