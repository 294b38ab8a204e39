package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.Precondition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Protocol;
import io.lockgate.range.Renewal;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.topology.RedisTopology;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RedisClientOptions;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.Servers6And7;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** "No live holder loses its lock" when Redis is full (docs/failures.md). */
@Timeout(120)
class FullRedisTest {
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient A = LockClient.nlm(SPACE, "A").leasing(Duration.ofHours(1));
    private static final LockClient H = LockClient.smb(SPACE, "H");

    static Stream<String> binaries() {
        return Servers6And7.binaries();
    }

    private static ScriptRunner runner(BreakableRedis redis, AtomicInteger refusals) {
        return new ScriptRunner(
                RedisTables.vertx(),
                RedisTopology.of(RedisTables.vertx(), RedisClientOptions.of(redis.uri())),
                SETTINGS,
                new ScriptObserver() {
                    @Override
                    public void called(String script, String outcome, long nanos) {}

                    @Override
                    public void full() {
                        refusals.incrementAndGet();
                    }
                });
    }

    /** Really full: what is stored beside the locks goes over the limit. */
    private static void fill(RespClient probe) {
        long used = probe.number("EVAL", "return redis.call('DBSIZE')", "0");
        assertThat(used).isPositive();
        probe.send("CONFIG", "SET", "maxmemory", "4mb");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        probe.send("SET", "filling:" + i, "x".repeat(10_000));
                    }
                })
                .isInstanceOf(RespClient.Refused.class)
                .hasMessageContaining("OOM");
        // What buffers of connections give back meanwhile must not make room.
        probe.send("CONFIG", "SET", "maxmemory", "3mb");
    }

    @ParameterizedTest(name = "redis-server {0}")
    @MethodSource("binaries")
    @DisplayName("A full Redis refuses acquire cleanly; renew, check, release, trim, drop, sweep and rollback go on")
    void whatIsHeldIsKept(String binary) {
        AtomicInteger refusals = new AtomicInteger();
        try (BreakableRedis redis = Servers6And7.start(binary);
                RespClient probe = redis.probe()) {
            ScriptRunner runner = runner(redis, refusals);
            RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
            RedisDistributionMap map = new RedisDistributionMap(
                    runner, SETTINGS, new TestReportLimits(1_000, 10, Duration.ofMinutes(1)), 100);
            RawScripts byHand = new RawScripts(runner, SETTINGS);
            assertThat(get(table.find(new io.lockgate.range.GrantId(0, 1)))).isEmpty();
            Grant held = A.granted(table, X, 0, 100);
            Grant other = A.granted(table, S, 200, 100);
            Grant smb = H.granted(table, X, 0, 10);
            LockClient.nlm(SPACE, "E").leasing(Duration.ofMillis(1)).granted(table, X, 5_000, 10);
            String undone = byHand.newId();
            byHand.acquire(undone, A.space(), A.lock(X, 1_000, 10));
            get(map.replace("f", "edge", BlockSet.of(List.of(ByteRange.between(0, 9))), new Precondition.Always()));
            fill(probe);
            Map<String, String> before = probe.everything();

            assertThatThrownBy(() -> A.outcome(table, X, 2_000, 10))
                    .isInstanceOfSatisfying(
                            LockTableUnavailableException.class,
                            e -> assertThat(e.outcomeKnown()).isTrue());
            assertThatThrownBy(() -> A.outcome(table, X, 50, 100)).isInstanceOf(LockTableUnavailableException.class);
            assertThatThrownBy(() -> get(table.batch(A.space(), List.of(A.unlock(0, 5)), List.of(A.lock(X, 1, 1)))))
                    .isInstanceOf(LockTableUnavailableException.class);
            BlockSet blocks = BlockSet.of(List.of(ByteRange.between(0, 99)));
            assertThatThrownBy(() -> get(map.replace("f", "edge", blocks, new Precondition.Always())))
                    .isInstanceOf(MapUnavailableException.class);
            assertThatThrownBy(() -> get(map.patch(
                            "f", "edge", List.of(), List.of(ByteRange.between(20, 29)), new Precondition.Always())))
                    .isInstanceOf(MapUnavailableException.class);
            assertThat(probe.everything()).as("refused before the first write").isEqualTo(before);
            assertThat(refusals).hasValueGreaterThanOrEqualTo(5);

            assertThat(get(table.renew(held.id(), held.protocol(), "p", Duration.ofHours(2))))
                    .isInstanceOfSatisfying(
                            Renewal.Renewed.class,
                            renewed -> assertThat(
                                            Optional.ofNullable(renewed.grant().expiresIn())
                                                    .orElseThrow())
                                    .isGreaterThan(Duration.ofMinutes(119)));
            assertThat(A.valid(table, held, 0, 100)).isTrue();
            assertThat(get(LockClient.nlm(SPACE, "B").test(table, X, 0, 1))).isPresent();
            assertThat(A.released(table, 0, 10)).as("a trim").isEqualTo(1);
            assertThat(A.released(table, 50, 10)).as("a split").isEqualTo(1);
            assertThat(get(table.batch(A.space(), List.of(A.unlock(90, 10)), List.of())))
                    .isNotNull();
            assertThat(byHand.undo(undone, SPACE)).isEqualTo("undone");
            assertThat(get(table.sweep())).isEqualTo(1);
            assertThat(get(table.releaseGrant(other.id(), Optional.of("p")))).isNotNull();
            assertThat(H.released(table, 0, 10)).isEqualTo(1);
            assertThat(get(map.withdraw("f", "edge", new Precondition.Always())))
                    .isNotNull();
            assertThat(get(table.find(smb.id()))).isEmpty();
            assertThat(get(table.releaseAll(GrantFilter.all(Protocol.NLM)))).isPositive();
            assertThat(A.standing(table)).isEmpty();

            probe.send("CONFIG", "SET", "maxmemory", "0");
            A.granted(table, X, 2_000, 10);
            int told = refusals.get();
            A.granted(table, X, 3_000, 10);
            assertThat(refusals).hasValue(told);
        }
    }
}
