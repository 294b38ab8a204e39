package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Redis primaries, and which of them has a key. All methods may be called on any thread. */
public interface RedisTopology {
    /** The primary of {@code key} as far as known; null while none is. Costs next to nothing. */
    @Nullable RedisServer primaryFor(String key);

    /** All known primaries. */
    List<RedisServer> all();

    /** Finds the primaries again. */
    Future<List<RedisServer>> refresh();

    /**
     * {@code node} did not answer, or said that it is not the primary: finds the primaries again, without anybody
     * waiting for it.
     *
     * @param said its reply, which may name another
     */
    void markStale(@Nullable RedisServer node, String said);

    /** Fails when {@code node} cannot serve now. On the event loop on which this is called. */
    default Future<?> ping(RedisServer node, long millis) {
        return node.check(millis);
    }

    /** What INFO of each of them says as {@code redis_mode}. */
    default String mode() {
        return "standalone";
    }

    void close();

    /** The form that the options ask for. */
    static RedisTopology of(Vertx vertx, RedisOptions options) {
        return switch (options.getType()) {
            case STANDALONE -> new Standalone(new RedisServer(vertx, options));
            case CLUSTER -> new ClusterTopology(vertx, options);
            case SENTINEL -> new SentinelTopology(vertx, options);
            case REPLICATION ->
                throw new IllegalArgumentException("a client of type replication would read what is old");
        };
    }

    /** One server. */
    record Standalone(RedisServer node) implements RedisTopology {
        @Override
        public RedisServer primaryFor(String key) {
            return node;
        }

        @Override
        public List<RedisServer> all() {
            return List.of(node);
        }

        @Override
        public Future<List<RedisServer>> refresh() {
            return Future.succeededFuture(all());
        }

        @Override
        public void markStale(@Nullable RedisServer stale, String said) {
            // There is no other.
        }

        @Override
        public void close() {
            node.close();
        }
    }
}
