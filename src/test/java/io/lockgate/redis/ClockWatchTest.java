package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.range.Acquisition;
import io.lockgate.range.Grant;
import io.lockgate.range.LockSpace;
import io.lockgate.range.Protocol;
import io.lockgate.range.Renewal;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.MovedClockProxy;
import io.lockgate.testing.redis.RespClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis' clock is the only one; what becomes of leases when it is wrong for a while. */
@Timeout(120)
@Tag("slow")
class ClockWatchTest {
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final RedisKeys KEYS = new RedisKeys(SETTINGS.buckets());
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final int BUCKET = KEYS.bucketOf(SPACE.fileId());
    private static final String META = KEYS.meta(BUCKET);
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final LockClient HOLDER = LockClient.nlm(SPACE, "holder").leasing(Duration.ofMillis(1_500));
    private static final LockClient OTHER = LockClient.nlm(SPACE, "other");

    private static final Path SYSTEM_REDIS = Path.of("/usr/bin/redis-server");

    private final LuaScript suspend = LuaScript.load("buckets/suspend");
    private @Nullable BreakableRedis started;

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private BreakableRedis start(String binary) {
        String before = System.getProperty(EmbeddedRedis.BINARY_PROPERTY, "");
        System.setProperty(EmbeddedRedis.BINARY_PROPERTY, binary);
        try {
            BreakableRedis redis = BreakableRedis.start();
            started = redis;
            return redis;
        } finally {
            System.setProperty(EmbeddedRedis.BINARY_PROPERTY, before);
        }
    }

    private Reply suspend(ScriptRunner runner, String what, long jump) {
        String id = runner.newRequestId();
        List<String> arguments = List.of(what, Long.toString(jump), "30000");
        return LockClient.get(runner.run(suspend, id, KEYS.ofClock(BUCKET, id), arguments, false));
    }

    private static long now(RespClient probe) {
        List<String> time = probe.list("TIME");
        return Long.parseLong(time.get(0)) * 1_000 + Long.parseLong(time.get(1)) / 1_000;
    }

