package io.lockgate.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the store once, at start: no master may ever evict (a lock that is evicted is granted twice), and it must have been made
 * with the same number of buckets and, while it holds locks, with the same rule between the worlds. What an empty store is to be
 * is written down there.
 */
public final class StoreCheck {
    private static final Logger LOG = Logger.getLogger(StoreCheck.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Pattern MODE = Pattern.compile("redis_mode:(\\S+)");
    private static final Pattern POLICY = Pattern.compile("maxmemory_policy:(\\S+)");
    private static final String BUCKETS = "buckets";
    private static final String CROSS_PROTOCOL = "cross-protocol";

    private final ScriptRunner runner;
    private final RedisSettings settings;
    private final RedisKeys keys;

    public StoreCheck(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.settings = settings;
        this.keys = new RedisKeys(settings.buckets());
    }

    /** The store is not one to start on; the message says why, in one line. */
    public static final class UnfitStoreException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnfitStoreException(String message) {
            super(message);
        }
    }

    /**
     * Blocks until Redis has answered.
     *
     * @param patience how long to wait for it
     * @throws UnfitStoreException when the store may not be used, or does not answer in time
     */
    public void run(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                check();
                return;
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                String reason = cause == null || cause.getMessage() == null ? e.toString() : cause.getMessage();
                if (System.nanoTime() >= end) {
                    throw new UnfitStoreException("Redis does not answer: " + reason);
                }
                LOG.infof("waiting for Redis: %s", reason);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnfitStoreException("interrupted while waiting for Redis");
        }
    }

    private void check() throws ExecutionException {
        answer(runner.everywhere(Request.cmd(Command.INFO))).forEach((address, info) -> {
            checkServer(address, String.valueOf(info));
        });
        String rule = settings.crossProtocolEnforced() ? "enforced" : "isolated";
        put(BUCKETS, Integer.toString(settings.buckets()), Command.HSETNX);
        put(CROSS_PROTOCOL, rule, Command.HSETNX);
        Response stored = Objects.requireNonNull(ask(
                RedisKeys.STORE,
                Request.cmd(Command.HMGET).arg(RedisKeys.STORE).arg(BUCKETS).arg(CROSS_PROTOCOL)));
        int buckets = Integer.parseInt(stored.get(0).toString());
        if (buckets != settings.buckets()) {
            throw new UnfitStoreException(("the store was made with lockgate.redis.buckets=%d, not %d:"
                            + " it is fixed for the life of the data")
                    .formatted(buckets, settings.buckets()));
        }
        if (!stored.get(1).toString().equals(rule)) {
            if (holdsLocks()) {
                throw new UnfitStoreException(("the store holds locks taken with lockgate.locks.cross-protocol=%s;"
                                + " it can be changed to %s only while none is held")
                        .formatted(stored.get(1), rule));
            }
            put(CROSS_PROTOCOL, rule, Command.HSET);
        }
    }

    private void checkServer(String address, String info) {
        String mode = word(MODE, info);
        if (!mode.equals(runner.mode())) {
            throw new UnfitStoreException(
                    ("the Redis at %s is of the mode %s: quarkus.redis.client-type must be %s, and where it is sentinel,"
                                    + " quarkus.redis.hosts must name the Sentinels")
                            .formatted(address, mode, mode));
        }
        if (!word(POLICY, info).equals("noeviction")) {
            throw new UnfitStoreException(
                    "Redis may evict locks: maxmemory-policy must be noeviction (%s)".formatted(address));
        }
    }

    private static String word(Pattern pattern, String info) {
        Matcher matcher = pattern.matcher(info);
        return matcher.find() ? matcher.group(1) : "unknown";
    }

    private void put(String field, String value, Command command) throws ExecutionException {
        ask(
                RedisKeys.STORE,
                Request.cmd(command).arg(RedisKeys.STORE).arg(field).arg(value));
    }

    private boolean holdsLocks() throws ExecutionException {
        for (int bucket = 0; bucket < keys.buckets(); bucket++) {
            String rows = keys.rows(bucket);
            Response exists = ask(rows, Request.cmd(Command.EXISTS).arg(rows));
            if (exists != null && !"0".equals(exists.toString())) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Response ask(String key, Request request) throws ExecutionException {
        return answer(runner.command(key, request));
    }

    private static <T extends @Nullable Object> T answer(Future<T> answer) throws ExecutionException {
        try {
            return answer.toCompletionStage().toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnfitStoreException("interrupted while waiting for Redis");
        }
    }
}
