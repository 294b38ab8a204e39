package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of the range engine. */
@ConfigMapping(prefix = "lockgate.limits")
public interface LimitSettings {
    /** Ranges that one owner may hold in one space (1 to 100,000); more is 429. It bounds the cost of one request. */
    @WithDefault("4096")
    int rangesPerOwnerAndSpace();

    /**
     * Calls of locks and reports that one user may have under way and waiting on one gateway (1 to 16,384); more is 429. Renewals,
     * releases, fence checks and looks at one grant neither count nor are refused. The default is a quarter of
     * {@code lockgate.redis.in-flight}: one user alone cannot take all places.
     */
    @WithDefault("1000")
    int requestsPerPrincipal();

    /**
     * Grants that one user may hold in one bucket (1 to 100,000,000), of all files, protocols and owner ids together; more is 429.
     * All locks of a file lie in one bucket, so it is also how many one user may hold on one file. To keep one user from filling
     * Redis, set it to the memory that one user may take, divided by the number of buckets and by 1.4 KB for a grant.
     */
    @WithDefault("2000000")
    int grantsPerPrincipalAndBucket();

    /**
     * Earlier ids and tokens to which one grant answers (1 to 4,096). A grant that grows by many small locks keeps the newest;
     * a token that was forgotten no longer checks as valid.
     */
    @WithDefault("1024")
    int namesPerGrant();
}
