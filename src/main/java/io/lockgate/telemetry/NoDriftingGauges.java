package io.lockgate.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Leaves out {@code sql.pool.queue.size}. Vert.x' pool counts a call as queued when it asks for a connection, and not
 * as gone from the queue when it gets none: the connection could not be made, or the queue was full ({@code
 * SqlConnectionPool}, Vert.x 4.5.25). So the gauge never comes down again. {@link PostgresMetrics} has what it should
 * have told; the other meters of the pool are right.
 */
@Singleton
class NoDriftingGauges implements MeterFilter {
    private static final String DRIFTING = "sql.pool.queue.size";

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return id.getName().equals(DRIFTING) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    /** The gate of the start uses the pool before filters are at work. */
    void takeOut(@Observes StartupEvent event, MeterRegistry meters) {
        meters.find(DRIFTING).meters().forEach(meters::remove);
    }
}
