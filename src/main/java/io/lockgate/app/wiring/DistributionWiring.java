package io.lockgate.app.wiring;

import io.lockgate.api.distribution.DistributionLimits;
import io.lockgate.api.distribution.ErrorFormat;
import io.lockgate.api.distribution.ObjectIds;
import io.lockgate.app.settings.DistributionSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.distribution.DistributionMap;
import io.lockgate.distribution.Distributions;
import io.lockgate.redis.RedisDistributionMap;
import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.ReportLimits;
import io.lockgate.redis.ScriptRunner;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Wires the distribution map to Redis and to its door, and checks their settings. */
@Singleton
final class DistributionWiring {
    private static final int PATCH_BYTES = 65_536;
    private static final int PATCH_RANGES = 100;
    private static final int PAGE_BLOCKS = 1_000;

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
    DistributionMap map(DistributionSettings settings, RedisSettings redis, ScriptRunner runner) {
        return new RedisDistributionMap(
                runner,
                redis,
                new ReportLimits(
                        blocksPerReport(settings),
                        SettingBounds.within(
                                "lockgate.distribution.reports-per-file", settings.reportsPerFile(), 1, 2_000),
                        readTime(settings),
                        PAGE_BLOCKS));
    }

    @Produces
    @Singleton
    Distributions distributions(DistributionMap map) {
        return new Distributions(map);
    }

    @Produces
    @Singleton
    @Startup
    DistributionLimits limits(DistributionSettings settings) {
        return new DistributionLimits(
                SettingBounds.within("lockgate.distribution.body-limit", settings.bodyLimit(), PATCH_BYTES, 8_388_608),
                PATCH_BYTES,
                PATCH_RANGES,
                // Ranges that touch are merged as they come, so this is as many as a sender in order can have.
                blocksPerReport(settings),
                SettingBounds.within("lockgate.distribution.reports-at-once", settings.reportsAtOnce(), 1, 100),
                SettingBounds.within(
                        "lockgate.distribution.report-time",
                        settings.reportTime(),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(10)),
                readTime(settings));
    }

    private static int blocksPerReport(DistributionSettings settings) {
        return SettingBounds.within(
                "lockgate.distribution.blocks-per-report", settings.blocksPerReport(), 1_000, 2_000_000);
    }

    private static Duration readTime(DistributionSettings settings) {
        return SettingBounds.within(
                "lockgate.distribution.read-time", settings.readTime(), Duration.ofSeconds(1), Duration.ofHours(1));
    }
}
