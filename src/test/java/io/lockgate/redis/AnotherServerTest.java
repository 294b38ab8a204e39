package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.range.Acquisition;
import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.FenceCheck;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Renewal;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reach;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.SwitchingProxy;
import io.lockgate.testing.redis.TestCluster;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One address that leads to one server and then to another, while connections to the first stay open. */
@Timeout(120)
@Tag("slow")
class AnotherServerTest {
    /** "503 for at most 5 s"; a machine that does much else gets more. */
    private static final Duration BACK = Duration.ofSeconds(20);

    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient A = LockClient.nlm(SPACE, "A").leasing(Duration.ofHours(1));
    private static final LockClient B = LockClient.nlm(SPACE, "B").leasing(Duration.ofHours(1));
    private static final LockClient C = LockClient.nlm(SPACE, "C");

    /** The Redis of the library (6.2), and that of the system (7) where there is one. */
    static Stream<String> binaries() {
        return Stream.of("", "/usr/bin/redis-server");
    }

    /** The first server, its replica, and the address that leads to the first. */
    private record Servers(BreakableRedis first, BreakableRedis second, SwitchingProxy proxy) implements AutoCloseable {
        static Servers start(String binary) {
            assumeTrue(binary.isEmpty() || Files.isExecutable(Path.of(binary)), "no " + binary);
            String before = System.getProperty(EmbeddedRedis.BINARY_PROPERTY, "");
            System.setProperty(EmbeddedRedis.BINARY_PROPERTY, binary);
            try {
                String[] lines = {"repl-diskless-sync yes", "repl-diskless-sync-delay 0"};
                BreakableRedis first = BreakableRedis.start(lines);
                return new Servers(first, BreakableRedis.start(lines), new SwitchingProxy(first.uri()));
            } finally {
                System.setProperty(EmbeddedRedis.BINARY_PROPERTY, before);
            }
        }

        /**
         * The second takes over what the first has, and grants on; the first becomes a replica that learns nothing
         * more.
         */
        Grant failOver() {
            String port = Integer.toString(first.uri().getPort());
            TestCluster.on(second, probe -> probe.send("REPLICAOF", "127.0.0.1", port));
            await().until(() -> TestCluster.info(second, "master_link_status").equals("up"));
            TestCluster.on(second, probe -> probe.send("REPLICAOF", "NO", "ONE"));
            Grant later = B.granted(RedisTables.table(second.uri(), SETTINGS), X, 20, 10);
            proxy.connectTo(second.uri());
            demoteFirst();
            return later;
        }

        void demoteFirst() {
            TestCluster.on(first, probe -> probe.send("REPLICAOF", "127.0.0.1", "1"));
        }

        @Override
        public void close() {
            proxy.close();
            first.close();
            second.close();
        }
    }

