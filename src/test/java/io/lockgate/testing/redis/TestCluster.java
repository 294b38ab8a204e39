package io.lockgate.testing.redis;

import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedRedis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Redis Cluster of processes: primaries that share the slots evenly, each with a replica or without. */
public final class TestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SLOTS = 16_384;

    private static @Nullable TestCluster shared;
    private static @Nullable TestCluster enforced;

    private final List<BreakableRedis> masters = new ArrayList<>();
    private final List<BreakableRedis> replicas = new ArrayList<>();

    private TestCluster() {}

    /** Three primaries for tests that break nothing; they end with the JVM. */
    public static synchronized TestCluster shared() {
        if (shared == null) {
            shared = startShared();
        }
        return shared;
    }

    /**
     * Another, for tables in which POSIX and SMB locks conflict: a cluster has no databases, and no store knows two
     * rules.
     */
    public static synchronized TestCluster enforced() {
        if (enforced == null) {
            enforced = startShared();
        }
        return enforced;
    }

    private static TestCluster startShared() {
        // What a test machine does not get done for a while is no failure.
        return start(3, 0, "cluster-node-timeout 15000");
    }

    /** Starts one of its own, with so many replicas of each primary. */
    public static TestCluster start(int masters, int replicas, String... configLines) {
        TestCluster cluster = new TestCluster();
        String[] lines = Stream.concat(
                        Stream.of("repl-diskless-sync yes", "repl-diskless-sync-delay 0", "repl-ping-replica-period 1"),
                        Arrays.stream(configLines))
                .toArray(String[]::new);
        try {
            for (int i = 0; i < masters; i++) {
                cluster.masters.add(BreakableRedis.of(EmbeddedRedis.startClusterNode(lines)));
                for (int k = 0; k < replicas; k++) {
                    cluster.replicas.add(BreakableRedis.of(EmbeddedRedis.startClusterNode(lines)));
                }
            }
            cluster.join(replicas);
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private void join(int replicasOfEach) {
        for (int i = 0; i < masters.size(); i++) {
            int first = SLOTS * i / masters.size();
            int end = SLOTS * (i + 1) / masters.size();
            String epoch = Integer.toString(i + 1);
            on(masters.get(i), node -> {
                node.send("CLUSTER", "SET-CONFIG-EPOCH", epoch);
                node.send(Stream.concat(
                                Stream.of("CLUSTER", "ADDSLOTS"),
                                IntStream.range(first, end).mapToObj(Integer::toString))
                        .toArray(String[]::new));
            });
        }
        for (BreakableRedis one : nodes()) {
            on(one, node -> nodes().forEach(other -> node.send("CLUSTER", "MEET", "127.0.0.1", port(other))));
        }
        await().atMost(PATIENCE).until(() -> nodes().stream().allMatch(this::knowsAll));
        for (int i = 0; i < replicas.size(); i++) {
            String id = id(masters.get(i / replicasOfEach));
            on(replicas.get(i), node -> node.send("CLUSTER", "REPLICATE", id));
        }
        await().atMost(PATIENCE).until(() -> nodes().stream().allMatch(this::isWell));
        await().atMost(PATIENCE)
                .until(() -> replicas.stream()
                        .allMatch(replica -> info(replica, "master_link_status").equals("up")));
    }

    private boolean knowsAll(BreakableRedis one) {
        List<String> lines = text(one, "CLUSTER", "NODES").lines().toList();
        return lines.size() == nodes().size()
                && lines.stream().noneMatch(line -> line.contains("handshake") || line.contains("disconnected"));
    }

    private boolean isWell(BreakableRedis one) {
        return text(one, "CLUSTER", "INFO").contains("cluster_state:ok")
                && text(one, "CLUSTER", "NODES")
                                .lines()
                                .filter(line -> line.contains("slave"))
                                .count()
                        == replicas.size();
    }

    private List<BreakableRedis> nodes() {
        return Stream.concat(masters.stream(), replicas.stream()).toList();
    }

    public List<BreakableRedis> masters() {
        return masters;
    }

    public List<BreakableRedis> replicas() {
        return replicas;
    }

    /** Who answers for the slot of a key, as a living node of the cluster sees it. */
    public BreakableRedis ownerOf(String key) {
        return nodes().stream()
                .filter(BreakableRedis::isAlive)
                .filter(one -> answersFor(one, key))
                .findFirst()
                .orElseThrow();
    }

    private static boolean answersFor(BreakableRedis one, String key) {
        try {
            text(one, "EXISTS", key);
            return true;
        } catch (RespClient.Refused elsewhere) {
            return false;
        }
    }

    /** Moves a slot with its keys, some at a time. */
    public void move(int slot, BreakableRedis from, BreakableRedis to, Duration pause) {
        String number = Integer.toString(slot);
        String target = id(to);
        on(to, node -> node.send("CLUSTER", "SETSLOT", number, "IMPORTING", id(from)));
        on(from, node -> {
            node.send("CLUSTER", "SETSLOT", number, "MIGRATING", target);
            while (true) {
                sleep(pause);
                List<String> keys = node.list("CLUSTER", "GETKEYSINSLOT", number, "100");
                if (keys.isEmpty()) {
                    break;
                }
                node.send(Stream.concat(
                                Stream.of("MIGRATE", "127.0.0.1", port(to), "", "0", "5000", "KEYS"), keys.stream())
                        .toArray(String[]::new));
            }
        });
        on(to, node -> node.send("CLUSTER", "SETSLOT", number, "NODE", target));
        on(from, node -> node.send("CLUSTER", "SETSLOT", number, "NODE", target));
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** How often the primaries have refused with a code; see INFO errorstats. */
    public long refusals(String code) {
        return masters.stream()
                .filter(BreakableRedis::isAlive)
                .mapToLong(one -> text(one, "INFO", "errorstats")
                        .lines()
                        .filter(line -> line.startsWith("errorstat_" + code + ":count="))
                        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
                        .sum())
                .sum();
    }

    /** From now on every node wants it; this class itself is locked out. */
    public void setPassword(String password) {
        nodes().forEach(one -> on(one, node -> node.send("CONFIG", "SET", "requirepass", password)));
    }

    /** Whether the one replica of a primary has all that the primary has written. */
    public static boolean replicaIsLevel(RespClient master) {
        // slave0:ip=127.0.0.1,port=6380,state=online,offset=1234,lag=0
        return master.info("slave0").contains(",offset=" + master.info("master_repl_offset") + ",");
    }

    public static String id(BreakableRedis one) {
        return text(one, "CLUSTER", "MYID");
    }

    public static String port(BreakableRedis one) {
        return Integer.toString(one.uri().getPort());
    }

    public static String text(BreakableRedis one, String... words) {
        try (RespClient probe = one.probe()) {
            return probe.text(words);
        }
    }

    public static String info(BreakableRedis one, String name) {
        try (RespClient probe = one.probe()) {
            return probe.info(name);
        }
    }

    public static void on(BreakableRedis one, Consumer<RespClient> work) {
        try (RespClient probe = one.probe()) {
            work.accept(probe);
        }
    }

    /** What {@code quarkus.redis.hosts} takes: one of them is enough. */
    public URI uri() {
        return masters.getFirst().uri();
    }

    /** What Quarkus makes of its settings. */
    public RedisOptions options() {
        RedisOptions options = RedisClientOptions.of(uri()).setType(RedisClientType.CLUSTER);
        nodes().stream()
                .skip(1)
                .forEach(node -> options.addConnectionString(node.uri().toString()));
        return options;
    }

    @Override
    public void close() {
        nodes().forEach(BreakableRedis::close);
    }
}
