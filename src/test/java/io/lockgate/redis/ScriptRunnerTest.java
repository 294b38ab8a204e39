package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Acquisition;
import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Renewal;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.RedisTopology;
import io.lockgate.redis.topology.StoreClock;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.FakeRedis;
import io.lockgate.testing.redis.RedisClientOptions;
import io.lockgate.testing.redis.RespClient;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/failures.md promises when Redis fails, on a Redis that has them. */
@Timeout(60)
@Tag("slow")
class ScriptRunnerTest {
    private static final LuaScript FIND = LuaScript.load("locks/find");
    /** "503 within 2 s, never a hang". */
    private static final Duration PROMISE = Duration.ofSeconds(2);

    private static final Duration RECOVERY = Duration.ofSeconds(10);
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient A = LockClient.nlm(SPACE, "A");
    private static final LockClient H = LockClient.smb(SPACE, "H");

    private BreakableRedis redis;
    private Settings settings;
    private ScriptRunner runner;
    private RangeLockTable table;

    @BeforeEach
    void start() {
        redis = BreakableRedis.start();
        use(Settings.DEFAULT);
    }

    private void use(Settings changed) {
        settings = changed;
        runner = RedisTables.runner(redis.uri(), settings);
        table = new RedisRangeLockTable(runner, settings);
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    @Test
    @DisplayName("Calls to a closed client end in time")
    void closedClient() {
        RedisTopology masters = RedisTopology.of(RedisTables.vertx(), RedisClientOptions.of(redis.uri()));
        ScriptRunner closing = new ScriptRunner(RedisTables.vertx(), masters, Settings.DEFAULT, ScriptObserver.NONE);
        RangeLockTable closed = new RedisRangeLockTable(closing, Settings.DEFAULT);
        masters.close();
        assertThatThrownBy(() -> LockClient.get(closed.acquire(A.space(), A.lock(X, 0, 10))))
                .isInstanceOf(LockTableUnavailableException.class);
    }

    // ------------------------------------------------------------------------------------------------------- load

    @Test
    @DisplayName("SCRIPT FLUSH under load goes unnoticed")
    void scriptFlush() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                RespClient probe = redis.probe()) {
            Future<Integer> flushing = threads.submit(() -> {
                int flushes = 0;
                while (!done.get()) {
                    probe.send("SCRIPT", "FLUSH");
                    flushes++;
                    Thread.onSpinWait();
                }
                return flushes;
            });
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                LockClient client = LockClient.nlm(LockSpace.head(i), "client " + i);
                clients.add(threads.submit(() -> {
                    int granted = 0;
                    for (int k = 0; k < 100; k++) {
                        client.granted(table, X, k, 1);
                        granted += client.released(table, k, 1) == 1 ? 1 : 0;
                    }
                    return granted;
                }));
            }
            for (Future<Integer> client : clients) {
                assertThat(client.get()).isEqualTo(100);
            }
            done.set(true);
            assertThat(flushing.get()).isPositive();
        }
    }

    @Test
    @DisplayName("2,000 calls at once through one runner all succeed, with one connection for each event loop")
    void manyAtOnce() {
        use(Settings.DEFAULT.withInFlight(6_000).withTimeouts(Duration.ofMillis(1_500), Duration.ofMillis(1_900)));
        A.granted(table, X, 0, 1);
        Set<Thread> loops = ConcurrentHashMap.newKeySet();
        // From outside, and from each event loop. Many more would measure the machine: the last has 1.9 s to wait its
        // turn.
        List<Context> contexts = IntStream.range(0, 32)
                .mapToObj(i -> RedisTables.vertx().getOrCreateContext())
                .toList();
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            LockClient asker = LockClient.nlm(LockSpace.head(i), "A");
            if (i % 2 == 0) {
                answers.add(isFree(asker));
            } else {
                CompletableFuture<Boolean> answer = new CompletableFuture<>();
                contexts.get(i % contexts.size()).runOnContext(ignored -> {
                    loops.add(Thread.currentThread());
                    free(asker).subscribe().with(answer::complete, answer::completeExceptionally);
                });
                answers.add(answer);
            }
        }
        assertThat(answers).allMatch(CompletableFuture::join);
        try (RespClient probe = redis.probe()) {
            assertThat(connections(probe)).isLessThanOrEqualTo(loops.size() + 2L);
        }
    }

    private CompletableFuture<Boolean> isFree(LockClient asker) {
        return free(asker).subscribeAsCompletionStage();
    }

    private Uni<Boolean> free(LockClient asker) {
        return asker.test(table, S, 5, 1).map(Optional::isEmpty);
    }

    private static long connections(RespClient probe) {
        return probe.text("CLIENT", "LIST").lines().count() - 1;
    }

    @Test
    @DisplayName("Over the limit of calls under way a call fails at once, and certainly has changed nothing")
    void tooManyUnderWay() {
        use(Settings.DEFAULT.withInFlight(16));
        A.granted(table, X, 0, 1);
        redis.freeze();
        List<CompletableFuture<Acquisition>> calls = IntStream.range(0, 200)
                .mapToObj(i -> start(A.acquire(table, X, 10L * i, 1)))
                .toList();
        List<LockTableUnavailableException> refused = calls.stream()
                .map(ScriptRunnerTest::failure)
                .filter(LockTableUnavailableException::outcomeKnown)
                .toList();
        redis.thaw();
        assertThat(refused).hasSizeBetween(184, 200);
    }

    @Test
    @DisplayName("If a connection is killed under load there is no error, and each request takes effect exactly once")
    void clientKill() throws Exception {
        int clients = 8;
        int locks = 150;
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                RespClient probe = redis.probe()) {
            Future<Long> killing = threads.submit(() -> {
                long killed = 0;
                while (!done.get()) {
                    killed += probe.number("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                    Thread.sleep(20);
                }
                return killed;
            });
            List<Future<?>> takers = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                takers.add(threads.submit(() -> {
                    for (int k = 0; k < locks; k++) {
                        H.granted(table, S, 0, 10);
                    }
                }));
            }
            for (Future<?> taker : takers) {
                taker.get();
            }
            done.set(true);
            assertThat(killing.get()).isPositive();
        }
        assertThat(H.standing(table)).hasSize(clients * locks);
        TableInvariants.hold(redis.uri());
    }

    // ------------------------------------------------------------------------------------------------------ outages

    @Test
    @DisplayName("A silent Redis is a failure within 2 s, of unknown outcome for changes, and recovers by itself")
    void frozen() {
        A.granted(table, X, 0, 1);
        redis.freeze();
        LockTableUnavailableException changing = failsInTime(A.acquire(table, X, 10, 1));
        assertThat(changing.outcomeKnown()).isFalse();
        assertThat(failsInTime(A.release(table, 0, 1)).outcomeKnown())
                .as("of what never got a connection")
                .isTrue();
        assertThat(failsInTime(A.test(table, X, 20, 1)).outcomeKnown()).isTrue();
        redis.thaw();
        works();
    }

    @Test
    @DisplayName("A stopped Redis is a failure within 2 s, and recovers by itself when started again on its port")
    void killed() {
        A.granted(table, X, 0, 1);
        redis.kill();
        failsInTime(A.acquire(table, X, 10, 1));
        failsInTime(table.find(new GrantId(0, 1)));
        redis.startAgain();
        works();
    }

    @Test
    @DisplayName(
            "A Redis that was never reachable is a failure within 2 s, of outcome \"none\", and works once reachable")
    void neverThere() {
        redis.kill();
        use(Settings.DEFAULT);
        assertThat(failsInTime(A.acquire(table, X, 10, 1)).outcomeKnown()).isTrue();
        redis.startAgain();
        works();
    }

    @Test
    @DisplayName("An outage of any length uses up no resource")
    void longOutage() {
        settings = Settings.DEFAULT.withTimeouts(Duration.ofMillis(60), Duration.ofMillis(200));
        runner = RedisTables.runner(RedisClientOptions.of(redis.uri()).setMaxPoolSize(3), settings);
        table = new RedisRangeLockTable(runner, settings);
        works();
        redis.freeze();
        for (int i = 0; i < 25; i++) {
            failsInTime(A.acquire(table, X, 10, 1));
        }
        redis.thaw();
        works();
        try (RespClient probe = redis.probe()) {
            await().atMost(RECOVERY)
                    .untilAsserted(() -> assertThat(connections(probe)).isLessThanOrEqualTo(2));
        }
        redis.kill();
        for (int i = 0; i < 10; i++) {
            failsInTime(A.acquire(table, X, 10, 1));
        }
        redis.startAgain();
        works();
    }

    @Test
    @DisplayName("Connections that break again and again do not use up the pool")
    void manyReconnects() {
        try (RespClient probe = redis.probe()) {
            for (int i = 0; i < 60; i++) {
                A.granted(table, X, i, 1);
                probe.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            }
            assertThat(connections(probe)).isLessThanOrEqualTo(2);
        }
        works();
    }

    // ------------------------------------------------------------------------------------------------------- repeats

    @Test
    @DisplayName("The same request sent twice changes once and answers the same")
    void sentTwice() {
        RawScripts byHand = new RawScripts(runner, settings);
        String id = byHand.newId();
        Reply first = byHand.acquire(id, H.space(), H.lock(X, 0, 10));
        H.granted(table, X, 100, 1);
        Reply second = byHand.acquire(id, H.space(), H.lock(X, 0, 10));
        assertThat(second.parts().toString()).isEqualTo(first.parts().toString());
        assertThat(H.standing(table)).hasSize(2);
        H.released(table, 0, 10);
        assertThat(byHand.acquire(id, H.space(), H.lock(X, 0, 10)).status())
                .as("it did happen, even though it stands no more")
                .isEqualTo("granted");
        assertThat(H.standing(table)).hasSize(1);
    }

    @Test
    @DisplayName("A request that arrives after its deadline is answered as late and changes nothing, whatever the verb")
    void late() {
        Grant grant = A.leasing(Duration.ofHours(1)).granted(table, X, 0, 10);
        try (RespClient probe = redis.probe()) {
            Map<String, String> before = probe.everything();
            changing(grant).forEach((script, arguments) -> {
                assertThat(byProbe(probe, script, "0", arguments).getFirst())
                        .as(script.name())
                        .isEqualTo("late");
            });
            assertThat(probe.everything()).isEqualTo(before);
        }
    }

    @Test
    @DisplayName("A bucket in another epoch refuses every verb, and nothing is changed")
    void epoch() {
        Grant grant = A.leasing(Duration.ofHours(1)).granted(table, X, 0, 10);
        try (RespClient probe = redis.probe()) {
            String meta = new RedisKeys(settings.buckets())
                    .ofBucket(grant.id().bucket(), "")
                    .getFirst();
            probe.send("HSET", meta, "epoch", "3");
            Map<String, String> before = probe.everything();
            changing(grant)
                    .forEach((script, arguments) -> assertThat(byProbe(probe, script, "9999999999999", arguments))
                            .as(script.name())
                            .startsWith("epoch")
                            .endsWith("3"));
            assertThat(failsInTime(A.acquire(table, X, 50, 10)).outcomeKnown()).isTrue();
            failsInTime(table.check(SPACE, A.range(0, 10), grant.token()));
            failsInTime(A.test(table, X, 50, 10));
            failsInTime(table.find(grant.id()));
            GrantFilter ofFile = GrantFilter.ofFile(Protocol.NLM, SPACE.fileId(), SPACE.snapshotId());
            failsInTime(table.list(ofFile, Cursor.START, 10));
            failsInTime(table.count(ofFile, CountBy.MODE));
            assertThat(probe.everything()).isEqualTo(before);
        }
    }

    /** Every script that changes locks, with arguments that would. */
    private Map<LuaScript, List<String>> changing(Grant grant) {
        RawScripts byHand = new RawScripts(runner, settings);
        RangeScripts scripts = byHand.scripts();
        String id = GrantRows.hex(grant.id().sequence());
        String hi = GrantRows.hex(9);
        List<String> owner = GrantRows.selector(Protocol.NLM.semantics(), OwnerSelector.exactly(A.owner()));
        return Map.of(
                scripts.acquire(),
                byHand.acquireArguments(A.space(), A.lock(X, 50, 10)),
                scripts.batch(),
                joined(byHand.spaceArguments(), List.of("1", "0", "p", "r", GrantRows.hex(0), hi), owner),
                scripts.release(),
                joined(byHand.spaceArguments(), List.of("p", "r", GrantRows.hex(0), hi), owner, List.of("")),
                scripts.drop(),
                joined(byHand.spaceArguments(), List.of(RedisKeys.text(SPACE), "standing", "0", id)),
                scripts.renew(),
                List.of(id, "p", "5000", "n"),
                scripts.undo(),
                joined(byHand.spaceArguments(), List.of("0".repeat(24), "0")));
    }

    @SafeVarargs
    private static List<String> joined(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    private List<String> byProbe(RespClient probe, LuaScript script, String notAfter, List<String> arguments) {
        RawScripts byHand = new RawScripts(runner, settings);
        String id = byHand.newId();
        List<String> keys = byHand.keys(id, SPACE);
        if (keys.size() < script.keys().least()) {
            RedisKeys all = new RedisKeys(settings.buckets());
            keys.add(all.result(all.bucketOf(SPACE.fileId()), "0".repeat(24)));
        }
        return probe.list(joined(
                        List.of("EVAL", script.text(), Integer.toString(keys.size())),
                        keys,
                        List.of(id, notAfter, StoreMark.of(settings).argument()),
                        arguments)
                .toArray(String[]::new));
    }

    // ---------------------------------------------------------------------------------------------------- refusals

    @Test
    @DisplayName(
            "Out of memory, acquire is unavailable with outcome \"none\" and writes nothing; renew and release go on")
    void outOfMemory() {
        A.granted(table, X, 0, 10);
        Grant leased = A.leasing(Duration.ofHours(1)).granted(table, X, 100, 10);
        try (RespClient probe = redis.probe()) {
            probe.send("CONFIG", "SET", "maxmemory-policy", "noeviction");
            probe.send("CONFIG", "SET", "maxmemory", "1");
            Map<String, String> before = probe.everything();
            assertThat(failsInTime(A.acquire(table, X, 50, 10)).outcomeKnown()).isTrue();
            assertThat(failsInTime(A.acquire(table, S, 3, 2)).outcomeKnown()).isTrue();
            assertThat(failsInTime(table.batch(H.space(), List.of(), List.of(H.lock(X, 0, 0), H.lock(X, 5, 5))))
                            .outcomeKnown())
                    .isTrue();
            assertThat(probe.everything()).isEqualTo(before);
            assertThat(get(table.renew(leased.id(), leased.protocol(), "p", Duration.ofHours(2))))
                    .isInstanceOf(Renewal.Renewed.class);
            assertThat(A.released(table, 2, 2)).isEqualTo(1);
            assertThat(A.released(table, 0, 10)).isEqualTo(2);
            TableInvariants.hold(redis.uri());
            probe.send("CONFIG", "SET", "maxmemory", "0");
        }
        works();
    }

    @Test
    @DisplayName("Calls to a temporary replica are retried until it is a primary, at most 2 s")
    void readOnly() {
        works();
        try (RespClient probe = redis.probe()) {
            probe.send("REPLICAOF", "127.0.0.1", "1");
            assertThat(failsInTime(A.acquire(table, X, 50, 1)).outcomeKnown()).isTrue();
            CompletableFuture<Acquisition> waiting = start(A.acquire(table, X, 60, 1));
            await().pollDelay(Duration.ofMillis(200)).until(() -> true);
            probe.send("REPLICAOF", "NO", "ONE");
            assertThat(waiting.join()).isInstanceOf(Acquisition.Granted.class);
        }
        assertThat(A.standing(table)).hasSize(1);
    }

    @Test
    @DisplayName("Calls to a primary cut off from its replicas are retried until they are back, at most 2 s")
    void noReplicas() {
        works();
        try (RespClient probe = redis.probe()) {
            probe.send("CONFIG", "SET", "min-replicas-to-write", "1");
            assertThat(failsInTime(A.acquire(table, X, 50, 1)).outcomeKnown()).isTrue();
            assertThat(failsInTime(table.check(SPACE, A.range(0, 1), new FencingToken(1)))
                            .outcomeKnown())
                    .as("a cut-off primary vouches for nobody")
                    .isTrue();
            CompletableFuture<Acquisition> waiting = start(A.acquire(table, X, 60, 1));
            await().pollDelay(Duration.ofMillis(200)).until(() -> true);
            probe.send("CONFIG", "SET", "min-replicas-to-write", "0");
            assertThat(waiting.join()).isInstanceOf(Acquisition.Granted.class);
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A transient error is retried while there is time, then unavailable with outcome \"none\"")
    @ValueSource(
            strings = {
                "LOADING Redis is loading the dataset in memory",
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
                "TRYAGAIN Multiple keys request during rehashing of slot",
                "CLUSTERDOWN The cluster is down",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                "READONLY You can't write against a read only replica.",
                "NOREPLICAS Not enough good replicas to write.",
                "ERR Error running script (call to f_0123456789012345678901234567890123456789): @user_script:9:"
                        + " @user_script: 9: -READONLY You can't write against a read only replica. ",
                "ERR Error running script (call to f_0123456789012345678901234567890123456789): @user_script:9:"
                        + " @user_script: 9: -NOREPLICAS Not enough good replicas to write. "
            })
    void passing(String error) {
        try (FakeRedis fake = new FakeRedis("-" + error)) {
            ScriptRunner toFake = RedisTables.runner(fake.uri(), settings);
            LuaScript script = LuaScript.load("locks/find");
            assertThat(failsInTime(toFake.run(script, "id", someKeys(script), List.of("0"), true))
                            .outcomeKnown())
                    .isTrue();
            assertThat(fake.scripts()).as("attempts").isGreaterThan(2);
            CompletableFuture<Reply> waiting = start(toFake.run(script, "id", someKeys(script), List.of("0"), true));
            int tried = fake.scripts();
            await().atMost(PROMISE).until(() -> fake.scripts() > tried + 1);
            fake.answers("*2\r\n$2\r\nok\r\n$1\r\n1");
            assertThat(waiting.join().status()).isEqualTo("ok");
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "A server that cannot serve loses its connection; new ones are opened slowly, however many calls there are")
    @ValueSource(
            strings = {
                "LOADING Redis is loading the dataset in memory",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                "READONLY You can't write against a read only replica.",
                "NOREPLICAS Not enough good replicas to write.",
                "ERR Error running script (call to f_0123456789012345678901234567890123456789): @user_script:9:"
                        + " @user_script: 9: -READONLY You can't write against a read only replica. "
            })
    void refusedConnections(String error) {
        try (FakeRedis fake = new FakeRedis("-" + error)) {
            ScriptRunner toFake = RedisTables.runner(fake.uri(), settings);
            LuaScript script = LuaScript.load("locks/find");
            List<CompletableFuture<Reply>> calls = Stream.generate(
                            () -> start(toFake.run(script, "id", someKeys(script), List.of("0"), true)))
                    .limit(200)
                    .toList();
            for (CompletableFuture<Reply> call : calls) {
                LockTableUnavailableException failure = failure(call);
                assertThat(failure.outcomeKnown()).as(failure.getMessage()).isTrue();
                assertThat(failure).hasMessageContaining(ScriptRunner.errorCode(error));
            }
            assertThat(fake.connections()).isBetween(2, 16);
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A server that does not report to be a primary is sent no script")
    @ValueSource(strings = {"$10\r\nrole:slave", "+PONG", "$0\r\n", "-NOPERM this user has no permissions"})
    void notPrimary(String info) {
        try (FakeRedis fake = new FakeRedis("*2\r\n$2\r\nok\r\n$1\r\n1")) {
            fake.tells(info);
            ScriptRunner toFake = RedisTables.runner(fake.uri(), settings);
            LuaScript script = LuaScript.load("locks/find");
            assertThat(failsInTime(toFake.run(script, "id", someKeys(script), List.of("0"), true))
                            .outcomeKnown())
                    .isTrue();
            assertThat(fake.scripts()).isZero();
            assertThat(fake.connections()).isBetween(2, 16);
            fake.tells("$11\r\nrole:master");
            assertThat(LockClient.get(toFake.run(script, "id", someKeys(script), List.of("0"), true))
                            .status())
                    .isEqualTo("ok");
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A permanent error is unavailable at once")
    @ValueSource(
            strings = {
                "OOM command not allowed when used memory > 'maxmemory'.",
                "MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.",
                "NOAUTH Authentication required.",
                "ERR Error running script"
            })
    void lasting(String error) {
        try (FakeRedis fake = new FakeRedis("-" + error)) {
            ScriptRunner toFake = RedisTables.runner(fake.uri(), settings);
            failsInTime(toFake.run(FIND, "id", someKeys(FIND), List.of("0"), true));
            assertThat(fake.scripts()).isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A malformed reply is a failure, not a hang")
    @ValueSource(strings = {"+OK", ":1", "*0", "*1\r\n$2\r\nok", "*2\r\n$2\r\nok\r\n$3\r\nten", "$-1"})
    void senseless(String answer) {
        try (FakeRedis fake = new FakeRedis(answer)) {
            ScriptRunner toFake = RedisTables.runner(fake.uri(), settings);
            CompletableFuture<Reply> call = start(toFake.run(FIND, "id", someKeys(FIND), List.of("0"), true));
            await().atMost(PROMISE).until(call::isCompletedExceptionally);
        }
    }

    @Test
    @DisplayName("A bucket whose clock is an hour ahead admits no late request, and affects no other call's time")
    void bucketAhead() {
        works();
        try (RespClient probe = redis.probe()) {
            int bucket = new RedisKeys(settings.buckets()).bucketOf(SPACE.fileId());
            long server = 1_000 * Long.parseLong(probe.list("TIME").getFirst());
            String meta = new RedisKeys(settings.buckets()).meta(bucket);
            probe.send("HSET", meta, "clock", Long.toString(server + 3_600_000));
            works();
            assertThat(runner.notAfterMillis()).isBetween(server, server + 600_000);
            List<String> arguments = new RawScripts(runner, settings).acquireArguments(A.space(), A.lock(X, 50, 10));
            LuaScript acquire = RangeScripts.load().acquire();
            assertThat(byProbe(probe, acquire, Long.toString(server - 1_000), arguments)
                            .getFirst())
                    .isEqualTo("late");
            assertThat(byProbe(probe, acquire, Long.toString(server + 60_000), arguments)
                            .getFirst())
                    .as("in time by the server's clock, late by the bucket's")
                    .isEqualTo("granted");
        }
    }

    @Test
    @DisplayName("Request ids are 24 characters, and differ between gateways and calls")
    void requestIds() {
        ScriptRunner other = RedisTables.runner(redis.uri(), settings);
        List<String> ids = Stream.generate(() -> List.of(runner.newRequestId(), other.newRequestId()))
                .limit(1_000)
                .flatMap(List::stream)
                .toList();
        assertThat(ids).allMatch(id -> id.matches("[0-9a-f]{24}"));
        assertThat(new HashSet<>(ids)).hasSize(2_000);
    }

    @Test
    @DisplayName("A gateway with a wrong clock sets deadlines by the store's clock")
    void notAfter() {
        StoreClock clock = new StoreClock();
        assertThat(clock.nowMillis())
                .as("before the store has told its time, too early rather than too late")
                .isLessThan(60_000);
        clock.saw(5_000_000);
        assertThat(clock.nowMillis()).isBetween(5_000_000L, 5_060_000L);
        works();
        assertThat(runner.notAfterMillis()).isGreaterThan(1_000_000_000_000L);
    }

    // --------------------------------------------------------------------------------------------------------- words

    private void works() {
        LockClient somebody =
                new LockClient(SPACE, Protocol.NLM, new Owner("p", "W", "m"), LockLifetime.UNTIL_RELEASED);
        await().atMost(RECOVERY).ignoreExceptions().untilAsserted(() -> {
            somebody.granted(table, X, 1_000, 1);
            somebody.released(table, 1_000, 1);
        });
        for (int i = 0; i < 20; i++) {
            somebody.granted(table, X, 1_000, 1);
            somebody.released(table, 1_000, 1);
        }
    }

    /** As many as its head lists. */
    private static List<String> someKeys(LuaScript script) {
        return Collections.nCopies(script.keys().least(), "k");
    }

    private static <T> CompletableFuture<T> start(Uni<T> call) {
        return call.subscribeAsCompletionStage();
    }

    private static LockTableUnavailableException failsInTime(Uni<?> call) {
        long began = System.nanoTime();
        LockTableUnavailableException failure = failure(start(call));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMISE);
        return failure;
    }

    private static LockTableUnavailableException failure(CompletableFuture<?> call) {
        try {
            throw new AssertionError("answered " + call.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof LockTableUnavailableException unavailable) {
                return unavailable;
            }
            throw new AssertionError("not a TableUnavailableException", e.getCause());
        }
    }
}
