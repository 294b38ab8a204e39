package io.lockgate.redis;

import io.lockgate.range.GrantId;
import io.lockgate.range.TableUnavailableException;
import io.lockgate.testing.Servers;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import java.net.URI;
import java.time.Duration;

/** Tables on the Redis that all tests share, or on another one, outside Quarkus. */
public final class RedisTables {
    private static final Vertx VERTX = Vertx.vertx();

    /** The first call of a JVM loads half of the client: on a busy machine longer than a call may take. */
    static {
        RedisRangeLockTable table = table(database(15), Settings.DEFAULT);
        // On this thread alone: any other would wait until this class is initialised.
        for (int attempt = 1; ; attempt++) {
            try {
                Asker.get(table.find(new GrantId(0, 1)));
                break;
            } catch (TableUnavailableException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    private RedisTables() {}

    /** What a test may want to be otherwise. */
    public record Settings(
            int buckets,
            int maxSteps,
            Duration attemptTimeout,
            Duration callTimeout,
            int inFlight,
            int window,
            int requestsPerPrincipal,
            int rangesPerOwnerAndSpace,
            int grantsPerPrincipalAndBucket,
            int namesPerGrant,
            boolean crossProtocolEnforced)
            implements RedisSettings {
        public static final Settings DEFAULT = new Settings(
                8,
                500,
                Duration.ofMillis(700),
                Duration.ofMillis(1_500),
                4_096,
                100,
                1_000,
                4_096,
                2_000_000,
                1_024,
                false);

        public Settings withBuckets(int number) {
            return new Settings(
                    number,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withMaxSteps(int steps) {
            return new Settings(
                    buckets,
                    steps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withRanges(int ranges) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    ranges,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withGrants(int grants) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grants,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withNames(int names) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    names,
                    crossProtocolEnforced);
        }

        public Settings withInFlight(int calls) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    calls,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withWindow(int work) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    work,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withRequests(int requests) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requests,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings withTimeouts(Duration attempt, Duration call) {
            return new Settings(
                    buckets,
                    maxSteps,
                    attempt,
                    call,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    crossProtocolEnforced);
        }

        public Settings enforced() {
            return new Settings(
                    buckets,
                    maxSteps,
                    attemptTimeout,
                    callTimeout,
                    inFlight,
                    window,
                    requestsPerPrincipal,
                    rangesPerOwnerAndSpace,
                    grantsPerPrincipalAndBucket,
                    namesPerGrant,
                    true);
        }
    }

    /** A database of the shared Redis that belongs to the tests of this package. */
    public static URI database(int index) {
        return URI.create(Servers.redisUri() + "/" + index);
    }

    public static ScriptRunner runner(URI redis, RedisSettings settings) {
        return runner(options(redis), settings);
    }

    static RedisOptions options(URI redis) {
        return new RedisOptions()
                .setConnectionString(redis.toString())
                .setMaxPoolSize(16)
                .setMaxWaitingHandlers(8_192);
    }

    /** @param options as Quarkus would make them of {@code quarkus.redis.*} */
    static ScriptRunner runner(RedisOptions options, RedisSettings settings) {
        return new ScriptRunner(VERTX, Masters.of(VERTX, options), settings, ScriptObserver.NONE);
    }

    static Vertx vertx() {
        return VERTX;
    }

    static RedisRangeLockTable table(RedisOptions options, RedisSettings settings) {
        return new RedisRangeLockTable(runner(options, settings), settings);
    }

    public static RedisRangeLockTable table(URI redis, RedisSettings settings) {
        return new RedisRangeLockTable(runner(redis, settings), settings);
    }
}
