package io.lockgate.redis;

import io.lockgate.range.GrantId;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.redis.topology.RedisTopology;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.RedisClientOptions;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;

/** Tables on the Redis that all tests share, or on another one, outside Quarkus. */
public final class RedisTables {
    private static final Vertx VERTX = Vertx.vertx();

    // The first call of a JVM loads half of the client: on a busy machine longer than a call may take.
    static {
        RedisRangeLockTable table = table(database(15), Settings.DEFAULT);
        // On this thread alone: any other would wait until this class is initialised.
        for (int attempt = 1; ; attempt++) {
            try {
                LockClient.get(table.find(new GrantId(0, 1)));
                break;
            } catch (LockTableUnavailableException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    private RedisTables() {}

    /** What a test may want to be otherwise. Immutable: each {@code with} answers a changed copy. */
    public static final class Settings
            implements RedisSettings, RedisSettings.Calls, RedisSettings.Limits, RedisSettings.Locks, Cloneable {
        public static final Settings DEFAULT = new Settings();

        private int buckets = 8;
        private int maxSteps = 500;
        private Duration attemptTimeout = Duration.ofMillis(700);
        private Duration callTimeout = Duration.ofMillis(1_500);
        private int inFlight = 4_096;
        private int window = 100;
        private int requestsPerPrincipal = 1_000;
        private int rangesPerOwnerAndSpace = 4_096;
        private int grantsPerPrincipalAndBucket = 2_000_000;
        private int idempotencyKeysPerPrincipal = 1_000_000;
        private int sessionsPerPrincipal = 1_000;
        private int waitersPerPrincipal = 1_000;
        private int waitersPerSpace = 10_000;
        private int namesPerGrant = 1_024;
        private int fileLockEvents = 2_000;
        private CrossProtocol crossProtocol = CrossProtocol.ISOLATED;

        private Settings() {}

        private Settings with(Consumer<Settings> change) {
            try {
                Settings copy = (Settings) clone();
                change.accept(copy);
                return copy;
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }

        public Settings withBuckets(int number) {
            return with(copy -> copy.buckets = number);
        }

        public Settings withMaxSteps(int steps) {
            return with(copy -> copy.maxSteps = steps);
        }

        public Settings withRanges(int ranges) {
            return with(copy -> copy.rangesPerOwnerAndSpace = ranges);
        }

        public Settings withGrants(int grants) {
            return with(copy -> copy.grantsPerPrincipalAndBucket = grants);
        }

        public Settings withKeys(int keys) {
            return with(copy -> copy.idempotencyKeysPerPrincipal = keys);
        }

        public Settings withSessions(int sessions) {
            return with(copy -> copy.sessionsPerPrincipal = sessions);
        }

        public Settings withWaiters(int perPrincipal, int perSpace) {
            return with(copy -> {
                copy.waitersPerPrincipal = perPrincipal;
                copy.waitersPerSpace = perSpace;
            });
        }

        public Settings withNames(int names) {
            return with(copy -> copy.namesPerGrant = names);
        }

        public Settings withEvents(int events) {
            return with(copy -> copy.fileLockEvents = events);
        }

        public Settings withInFlight(int calls) {
            return with(copy -> copy.inFlight = calls);
        }

        public Settings withWindow(int work) {
            return with(copy -> copy.window = work);
        }

        public Settings withRequests(int requests) {
            return with(copy -> copy.requestsPerPrincipal = requests);
        }

        public Settings withTimeouts(Duration attempt, Duration call) {
            return with(copy -> {
                copy.attemptTimeout = attempt;
                copy.callTimeout = call;
            });
        }

        public Settings enforced() {
            return with(copy -> copy.crossProtocol = CrossProtocol.ENFORCED);
        }

        @Override
        public Calls calls() {
            return this;
        }

        @Override
        public Limits limits() {
            return this;
        }

        @Override
        public Locks locks() {
            return this;
        }

        @Override
        public int buckets() {
            return buckets;
        }

        @Override
        public int maxSteps() {
            return maxSteps;
        }

        @Override
        public Duration attemptTimeout() {
            return attemptTimeout;
        }

        @Override
        public Duration callTimeout() {
            return callTimeout;
        }

        @Override
        public int inFlight() {
            return inFlight;
        }

        @Override
        public int window() {
            return window;
        }

        @Override
        public int requestsPerPrincipal() {
            return requestsPerPrincipal;
        }

        @Override
        public int rangesPerOwnerAndSpace() {
            return rangesPerOwnerAndSpace;
        }

        @Override
        public int grantsPerPrincipalAndBucket() {
            return grantsPerPrincipalAndBucket;
        }

        @Override
        public int idempotencyKeysPerPrincipal() {
            return idempotencyKeysPerPrincipal;
        }

        @Override
        public int waitersPerPrincipal() {
            return waitersPerPrincipal;
        }

        @Override
        public int waitersPerSpace() {
            return waitersPerSpace;
        }

        @Override
        public int sessionsPerPrincipal() {
            return sessionsPerPrincipal;
        }

        @Override
        public int fileLockEvents() {
            return fileLockEvents;
        }

        @Override
        public int namesPerGrant() {
            return namesPerGrant;
        }

        @Override
        public CrossProtocol crossProtocol() {
            return crossProtocol;
        }
    }

    /** A database of the shared Redis that belongs to the tests of this package. */
    public static URI database(int index) {
        return URI.create(Servers.redisUri() + "/" + index);
    }

    public static ScriptRunner runner(URI redis, RedisSettings settings) {
        return runner(RedisClientOptions.of(redis), settings);
    }

    /** @param options as Quarkus would make them of {@code quarkus.redis.*} */
    static ScriptRunner runner(RedisOptions options, RedisSettings settings) {
        return new ScriptRunner(VERTX, RedisTopology.of(VERTX, options), settings, ScriptObserver.NONE);
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
