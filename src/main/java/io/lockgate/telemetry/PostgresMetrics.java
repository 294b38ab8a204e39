package io.lockgate.telemetry;

import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresUse;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How the connections to Postgres are used, by {@code use}: {@code lockgate.postgres.running} (calls that hold one,
 * those included that nobody waits for any more), {@code lockgate.postgres.waiting} (for one), {@code
 * lockgate.postgres.refused} (never got one) and {@code lockgate.postgres.late} (was not answered in time).
 */
public final class PostgresMetrics {
    private final PostgresBulkheads bulkheads;
    private final MeterRegistry meters;

    private PostgresMetrics(PostgresBulkheads bulkheads, MeterRegistry meters) {
        this.bulkheads = bulkheads;
        this.meters = meters;
    }

    public static void register(PostgresBulkheads bulkheads, MeterRegistry meters) {
        PostgresMetrics metrics = new PostgresMetrics(bulkheads, meters);
        for (PostgresUse use : PostgresUse.values()) {
            metrics.gauge(use, "running", "Calls of Postgres that hold a connection.", all -> all.running(use));
            metrics.gauge(use, "waiting", "Calls of Postgres that wait for a connection.", all -> all.waiting(use));
            metrics.counter(
                    use,
                    "refused",
                    "Calls of Postgres that never got a connection: too many waited, or too long.",
                    all -> all.refused(use));
            metrics.counter(
                    use,
                    "late",
                    "Calls of Postgres whose time was over while they were at work.",
                    all -> all.late(use));
        }
    }

    private void gauge(PostgresUse use, String name, String description, ToDoubleFunction<PostgresBulkheads> value) {
        Gauge.builder("lockgate.postgres." + name, bulkheads, value)
                .description(description)
                .tag("use", tag(use))
                .register(meters);
    }

    private void counter(PostgresUse use, String name, String description, ToDoubleFunction<PostgresBulkheads> value) {
        FunctionCounter.builder("lockgate.postgres." + name, bulkheads, value)
                .description(description)
                .tag("use", tag(use))
                .register(meters);
    }

    private static String tag(PostgresUse use) {
        return use.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
