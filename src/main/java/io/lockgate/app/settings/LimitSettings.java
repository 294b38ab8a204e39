package io.lockgate.app.settings;

import io.lockgate.redis.RedisSettings;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How many range locks, requests and waiting calls one user may have. */
@ConfigMapping(prefix = "lockgate.limits")
@RegisterForReflection
public interface LimitSettings extends RedisSettings.Limits {
    /** Ranges that one owner may hold in one space; more is 429. It bounds the cost of one request. */
    @Override
    @WithDefault("4096")
    @Within(min = 1, max = 100_000)
    int rangesPerOwnerAndSpace();

    /**
     * Calls of locks and reports that one user may have in flight and waiting on one gateway; more is 429. Renewals,
     * releases, fence checks and reads of one grant neither count nor are refused. The default is a quarter of
     * {@code lockgate.redis.in-flight}: one user alone cannot take all places.
     */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 16_384)
    int requestsPerPrincipal();

    /**
     * Grants that one user may hold in one bucket, of all files, protocols and owner ids together; more is 429. All
     * locks of a file lie in one bucket, so it is also how many one user may hold on one file. To keep one user from
     * filling Redis, set it to the memory that one user may take, divided by {@code lockgate.redis.buckets} and by
     * 0.9 KB for a grant.
     */
    @Override
    @WithDefault("2000000")
    @Within(min = 1, max = 100_000_000)
    int grantsPerPrincipalAndBucket();

    /**
     * Different values of {@code Idempotency-Key} that one user may use in the present and the last period of 11
     * minutes; one more is 429 until the period is over. A key takes about 1 KB of Redis for 11 minutes.
     */
    @Override
    @WithDefault("10000")
    @Within(min = 1, max = 1_000_000)
    int idempotencyKeysPerPrincipal();

    /**
     * Client sessions that one user may have at once; more is 429. All sessions of one user have their home in one
     * bucket.
     */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 1_000_000)
    int sessionsPerPrincipal();

    /**
     * Requests of one user that may wait for range locks ({@code wait_ms}) in one bucket, of all its files; one more is
     * 429. Each takes about 1 KB of Redis.
     */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 1_000_000)
    int waitersPerPrincipal();

    /** Requests of all users that may wait for range locks of one file, stream and snapshot; one more is 429. */
    @Override
    @WithDefault("10000")
    @Within(min = 1, max = 1_000_000)
    int waitersPerSpace();

    /**
     * Earlier ids and tokens to which one grant answers. A grant that grows by many small locks keeps the newest; a
     * forgotten token is no longer valid.
     */
    @Override
    @WithDefault("1024")
    @Within(min = 1, max = 4_096)
    int namesPerGrant();

    /**
     * Calls that one gateway holds at once while they wait for a route or course lock ({@code wait_ms}); more are 503. Each
     * takes about 10 KB, its connection included.
     */
    @WithDefault("10000")
    @Within(min = 1, max = 100_000)
    int heldCalls();

    /**
     * Calls of one user among them; more are 429. At most {@code lockgate.limits.held-calls}.
     */
    @WithDefault("1000")
    @Within(min = 1, max = 100_000)
    int heldCallsPerPrincipal();

    /**
     * Events of route and course locks that are kept for clients that come back ({@code Last-Event-ID}), about; each takes
     * about 150 bytes of Postgres.
     */
    @WithDefault("100000")
    @Within(min = 1_000, max = 100_000_000)
    int lockEvents();

    /**
     * Events of range locks that each bucket keeps for clients that come back, about; each takes about 400 bytes of Redis.
     * They are kept while somebody listens ({@code lockgate.events}).
     */
    @Override
    @WithDefault("2000")
    @Within(min = 100, max = 1_000_000)
    int fileLockEvents();
}
