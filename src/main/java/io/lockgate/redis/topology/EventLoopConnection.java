package io.lockgate.redis.topology;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.PooledRedisConnection;
import io.vertx.redis.client.impl.types.ErrorType;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one event loop to one server; touched by that loop's thread only.
 *
 * <p>One address may lead to another server later (a Kubernetes service, a proxy, a name), and only a new connection
 * gets there. So no script is sent on a connection whose server has not said that it is a primary, and a connection
 * whose server says that it cannot serve is closed for good.
 */
@SuppressWarnings("ReferenceEquality") // It is always this very connection, future or thread that is meant.
public final class EventLoopConnection {
    /** After so long a connection that is still being made counts as lost, and another is tried beside it. */
    private static final long CONNECT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * How long no connection for scripts is opened after a refusal. So one event loop tries one server at most four
     * times a second, whatever the load.
     */
    private static final long REFUSED_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long a server may take to tell its role; a call has 1.5 s. */
    private static final long CHECK_MILLIS = 1_000;

    /** How long a server may take to tell its role when no call waits for it. */
    private static final long RECHECK_MILLIS = 2_000;

    /** How long a connection that is to be closed may take to answer what was sent on it before. */
    private static final long RETIRE_MILLIS = 500;

    private final Redis client;
    private final StoreClock clock;
    private final Context context;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable RedisConnection open;
    private @Nullable RedisConnection primary; // the open one, once its server has said that it is a primary
    private @Nullable Future<RedisConnection> connecting;
    private @Nullable Future<RedisConnection> checking;
    private @Nullable RedisConnection checked;
    private long connectingSince;
    private String refusal = "";
    private long refusedAt;

    public EventLoopConnection(Redis client, StoreClock clock, Context context) {
        this.client = client;
        this.clock = clock;
        this.context = context;
    }

    /** The connection, while there is one; for questions that any server may answer. */
    @Nullable RedisConnection open() {
        return open;
    }

    /** The connection, while there is one that leads to a primary; for scripts. */
    @Nullable public RedisConnection primary() {
        return primary;
    }

    /**
     * A connection whose server has said that it is a primary. Fails at once for a moment after a server has refused.
     */
    public Future<RedisConnection> toPrimary() {
        if (!refusal.isEmpty() && System.nanoTime() - refusedAt < REFUSED_PAUSE_NANOS) {
            return Future.failedFuture(refusal);
        }
        RedisConnection connection = open;
        return connection == null ? connection().compose(this::checked) : checked(connection);
    }

    private Future<RedisConnection> checked(RedisConnection connection) {
        Future<RedisConnection> running = checking;
        if (running != null && checked == connection) {
            return running;
        }
        Future<RedisConnection> begun = check(connection, CHECK_MILLIS).map(connection);
        if (!begun.isComplete()) {
            checking = begun;
            checked = connection;
            begun.onComplete(ignored -> {
                if (checking == begun) {
                    checking = null;
                    checked = null;
                }
            });
        }
        return begun;
    }

    /**
     * Asks for role and time. A connection to a server that is not a primary is closed for good, as is one without an
     * answer.
     */
    public Future<ServerTime> check(RedisConnection connection, long millis) {
        long sent = System.nanoTime();
        Future<@Nullable Response> role =
                connection.send(Request.cmd(Command.INFO).arg("replication"));
        Future<@Nullable Response> time = connection.send(Request.cmd(Command.TIME));
        // Both are answered while a server loads its data; this is not.
        Future<@Nullable Response> ready = connection.send(Request.cmd(Command.PING));
        return AnswerTime.limit(context.owner(), Future.all(role, time, ready), millis)
                .map(ignored -> {
                    ServerTime told = new ServerTime(millis(time.result()), sent, System.nanoTime());
                    requirePrimary(String.valueOf(role.result()));
                    clock.saw(told.millis());
                    if (open == connection) {
                        primary = connection;
                        refusal = "";
                    }
                    return told;
                })
                .onFailure(failure -> {
                    if (failure instanceof RefusedException || isReply(failure)) {
                        retire(connection, String.valueOf(failure.getMessage()));
                    } else {
                        giveUp(connection);
                    }
                });
    }

