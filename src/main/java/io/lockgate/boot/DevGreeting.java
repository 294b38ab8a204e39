package io.lockgate.boot;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Tells a developer what to try first, once dev mode listens. */
@ApplicationScoped
@IfBuildProfile("dev")
class DevGreeting {

    private static final Logger LOG = Logger.getLogger(DevGreeting.class);

    private final String redis;
    private final String postgres;
    private final int managementPort;

    DevGreeting(
            @ConfigProperty(name = "quarkus.redis.hosts") String redis,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String postgres,
            @ConfigProperty(name = "quarkus.management.port") int managementPort) {
        this.redis = redis;
        this.postgres = postgres;
        this.managementPort = managementPort;
    }

    void greet(@ObservesAsync HttpServerStart started) {
        LOG.info(text(started.options().getPort()));
    }

    private String text(int port) {
        return """

                Lockgate listens on http://localhost:%1$d
                  Redis     %2$s
                  Postgres  %3$s
                Try:
                  curl http://localhost:%4$d/q/health
                  curl http://localhost:%4$d/q/metrics
                  curl http://localhost:%1$d/q/openapi
                  and in a browser http://localhost:%1$d/q/swagger-ui
                """.formatted(port, redis, postgres, managementPort);
    }
}
