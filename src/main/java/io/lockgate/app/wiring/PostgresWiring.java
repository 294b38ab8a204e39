package io.lockgate.app.wiring;

import io.lockgate.app.settings.PostgresSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.telemetry.PostgresMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Hands the limits of every wait for Postgres to its pool and its stores, and divides the pool between them; the pool asks for its
 * limits at start.
 */
@Singleton
// The JDBC driver makes it by name where the settings ask for TLS and name no certificate; a native image would not
// have it.
@RegisterForReflection(classNames = "org.postgresql.ssl.DefaultJavaSSLFactory")
public final class PostgresWiring {
    @Produces
    @Singleton
    PostgresLimits limits(PostgresSettings settings) {
        var timeout = SettingBounds.within(
                "lockgate.postgres.timeout",
                settings.timeout(),
                PostgresSettings.MIN_TIMEOUT,
                PostgresSettings.MAX_TIMEOUT);
        var deadAfter = SettingBounds.within(
                "lockgate.postgres.dead-after",
                settings.deadAfter(),
                timeout.multipliedBy(2),
                PostgresSettings.MAX_DEAD_AFTER);
        return new PostgresLimits(timeout, deadAfter);
    }

    @Produces
    @Singleton
    PostgresBulkheads bulkheads(
            @ConfigProperty(name = "quarkus.datasource.reactive.max-size") int connections, MeterRegistry meters) {
        var bulkheads = new PostgresBulkheads(SettingBounds.within(
                "quarkus.datasource.reactive.max-size", connections, PostgresBulkheads.MIN_CONNECTIONS, 1_000));
        PostgresMetrics.register(bulkheads, meters);
        return bulkheads;
    }
}
