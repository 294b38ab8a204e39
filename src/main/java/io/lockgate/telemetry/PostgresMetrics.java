package io.lockgate.telemetry;

import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresUse;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/**
 * How the connections to Postgres are used, by {@code use}: {@code lockgate.postgres.running} (calls that hold one, those included
 * that nobody waits for any more), {@code lockgate.postgres.waiting} (for one), {@code lockgate.postgres.refused} (never got one) and {@code
 * lockgate.postgres.late} (was not answered in time).
 */
public final class PostgresMetrics {
    private PostgresMetrics() {}

    public static void register(PostgresBulkheads bulkheads, MeterRegistry meters) {
        for (PostgresUse use : PostgresUse.values()) {
            String name = use.name().toLowerCase(Locale.ROOT).replace('_', '-');
            Gauge.builder("lockgate.postgres.running", bulkheads, all -> all.running(use))
                    .description("Calls of Postgres that hold a connection.")
                    .tag("use", name)
                    .register(meters);
            Gauge.builder("lockgate.postgres.waiting", bulkheads, all -> all.waiting(use))
                    .description("Calls of Postgres that wait for a connection.")
                    .tag("use", name)
                    .register(meters);
            FunctionCounter.builder("lockgate.postgres.refused", bulkheads, all -> all.refused(use))
                    .description("Calls of Postgres that never got a connection: too many waited, or too long.")
                    .tag("use", name)
                    .register(meters);
            FunctionCounter.builder("lockgate.postgres.late", bulkheads, all -> all.late(use))
                    .description("Calls of Postgres whose time was over while they were at work.")
                    .tag("use", name)
                    .register(meters);
        }
    }
}
