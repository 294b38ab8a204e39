package io.lockgate.app.wiring;

import io.lockgate.app.settings.BootstrapSettings;
import io.lockgate.app.settings.IdentitySettings;
import io.lockgate.app.settings.JwtSettings;
import io.lockgate.http.CredentialRecheck;
import io.lockgate.identity.CredentialCache;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.LoginLimiter;
import io.lockgate.identity.Passwords;
import io.lockgate.identity.TokenLifetimes;
import io.lockgate.identity.UnknownCredentialLimits;
import io.lockgate.identity.User;
import io.lockgate.postgres.PostgresAudit;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.postgres.PostgresTokenStore;
import io.lockgate.postgres.PostgresUse;
import io.lockgate.postgres.PostgresUserStore;
import io.lockgate.telemetry.IdentityMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Wires identity to Postgres, and makes the first user. */
@Singleton
final class IdentityWiring {
    private static final Logger LOG = Logger.getLogger(IdentityWiring.class);
    private static final int PASSWORDS_WAITING = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Produces
    @Singleton
    PostgresAudit audit(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        return new PostgresAudit(vertx, limits, bulkheads);
    }

    @Produces
    @Singleton
    Passwords passwords(IdentitySettings settings) {
        return new Passwords(settings.passwordCost(), settings.passwordThreads(), PASSWORDS_WAITING);
    }

    @Produces
    @Singleton
    CredentialRecheck credentialRecheck(IdentitySettings settings) {
        return new CredentialRecheck(settings.cache());
    }

    void close(@Disposes Passwords passwords) {
        passwords.close();
    }

    @Produces
    @Singleton
    @Startup
    IdentityService identities(
            IdentitySettings settings,
            JwtSettings jwt,
            Passwords passwords,
            PostgresAudit audit,
            PostgresLimits limits,
            PostgresBulkheads bulkheads,
            MeterRegistry meters,
            Vertx vertx) {
        PostgresTokenStore tokens = new PostgresTokenStore(vertx, limits, bulkheads);
        PostgresUserStore users = new PostgresUserStore(vertx, limits, bulkheads);
        IdentityMetrics metrics = new IdentityMetrics(meters);
        return new IdentityService(
                users,
                tokens,
                credentialCache(settings, tokens, users, metrics, bulkheads),
                JwtWiring.of(jwt, metrics, settings.cacheSize(), settings.cache(), vertx),
                passwords,
                limiter(settings),
                lifetimes(settings),
                audit);
    }

    /** Before the first request; of several replicas that start together one makes the user. */
    void makeFirstUser(
            @Observes @Priority(100) StartupEvent event, BootstrapSettings settings, IdentityService identities) {
        if (settings.username().isEmpty() && settings.password().isEmpty()) {
            return;
        }
        String name = settings.username().orElse("");
        String password = settings.password().orElse("");
        Optional<User> made = identities
                .bootstrap(name, password)
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(200), Duration.ofSeconds(1))
                .expireIn(10_000)
                .await()
                .atMost(PATIENCE);
        made.ifPresent(user -> LOG.infof("made the first user, '%s', with all permissions", user.username()));
    }

    private static CredentialCache credentialCache(
            IdentitySettings settings,
            PostgresTokenStore tokens,
            PostgresUserStore users,
            IdentityMetrics metrics,
            PostgresBulkheads bulkheads) {
        return new CredentialCache(
                tokens,
                users,
                metrics,
                settings.cache(),
                settings.lastKnown(),
                settings.cacheSize(),
                new UnknownCredentialLimits(
                        // The rest of them is for known callers.
                        Math.max(1, bulkheads.places(PostgresUse.IDENTITY) / 2),
                        settings.unknownPerNetwork(),
                        settings.unknownWaiting()));
    }

    private static LoginLimiter limiter(IdentitySettings settings) {
        return new LoginLimiter(settings.loginsPerName(), settings.loginsPerAddress(), settings.loginWindow());
    }

    private static TokenLifetimes lifetimes(IdentitySettings settings) {
        return new TokenLifetimes(settings.loginLifetime(), settings.refreshLifetime(), settings.sessionLifetime());
    }
}
