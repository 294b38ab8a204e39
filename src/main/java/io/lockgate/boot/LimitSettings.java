package io.lockgate.boot;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of the range engine. */
@ConfigMapping(prefix = "lockgate.limits")
interface LimitSettings {
    /** Ranges that one owner may hold in one space (1 to 100,000); more is 429. It bounds the cost of one request. */
    @WithDefault("4096")
    int rangesPerOwnerAndSpace();

    /**
     * Earlier ids and tokens to which one grant answers (1 to 4,096). A grant that grows by many small locks keeps the newest;
     * a token that was forgotten no longer checks as valid.
     */
    @WithDefault("1024")
    int namesPerGrant();
}
