package io.lockgate.redis;

import io.lockgate.range.TableUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.PooledRedisConnection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts on Redis: the only class that knows its client.
 *
 * <p><b>Connections.</b> Each event loop holds one connection and pipelines all its calls over it (product.md section 7: the way
 * to the connection decides the speed). Nothing waits for a free one, so nothing is refused because a pool is busy; what is
 * limited is the number of calls under way ({@link RedisSettings#inFlight()}).
 *
 * <p><b>Failure.</b> An attempt that gets no answer within {@link RedisSettings#attemptTimeout()} gives its connection up and is
 * sent again, under the same request id, on a new one, until {@link RedisSettings#callTimeout()} is over: a script that had run
 * answers again what it answered then. After that the call fails with {@link TableUnavailableException}, and if any attempt was
 * sent without an answer the outcome is unknown. A script that arrives after its not-after time changes nothing.
 *
 * <p><b>Script cache.</b> {@code EVALSHA}, and {@code EVAL} when Redis does not know the script (a flushed cache, a fresh
 * replica); callers never notice.
 */
@Singleton
public final class ScriptRunner {
    private static final long RETRY_PAUSE_MILLIS = 25;
    /** After so long a connection that is still being made counts as lost, and another is tried beside it. */
    private static final long CONNECT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Logger LOG = Logger.getLogger(ScriptRunner.class);
    private static final String EPOCH = "1";

    /** Loading, a slot on the move, a failover under way: worth another attempt within the call's time. */
    static final Set<String> PASSING = Set.of(
            "LOADING", "BUSY", "TRYAGAIN", "ASK", "MOVED", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOREPLICAS");

    /** Refusals that come before the first write of a script, or never. */
    private static final Set<String> NOTHING_DONE = Set.of("OOM", "MISCONF", "NOAUTH", "NOPERM", "WRONGPASS");

    private final Vertx vertx;
    private final Redis redis;
    private final RedisSettings settings;
    private final ScriptObserver observer;
    private final StoreClock clock = new StoreClock();
    private final Map<Thread, Line> lines = new ConcurrentHashMap<>();
    private final Context spare;
    private final String requestPrefix = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    private final AtomicInteger requests = new AtomicInteger();
    /** For the log alone: an outage is one line at its begin and one at its end, not one for each call. */
    private final AtomicBoolean failing = new AtomicBoolean();

    @Inject
    public ScriptRunner(Vertx vertx, @PlainRedis.Plain Redis redis, RedisSettings settings, ScriptObserver observer) {
        this.vertx = vertx;
        this.redis = redis;
        this.settings = settings;
        this.observer = observer;
        this.spare = vertx.getOrCreateContext();
    }

    /** What a script answered. */
    record Reply(String status, long nowMillis, Response parts) {
        String text(int index) {
            return parts.get(index).toString();
        }

        boolean flag(int index) {
            return "1".equals(text(index));
        }

        int size() {
            return parts.size();
        }
    }

    /** A fresh request id: 24 hex digits, unique over all gateways. */
    String newRequestId() {
        return requestPrefix + HexFormat.of().toHexDigits(requests.incrementAndGet());
    }

    /** The latest store time at which a call that begins now may still take effect. */
    long notAfterMillis() {
        return clock.nowMillis() + settings.callTimeout().toMillis();
    }

    /**
     * Runs {@code script}. Request id, not-after time and epoch are put before {@code arguments}.
     *
     * @param changes whether it may change anything: then a call without an answer has an unknown outcome
     */
    Uni<Reply> run(LuaScript script, String requestId, List<String> keys, List<String> arguments, boolean changes) {
        return Uni.createFrom().emitter(emitter -> {
            Call call = new Call(script, requestId, keys, arguments, changes);
            call.promise.future().onComplete(done -> {
                if (done.succeeded()) {
                    emitter.complete(done.result());
                } else {
                    emitter.fail(done.cause());
                }
            });
            if (Context.isOnEventLoopThread()) {
                call.attempt();
            } else {
                spare.runOnContext(ignored -> call.attempt());
            }
        });
    }

    /** A plain command, for checks at start and for health; not for request paths. */
    Future<@Nullable Response> command(Request request) {
        return redis.send(request).timeout(settings.callTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether Redis answers; never fails. For health, not for request paths. */
    public Uni<Boolean> answers() {
        return Uni.createFrom()
                .completionStage(() -> command(Request.cmd(Command.PING)).toCompletionStage())
                .map(Objects::nonNull)
                .onFailure()
                .recoverWithItem(false);
    }

    /** One call with all its attempts. Lives on one event loop. */
    private final class Call {
        private final LuaScript script;
        private final String requestId;
        private final List<String> keys;
        private final List<String> arguments;
        private final boolean changes;
        private final long began = System.nanoTime();
        private final Promise<Reply> promise = Promise.promise();
        private boolean unanswered;

        Call(LuaScript script, String requestId, List<String> keys, List<String> arguments, boolean changes) {
            this.script = script;
            this.requestId = requestId;
            this.keys = keys;
            this.arguments = arguments;
            this.changes = changes;
        }

        private long millisLeft() {
            return settings.callTimeout().toMillis() - (System.nanoTime() - began) / 1_000_000;
        }

        void attempt() {
            long left = millisLeft();
            if (left <= RETRY_PAUSE_MILLIS) {
                // What is sent with no time left for an answer has an unknown outcome for nothing.
                unavailable("no answer in time", null);
                return;
            }
            Line line = lines.computeIfAbsent(Thread.currentThread(), thread -> new Line());
            RedisConnection open = line.open;
            if (open != null) {
                send(line, open, left);
                return;
            }
            line.connection()
                    .timeout(left, TimeUnit.MILLISECONDS)
                    .onSuccess(connection -> attempt())
                    .onFailure(this::later);
        }

        private void send(Line line, RedisConnection connection, long left) {
            if (line.inFlight >= settings.inFlight()) {
                unavailable("too many calls under way", null);
                return;
            }
            line.inFlight++;
            exchange(connection, request(Command.EVALSHA, script.sha1(), left), left)
                    .recover(failure -> message(failure).startsWith("NOSCRIPT")
                            ? exchange(connection, request(Command.EVAL, script.text(), left), left)
                            : Future.failedFuture(failure))
                    .onComplete(done -> {
                        line.inFlight--;
                        if (done.succeeded()) {
                            answered(done.result());
                        } else {
                            failed(line, connection, done.cause());
                        }
                    });
        }

        private Future<@Nullable Response> exchange(RedisConnection connection, Request request, long left) {
            long patience = Math.min(left, settings.attemptTimeout().toMillis());
            return connection.send(request).timeout(patience, TimeUnit.MILLISECONDS);
        }

        private Request request(Command command, String body, long left) {
            Request request = Request.cmd(command).arg(body).arg(keys.size());
            for (int i = 0; i < keys.size(); i++) {
                request.arg(keys.get(i));
            }
            request.arg(requestId).arg(Long.toString(clock.nowMillis() + left)).arg(EPOCH);
            for (int i = 0; i < arguments.size(); i++) {
                request.arg(arguments.get(i));
            }
            return request;
        }

        private void answered(@Nullable Response response) {
            String status;
            long now;
            try {
                Response parts = Objects.requireNonNull(response);
                status = parts.get(0).toString();
                now = Long.parseLong(parts.get(1).toString());
            } catch (RuntimeException e) {
                // Not one of our scripts' answers. Nobody catches what is thrown here, and the caller would wait for
                // ever.
                unanswered = true;
                unavailable("the store answered what no script does", e);
                return;
            }
            clock.saw(now);
            if (failing.get() && failing.compareAndSet(true, false)) {
                LOG.info("Redis answers again");
            }
            switch (status) {
                case "again", "late" -> attempt();
                case "epoch" -> unavailable("the store is in epoch " + response.get(2), null);
                default -> {
                    observer.called(script.name(), status, System.nanoTime() - began);
                    promise.complete(new Reply(status, now, response));
                }
            }
        }

        private void failed(Line line, RedisConnection connection, Throwable failure) {
            String message = message(failure);
            String code = errorCode(message);
            if (PASSING.contains(code)) {
                later(failure);
                return;
            }
            if (!code.isEmpty()) {
                // Any error but these may have come when the script had begun to write.
                unanswered |= !NOTHING_DONE.contains(code);
                unavailable(message, failure);
                return;
            }
            if (message.contains("queue is full")) {
                unavailable("too many calls under way", failure);
                return;
            }
            unanswered = true;
            line.giveUp(connection);
            later(failure);
        }

        private void later(Throwable failure) {
            if (millisLeft() <= RETRY_PAUSE_MILLIS) {
                unavailable(message(failure), failure);
            } else {
                vertx.setTimer(RETRY_PAUSE_MILLIS, ignored -> attempt());
            }
        }

        private void unavailable(String message, @Nullable Throwable cause) {
            boolean known = !changes || !unanswered;
            if (failing.compareAndSet(false, true)) {
                LOG.warnf("calls of Redis fail, first %s: %s", script.name(), message);
            }
            observer.called(script.name(), known ? "unavailable" : "unknown", System.nanoTime() - began);
            String text = "range lock table: " + script.name() + ": " + message;
            promise.fail(
                    cause == null
                            ? new TableUnavailableException(text, known)
                            : new TableUnavailableException(text, known, cause));
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /**
     * The code in capitals that an error reply begins with; empty when Redis did not reply. Redis 6 wraps the reason why a
     * command inside a script was refused: {@code ERR Error running script (call to f_…): @user_script:9: @user_script: 9:
     * -READONLY You can't write …}; then it is the inner code.
     */
    static String errorCode(String message) {
        int wrapped = message.startsWith("ERR Error running script") ? message.lastIndexOf(": -") : -1;
        String text = wrapped < 0 ? message : message.substring(wrapped + 3);
        int space = text.indexOf(' ');
        if (space < 2) {
            return "";
        }
        for (int i = 0; i < space; i++) {
            char c = text.charAt(i);
            if (c < 'A' || c > 'Z') {
                return wrapped < 0 ? "" : "ERR";
            }
        }
        return text.substring(0, space);
    }

    /** The connection of one event loop; touched by that loop's thread only. */
    private final class Line {
        private @Nullable RedisConnection open;
        private @Nullable Future<RedisConnection> connecting;
        private long connectingSince;
        private int inFlight;

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
            Future<RedisConnection> attempt = redis.connect().map(Line::closable);
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
}
