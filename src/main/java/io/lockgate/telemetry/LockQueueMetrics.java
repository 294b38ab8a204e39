package io.lockgate.telemetry;

import io.lockgate.postgres.LockQueueObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls that wait for a route or course lock on this gateway, by {@code kind}: {@code lockgate.held.calls} (how many), {@code
 * lockgate.held.wait} (how long they waited, by {@code outcome}) and {@code lockgate.held.refused} (not held: too many).
 */
public final class LockQueueMetrics implements LockQueueObserver {
    private static final Duration[] BOUNDS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(25)
    };

    private final MeterRegistry meters;
    private final Map<String, AtomicInteger> held = new ConcurrentHashMap<>();
    private final Map<String, Counter> refused = new ConcurrentHashMap<>();

    public LockQueueMetrics(MeterRegistry meters) {
        this.meters = meters;
        for (String kind : KINDS) {
            held(kind);
            refused(kind);
            Arrays.stream(End.values()).forEach(end -> timer(kind, end));
        }
    }

    @Override
    public void began(String kind) {
        held(kind).incrementAndGet();
    }

    @Override
    public void ended(String kind, End end, Duration waited) {
        held(kind).decrementAndGet();
        timer(kind, end).record(waited);
    }

    @Override
    public void tooMany(String kind) {
        refused(kind).increment();
    }

    private AtomicInteger held(String kind) {
        return held.computeIfAbsent(kind, missing -> {
            AtomicInteger number = new AtomicInteger();
            Gauge.builder("lockgate.held.calls", number, AtomicInteger::get)
                    .description("Calls that wait for a lock of Postgres.")
                    .tag("kind", kind)
                    .register(meters);
            return number;
        });
    }

    private Counter refused(String kind) {
        return refused.computeIfAbsent(
                kind,
                missing -> Counter.builder("lockgate.held.refused")
                        .description("Calls that were to wait for a lock of Postgres, and did not: too many waited.")
                        .tag("kind", kind)
                        .register(meters));
    }

    /** The registry finds it by its name and tags: a wait is nothing that needs to be counted in nanoseconds. */
    private Timer timer(String kind, End end) {
        return Timer.builder("lockgate.held.wait")
                .description("How long calls waited for a lock of Postgres, by how that ended.")
                .tag("kind", kind)
                .tag("outcome", end.name().toLowerCase(Locale.ROOT))
                .serviceLevelObjectives(BOUNDS)
                .register(meters);
    }
}
