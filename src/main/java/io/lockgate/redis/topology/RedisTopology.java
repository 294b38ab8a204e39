package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The servers that decide, and which of them decides about a key. All methods may be called on any thread. */
public interface RedisTopology {
    /** Who decides about {@code key} as far as known; null while nobody is. Costs next to nothing. */
    @Nullable RedisServer of(String key);

    /** All that are known. */
    List<RedisServer> all();

    /** Finds out anew who they are. */
    Future<List<RedisServer>> look();

    /**
     * {@code node} did not answer, or said that it does not decide: finds out anew, in its own time.
     *
     * @param said its reply, which may name another
     */
    void doubt(@Nullable RedisServer node, String said);

    /** Fails when {@code node} cannot serve now. On the event loop on which this is called. */
    default Future<?> well(RedisServer node, long millis) {
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
        public RedisServer of(String key) {
            return node;
        }

        @Override
        public List<RedisServer> all() {
            return List.of(node);
        }

        @Override
        public Future<List<RedisServer>> look() {
            return Future.succeededFuture(all());
        }

        @Override
        public void doubt(@Nullable RedisServer doubted, String said) {
            // There is no other.
        }

        @Override
        public void close() {
            node.close();
        }
    }
}
