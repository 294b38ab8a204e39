package io.lockgate.telemetry;

import io.lockgate.redis.ClockWatch;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What {@link ClockWatch} found of the servers' clocks. */
public final class ClockMetrics {
    private ClockMetrics() {}

    public static void register(MeterRegistry registry, ClockWatch clocks) {
        FunctionCounter.builder("lockgate.redis.clock.jumps", clocks, ClockWatch::jumps)
                .description("Jumps of a Redis server's clock by more than 2 s")
                .register(registry);
        Gauge.builder("lockgate.redis.clock.held", clocks, ClockWatch::heldServers)
                .description("Redis servers on which no lease ends now, since their clock jumped")
                .register(registry);
        Gauge.builder("lockgate.redis.bucket.clock.ahead", clocks, watch -> watch.aheadMillis() / 1_000.0)
                .baseUnit("seconds")
                .description("How far the clock of a bucket is ahead of its server's at most; 0 up to 2 s")
                .register(registry);
    }
}
