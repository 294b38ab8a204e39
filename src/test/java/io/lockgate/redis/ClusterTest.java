package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Protocol;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reach;
import io.lockgate.testing.LoadGenerator;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a cluster does while it is well: slots that move, primaries that change places. */
@Tag("cluster")
@Timeout(120)
@Tag("slow")
class ClusterTest {
    private static final Duration RECOVERY = Duration.ofSeconds(20);
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final RedisKeys KEYS = new RedisKeys(SETTINGS.buckets());

    private static final TestCluster CLUSTER = TestCluster.start(3, 1, "cluster-node-timeout 5000");

    private final ScriptRunner runner = RedisTables.runner(CLUSTER.options(), SETTINGS);
    private final RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);

    @AfterAll
    static void stop() {
        CLUSTER.close();
    }

    @BeforeEach
    void empty() {
        masters().forEach(master -> TestCluster.on(master, probe -> probe.send("FLUSHALL")));
    }

    private static List<BreakableRedis> masters() {
        return Stream.concat(CLUSTER.masters().stream(), CLUSTER.replicas().stream())
                .filter(node -> TestCluster.info(node, "role").equals("master"))
                .toList();
    }

    /** One space in each bucket. */
    private static List<LockSpace> spaces() {
        return IntStream.range(0, SETTINGS.buckets())
                .mapToObj(bucket -> LockSpace.head(IntStream.range(0, 10_000)
                        .filter(file -> KEYS.bucketOf(file) == bucket)
                        .findFirst()
                        .orElseThrow()))
                .toList();
    }

    private static String rowsOf(LockSpace space) {
        return KEYS.rows(KEYS.bucketOf(space.fileId()));
    }

    // ------------------------------------------------------------------------------------------------ all primaries

    @Test
    @DisplayName("Locks are on all primaries; lists, counts, the sweep and health cover all of them")
    void allMasters() {
        for (LockSpace space : spaces()) {
            LockClient.nlm(space, "A").granted(table, X, 0, 10);
            LockClient.nlm(space, "A").leasing(Duration.ofSeconds(1)).granted(table, X, 100, 10);
        }
        assertThat(masters())
                .hasSize(3)
                .allSatisfy(
                        master -> assertThat(TestCluster.text(master, "DBSIZE")).isNotEqualTo("0"));
        GrantFilter all = GrantFilter.all(Protocol.NLM);
        assertThat(get(table.list(all, Cursor.START, 1_000)).grants()).hasSize(2 * spaces().size());
        Map<String, Long> counts = get(table.count(all, CountBy.FILE));
        assertThat(counts)
                .hasSize(spaces().size())
                .allSatisfy((file, count) -> assertThat(count).isEqualTo(2));
        long[] swept = {0};
        await().atMost(RECOVERY).until(() -> (swept[0] += get(table.sweep())) == spaces().size());
        assertThat(get(table.list(all, Cursor.START, 1_000)).grants()).hasSize(spaces().size());
        assertThat(get(runner.reach())).isEqualTo(Reach.ALL);
        masters().forEach(master -> TableInvariants.hold(master.uri()));
    }

    @Test
    @DisplayName("No primary may evict, and the number of buckets holds for the whole cluster")
    void storeCheck() {
        assertThat(new StoreCheck(runner).claim().isFit()).isTrue();
        BreakableRedis last = masters().getLast();
        TestCluster.on(last, probe -> probe.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"));
        assertThat(String.join("\n", new StoreCheck(runner).look().faults()))
                .contains("noeviction", TestCluster.port(last));
        TestCluster.on(last, probe -> probe.send("CONFIG", "SET", "maxmemory-policy", "noeviction"));
        Settings more = Settings.DEFAULT.withBuckets(16);
        assertThat(String.join(
                        "\n",
                        new StoreCheck(RedisTables.runner(CLUSTER.options(), more))
                                .look()
                                .faults()))
                .contains("buckets=8, not 16");
    }

    @Test
    @DisplayName("An emptied primary gets its marks again; a gateway with another number of buckets claims nothing")
    void emptiedPrimary() {
        Settings more = Settings.DEFAULT.withBuckets(16);
        spaces().forEach(space -> LockClient.nlm(space, "A").granted(table, X, 0, 10));
        for (BreakableRedis emptied : masters()) {
            TestCluster.on(emptied, probe -> probe.send("FLUSHALL"));
            ScriptRunner other = RedisTables.runner(CLUSTER.options(), more);
            RedisRangeLockTable others = new RedisRangeLockTable(other, more);
            for (LockSpace space : spaces()) {
                assertThatThrownBy(() -> LockClient.nlm(space, "B").outcome(others, X, 0, 10))
                        .isInstanceOf(LockTableUnavailableException.class);
            }
            assertThat(other.refusal().orElse("")).contains("buckets=8, not 16");
            for (LockSpace space : spaces()) {
                boolean stands = CLUSTER.ownerOf(rowsOf(space)) != emptied;
                assertThat(LockClient.nlm(space, "A").standing(table)).hasSize(stands ? 1 : 0);
                LockClient.nlm(space, "A").granted(table, X, 0, 10);
            }
        }
        assertThat(runner.refusal()).isEmpty();
    }

    @Test
    @DisplayName("A node of a cluster is refused as a single server, and a single server as a cluster")
    void wrongForm() {
        ScriptRunner single = RedisTables.runner(CLUSTER.uri(), SETTINGS);
        assertThat(String.join("\n", new StoreCheck(single).look().faults())).contains("client-type must be cluster");
        try (BreakableRedis lone = BreakableRedis.start()) {
            ScriptRunner many = RedisTables.runner(
                    CLUSTER.options().setEndpoints(List.of(lone.uri().toString())), SETTINGS);
            assertThat(String.join("\n", new StoreCheck(many).look().faults())).contains("cluster support disabled");
        }
    }

    // ------------------------------------------------------------------------------------------------ moving slots

    @Test
    @DisplayName("While a slot moves under load calls succeed or are unavailable, and nothing is lost")
    void movingSlot() throws Exception {
        LockSpace space = spaces().getFirst();
        LockClient keeper = LockClient.nlm(space, "keeper");
        List<Grant> kept = IntStream.range(0, 300)
                .mapToObj(i -> keeper.granted(table, X, 1_000 + 10L * i, 5))
                .toList();
        BreakableRedis home = CLUSTER.ownerOf(rowsOf(space));
        BreakableRedis away =
                masters().stream().filter(master -> master != home).findFirst().orElseThrow();
        int slot = Integer.parseInt(TestCluster.text(home, "CLUSTER", "KEYSLOT", rowsOf(space)));
        LoadGenerator load = LoadGenerator.on(table, spaces());
        for (int round = 0; round < 3; round++) {
            CLUSTER.move(slot, home, away, Duration.ofMillis(5));
            CLUSTER.move(slot, away, home, Duration.ofMillis(5));
        }
        CLUSTER.move(slot, home, away, Duration.ofMillis(900));
        int before = load.grants();
        await().atMost(RECOVERY).until(() -> load.grants() > before + 200);
        load.stop();
        assertThat(load.lost()).isEmpty();
        assertThat(load.unavailable()).as("of the long move").isPositive();
        assertThat(CLUSTER.refusals("MOVED")).isPositive();
        assertThat(CLUSTER.refusals("ASK") + CLUSTER.refusals("TRYAGAIN")).isPositive();
        nothingStandsBut(kept, keeper);
        assertThat(TestCluster.text(away, "EXISTS", rowsOf(space))).isEqualTo("1");
        CLUSTER.move(slot, away, home, Duration.ZERO);
    }

    @Test
    @DisplayName("In a half-moved slot no script runs, neither at the source nor, with ASKING, at the target")
    void halfSlot() {
        LockSpace space = spaces().getFirst();
        LockClient.nlm(space, "A").granted(table, X, 0, 10);
        BreakableRedis home = CLUSTER.ownerOf(rowsOf(space));
        BreakableRedis away =
                masters().stream().filter(master -> master != home).findFirst().orElseThrow();
        String slot = TestCluster.text(home, "CLUSTER", "KEYSLOT", rowsOf(space));
        try (RespClient from = home.probe();
                RespClient to = away.probe()) {
            to.send("CLUSTER", "SETSLOT", slot, "IMPORTING", TestCluster.id(home));
            from.send("CLUSTER", "SETSLOT", slot, "MIGRATING", TestCluster.id(away));
            while (true) {
                Map<String, String> before = from.everything();
                assertThatThrownBy(() -> from.send(acquiring(space))).hasMessageMatching("(ASK|TRYAGAIN) .*");
                to.send("ASKING");
                assertThatThrownBy(() -> to.send(acquiring(space))).hasMessageStartingWith("TRYAGAIN");
                assertThat(from.everything()).isEqualTo(before);
                List<String> keys = from.list("CLUSTER", "GETKEYSINSLOT", slot, "1");
                if (keys.isEmpty()) {
                    break;
                }
                from.send("MIGRATE", "127.0.0.1", TestCluster.port(away), keys.getFirst(), "0", "5000");
            }
            to.send("CLUSTER", "SETSLOT", slot, "NODE", TestCluster.id(away));
            from.send("CLUSTER", "SETSLOT", slot, "NODE", TestCluster.id(away));
        }
        assertThat(LockClient.nlm(space, "A").standing(table)).hasSize(1);
        CLUSTER.move(Integer.parseInt(slot), away, home, Duration.ZERO);
    }

    /** An acquire that would be granted, as words. */
    private String[] acquiring(LockSpace space) {
        RawScripts byHand = new RawScripts(runner, SETTINGS);
        String id = byHand.newId();
        List<String> keys = byHand.keys(id, space);
        List<String> words =
                new ArrayList<>(List.of("EVAL", byHand.scripts().acquire().text(), Integer.toString(keys.size())));
        words.addAll(keys);
        words.addAll(List.of(id, "9999999999999", StoreMark.of(SETTINGS).argument()));
        words.addAll(byHand.acquireArguments(space, LockClient.nlm(space, "B").lock(X, 500, 10)));
        return words.toArray(String[]::new);
    }

    /** What was granted and nobody was told of is rolled back in the background. */
    private void nothingStandsBut(List<Grant> kept, LockClient keeper) {
        await().atMost(Duration.ofSeconds(40)).ignoreExceptions().untilAsserted(() -> {
            for (LockSpace space : spaces()) {
                List<Grant> standing = LockClient.nlm(space, "").standing(table);
                assertThat(standing.stream().map(Grant::id))
                        .isEqualTo(
                                space.equals(keeper.space())
                                        ? kept.stream().map(Grant::id).toList()
                                        : List.of());
            }
        });
        kept.forEach(grant ->
                assertThat(keeper.valid(table, grant, grant.range().first(), 5)).isTrue());
        masters().forEach(master -> TableInvariants.hold(master.uri()));
    }

    // ------------------------------------------------------------------------------------------------ changing places

    @Test
    @DisplayName("During a manual failover under load calls succeed or are unavailable, and nothing is lost")
    void takeOver() throws Exception {
        LockSpace space = spaces().getFirst();
        LockClient keeper = LockClient.nlm(space, "keeper");
        List<Grant> kept = List.of(keeper.granted(table, X, 1_000, 5));
        BreakableRedis before = CLUSTER.ownerOf(rowsOf(space));
        BreakableRedis replica = Stream.concat(CLUSTER.replicas().stream(), CLUSTER.masters().stream())
                .filter(node -> TestCluster.info(node, "role").equals("slave")
                        && TestCluster.info(node, "master_port").equals(TestCluster.port(before)))
                .findFirst()
                .orElseThrow();
        LoadGenerator load = LoadGenerator.on(table, spaces());
        await().atMost(RECOVERY).until(() -> load.grants() > 200);
        TestCluster.on(replica, probe -> probe.send("CLUSTER", "FAILOVER"));
        await().atMost(RECOVERY).until(() -> TestCluster.info(replica, "role").equals("master"));
        int afterwards = load.grants();
        await().atMost(RECOVERY).until(() -> load.grants() > afterwards + 200);
        load.stop();
        assertThat(load.lost()).isEmpty();
        assertThat(CLUSTER.ownerOf(rowsOf(space))).isSameAs(replica);
        nothingStandsBut(kept, keeper);
    }
}
