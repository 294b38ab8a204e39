package io.lockgate.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.impl.PooledRedisConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connection of one event loop to one server; touched by that loop's thread only. */
final class Line {
    /** After so long a connection that is still being made counts as lost, and another is tried beside it. */
    private static final long CONNECT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Redis client;
    private @Nullable RedisConnection open;
    private @Nullable Future<RedisConnection> connecting;
    private long connectingSince;

    Line(Redis client) {
        this.client = client;
    }

    /** The connection, while there is one. */
    @Nullable RedisConnection open() {
        return open;
    }

    /**
     * The open connection, or the one being made: there is no way to call that off, and each holds a place in the
     * client's pool, so a Redis that accepts connections and says nothing must not be given one after the other.
     */
    Future<RedisConnection> connection() {
        Future<RedisConnection> pending = connecting;
        if (pending != null && System.nanoTime() - connectingSince < CONNECT_PATIENCE_NANOS) {
            return pending;
        }
        Thread loop = Thread.currentThread();
        Future<RedisConnection> attempt = client.connect().map(Line::closable);
        connecting = attempt;
        connectingSince = System.nanoTime();
        return attempt.onComplete(done -> {
            boolean wanted = connecting == attempt;
            connecting = wanted ? null : connecting;
            RedisConnection connection = done.result();
            if (connection != null && wanted) {
                connection.exceptionHandler(failure -> forget(connection, loop));
                connection.endHandler(ignored -> forget(connection, loop));
                open = connection;
            } else if (connection != null) {
                closeForGood(connection);
            }
        });
    }

    private void forget(RedisConnection connection, Thread loop) {
        if (Thread.currentThread() == loop && open == connection) {
            open = null;
        }
    }

    /**
     * Closes a connection that did not answer, for good: what still waits on it fails and is sent anew. The first of its
     * calls that fails does it; the others find it gone.
     */
    void giveUp(RedisConnection connection) {
        if (open == connection) {
            open = null;
            closeForGood(connection);
        }
    }

    /** A connection that cannot be closed for good is refused at once, not when it is stuck. */
    private static RedisConnection closable(RedisConnection connection) {
        if (connection instanceof PooledRedisConnection) {
            return connection;
        }
        throw new IllegalStateException("a connection that cannot be closed: " + connection.getClass());
    }

    /** {@link RedisConnection#close} would put it back into the pool, with the replies it still owes. */
    private static void closeForGood(RedisConnection connection) {
        ((PooledRedisConnection) connection).actual().forceClose();
    }
}
