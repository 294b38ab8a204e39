package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.ReportChange;
import io.lockgate.range.Acquisition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.FenceCheck;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Protocol;
import io.lockgate.range.Release;
import io.lockgate.range.Renewal;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RespClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The mark of the store in each bucket (DESIGN.md, "The mark of the store"): who may decide, also after everything is
 * gone.
 */
@Timeout(60)
@Tag("slow")
class StoreMarksTest {
    private static final Settings EIGHT = Settings.DEFAULT;
    private static final Settings SIXTEEN = Settings.DEFAULT.withBuckets(16);
    private static final RedisKeys KEYS = new RedisKeys(EIGHT.buckets());
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient A = LockClient.nlm(SPACE, "A");
    private static final LockClient B = LockClient.nlm(SPACE, "B");
    private static final String META = KEYS.meta(KEYS.bucketOf(SPACE.fileId()));

    /** Longer than a gateway that was refused waits before it looks again. */
    private static final Duration RECOVERY = Duration.ofSeconds(20);

    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            told.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final BreakableRedis redis = BreakableRedis.start();
    private final Gateway gateway = new Gateway(EIGHT);

    /** One gateway: its tables over one runner. */
    private final class Gateway {
        final ScriptRunner runner;
        final RedisRangeLockTable table;
        final RedisDistributionMap map;

        Gateway(Settings settings) {
            runner = RedisTables.runner(redis.uri(), settings);
            table = new RedisRangeLockTable(runner, settings);
            map = new RedisDistributionMap(
                    runner, settings, new TestReportLimits(1_000, 10, Duration.ofMinutes(1)), 100);
        }
    }

    @BeforeEach
    void listen() {
        for (Class<?> one : List.of(BucketStamps.class, ScriptRunner.class)) {
            Logger.getLogger(one.getName()).addHandler(handler);
        }
    }

    @AfterEach
    void stop() {
        for (Class<?> one : List.of(BucketStamps.class, ScriptRunner.class)) {
            Logger.getLogger(one.getName()).removeHandler(handler);
        }
        redis.close();
    }

    private void send(String... words) {
        try (RespClient probe = redis.probe()) {
            probe.send(words);
        }
    }

    private Map<String, String> meta() {
        try (RespClient probe = redis.probe()) {
            return probe.map("HGETALL", META);
        }
    }

    /** The bucket as a gateway of 5f5eaf0 leaves it. */
    private void makeOld() {
        send("HDEL", META, "mark");
        send("HSET", META, "epoch", "1", "rule", "isolated");
    }

    // ---------------------------------------------------------------------------------------------- every script

    @Test
    @DisplayName("In a bucket without a mark, or with another, no script of locks or reports reads or changes anything")
    void everyScriptCompares() throws Exception {
        A.granted(gateway.table, X, 0, 10);
        try (RespClient probe = redis.probe()) {
            for (String mark : List.of("", "5/16/isolated", "5/8/enforced", "6/8/isolated", "1")) {
                if (mark.isEmpty()) {
                    probe.send("HDEL", META, "mark");
                } else {
                    probe.send("HSET", META, "mark", mark);
                }
                Map<String, String> before = probe.everything();
                List<LuaScript> scripts = LuaScriptTest.scripts()
                        // A stamp makes the mark, and a repair must not need one.
                        .filter(script -> !Set.of("stamp", "repair").contains(script.name()))
                        .toList();
                assertThat(scripts).hasSizeGreaterThan(15);
                for (LuaScript script : scripts) {
                    assertThat(raw(probe, script))
                            .as(script.name())
                            .startsWith("mark")
                            .endsWith(mark);
                }
                assertThat(probe.everything()).isEqualTo(before);
            }
        }
    }

    private static List<String> raw(RespClient probe, LuaScript script) {
        String id = "f".repeat(24);
        int bucket = KEYS.bucketOf(SPACE.fileId());
        List<String> keys = KEYS.ofSpace(bucket, id, RedisKeys.text(SPACE));
        keys.add(KEYS.result(bucket, "e".repeat(24)));
        List<String> words = new ArrayList<>(List.of("EVAL", script.text(), Integer.toString(keys.size())));
        words.addAll(keys);
        words.addAll(List.of(id, "9999999999999", StoreMark.of(EIGHT).argument()));
        words.addAll(Collections.nCopies(24, "1"));
        return probe.list(words.toArray(String[]::new));
    }