    /** Answers, unavailable, or neither. */
    private static <T> Optional<T> answer(Supplier<Uni<T>> call) {
        try {
            return Optional.of(LockClient.get(call.get()));
        } catch (LockTableUnavailableException e) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    @DisplayName("A server demoted under open connections answers no call of any kind, and the next server does")
    void neverTheDemoted(String binary) {
        List<Consumer<Stale>> questions = List.of(
                stale -> answer(() -> C.test(stale.table, X, 20, 10))
                        .ifPresent(free -> assertThat(free).as("test").isPresent()),
                stale -> answer(() -> stale.table.list(stale.file, Cursor.START, 10))
                        .ifPresent(page -> assertThat(page.grants()).as("list").hasSize(2)),
                stale -> answer(() -> stale.table.count(stale.file, CountBy.MODE))
                        .ifPresent(counts ->
                                assertThat(counts.values()).as("count").containsExactly(2L)),
                stale -> answer(() -> stale.table.find(stale.later.id()))
                        .ifPresent(found -> assertThat(found).as("find").isPresent()),
                stale -> answer(() -> stale.table.check(SPACE, B.range(20, 10), stale.later.token()))
                        .ifPresent(valid -> assertThat(valid).isInstanceOf(FenceCheck.Valid.class)),
                stale -> answer(() -> stale.table.renew(stale.later.id(), Protocol.NLM, "p", Duration.ofHours(1)))
                        .ifPresent(renewal -> assertThat(renewal).isInstanceOf(Renewal.Renewed.class)),
                stale -> answer(() -> B.release(stale.table, 20, 10))
                        .ifPresent(release -> assertThat(release.toString()).contains("1")),
                // Refused by the demoted one too, without a write: but by a lock that is no more.
                stale -> answer(() -> C.acquire(stale.table, X, 0, 10))
                        .ifPresent(acquired -> assertThat(acquired).isInstanceOf(Acquisition.Granted.class)));
        try (Servers servers = Servers.start(binary)) {
            // Each question by a gateway of its own, every event loop of which has its connection to the first.
            List<Context> loops = loops();
            List<RangeLockTable> tables = questions.stream()
                    .map(question -> (RangeLockTable) RedisTables.table(servers.proxy.uri(), SETTINGS))
                    .toList();
            A.granted(tables.getFirst(), X, 0, 10);
            A.granted(tables.getFirst(), X, 40, 10);
            for (RangeLockTable table : tables) {
                assertThat(answer(() -> C.test(table, X, 0, 10))).isPresent();
                onEach(loops, () -> C.test(table, X, 0, 10)).forEach(CompletableFuture::join);
            }
            Grant later = servers.failOver();
            A.released(RedisTables.table(servers.second.uri(), SETTINGS), 0, 10);
            GrantFilter file = GrantFilter.ofFile(A.protocol(), SPACE.fileId(), SPACE.snapshotId());
            for (int i = 0; i < questions.size(); i++) {
                questions.get(i).accept(new Stale(tables.get(i), later, file));
            }
            for (RangeLockTable table : tables) {
                await().atMost(BACK)
                        .until(() -> onEach(loops, () -> table.find(new GrantId(0, 1))).stream()
                                .noneMatch(AnotherServerTest::failed));
            }
            await().atMost(BACK)
                    .until(() ->
                            TestCluster.info(servers.first, "connected_clients").equals("1"));
        }
    }

    private record Stale(RangeLockTable table, Grant later, GrantFilter file) {}

    private static boolean failed(CompletableFuture<?> call) {
        try {
            call.join();
            return false;
        } catch (CompletionException e) {
            return true;
        }
    }

    private static List<Context> loops() {
        return Stream.generate(() -> RedisTables.vertx().getOrCreateContext())
                .limit(8)
                .toList();
    }

    private static <T> List<CompletableFuture<T>> onEach(List<Context> loops, Supplier<Uni<T>> call) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (Context loop : loops) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            answers.add(answer);
            loop.runOnContext(ignored -> call.get().subscribe().with(answer::complete, answer::completeExceptionally));
        }
        return answers;
    }

    @ParameterizedTest
    @MethodSource("binaries")
    @DisplayName("A hundred changing calls at once are all granted by the new server, within their call time")
    void underLoad(String binary) {
        try (Servers servers = Servers.start(binary)) {
            RangeLockTable table = RedisTables.table(servers.proxy.uri(), SETTINGS);
            A.granted(table, X, 0, 10);
            servers.failOver();
            List<CompletableFuture<Acquisition>> calls = Stream.iterate(100L, offset -> offset + 10)
                    .limit(100)
                    .map(offset -> C.acquire(table, X, offset, 1).subscribeAsCompletionStage())
                    .toList();
            assertThat(calls).allMatch(call -> call.join() instanceof Acquisition.Granted);
            TableInvariants.hold(servers.second.uri());
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    @DisplayName("While the address leads to a demoted server, calls and readiness fail; afterwards both recover")
    void noPrimary(String binary) {
        try (Servers servers = Servers.start(binary)) {
            ScriptRunner runner = RedisTables.runner(servers.proxy.uri(), SETTINGS);
            RangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
            A.granted(table, X, 0, 10);
            servers.demoteFirst();
            int before = servers.proxy.connections();
            List<CompletableFuture<Optional<Grant>>> calls = Stream.generate(
                            () -> table.find(new GrantId(0, 1)).subscribeAsCompletionStage())
                    .limit(100)
                    .toList();
            assertThat(calls).allMatch(AnotherServerTest::failed);
            assertThat(servers.proxy.connections() - before).isBetween(1, 16);
            ScriptRunner.Standing standing = LockClient.get(runner.standing());
            assertThat(standing.reach()).isEqualTo(Reach.NONE);
            assertThat(standing.trouble()).contains("replica");
            TestCluster.on(servers.first, probe -> probe.send("REPLICAOF", "NO", "ONE"));
            await().atMost(BACK)
                    .until(() -> answer(() -> table.find(new GrantId(0, 1))).isPresent());
            assertThat(LockClient.get(runner.standing())).isEqualTo(new ScriptRunner.Standing(Reach.ALL, ""));
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    @DisplayName(
            "A demoted server that accepts writes (replica-read-only no) is left within 5 s, also by idle connections")
    void writableReplica(String binary) {
        try (Servers servers = Servers.start(binary)) {
            ScriptRunner runner = RedisTables.runner(servers.proxy.uri(), SETTINGS);
            RangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
            ClockWatch watch = new ClockWatch(runner, SETTINGS);
            onEach(loops(), () -> C.test(table, X, 0, 10)).forEach(CompletableFuture::join);
            TestCluster.on(servers.first, probe -> probe.send("CONFIG", "SET", "replica-read-only", "no"));
            Grant later = servers.failOver();
            await().atMost(BACK).until(() -> {
                LockClient.get(watch.visit());
                return TestCluster.info(servers.first, "connected_clients").equals("1");
            });
            assertThat(LockClient.get(table.find(later.id()))).isPresent();
        }
    }
}
