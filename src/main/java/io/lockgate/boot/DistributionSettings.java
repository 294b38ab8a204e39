package io.lockgate.boot;

import io.lockgate.door.distribution.ErrorFormat;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the distribution door. */
@ConfigMapping(prefix = "lockgate.distribution")
interface DistributionSettings {
    /** {@code flat} as the seed has errors, {@code nested} as servers of this dialect have sent them since 20.02. */
    @WithDefault("flat")
    ErrorFormat errorFormat();
}