    // ---------------------------------------------------------------------------------------------- emptied

    @Test
    @DisplayName("After FLUSHALL the first call of a gateway stamps all buckets again, for locks and for reports")
    void stampsAgain() {
        A.granted(gateway.table, X, 0, 10);
        send("FLUSHALL");
        B.granted(gateway.table, X, 0, 10);
        try (RespClient probe = redis.probe()) {
            for (int bucket = 0; bucket < KEYS.buckets(); bucket++) {
                assertThat(probe.map("HGETALL", KEYS.meta(bucket)))
                        .containsEntry("mark", "5/8/isolated")
                        .containsEntry("epoch", "2");
            }
            assertThat(probe.map("HGETALL", RedisKeys.STORE))
                    .isEqualTo(Map.of("buckets", "8", "cross-protocol", "isolated"));
        }
        send("FLUSHALL");
        BlockSet blocks = BlockSet.of(List.of(ByteRange.between(0, 9)));
        assertThat(get(gateway.map.replace("f", "p", blocks, new Precondition.Always())))
                .isInstanceOf(ReportChange.Done.class);
        assertThat(get(gateway.map.reports("f"))).hasSize(1);
        assertThat(told).isEmpty();
    }

    @Test
    @DisplayName("A thousand calls that find no mark stamp the buckets in one round")
    void oneRound() {
        A.granted(gateway.table, X, 0, 10);
        send("FLUSHALL");
        send("CONFIG", "RESETSTAT");
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            calls.add(LockClient.nlm(LockSpace.head(i), "A")
                    .test(gateway.table, X, 0, 1)
                    .subscribeAsCompletionStage());
        }
        calls.forEach(CompletableFuture::join);
        try (RespClient probe = redis.probe()) {
            long hsets = probe.text("INFO", "commandstats")
                    .lines()
                    .filter(line -> line.startsWith("cmdstat_hset:calls="))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("cmdstat_hset:calls=(\\d+),.*", "$1")))
                    .sum();
            assertThat(hsets).as("the store and each bucket once").isEqualTo(1 + KEYS.buckets());
        }
    }

    @RepeatedTest(4)
    @DisplayName("After FLUSHALL exactly one of two gateways with different numbers of buckets, or rules, serves")
    void exactlyOne() throws Exception {
        A.granted(gateway.table, X, 0, 10);
        for (Settings others : List.of(SIXTEEN, EIGHT.enforced())) {
            send("FLUSHALL");
            Gateway one = new Gateway(EIGHT);
            Gateway other = new Gateway(others);
            HashSet<Gateway> served = new HashSet<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Boolean>> answers = new ArrayList<>();
                for (Gateway each : List.of(one, other)) {
                    answers.add(threads.submit(() -> {
                        boolean any = false;
                        for (int file = 0; file < 20; file++) {
                            any |= granted(each, LockClient.nlm(LockSpace.head(file), "A"));
                        }
                        return any;
                    }));
                }
                for (int i = 0; i < 2; i++) {
                    if (answers.get(i).get()) {
                        served.add(i == 0 ? one : other);
                    }
                }
            }
            assertThat(served).hasSize(1);
            Gateway loser = served.contains(one) ? other : one;
            assertThat(served.iterator().next().runner.refusal()).isEmpty();
            assertThat(loser.runner.refusal()).isPresent();
            assertServesNothing(loser);
        }
        // Of each pair one, once; and of the gateway that was there before, at most once.
        assertThat(told.stream().filter(line -> line.contains("get 503"))).hasSize(2);
        assertThat(told).hasSize(2);
    }

    private static boolean granted(Gateway gateway, LockClient asker) {
        try {
            asker.granted(gateway.table, X, 0, 10);
            return true;
        } catch (LockTableUnavailableException e) {
            assertThat(e.outcomeKnown()).isTrue();
            return false;
        }
    }

    private static void assertServesNothing(Gateway refused) {
        GrantFilter filter = GrantFilter.ofFile(Protocol.NLM, SPACE.fileId(), SPACE.snapshotId());
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> get(A.acquire(refused.table, X, 0, 10)),
                () -> get(A.test(refused.table, X, 0, 10)),
                () -> get(refused.table.batch(A.space(), List.of(), List.of(A.lock(X, 0, 10)))),
                () -> get(A.release(refused.table, 0, 10)),
                () -> get(refused.table.find(new GrantId(0, 1L << 40))),
                () -> get(refused.table.renew(new GrantId(0, 1L << 40), Protocol.NLM, "p", Duration.ofSeconds(5))),
                () -> get(refused.table.list(filter, Cursor.START, 10)),
                () -> get(refused.table.count(filter, CountBy.FILE)),
                () -> get(refused.table.sweep()))) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            LockTableUnavailableException.class,
                            failure -> assertThat(failure.outcomeKnown()).isTrue())
                    .hasMessageMatching(".*lockgate\\.(redis\\.buckets|locks\\.cross-protocol).*");
        }
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> get(refused.map.reports("f")),
                () -> get(refused.map.replace("f", "p", BlockSet.EMPTY, new Precondition.Always())),
                () -> get(refused.map.withdraw("f", "p", new Precondition.Always())),
                () -> get(refused.map.sweep()))) {
            assertThatThrownBy(call).isInstanceOf(MapUnavailableException.class);
        }
    }

    @Test
    @DisplayName("While a store is emptied again and again, gateways set differently never hold locks side by side")
    void neverSideBySide() throws Exception {
        String holding = "local marks = {} for i = 0, 15 do local b = 'lg:1:{b' .. i .. '}:' "
                + "if redis.call('HLEN', b .. 'rows') > 0 then marks[#marks + 1] = redis.call('HGET', b .. 'meta', 'mark') end "
                + "end return marks";
        HashSet<String> seen = new HashSet<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                RespClient probe = redis.probe()) {
            for (int round = 0; round < 30; round++) {
                AtomicBoolean over = new AtomicBoolean();
                List<Gateway> gateways = new ArrayList<>(
                        List.of(new Gateway(EIGHT), new Gateway(EIGHT), new Gateway(SIXTEEN), new Gateway(SIXTEEN)));
                Collections.shuffle(gateways);
                List<Future<?>> clients = new ArrayList<>();
                for (Gateway each : gateways) {
                    clients.add(threads.submit(() -> {
                        for (int i = 0; !over.get(); i++) {
                            granted(each, LockClient.nlm(LockSpace.head(i % 50), "A"));
                        }
                    }));
                }
                for (int flush = 0; flush < 5; flush++) {
                    Thread.sleep(5);
                    probe.send("FLUSHALL");
                }
                Thread.sleep(10);
                List<String> marks = probe.list("EVAL", holding, "0");
                assertThat(new HashSet<>(marks))
                        .as("marks of buckets with locks")
                        .hasSizeLessThanOrEqualTo(1);
                seen.addAll(marks);
                over.set(true);
                for (Future<?> client : clients) {
                    client.get();
                }
            }
        }
        assertThat(seen).as("else nothing was tried").isNotEmpty();
    }

    @Test
    @DisplayName("A refused gateway serves by itself once the store matches its settings, and logs it once")
    void servesAgain() {
        A.granted(gateway.table, X, 0, 10);
        Gateway refused = new Gateway(SIXTEEN);
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> get(A.test(refused.table, X, 0, 1)))
                    .isInstanceOf(LockTableUnavailableException.class);
        }
        assertThat(refused.runner.refusal().orElse("")).contains("lockgate.redis.buckets=8, not 16");
        assertThat(told).singleElement().asString().contains("calls that need Redis get 503");
        // Nobody else claims it meanwhile.
        send("FLUSHALL");
        await().atMost(RECOVERY)
                .ignoreExceptions()
                .until(() -> get(A.test(refused.table, X, 0, 1)).isEmpty());
        assertThat(refused.runner.refusal()).isEmpty();
        assertThat(told).hasSize(2);
        assertThatThrownBy(() -> get(A.test(gateway.table, X, 0, 1))).isInstanceOf(LockTableUnavailableException.class);
    }

    @Test
    @DisplayName("A round that began before FLUSHALL stamps nothing in a store that another gateway has claimed since")
    void lateStamp() {
        A.granted(gateway.table, X, 0, 10);
        try (RespClient probe = redis.probe()) {
            probe.send("FLUSHALL");
            probe.send("HSET", RedisKeys.STORE, "buckets", "16", "cross-protocol", "isolated");
            Map<String, String> before = probe.everything();
            assertThat(probe.list(new EngineCalls(EIGHT).stamping())).containsExactly("other", "buckets", "16");
            assertThat(probe.everything()).isEqualTo(before);
        }
    }

    @Test
    @DisplayName("A gateway with another rule changes it at start while no lock is held, and not while one is")
    void ruleChangesWhileNothingIsHeld() {
        A.granted(gateway.table, X, 0, 10);
        Gateway enforced = new Gateway(EIGHT.enforced());
        try (RespClient probe = redis.probe()) {
            Map<String, String> before = probe.everything();
            assertThat(String.join("\n", new StoreCheck(enforced.runner).claim().faults()))
                    .contains("holds locks acquired with lockgate.locks.cross-protocol=isolated");
            assertThat(probe.everything()).isEqualTo(before);
        }
        assertThatThrownBy(() -> get(A.test(enforced.table, X, 0, 1)))
                .hasMessageContaining("lockgate.locks.cross-protocol=isolated, not enforced");
        A.released(gateway.table, 0, 10);
        assertThat(new StoreCheck(enforced.runner).claim().isFit()).isTrue();
        await().atMost(RECOVERY).ignoreExceptions().until(() -> granted(enforced, A));
        assertThatThrownBy(() -> get(A.test(gateway.table, X, 0, 1))).isInstanceOf(LockTableUnavailableException.class);
        assertThat(gateway.runner.refusal().orElse("")).contains("cross-protocol=enforced, not isolated");
    }

    // ---------------------------------------------------------------------------------------------- formats

    @Test
    @DisplayName("A bucket of a version without marks is adopted: its ids and tokens stay valid, and tokens only rise")
    void takesOver() {
        // As 5f5eaf0 drew it.
        String id = "0000010000000001";
        Grant held = A.leasing(Duration.ofHours(1)).granted(gateway.table, X, 0, 10);
        makeOld();
        try (RespClient probe = redis.probe()) {
            Format2.rewriteLists(probe);
            for (String key : probe.list("KEYS", "*")) {
                rewrite(probe, key, GrantRows.hex(held.id().sequence()), id);
            }
        }
        Gateway next = new Gateway(EIGHT);
        GrantId old = new GrantId(held.id().bucket(), GrantRows.number(id));
        Grant found = get(next.table.find(old)).orElseThrow();
        assertThat(meta())
                .containsEntry("epoch", "2")
                .containsEntry("mark", "5/8/isolated")
                .doesNotContainKey("rule");
        assertThat(found.token().value()).isEqualTo(1L << 40 | 1);
        assertThat(get(next.table.check(SPACE, A.range(0, 10), found.token()))).isInstanceOf(FenceCheck.Valid.class);
        assertThat(get(B.acquire(next.table, X, 5, 1))).isInstanceOf(Acquisition.Refused.class);
        assertThat(get(next.table.renew(old, Protocol.NLM, "p", Duration.ofHours(2))))
                .isInstanceOf(Renewal.Renewed.class);
        Grant later = B.granted(next.table, X, 50, 10);
        assertThat(later.token()).isGreaterThan(found.token());
        assertThat(later.token().value() >>> 40).isEqualTo(2);
        assertThat(A.standing(next.table)).extracting(Grant::id).containsExactly(old, later.id());
        // Walks that began before go on.
        GrantFilter filter = GrantFilter.ofFile(Protocol.NLM, SPACE.fileId(), SPACE.snapshotId());
        Cursor behindOld = get(next.table.list(filter, Cursor.START, 1)).next();
        assertThat(get(next.table.list(filter, behindOld, 10)).grants())
                .extracting(Grant::id)
                .containsExactly(later.id());
        assertThat(get(next.table.releaseGrant(old, Optional.of("p")))).isEqualTo(new Release.Released(1));
        assertThat(get(next.table.renew(old, Protocol.NLM, "p", Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
        assertThat(get(next.table.renew(
                        new GrantId(old.bucket(), 1L << 40 | 999), Protocol.NLM, "p", Duration.ofHours(1))))
                .as("never given")
                .isEqualTo(new Renewal.NoSuchLock());
    }

    /** Puts {@code to} in the place of {@code from}, of the same length, wherever a key holds it. */
    private static void rewrite(RespClient probe, String key, String from, String to) {
        switch (probe.text("TYPE", key)) {
            case "hash" ->
                probe.map("HGETALL", key).forEach((field, value) -> {
                    if ((field + value).contains(from)) {
                        probe.send("HDEL", key, field);
                        probe.send("HSET", key, field.replace(from, to), value.replace(from, to));
                    }
                });
            case "zset" ->
                probe.map("ZRANGE", key, "0", "-1", "WITHSCORES").forEach((member, score) -> {
                    if (member.contains(from)) {
                        probe.send("ZREM", key, member);
                        probe.send("ZADD", key, score, member.replace(from, to));
                    }
                });
            default -> {}
        }
    }

    @Test
    @DisplayName(
            "A bucket of a newer format or later epoch stays as it is; the gateway refuses all calls and logs it once")
    void newer() {
        for (String[] newer : List.of(
                new String[] {"mark", "6/8/isolated"},
                new String[] {"mark", "grammar of a later\nversion"},
                new String[] {"epoch", "3"})) {
            send("FLUSHALL");
            told.clear();
            Gateway refused = new Gateway(EIGHT);
            A.granted(refused.table, X, 0, 10);
            send("HSET", META, newer[0], newer[1]);
            Map<String, String> before = meta();
            for (int i = 0; i < 20; i++) {
                assertThat(granted(refused, B)).isFalse();
                assertThat(granted(refused, LockClient.nlm(LockSpace.head(i), "A")))
                        .isFalse();
            }
            assertThat(meta()).isEqualTo(before);
            assertThat(refused.runner.refusal().orElse(""))
                    .contains(newer[0].equals("epoch") ? "epoch 3" : "newer format (")
                    .doesNotContain("\n");
            assertThat(told).hasSize(1);
            assertThat(String.join(
                            "\n",
                            new StoreCheck(new Gateway(EIGHT).runner).look().faults()))
                    .contains(newer[0].equals("epoch") ? "epoch 3" : "newer format (");
        }
    }

    @Test
    @DisplayName("A gateway of 5f5eaf0, which sends epoch 1 and knows no mark, is refused once the buckets are stamped")
    void oldScriptsRefuse() {
        A.granted(gateway.table, X, 0, 10);
        // The check of its lua/lib/clock.lua.
        String old = "local epoch = redis.call('HMGET', KEYS[1], 'clock', 'counter', 'epoch', 'rule')[3] "
                + "if epoch and tonumber(epoch) ~= tonumber(ARGV[1]) then return 'epoch' end return 'goes on'";
        try (RespClient probe = redis.probe()) {
            for (int bucket = 0; bucket < KEYS.buckets(); bucket++) {
                assertThat(probe.text("EVAL", old, "1", KEYS.meta(bucket), "1")).isEqualTo("epoch");
            }
        }
    }

    @Test
    @DisplayName("A store that cannot be stamped now is logged once, and is stamped when it can be")
    void cannotBeStamped() {
        A.granted(gateway.table, X, 0, 10);
        send("FLUSHALL");
        send("CONFIG", "SET", "min-replicas-to-write", "1");
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> get(gateway.table.find(new GrantId(0, 1))))
                    .isInstanceOf(LockTableUnavailableException.class);
        }
        assertThat(told).singleElement().asString().contains("NOREPLICAS");
        assertThat(gateway.runner.refusal()).isEmpty();
        send("CONFIG", "SET", "min-replicas-to-write", "0");
        await().atMost(RECOVERY).ignoreExceptions().until(() -> granted(gateway, A));
    }

    @Test
    @DisplayName("A store with more buckets than one script stamps is stamped in several steps")
    void severalSteps() {
        Settings many = Settings.DEFAULT.withBuckets(1_000).withMaxSteps(10);
        send("FLUSHALL");
        Gateway large = new Gateway(many);
        await().atMost(RECOVERY).ignoreExceptions().until(() -> granted(large, A));
        try (RespClient probe = redis.probe()) {
            assertThat(IntStream.range(0, 1_000)
                            .mapToObj(bucket -> probe.text("HGET", "lg:1:{b" + bucket + "}:meta", "mark")))
                    .allMatch("5/1000/isolated"::equals);
        }
    }

    @Test
    @DisplayName("The mark tells format, number of buckets and rule, and nothing else")
    void text() {
        assertThat(Stream.of(EIGHT, SIXTEEN, EIGHT.enforced())
                        .map(settings -> StoreMark.of(settings).argument()))
                .containsExactly("2 5/8/isolated", "2 5/16/isolated", "2 5/8/enforced");
        assertThat(StoreMark.EPOCH).as("5f5eaf0 knows epoch 1").isGreaterThan(1);
    }
}
