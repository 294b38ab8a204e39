package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Grant;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reach;
import io.lockgate.testing.LoadGenerator;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.TestCluster;
import io.lockgate.testing.redis.TestSentinels;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The primary that Sentinels name changes. */
@Tag("cluster")
@Timeout(120)
@Tag("slow")
class SentinelTest {
    private static final Duration RECOVERY = Duration.ofSeconds(40);
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient KEEPER = LockClient.nlm(SPACE, "keeper");

    private final TestSentinels servers = TestSentinels.start(Duration.ofMillis(1_500));
    private final ScriptRunner runner = RedisTables.runner(servers.options(), SETTINGS);
    private final RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);

    @BeforeEach
    void check() {
        await().atMost(RECOVERY).until(() -> new StoreCheck(runner).claim().isFit());
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    @Test
    @DisplayName("After a hang of the primary calls stay at the new one; what had not reached it is lost (ADR 13)")
    void hangs() throws Exception {
        Grant reached = KEEPER.granted(table, X, 0, 10);
        TestCluster.on(
                servers.master(), probe -> await().atMost(RECOVERY).until(() -> TestCluster.replicaIsLevel(probe)));
        servers.replica().freeze();
        TestCluster.on(servers.master(), probe -> probe.send("CLIENT", "KILL", "TYPE", "replica"));
        Grant unreached = KEEPER.granted(table, X, 40, 10);
        servers.master().freeze();
        servers.replica().thaw();
        await().atMost(RECOVERY)
                .until(() -> TestCluster.info(servers.replica(), "role").equals("master"));
        await().atMost(RECOVERY)
                .ignoreExceptionsInstanceOf(LockTableUnavailableException.class)
                .until(() -> KEEPER.valid(table, reached, 0, 10));
        Grant second = LockClient.nlm(SPACE, "another").granted(table, X, 40, 10);
        assertThat(second.token()).as("a token is given again").isEqualTo(unreached.token());

        LoadGenerator load = LoadGenerator.on(
                table, LongStream.range(100, 104).mapToObj(LockSpace::head).toList());
        servers.master().thaw();
        await().atMost(RECOVERY)
                .until(() -> TestCluster.info(servers.master(), "role").equals("slave"));
        int before = load.grants();
        await().atMost(RECOVERY).until(() -> load.grants() > before + 200);
        load.stop();
        assertThat(load.lost()).isEmpty();
        assertThat(load.unavailable()).isZero();
    }

    @Test
    @Tag("long")
    @DisplayName("During a commanded failover under load calls succeed or are unavailable, and recover by themselves")
    void switched() throws Exception {
        LoadGenerator load = LoadGenerator.on(
                table, LongStream.range(100, 104).mapToObj(LockSpace::head).toList());
        await().atMost(RECOVERY).until(() -> load.grants() > 200);
        TestCluster.on(servers.sentinels().getFirst(), probe -> probe.send("SENTINEL", "FAILOVER", TestSentinels.NAME));
        await().atMost(RECOVERY)
                .until(() -> TestCluster.info(servers.replica(), "role").equals("master")
                        && TestCluster.info(servers.master(), "role").equals("slave"));
        int before = load.grants();
        await().atMost(RECOVERY).until(() -> load.grants() > before + 200);
        load.stop();
        assertThat(get(runner.reach())).isEqualTo(Reach.ALL);
        KEEPER.granted(table, X, 0, 10);
        TestCluster.on(
                servers.replica(),
                probe -> assertThat(probe.list("KEYS", "lg:1:{b*}:rows")).isNotEmpty());
    }

    @Test
    @DisplayName("A primary that reports to be a replica gets no more calls; once it is a primary again they recover")
    void readOnly() {
        KEEPER.granted(table, X, 0, 10);
        TestCluster.on(servers.master(), probe -> probe.send("REPLICAOF", "127.0.0.1", "1"));
        assertThatThrownBy(() -> KEEPER.granted(table, X, 20, 10)).isInstanceOf(LockTableUnavailableException.class);
        TestCluster.on(servers.master(), probe -> probe.send("REPLICAOF", "NO", "ONE"));
        await().atMost(RECOVERY)
                .ignoreExceptionsInstanceOf(LockTableUnavailableException.class)
                .until(() -> KEEPER.granted(table, X, 20, 10).token().value() != 0);
    }

    @Test
    @DisplayName(
            "Wrong settings are reported at start; later, without Sentinels, calls go on at the last primary named")
    void sentinelsGone() {
        ScriptRunner other = RedisTables.runner(servers.options().setMasterName("unheard-of"), SETTINGS);
        assertThat(String.join("\n", new StoreCheck(other).look().faults())).contains("No such master");
        ScriptRunner single = RedisTables.runner(servers.uris().getFirst(), SETTINGS);
        assertThat(String.join("\n", new StoreCheck(single).look().faults())).contains("client-type must be sentinel");
        KEEPER.granted(table, X, 0, 10);
        servers.sentinels().forEach(BreakableRedis::kill);
        TestCluster.on(servers.master(), probe -> probe.send("CLIENT", "KILL", "TYPE", "normal"));
        await().during(Duration.ofSeconds(3))
                .atMost(RECOVERY)
                .until(() -> KEEPER.released(table, 0, 10) >= 0
                        && KEEPER.granted(table, X, 0, 10).token().value() != 0);
        ScriptRunner late = RedisTables.runner(servers.options(), SETTINGS);
        assertThat(String.join("\n", new StoreCheck(late).look().faults())).contains("Redis does not answer");
    }
}
