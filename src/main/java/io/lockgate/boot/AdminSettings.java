package io.lockgate.boot;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of the admin door. */
@ConfigMapping(prefix = "lockgate.admin")
interface AdminSettings {
    /** Longest request body in bytes (1,024 to 65,536); more is 413. */
    @WithDefault("16384")
    int bodyLimit();

    /** Rows of a page when locks are listed without {@code limit} (1 to {@code page-max}). */
    @WithDefault("100")
    int pageDefault();

    /** Rows of a page at most (1 to 10,000); a greater {@code limit} is this many. */
    @WithDefault("1000")
    int pageMax();
}
