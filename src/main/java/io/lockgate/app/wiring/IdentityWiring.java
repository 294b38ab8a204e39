package io.lockgate.app.wiring;

import io.lockgate.app.settings.BootstrapSettings;
import io.lockgate.app.settings.IdentitySettings;
import io.lockgate.app.settings.JwtSettings;
import io.lockgate.app.settings.SettingBounds;
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
public final class IdentityWiring {
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
        return new Passwords(
                SettingBounds.within("lockgate.identity.password-cost", settings.passwordCost(), 4, 16),
                SettingBounds.within("lockgate.identity.password-threads", settings.passwordThreads(), 1, 64),
                PASSWORDS_WAITING);
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
                verifications(settings, tokens, users, metrics, bulkheads),
                JwtWiring.of(jwt, metrics, cacheSize(settings), cache(settings), vertx),
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

    public static void checkFirstUser(BootstrapSettings settings) {
        if (settings.username().isEmpty() && settings.password().isEmpty()) {
            return;
        }
        String name = settings.username().orElse("");
        String password = settings.password().orElse("");
        if (name.isEmpty()
                || password.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > IdentityService.MAX_NAME_BYTES
                || password.getBytes(StandardCharsets.UTF_8).length > Passwords.MAX_BYTES) {
            SettingBounds.fault(
                    "lockgate.bootstrap.admin.username and lockgate.bootstrap.admin.password (in the environment"
                            + " LOCKGATE_BOOTSTRAP_ADMIN_USERNAME and LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) must be"
                            + " set both or not at all, the name to at most "
                            + IdentityService.MAX_NAME_BYTES + " bytes, the password to at most "
                            + Passwords.MAX_BYTES);
        } else if (LaunchMode.current() == LaunchMode.NORMAL && !Passwords.isLongEnough(password)) {
            // Dev mode and tests have their demo user.
            SettingBounds.fault("lockgate.bootstrap.admin.password (LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) is shorter than "
                    + Passwords.MIN_CHARACTERS + " characters");
        }
    }

    private static CredentialCache verifications(
            IdentitySettings settings,
            PostgresTokenStore tokens,
            PostgresUserStore users,
            IdentityMetrics metrics,
            PostgresBulkheads bulkheads) {
        int total = SettingBounds.within("lockgate.identity.unknown-waiting", settings.unknownWaiting(), 16, 100_000);
        return new CredentialCache(
                tokens,
                users,
                metrics,
                cache(settings),
                SettingBounds.within(
                        "lockgate.identity.last-known", settings.lastKnown(), Duration.ZERO, Duration.ofHours(1)),
                cacheSize(settings),
                new UnknownCredentialLimits(
                        // The rest of them is for known callers.
                        Math.max(1, bulkheads.places(PostgresUse.IDENTITY) / 2),
                        SettingBounds.within(
                                "lockgate.identity.unknown-per-network", settings.unknownPerNetwork(), 1, total),
                        total));
    }

    private static Duration cache(IdentitySettings settings) {
        return SettingBounds.within(
                "lockgate.identity.cache", settings.cache(), Duration.ofMillis(100), Duration.ofSeconds(60));
    }

    private static int cacheSize(IdentitySettings settings) {
        return SettingBounds.within("lockgate.identity.cache-size", settings.cacheSize(), 16, 1_000_000);
    }

    private static LoginLimiter limiter(IdentitySettings settings) {
        return new LoginLimiter(
                SettingBounds.within("lockgate.identity.logins-per-name", settings.loginsPerName(), 1, 10_000),
                SettingBounds.within("lockgate.identity.logins-per-address", settings.loginsPerAddress(), 1, 100_000),
                SettingBounds.within(
                        "lockgate.identity.login-window",
                        settings.loginWindow(),
                        Duration.ofSeconds(1),
                        Duration.ofDays(1)));
    }

    private static TokenLifetimes lifetimes(IdentitySettings settings) {
        Duration minute = Duration.ofMinutes(1);
        return new TokenLifetimes(
                SettingBounds.within(
                        "lockgate.identity.login-lifetime", settings.loginLifetime(), minute, Duration.ofDays(30)),
                SettingBounds.within(
                        "lockgate.identity.refresh-lifetime", settings.refreshLifetime(), minute, Duration.ofDays(365)),
                SettingBounds.within(
                        "lockgate.identity.session-lifetime",
                        settings.sessionLifetime(),
                        minute,
                        Duration.ofDays(365)));
    }
}
