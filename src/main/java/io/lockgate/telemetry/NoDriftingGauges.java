package io.lockgate.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import jakarta.inject.Singleton;

/**
 * Leaves out {@code sql.pool.queue.size}. Vert.x' pool counts a call as queued when it asks for a connection, and not as gone from
 * the queue when it gets none: the connection could not be made, or the queue was full ({@code SqlConnectionPool}, Vert.x 4.5.25). So
 * the gauge never comes down again. {@link PostgresMetrics} has what it should have told; the other meters of the pool are right.
 */
@Singleton
class NoDriftingGauges implements MeterFilter {
    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return id.getName().equals("sql.pool.queue.size") ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }
}
