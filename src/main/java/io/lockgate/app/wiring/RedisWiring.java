package io.lockgate.app.wiring;

import io.lockgate.app.settings.LimitSettings;
import io.lockgate.app.settings.LockSettings;
import io.lockgate.app.settings.RedisConnectionSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.app.start.StartupChecks;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.ClockWatch;
import io.lockgate.redis.RedisRangeLockTable;
import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.ScriptObserver;
import io.lockgate.redis.ScriptRunner;
import io.lockgate.telemetry.ClockMetrics;
import io.lockgate.telemetry.MeteredRangeLockTable;
import io.lockgate.telemetry.ScriptMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Wires the range room to Redis. Whether the store is fit is asked by {@link StartupChecks}. */
@Singleton
final class RedisWiring {
    /** The settings, checked. */
    private record Checked(
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
            implements RedisSettings {}

    @Produces
    @Singleton
    RedisSettings settings(RedisConnectionSettings redis, LimitSettings limits, LockSettings locks) {
        Duration call = SettingBounds.within(
                "lockgate.redis.call-timeout", redis.callTimeout(), Duration.ofMillis(100), Duration.ofMillis(1_900));
        return new Checked(
                SettingBounds.within("lockgate.redis.buckets", redis.buckets(), 1, 16_384),
                SettingBounds.within("lockgate.redis.max-steps", redis.maxSteps(), 10, 5_000),
                SettingBounds.within(
                        "lockgate.redis.attempt-timeout",
                        redis.attemptTimeout(),
                        Duration.ofMillis(50),
                        Duration.ofMillis(1_500)),
                call,
                SettingBounds.within("lockgate.redis.in-flight", redis.inFlight(), 16, 16_384),
                SettingBounds.within("lockgate.redis.window", redis.window(), 1, 16_384),
                SettingBounds.within(
                        "lockgate.limits.requests-per-principal", limits.requestsPerPrincipal(), 1, 16_384),
                SettingBounds.within(
                        "lockgate.limits.ranges-per-owner-and-space", limits.rangesPerOwnerAndSpace(), 1, 100_000),
                SettingBounds.within(
                        "lockgate.limits.grants-per-principal-and-bucket",
                        limits.grantsPerPrincipalAndBucket(),
                        1,
                        100_000_000),
                SettingBounds.within("lockgate.limits.names-per-grant", limits.namesPerGrant(), 1, 4_096),
                locks.crossProtocol() == LockSettings.CrossProtocol.ENFORCED);
    }

    @Produces
    @Singleton
    ScriptObserver scriptObserver(MeterRegistry meters) {
        return new ScriptMetrics(meters);
    }

    @Produces
    @Singleton
    ClockWatch clockWatch(ScriptRunner runner, RedisSettings settings, MeterRegistry meters) {
        ClockWatch clocks = new ClockWatch(runner, settings);
        ClockMetrics.register(meters, clocks);
        return clocks;
    }

    @Produces
    @Singleton
    RangeLockTable rangeLockTable(ScriptRunner runner, RedisSettings settings, MeterRegistry meters) {
        return new MeteredRangeLockTable(new RedisRangeLockTable(runner, settings), meters);
    }
}