    private static void passed(RespClient probe, long until) {
        await().until(() -> now(probe) > until);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/usr/bin/redis-server"})
    @DisplayName("While leases are frozen every verb treats an overdue one as live, and its holder can renew it")
    void everyVerb(String binary) {
        assumeTrue(binary.isEmpty() || Files.isExecutable(SYSTEM_REDIS), "no " + SYSTEM_REDIS);
        BreakableRedis redis = start(binary);
        ScriptRunner runner = RedisTables.runner(redis.uri(), SETTINGS);
        RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
        try (RespClient probe = redis.probe()) {
            Grant grant = HOLDER.granted(table, X, 0, 10);
            assertThat(suspend(runner, "hold", HOUR).text(3)).isEqualTo("1");
            String hold = probe.text("HGET", META, "hold");
            passed(probe, now(probe) + 1_600);
            assertThat(OTHER.outcome(table, X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
            assertThat(LockClient.get(OTHER.test(table, X, 0, 10))).isPresent();
            assertThat(LockClient.get(table.batch(OTHER.space(), List.of(), List.of(OTHER.lock(X, 5, 1))))
                            .toString())
                    .contains("Refused");
            assertThat(HOLDER.standing(table)).hasSize(1);
            assertThat(LockClient.get(table.find(grant.id()))).isPresent();
            assertThat(HOLDER.valid(table, grant, 0, 10)).isTrue();
            assertThat(LockClient.get(table.sweep())).isZero();
            suspend(runner, "hold", HOUR + 1_000);
            assertThat(probe.text("HGET", META, "hold"))
                    .as("another gateway saw the same jump")
                    .isEqualTo(hold);
            OTHER.granted(table, X, 100, 10);
            assertThat(Long.parseLong(probe.text("HGET", META, "clock")))
                    .as("what is not believed is not kept")
                    .isLessThanOrEqualTo(Long.parseLong(hold.split(" ", -1)[0]));
            assertThat(LockClient.get(table.renew(grant.id(), Protocol.NLM, "p", Duration.ofMillis(1_500))))
                    .isInstanceOf(Renewal.Renewed.class);
            assertThat(suspend(runner, "resume", 0).text(3)).isEqualTo("0");
            assertThat(probe.list("HKEYS", META)).doesNotContain("hold");
            assertThat(HOLDER.standing(table)).as("renewed").hasSize(2);
            passed(probe, now(probe) + 1_600);
            OTHER.granted(table, X, 0, 10);
            TableInvariants.hold(redis.uri());
        }
    }

    @Test
    @DisplayName("A freeze ends by itself, and resets the bucket's clock to its time before the jump")
    void endsByItself() {
        BreakableRedis redis = start("");
        ScriptRunner runner = RedisTables.runner(redis.uri(), SETTINGS);
        RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
        try (RespClient probe = redis.probe()) {
            HOLDER.granted(table, X, 0, 10);
            long until = now(probe) + 1_600;
            probe.send("HSET", META, "clock", Long.toString(now(probe) + HOUR));
            suspend(runner, "hold", HOUR);
            assertThat(Long.parseLong(probe.text("HGET", META, "clock"))).isLessThan(now(probe));
            passed(probe, until);
            assertThat(OTHER.outcome(table, X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
            long time = now(probe);
            probe.send("HSET", META, "hold", (time - 31_000) + " " + (time - 1_000) + " " + HOUR);
            OTHER.granted(table, X, 0, 10);
            probe.send("HSET", META, "hold", (time + 5_000) + " " + (time + 35_000) + " " + HOUR);
            assertThat(suspend(runner, "look", 0).text(3))
                    .as("the clock has gone back")
                    .isEqualTo("0");
            assertThat(probe.list("HKEYS", META)).doesNotContain("hold");
        }
    }

    @Test
    @DisplayName("A bucket whose clock is ahead of its server's is reported until it no longer is")
    void bucketAhead() {
        BreakableRedis redis = start("");
        ScriptRunner runner = RedisTables.runner(redis.uri(), SETTINGS);
        ClockWatch watch = new ClockWatch(runner, SETTINGS);
        try (RespClient probe = redis.probe()) {
            probe.send("HSET", META, "clock", Long.toString(now(probe) + HOUR));
            await().untilAsserted(() -> {
                LockClient.get(watch.visit());
                assertThat(watch.aheadMillis()).isBetween(HOUR - 60_000, HOUR);
            });
            assertThat(watch.trouble().orElseThrow()).contains("bucket " + BUCKET, "lockgate --repair");
            probe.send("HSET", META, "clock", Long.toString(now(probe)));
            await().untilAsserted(() -> {
                LockClient.get(watch.visit());
                assertThat(watch.aheadMillis()).isZero();
            });
            assertThat(watch.trouble()).isEmpty();
            assertThat(watch.jumps()).isZero();
        }
    }

    @Test
    @DisplayName("A server clock that jumps an hour ahead and back ends no lease and freezes none")
    void aheadAndBack() {
        BreakableRedis redis = start("");
        MovedClockProxy time = new MovedClockProxy(redis.uri());
        Gateway one = new Gateway(time);
        Gateway two = new Gateway(time);
        one.visit();
        two.visit();
        LockClient holder = HOLDER.leasing(Duration.ofSeconds(20));
        Grant grant = holder.granted(one.table, X, 0, 10);
        time.ahead(3_600);
        // Before anybody has noticed, a script keeps the wrong time.
        OTHER.granted(two.table, X, 70, 10);
        await().untilAsserted(() -> {
            one.visit();
            assertThat(one.watch.jumps()).isEqualTo(1);
        });
        two.visit();
        assertThat(two.watch.jumps()).isEqualTo(1);
        assertThat(one.watch.heldServers()).isEqualTo(1);
        assertThat(one.watch.trouble().orElseThrow()).contains("jumped by +3600");
        assertThat(OTHER.outcome(two.table, X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
        assertThat(holder.valid(two.table, grant, 0, 10)).isTrue();
        OTHER.granted(two.table, X, 50, 10);
        time.ahead(0);
        String hold;
        try (RespClient probe = redis.probe()) {
            hold = probe.text("HGET", META, "hold");
        }
        one.visit();
        try (RespClient probe = redis.probe()) {
            assertThat(probe.send("HGET", META, "hold"))
                    .as("the clock is back: no hold by the right time is made of that by the wrong one")
                    .isIn(hold, null);
        }
        await().untilAsserted(() -> {
            one.visit();
            two.visit();
            assertThat(one.watch.heldServers() + two.watch.heldServers()).isZero();
        });
        assertThat(holder.valid(one.table, grant, 0, 10)).isTrue();
        try (RespClient probe = redis.probe()) {
            assertThat(probe.list("HKEYS", META)).doesNotContain("hold");
            assertThat(Long.parseLong(probe.text("HGET", META, "clock")))
                    .as("not frozen")
                    .isLessThan(now(probe) + 2_000);
        }
        await().atMost(Duration.ofSeconds(40))
                .until(() -> OTHER.outcome(one.table, X, 0, 10) instanceof Acquisition.Granted);
    }

    @Test
    @DisplayName("A clock that stays an hour ahead ends leases after 30 s; live holders have renewed theirs by then")
    void staysAhead() {
        MovedClockProxy time = new MovedClockProxy(start("").uri());
        Gateway gateway = new Gateway(time);
        gateway.visit();
        LockClient dead = HOLDER.leasing(Duration.ofSeconds(5));
        LockClient alive = LockClient.nlm(SPACE, "alive").leasing(Duration.ofSeconds(60));
        dead.granted(gateway.table, X, 0, 10);
        Grant kept = alive.granted(gateway.table, X, 20, 10);
        time.ahead(3_600);
        await().untilAsserted(() -> {
            gateway.visit();
            assertThat(gateway.watch.jumps()).isEqualTo(1);
        });
        assertThat(LockClient.get(gateway.table.renew(kept.id(), Protocol.NLM, "p", Duration.ofSeconds(60))))
                .isInstanceOf(Renewal.Renewed.class);
        assertThat(OTHER.outcome(gateway.table, X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    gateway.visit();
                    return OTHER.outcome(gateway.table, X, 0, 10) instanceof Acquisition.Granted;
                });
        assertThat(alive.valid(gateway.table, kept, 20, 10)).isTrue();
        await().untilAsserted(() -> {
            gateway.visit();
            assertThat(gateway.watch.heldServers()).isZero();
        });
    }

    /** What a gateway does about clocks. */
    private static final class Gateway {
        private final RedisRangeLockTable table;
        private final ClockWatch watch;

        Gateway(MovedClockProxy redis) {
            ScriptRunner runner = RedisTables.runner(redis.uri(), SETTINGS);
            table = new RedisRangeLockTable(runner, SETTINGS);
            watch = new ClockWatch(runner, SETTINGS);
        }

        void visit() {
            LockClient.get(watch.visit());
        }
    }
}
