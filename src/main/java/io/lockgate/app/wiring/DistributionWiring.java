package io.lockgate.app.wiring;

import io.lockgate.api.distribution.ErrorFormat;
import io.lockgate.api.distribution.ObjectIds;
import io.lockgate.app.settings.DistributionSettings;
import io.lockgate.distribution.DistributionMap;
import io.lockgate.distribution.Distributions;
import io.lockgate.redis.RedisDistributionMap;
import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.ReportLimits;
import io.lockgate.redis.ScriptRunner;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the distribution map to Redis and to its API. */
@Singleton
final class DistributionWiring {
    // An enum has no proxy, so it is a bean of its own kind.
    @Produces
    @Singleton
    ErrorFormat errorFormat(DistributionSettings settings) {
        return settings.errorFormat();
    }

    @Produces
    @Singleton
    ObjectIds fileIds(DistributionSettings settings) {
        return switch (settings.ids()) {
            case OPAQUE -> new ObjectIds.Opaque();
            case STRICT -> new ObjectIds.Strict(settings.providerId());
        };
    }

    @Produces
    @Singleton
    @Startup
    DistributionMap map(ReportLimits limits, RedisSettings redis, ScriptRunner runner) {
        return new RedisDistributionMap(runner, redis, limits);
    }

    @Produces
    @Singleton
    Distributions distributions(DistributionMap map) {
        return new Distributions(map);
    }
}