    /** {@code TIME} answers seconds and microseconds. */
    private static long millis(@Nullable Response time) {
        Response parts = Objects.requireNonNull(time);
        try {
            return Long.parseLong(parts.get(0).toString()) * 1_000
                    + Long.parseLong(parts.get(1).toString()) / 1_000;
        } catch (RuntimeException e) {
            throw new RefusedException("ERR TIME answers " + parts);
        }
    }

    /** Whether Redis answered with an error; the client says in the form of one that a connection was closed. */
    public static boolean isReply(@Nullable Throwable failure) {
        return failure instanceof ErrorType reply && !isClosed(reply);
    }

    /** Whether a connection ended before the answer came. */
    public static boolean isLost(@Nullable Throwable failure) {
        return failure instanceof IOException || (failure instanceof ErrorType reply && isClosed(reply));
    }

    private static boolean isClosed(ErrorType reply) {
        return reply.is("CONNECTION_CLOSED");
    }

    private static void requirePrimary(String info) {
        if (!info.contains("role:master")) {
            throw new RefusedException(
                    info.contains("role:slave")
                            ? "READONLY the server says that it is a replica"
                            : "ERR the server does not say that it is a primary");
        }
    }

    /** The server answered, and cannot serve. */
    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** Looks, on its own event loop, whether the connection still leads to a primary. */
    public void recheck() {
        context.runOnContext(ignored -> {
            RedisConnection connection = primary;
            if (connection != null) {
                check(connection, RECHECK_MILLIS);
            }
        });
    }

    /**
     * The open connection, or the one being made: there is no way to call that off, and each holds a place in the
     * client's pool, so a Redis that accepts connections and says nothing must not be given one after the other.
     */
    public Future<RedisConnection> connection() {
        Future<RedisConnection> pending = connecting;
        if (pending != null && System.nanoTime() - connectingSince < CONNECT_PATIENCE_NANOS) {
            return pending;
        }
        Thread loop = Thread.currentThread();
        Future<RedisConnection> attempt = client.connect().map(EventLoopConnection::closable);
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
                primary = null;
            } else if (connection != null) {
                closeForGood(connection);
            }
        });
    }

    /** Closes the connection: calls that wait for an answer fail, and no other is made. From any thread, more than once. */
    void close() {
        // The client throws when it is closed a second time.
        if (closed.compareAndSet(false, true)) {
            client.close();
        }
    }

    private void forget(RedisConnection connection, Thread loop) {
        if (Thread.currentThread() == loop) {
            leave(connection);
        }
    }

    /** Whether it was the open one; it is no more. */
    private boolean leave(RedisConnection connection) {
        if (open != connection) {
            return false;
        }
        open = null;
        primary = null;
        return true;
    }

    /**
     * Closes a connection that did not answer, for good. The calls that still wait on it fail and are sent again on
     * another. The first call that fails closes it; the others find it closed.
     */
    public void giveUp(RedisConnection connection) {
        if (leave(connection)) {
            closeForGood(connection);
        }
    }

    /**
     * Closes a connection whose server answers that it cannot serve, for good. What was sent on it before is answered
     * first (Redis answers in order), so that its outcome does not become unknown; nothing more is sent on it.
     *
     * @param said what the server answered
     */
    public void retire(RedisConnection connection, String said) {
        if (leave(connection)) {
            refusal = said;
            refusedAt = System.nanoTime();
            connection
                    .send(Request.cmd(Command.PING))
                    .timeout(RETIRE_MILLIS, TimeUnit.MILLISECONDS)
                    .onComplete(ignored -> closeForGood(connection));
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
