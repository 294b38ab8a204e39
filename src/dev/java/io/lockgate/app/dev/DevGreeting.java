package io.lockgate.app.dev;

import io.lockgate.app.settings.BootstrapSettings;
import io.lockgate.identity.IdentityService;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.vertx.http.HttpServerStart;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.Locale;
import java.util.Optional;
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
    private final IdentityService identities;
    private final Optional<String> user;

    DevGreeting(
            @ConfigProperty(name = "quarkus.redis.hosts") String redis,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String postgres,
            @ConfigProperty(name = "quarkus.management.port") int managementPort,
            IdentityService identities,
            BootstrapSettings bootstrap) {
        this.identities = identities;
        this.user = bootstrap.username();
        this.redis = redis;
        this.postgres = postgres;
        this.managementPort = managementPort;
    }

    void greet(@ObservesAsync HttpServerStart started) {
        int port = started.options().getPort();
        token().subscribe()
                .with(
                        // Not through the log, which would keep it on one line.
                        token -> System.out.println(text(port, token)),
                        failure -> LOG.warn("the demo user has no token: log in by hand", failure));
    }

    /** A token of the demo user, the one secret that is ever printed: dev mode listens on this machine alone. */
    private Uni<String> token() {
        return identities
                .findUserByName(user.orElse(""))
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item("(no demo user)")
                        : identities
                                .issueLogin(found.get().id(), found.get().username())
                                .map(token -> token.secret().text()));
    }

    private String text(int port, String token) {
        return String.format(Locale.ROOT, """

                Lockgate listens on http://localhost:%1$d
                  Redis     %2$s
                  Postgres  %3$s
                Try, as the demo user (dev, password dev), who may do everything:
                  TOKEN=%5$s
                  curl -H "Authorization: Bearer $TOKEN" http://localhost:%1$d/v1/session/who-am-i
                  curl http://localhost:%4$d/q/health
                  curl http://localhost:%4$d/q/metrics
                  curl http://localhost:%1$d/q/openapi
                  and in a browser http://localhost:%1$d/q/swagger-ui
                """, port, redis, postgres, managementPort, token);
    }
}
