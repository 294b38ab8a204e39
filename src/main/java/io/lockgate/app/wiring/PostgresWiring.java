package io.lockgate.app.wiring;

import io.lockgate.app.settings.IdentitySettings;
import io.lockgate.app.settings.LimitSettings;
import io.lockgate.postgres.LockQueueLimits;
import io.lockgate.postgres.LockQueueObserver;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.telemetry.LockQueueMetrics;
import io.lockgate.telemetry.PostgresMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Divides the pool of Postgres between its uses. */
@Singleton
// The JDBC driver makes it by name where the settings ask for TLS and name no certificate; a native image would not
// have it.
@RegisterForReflection(classNames = "org.postgresql.ssl.DefaultJavaSSLFactory")
public final class PostgresWiring {
    @Produces
    @Singleton
    PostgresBulkheads bulkheads(
            @ConfigProperty(name = "quarkus.datasource.reactive.max-size") int connections, MeterRegistry meters) {
        var bulkheads = new PostgresBulkheads(connections);
        PostgresMetrics.register(bulkheads, meters);
        return bulkheads;
    }

    @Produces
    @Singleton
    LockQueueLimits lockQueueLimits(LimitSettings limits, IdentitySettings identity) {
        return new LockQueueLimits(limits.heldCalls(), limits.heldCallsPerPrincipal(), identity.cache());
    }

    @Produces
    @Singleton
    LockQueueObserver lockQueueMetrics(MeterRegistry meters) {
        return new LockQueueMetrics(meters);
    }
}
