package io.lockgate.app.health;

import io.quarkus.runtime.Application;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Readiness: down until clients can connect. Quarkus opens the port of the operators before those of the clients, and
 * who is told there that this replica is ready sends requests at once.
 */
@Readiness
@Singleton
final class HttpReadiness implements HealthCheck {
    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("listening")
                .status(Application.currentApplication().isStarted())
                .build();
    }
}
