package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agroal.api.AgroalDataSource;
import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.file.FileCatalog;
import io.lockgate.file.FileCatalogContract;
import io.lockgate.file.FileIds;
import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRecord;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class PostgresFileCatalogTest extends FileCatalogContract {

    @Inject
    Vertx vertx;

    @Inject
    PostgresLimits limits;

    @Inject
    PostgresBulkheads bulkheads;

    @Inject
    AgroalDataSource database;

    @Inject
    Pool pool;

    @Override
    protected FileCatalog catalog() {
        return new PostgresFileCatalog(vertx, limits, bulkheads);
    }

    @Test
    @DisplayName("If a drawn id belongs to another path, another one is drawn and nothing is overwritten")
    void takenIdIsDrawnAgain() {
        FileRecord other = await(catalog().reserve(path("other")));
        long free = FileIds.draw();
        long alsoFree = FileIds.draw();

        FileRecord reserved = await(drawing(other.id(), other.id(), free).reserve(path("a")));
        FileRecord registered = await(drawing(free, other.id(), alsoFree).register(path("b"), FileKind.FILE))
                .orElseThrow();

        assertThat(reserved).isEqualTo(new FileRecord(free, path("a"), FileKind.FILE, false));
        assertThat(registered).isEqualTo(new FileRecord(alsoFree, path("b"), FileKind.FILE, true));
        assertThat(await(catalog().findById(other.id()))).contains(other);
    }

    @Test
    @DisplayName("A source of ids that repeats itself is an error and does not loop for ever")
    void drawingTakenIdsForeverEnds() {
        FileRecord other = await(catalog().reserve(path("other")));
        PostgresFileCatalog stuck = new PostgresFileCatalog(vertx, limits, bulkheads, other::id);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> await(stuck.reserve(path("a"))))
                .withMessageContaining("no free id");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> await(stuck.register(path("a"), FileKind.FILE)))
                .withMessageContaining("no free id");
    }

    @ParameterizedTest
    @DisplayName("Ids are exact over all of unsigned 64 bits")
    @ValueSource(longs = {0, 1, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, -2, -1})
    void idsAreExact(long id) throws SQLException {
        execute("DELETE FROM files WHERE id = " + Long.toUnsignedString(id));
        execute("INSERT INTO files (id, path, kind, confirmed) VALUES (%s, '%s', 'file', FALSE)"
                .formatted(Long.toUnsignedString(id), path("a").text()));
        FileRecord expected = new FileRecord(id, path("a"), FileKind.FILE, false);
        try {
            assertThat(await(catalog().findById(id))).contains(expected);
            assertThat(await(catalog().findByPath(path("a")))).contains(expected);
            assertThat(await(catalog().reserve(path("a")))).isEqualTo(expected);
            assertThat(await(catalog().confirm(id))).contains(confirmed(expected));
            assertThat(await(catalog().confirmed(List.of(id, id + 1)))).isEqualTo(Map.of(id, confirmed(expected)));
        } finally {
            execute("DELETE FROM files WHERE id = " + Long.toUnsignedString(id));
        }
    }

    @ParameterizedTest
    @DisplayName("The table itself refuses rows that are no valid entry")
    @ValueSource(
            strings = {
                "(-1, '/x', 'file', TRUE)",
                "(18446744073709551616, '/x', 'file', TRUE)",
                "(1, 'x', 'file', TRUE)",
                "(1, '/', 'directory', TRUE)",
                "(1, NULL, 'file', TRUE)",
                "(1, '/x', 'link', TRUE)"
            })
    void tableHasItsOwnChecks(String row) {
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> execute("INSERT INTO files (id, path, kind, confirmed) VALUES " + row))
                .satisfies(e -> assertThat(e.getSQLState()).startsWith("23"));
    }

    @ParameterizedTest
    @DisplayName("Look-ups by path use the index over its hash and those by id the primary key, never a table scan")
    @ValueSource(strings = {"path = '/a'", "id = 1"})
    void looksUpByIndex(String condition) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            try (var plan = statement.executeQuery("EXPLAIN SELECT * FROM files WHERE " + condition)) {
                StringBuilder lines = new StringBuilder();
                while (plan.next()) {
                    lines.append(plan.getString(1)).append('\n');
                }
                assertThat(lines.toString()).contains("Index");
            } finally {
                statement.execute("RESET enable_seqscan");
            }
        }
    }

    /**
     * From the context of a request, from the root context of a connection (where a Redis reply arrives), and from a
     * worker thread.
     */
    @Test
    @DisplayName("A call works from any Vert.x context or thread and answers on the caller's context")
    void answersOnTheCallersContext() throws Exception {
        FileRecord known = await(catalog().reserve(path("a")));
        Context root = vertx.getOrCreateContext();
        Context request = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(root));

        for (Context context : List.of(root, request)) {
            CompletableFuture<Context> answeredOn = new CompletableFuture<>();
            context.runOnContext(there -> catalog()
                    .findByPath(path("a"))
                    .invoke(found -> assertThat(found).contains(known))
                    .subscribe()
                    .with(found -> answeredOn.complete(vertx.getOrCreateContext()), answeredOn::completeExceptionally));
            assertThat(answeredOn.get(10, TimeUnit.SECONDS)).isSameAs(context);
        }
        assertThat(vertx.executeBlocking(() -> await(catalog().findByPath(path("a"))))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .contains(known);
    }

    @Test
    @DisplayName("Concurrent calls of one request do not share a session")
    void callsOfOneRequestDoNotMeet() throws Exception {
        Context request = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
        CompletableFuture<List<FileRecord>> made = new CompletableFuture<>();

        request.runOnContext(there -> {
            List<Uni<FileRecord>> calls = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                calls.add(catalog().reserve(path("f" + i)));
            }
            Uni.join().all(calls).andFailFast().subscribe().with(made::complete, made::completeExceptionally);
        });

        assertThat(made.get(10, TimeUnit.SECONDS))
                .extracting(FileRecord::path)
                .extracting(FilePath::text)
                .doesNotHaveDuplicates()
                .hasSize(32);
    }

    @Test
    @DisplayName("A cancelled call costs no connection")
    void givingUpLosesNoConnection() {
        for (int i = 0; i < 200; i++) {
            catalog().reserve(path("f" + i)).subscribe().with(made -> {}).cancel();
        }

        assertThat(await(catalog().reserve(path("after"))).path()).isEqualTo(path("after"));
        assertThat(await(Uni.join()
                        .all(IntStream.range(0, 64)
                                .mapToObj(i -> catalog().findByPath(path("after")))
                                .toList())
                        .andFailFast()))
                .allSatisfy(found -> assertThat(found).isPresent());
    }

    private record Limits(Duration timeout, Duration deadAfter) implements PostgresLimits {}

    @Test
    @DisplayName("A statement that waits for another's row ends in time and leaves nothing behind")
    void waitingEndsInTime() throws SQLException {
        FileRecord made = await(catalog().reserve(path("a")));
        PostgresFileCatalog hurried =
                new PostgresFileCatalog(vertx, new Limits(Duration.ofMillis(300), limits.deadAfter()), bulkheads);
        try (var connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                statement.executeUpdate("UPDATE files SET confirmed = FALSE WHERE id = " + made.id());
            }
            long began = System.nanoTime();
            assertThatExceptionOfType(CatalogUnavailableException.class)
                    .isThrownBy(() -> await(hurried.confirm(made.id())));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
            connection.rollback();
        }

        assertThat(await(catalog().confirm(made.id()))).contains(confirmed(made));
    }

    @Test
    @DisplayName("Postgres itself ends a statement that has timed out")
    void statementsEndOnTheServerToo() {
        String timeout = await(Uni.createFrom()
                .completionStage(
                        () -> pool.query("SHOW statement_timeout").execute().toCompletionStage())
                .map(rows -> rows.iterator().next().getString(0)));

        assertThat(timeout).isEqualTo(limits.timeout().toMillis() + "ms");
    }

    private FileCatalog drawing(long... draws) {
        LongSupplier source = Arrays.stream(draws).iterator()::nextLong;
        return new PostgresFileCatalog(vertx, limits, bulkheads, source);
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
