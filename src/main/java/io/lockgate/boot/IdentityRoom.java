package io.lockgate.boot;

import io.lockgate.identity.Identities;
import io.lockgate.identity.Lifetimes;
import io.lockgate.identity.LoginLimiter;
import io.lockgate.identity.Passwords;
import io.lockgate.identity.UnknownLimits;
import io.lockgate.identity.User;
import io.lockgate.identity.Verifications;
import io.lockgate.postgres.PostgresAudit;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.postgres.PostgresTokenStore;
import io.lockgate.postgres.PostgresUse;
import io.lockgate.postgres.PostgresUserStore;
import io.lockgate.telemetry.IdentityMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Wires identity to Postgres, checks its settings, and makes the first user. */
@Singleton
final class IdentityRoom {
    private static final Logger LOG = Logger.getLogger(IdentityRoom.class);
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
        return new Passwords(
                Bounds.within("lockgate.identity.password-cost", settings.passwordCost(), 4, 16),
                Bounds.within("lockgate.identity.password-threads", settings.passwordThreads(), 1, 64),
                PASSWORDS_WAITING);
    }

    void close(@Disposes Passwords passwords) {
        passwords.close();
    }

    @Produces
    @Singleton
    @Startup
    Identities identities(
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
        return new Identities(
                users,
                tokens,
                verifications(settings, tokens, users, metrics, bulkheads),
                JwtIssuer.of(jwt, metrics, cacheSize(settings), cache(settings), vertx),
                passwords,
                limiter(settings),
                lifetimes(settings),
                audit);
    }

    /** Before the first request; of several replicas that start together one makes the user. */
    void makeFirstUser(@Observes @Priority(100) StartupEvent event, BootstrapSettings settings, Identities identities) {
        if (settings.username().isEmpty() && settings.password().isEmpty()) {
            return;
        }
        checkFirstUser(settings);
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

    static void checkFirstUser(BootstrapSettings settings) {
        if (settings.username().isEmpty() && settings.password().isEmpty()) {
            return;
        }
        String name = settings.username().orElse("");
        String password = settings.password().orElse("");
        if (name.isEmpty()
                || password.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > Identities.MAX_NAME_BYTES
                || password.getBytes(StandardCharsets.UTF_8).length > Passwords.MAX_BYTES) {
            Bounds.fault("lockgate.bootstrap.admin.username and lockgate.bootstrap.admin.password (in the environment"
                    + " LOCKGATE_BOOTSTRAP_ADMIN_USERNAME and LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) must be"
                    + " set both or not at all, the name to at most "
                    + Identities.MAX_NAME_BYTES + " bytes, the password to at most " + Passwords.MAX_BYTES);
        } else if (LaunchMode.current() == LaunchMode.NORMAL && !Passwords.isLongEnough(password)) {
            // Dev mode and tests have their demo user.
            Bounds.fault("lockgate.bootstrap.admin.password (LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) is shorter than "
                    + Passwords.MIN_CHARACTERS + " characters");
        }
    }

    private static Verifications verifications(
            IdentitySettings settings,
            PostgresTokenStore tokens,
            PostgresUserStore users,
            IdentityMetrics metrics,
            PostgresBulkheads bulkheads) {
        int total = Bounds.within("lockgate.identity.unknown-waiting", settings.unknownWaiting(), 16, 100_000);
        return new Verifications(
                tokens,
                users,
                metrics,
                cache(settings),
                Bounds.within("lockgate.identity.last-known", settings.lastKnown(), Duration.ZERO, Duration.ofHours(1)),
                cacheSize(settings),
                new UnknownLimits(
                        // The rest of them is for known callers.
                        Math.max(1, bulkheads.places(PostgresUse.IDENTITY) / 2),
                        Bounds.within("lockgate.identity.unknown-per-network", settings.unknownPerNetwork(), 1, total),
                        total));
    }

    private static Duration cache(IdentitySettings settings) {
        return Bounds.within(
                "lockgate.identity.cache", settings.cache(), Duration.ofMillis(100), Duration.ofSeconds(60));
    }

    private static int cacheSize(IdentitySettings settings) {
        return Bounds.within("lockgate.identity.cache-size", settings.cacheSize(), 16, 1_000_000);
    }

    private static LoginLimiter limiter(IdentitySettings settings) {
        return new LoginLimiter(
                Bounds.within("lockgate.identity.logins-per-name", settings.loginsPerName(), 1, 10_000),
                Bounds.within("lockgate.identity.logins-per-address", settings.loginsPerAddress(), 1, 100_000),
                Bounds.within(
                        "lockgate.identity.login-window",
                        settings.loginWindow(),
                        Duration.ofSeconds(1),
                        Duration.ofDays(1)));
    }

    private static Lifetimes lifetimes(IdentitySettings settings) {
        Duration minute = Duration.ofMinutes(1);
        return new Lifetimes(
                Bounds.within(
                        "lockgate.identity.login-lifetime", settings.loginLifetime(), minute, Duration.ofDays(30)),
                Bounds.within(
                        "lockgate.identity.refresh-lifetime", settings.refreshLifetime(), minute, Duration.ofDays(365)),
                Bounds.within(
                        "lockgate.identity.session-lifetime",
                        settings.sessionLifetime(),
                        minute,
                        Duration.ofDays(365)));
    }
}
