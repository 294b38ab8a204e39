package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Grant;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reach;
import io.lockgate.testing.LoadGenerator;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A primary of a cluster dies. */
@Tag("cluster")
@Timeout(120)
@Tag("slow")
class ClusterCrashTest {
    private static final Duration RECOVERY = Duration.ofSeconds(40);
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final RedisKeys KEYS = new RedisKeys(SETTINGS.buckets());

    /** One space in each bucket. */
    private static final List<LockSpace> SPACES = IntStream.range(0, SETTINGS.buckets())
            .mapToObj(bucket -> LockSpace.head(IntStream.range(0, 10_000)
                    .filter(file -> KEYS.bucketOf(file) == bucket)
                    .findFirst()
                    .orElseThrow()))
            .toList();

    private static String rowsOf(LockSpace space) {
        return KEYS.rows(KEYS.bucketOf(space.fileId()));
    }

    @Test
    @DisplayName("A replica takes over and calls recover by themselves; what had not reached it is lost (ADR 13)")
    void replicaTakesOver() throws Exception {
        try (TestCluster cluster = TestCluster.start(3, 1, "cluster-node-timeout 2000")) {
            RedisRangeLockTable table = RedisTables.table(cluster.options(), SETTINGS);
            LockSpace space = SPACES.getFirst();
            BreakableRedis master = cluster.ownerOf(rowsOf(space));
            BreakableRedis replica = cluster.replicas().get(cluster.masters().indexOf(master));
            LockClient keeper = LockClient.nlm(space, "keeper");
            Grant reached = keeper.granted(table, X, 0, 10);
            TestCluster.on(master, probe -> {
                await().atMost(RECOVERY).until(() -> TestCluster.replicaIsLevel(probe));
            });
            List<LockSpace> elsewhere = SPACES.stream()
                    .filter(other -> cluster.ownerOf(rowsOf(other)) != master)
                    .toList();
            LoadGenerator load = LoadGenerator.on(table, elsewhere);
            replica.freeze();
            TestCluster.on(master, probe -> probe.send("CLIENT", "KILL", "TYPE", "replica"));
            Grant unreached = keeper.granted(table, X, 40, 10);
            master.kill();
            replica.thaw();
            await().atMost(RECOVERY)
                    .until(() -> TestCluster.info(replica, "role").equals("master"));
            await().atMost(RECOVERY)
                    .ignoreExceptionsInstanceOf(LockTableUnavailableException.class)
                    .until(() -> keeper.valid(table, reached, 0, 10));
            int before = load.grants();
            await().atMost(RECOVERY).until(() -> load.grants() > before + 200);
            load.stop();
            assertThat(load.lost()).as("on primaries that lived on").isEmpty();
            assertThat(keeper.standing(table).stream().map(Grant::id).toList())
                    .contains(reached.id())
                    .doesNotContain(unreached.id());
            Grant second = LockClient.nlm(space, "another").granted(table, X, 40, 10);
            assertThat(second.token()).as("a token is given again").isEqualTo(unreached.token());
        }
    }

    @Test
    @Tag("long")
    @DisplayName(
            "Without a replica its buckets are unavailable, others go on where the cluster allows, and health says so")
    void nobodyTakesOver() {
        try (TestCluster cluster =
                TestCluster.start(3, 0, "cluster-node-timeout 2000", "cluster-require-full-coverage no")) {
            ScriptRunner runner = RedisTables.runner(cluster.options(), SETTINGS);
            RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
            SPACES.forEach(space -> LockClient.nlm(space, "A").granted(table, X, 0, 1));
            BreakableRedis gone = cluster.ownerOf(rowsOf(SPACES.getFirst()));
            List<LockSpace> left = SPACES.stream()
                    .filter(space -> cluster.ownerOf(rowsOf(space)) != gone)
                    .toList();
            gone.kill();
            for (LockSpace space : SPACES) {
                GrantId any = new GrantId(KEYS.bucketOf(space.fileId()), 1);
                if (left.contains(space)) {
                    await().atMost(RECOVERY)
                            .ignoreExceptionsInstanceOf(LockTableUnavailableException.class)
                            .until(() -> get(table.find(any)).isEmpty());
                } else {
                    assertThat(catchUnavailable(table, any).outcomeKnown()).isTrue();
                }
            }
            assertThat(get(runner.reach())).isEqualTo(Reach.SOME);
            cluster.masters().stream().filter(BreakableRedis::isAlive).forEach(BreakableRedis::kill);
            await().atMost(RECOVERY).until(() -> get(runner.reach()) == Reach.NONE);
        }
    }

    @Test
    @DisplayName("While a primary is gone, buckets with the mark of the store are served, and one without is not")
    void marksWhilePrimaryIsGone() {
        try (TestCluster cluster =
                TestCluster.start(3, 0, "cluster-node-timeout 2000", "cluster-require-full-coverage no")) {
            RedisRangeLockTable table = RedisTables.table(cluster.options(), SETTINGS);
            SPACES.forEach(space -> LockClient.nlm(space, "A").granted(table, X, 0, 1));
            BreakableRedis gone = cluster.ownerOf(rowsOf(SPACES.getFirst()));
            List<LockSpace> left = SPACES.stream()
                    .filter(space -> cluster.ownerOf(rowsOf(space)) != gone)
                    .toList();
            int unmarked = KEYS.bucketOf(left.getFirst().fileId());
            BreakableRedis home = cluster.ownerOf(KEYS.rows(unmarked));
            gone.kill();
            TestCluster.on(home, probe -> probe.send("HDEL", KEYS.meta(unmarked), "mark"));
            for (LockSpace space : left.subList(1, left.size())) {
                await().atMost(RECOVERY)
                        .ignoreExceptionsInstanceOf(LockTableUnavailableException.class)
                        .until(() -> LockClient.nlm(space, "A").standing(table).size() == 1);
            }
            assertThat(catchUnavailable(table, new GrantId(unmarked, 1)).outcomeKnown())
                    .isTrue();
            TestCluster.on(
                    home,
                    probe -> probe.send(
                            "HSET",
                            KEYS.meta(unmarked),
                            "mark",
                            StoreMark.of(SETTINGS).text()));
            assertThat(LockClient.nlm(left.getFirst(), "A").standing(table)).hasSize(1);
        }
    }

    private static LockTableUnavailableException catchUnavailable(RedisRangeLockTable table, GrantId id) {
        try {
            throw new AssertionError("answered " + get(table.find(id)));
        } catch (LockTableUnavailableException e) {
            return e;
        }
    }
}
