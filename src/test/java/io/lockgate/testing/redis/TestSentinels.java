package io.lockgate.testing.redis;

import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedRedis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One primary, one replica and three Sentinels that watch them. */
public final class TestSentinels implements AutoCloseable {
    /** What {@code quarkus.redis.master-name} takes. */
    public static final String NAME = "locks";

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int QUORUM = 2;

    private static @Nullable TestSentinels shared;

    private final BreakableRedis master;
    private final BreakableRedis replica;
    private final List<BreakableRedis> sentinels = new ArrayList<>();

    private TestSentinels(Duration downAfter) {
        String[] lines = {"repl-diskless-sync yes", "repl-diskless-sync-delay 0", "repl-ping-replica-period 1"};
        master = BreakableRedis.of(EmbeddedRedis.start(lines));
        replica = BreakableRedis.of(EmbeddedRedis.start(
                Stream.concat(Stream.of(lines), Stream.of("replicaof 127.0.0.1 " + TestCluster.port(master)))
                        .toArray(String[]::new)));
        // Sentinels ask a primary for its replicas every ten seconds, and at once.
        await().atMost(PATIENCE)
                .until(() -> TestCluster.info(replica, "master_link_status").equals("up"));
        for (int i = 0; i < 3; i++) {
            sentinels.add(BreakableRedis.of(EmbeddedRedis.startSentinel(
                    "sentinel monitor " + NAME + " 127.0.0.1 " + TestCluster.port(master) + " " + QUORUM,
                    "sentinel down-after-milliseconds " + NAME + " " + downAfter.toMillis(),
                    "sentinel failover-timeout " + NAME + " 10000",
                    "sentinel parallel-syncs " + NAME + " 1")));
        }
        await().atMost(PATIENCE).until(() -> sentinels.stream().allMatch(this::knowsAll));
    }

    private boolean knowsAll(BreakableRedis sentinel) {
        try (RespClient probe = sentinel.probe()) {
            var state = probe.map("SENTINEL", "MASTER", NAME);
            return "1".equals(state.get("num-slaves"))
                    && "2".equals(state.get("num-other-sentinels"))
                    && "master".equals(state.get("flags"));
        }
    }

    /** For tests that break nothing; they end with the JVM. */
    public static synchronized TestSentinels shared() {
        if (shared == null) {
            shared = start(Duration.ofSeconds(30));
        }
        return shared;
    }

    /** Starts Sentinels for one test. They replace a primary that is silent for the given time. */
    public static TestSentinels start(Duration downAfter) {
        return new TestSentinels(downAfter);
    }

    public BreakableRedis master() {
        return master;
    }

    public BreakableRedis replica() {
        return replica;
    }

    public List<BreakableRedis> sentinels() {
        return sentinels;
    }

    /** What {@code quarkus.redis.hosts} takes. */
    public List<URI> uris() {
        return sentinels.stream().map(BreakableRedis::uri).toList();
    }

    /** What Quarkus makes of its settings. */
    public RedisOptions options() {
        return options(0);
    }

    public RedisOptions options(int database) {
        RedisOptions options = RedisClientOptions.of(URI.create(uris().getFirst() + "/" + database))
                .setType(RedisClientType.SENTINEL)
                .setMasterName(NAME);
        uris().stream().skip(1).forEach(uri -> options.addConnectionString(uri.toString()));
        return options;
    }

    @Override
    public void close() {
        sentinels.forEach(BreakableRedis::close);
        replica.close();
        master.close();
    }
}
