package io.lockgate.app.start;

import io.lockgate.api.admin.AdminLimits;
import io.lockgate.api.courses.CoursesLimits;
import io.lockgate.api.distribution.DistributionLimits;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.app.jobs.Sweeper;
import io.lockgate.app.settings.BootstrapSettings;
import io.lockgate.app.settings.LockSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.app.settings.StartSettings;
import io.lockgate.app.wiring.IdentityWiring;
import io.lockgate.course.CourseLocks;
import io.lockgate.dependency.CheckResult;
import io.lockgate.distribution.DistributionMap;
import io.lockgate.file.FileCatalog;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.connection.ConnectionLimits;
import io.lockgate.identity.IdentityService;
import io.lockgate.postgres.DatabaseCheck;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.Repair;
import io.lockgate.redis.ScriptRunner;
import io.lockgate.redis.StoreCheck;
import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.util.ExceptionUtil;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jboss.logging.Logger;

/**
 * What must be true before the gateway touches anything: every setting in its bounds, Redis and Postgres reached and fit. It
 * stands where Quarkus makes Flyway, which is before the schema is migrated or looked at, before any port is opened, and with all
 * settings of the neighbours read as they will be used.
 *
 * <p>With {@code --check-config} it is also the end of the start, with {@code --migrate} the end comes when Flyway is done: see {@link Main}.
 */
@Singleton
public final class StartupChecks implements FlywayConfigurationCustomizer {
    private static final Logger LOG = Logger.getLogger(StartupChecks.class);
    private static final List<String> PORTS =
            List.of("quarkus.http.port", "quarkus.http.ssl-port", "quarkus.management.port");
    private static final List<String> FILES =
            List.of("quarkus.http.ssl.certificate.files", "quarkus.http.ssl.certificate.key-files");

    private static final Set<String> EVERYBODY = Set.of("0.0.0.0/0", "::/0");

    /** More than the time-outs of its parts. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(15);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** Whoever checks a setting does so when it is made. */
    private static final List<Class<?>> CHECKERS = List.of(
            ConnectionLimits.class,
            RedisSettings.class,
            PostgresLimits.class,
            PostgresBulkheads.class,
            FileCatalog.class,
            IdentityService.class,
            CourseLocks.class,
            CoursesLimits.class,
            AdminLimits.class,
            CrossSiteRule.class,
            FilesLimits.class,
            GatewayInfo.class,
            DistributionMap.class,
            DistributionLimits.class);

    private static volatile boolean passed;

    private final Instance<Object> beans;
    private final Config config;
    private final StartSettings start;
    private final LockSettings locks;
    private final BootstrapSettings bootstrap;
    private final boolean forwarding;
    private final List<String> trusted;

    StartupChecks(
            @Any Instance<Object> beans,
            Config config,
            StartSettings start,
            LockSettings locks,
            BootstrapSettings bootstrap,
            @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding") boolean forwarding,
            @ConfigProperty(name = "quarkus.http.proxy.trusted-proxies") Optional<List<String>> trusted) {
        this.forwarding = forwarding;
        this.trusted = trusted.orElse(List.of());
        this.beans = beans;
        this.config = config;
        this.start = start;
        this.locks = locks;
        this.bootstrap = bootstrap;
    }

    @Override
    public void customize(FluentConfiguration flyway) {
        List<String> faults = faultsOfSettings();
        List<String> unknown = UnknownVariables.among(System.getenv());
        if (Main.isRepairOnly()) {
            repair(faults);
        } else if (Main.isCheckOnly()) {
            faults.addAll(unknown);
            look(faults, flyway);
        } else if (!faults.isEmpty()) {
            throw new StartupException(faults);
        } else {
            // No reason not to serve: another version may know them.
            unknown.forEach(LOG::warn);
            await(flyway);
            passed = true;
            if (Main.isMigrateOnly()) {
                flyway.callbacks(new EndOfMigration());
            }
        }
    }

    /** Whether this start has found all fit; before that it has touched nothing and served nobody. */
    static boolean isPassed() {
        return passed;
    }

    private List<String> faultsOfSettings() {
        List<String> faults = new ArrayList<>();
        SettingBounds.collecting(faults, () -> {
            patience();
            checkProxies();
            checkListening();
            Sweeper.checkInterval(locks.sweepInterval());
            IdentityWiring.checkFirstUser(bootstrap);
            for (Class<?> checker : CHECKERS) {
                try {
                    beans.select(checker).get();
                } catch (RuntimeException e) {
                    if (!(ExceptionUtil.getRootCause(e) instanceof ConfigurationException cause)) {
                        throw e;
                    }
                    SettingBounds.fault(String.valueOf(cause.getMessage()));
                }
            }
        });
        return faults;
    }

    private Duration patience() {
        return SettingBounds.within(
                "lockgate.start.patience", start.patience(), Duration.ZERO, StartSettings.MAX_PATIENCE);
    }

    /** Whom Quarkus would believe then is everybody. */
    private void checkProxies() {
        if (forwarding && trusted.isEmpty()) {
            SettingBounds.fault("quarkus.http.proxy.proxy-address-forwarding is on, but no proxy is trusted:"
                    + " set quarkus.http.proxy.trusted-proxies");
        }
        trusted.stream()
                .filter(EVERYBODY::contains)
                .forEach(all -> SettingBounds.fault("quarkus.http.proxy.trusted-proxies trusts everybody (" + all
                        + "): anyone could claim any address"));
    }

    /** What Quarkus would find out when it is too late, and say with a stack trace. */
    private void checkListening() {
        for (String name : PORTS) {
            config.getOptionalValue(name, Integer.class).ifPresent(port -> SettingBounds.within(name, port, 0, 65_535));
        }
        // Beyond, the end comes before it is over (Main).
        config.getOptionalValue("quarkus.shutdown.delay", Duration.class)
                .ifPresent(delay ->
                        SettingBounds.within("quarkus.shutdown.delay", delay, Duration.ZERO, Duration.ofSeconds(15)));
        Optional<Integer> operators = config.getOptionalValue("quarkus.management.port", Integer.class);
        if (operators
                        .filter(port -> port != 0)
                        .equals(config.getOptionalValue("quarkus.http.port", Integer.class)
                                .filter(port -> port != 0))
                && operators.filter(port -> port != 0).isPresent()) {
            SettingBounds.fault(
                    "quarkus.management.port is quarkus.http.port, " + operators.get() + ": each wants its own");
        }
        for (String name : FILES) {
            for (String file : config.getOptionalValues(name, String.class).orElse(List.of())) {
                if (!Files.isReadable(Path.of(file))) {
                    SettingBounds.fault(name + ": " + file + " cannot be read");
                }
            }
        }
    }

    /** Looks once and says what was found. */
    private void look(List<String> faults, FluentConfiguration flyway) {
        // What did not fit was brought to its bound: the neighbours can be tried all the same.
        SettingBounds.collecting(new ArrayList<>(), () -> {
            DatabaseCheck database = beans.select(DatabaseCheck.class).get();
            StoreCheck store = store();
            faults.addAll(both(store::look, () -> database.look(flyway)).faults());
        });
        Main.checked(faults);
    }

    /** Finds the buckets of Redis that are inconsistent, and repairs them when asked to. */
    private void repair(List<String> faults) {
        List<String> found = faults.isEmpty() ? store().look().faults() : faults;
        if (!found.isEmpty()) {
            Main.repaired(false, "nothing was looked at: " + String.join("; ", found));
        }
        Repair repair = new Repair(
                beans.select(ScriptRunner.class).get(),
                beans.select(RedisSettings.class).get());
        try {
            if (Main.repairApplies()) {
                Repair.Outcome outcome = repair.apply(System.out::println);
                String left = outcome.leftAlone() == 0 ? "" : ", " + outcome.leftAlone() + " cannot be: see above";
                Main.repaired(outcome.leftAlone() == 0, outcome.repaired() + " buckets repaired" + left);
            } else {
                int wrong = repair.look(System.out::println);
                Main.repaired(
                        wrong == 0,
                        wrong == 0
                                ? "all buckets are consistent"
                                : wrong + " buckets are inconsistent: --repair --apply repairs them");
            }
        } catch (Repair.StoppedException e) {
            Main.repaired(false, e.getMessage() + "; run it again when the cause is gone");
        }
    }

    /** Both neighbours at the same time; the other, Postgres, may hang where somebody has locked a table. */
    private static CheckResult both(Supplier<CheckResult> one, Supplier<CheckResult> other) {
        // No virtual thread: a native image refuses to initialise some classes on one, such as that of the log's first
        // line.
        var others = CompletableFuture.supplyAsync(
                other, look -> Thread.ofPlatform().daemon().name("look").start(look));
        CheckResult found = one.get();
        try {
            return found.and(others.get(LONGEST_LOOK.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return found.and(
                    CheckResult.notYet("Postgres: no end of the look at it in " + LONGEST_LOOK.toSeconds() + " s"));
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private StoreCheck store() {
        return new StoreCheck(beans.select(ScriptRunner.class).get());
    }

    /** Returns when both neighbours are fit. */
    private void await(FluentConfiguration flyway) {
        DatabaseCheck database = beans.select(DatabaseCheck.class).get();
        StoreCheck store = store();
        Waiting redis = new Waiting("Redis", store::look);
        Waiting postgres = new Waiting("Postgres", () -> database.look(flyway));
        long end = System.nanoTime() + patience().toNanos();
        Duration pause = FIRST_PAUSE;
        while (true) {
            CheckResult found = both(redis::look, postgres::look);
            // A start that is refused has claimed nothing.
            found = found.isFit() ? store.claim() : found;
            if (found.isFit()) {
                return;
            }
            if (!found.mayPass()) {
                throw new StartupException(found.faults());
            }
            if (System.nanoTime() + pause.toNanos() > end) {
                List<String> lines = new ArrayList<>(found.faults());
                lines.add("gave up after " + patience().toSeconds() + " s (lockgate.start.patience)");
                throw new StartupException(lines);
            }
            pause(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private static void pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Flyway says so whether there was something to migrate or not. */
    private static final class EndOfMigration extends BaseCallback {
        @Override
        public boolean supports(Event event, Context context) {
            return event == Event.AFTER_MIGRATE_OPERATION_FINISH;
        }

        @Override
        public void handle(Event event, Context context) {
            Main.migrated();
        }
    }

    /** One neighbour that is waited for; a line in the log each time something changes, none for each attempt. */
    private static final class Waiting {
        private final String name;
        private final Supplier<CheckResult> look;
        private List<String> last = List.of();
        private boolean fit;

        Waiting(String name, Supplier<CheckResult> look) {
            this.name = name;
            this.look = look;
        }

        CheckResult look() {
            if (fit) {
                return CheckResult.fit();
            }
            CheckResult found = look.get();
            fit = found.isFit();
            if (fit && !last.isEmpty()) {
                LOG.infof("%s answers", name);
            } else if (!fit && found.mayPass() && !found.faults().equals(last)) {
                LOG.warnf("waiting: %s", SecretRedactor.hide(String.join("; ", found.faults())));
            }
            last = found.faults();
            return found;
        }
    }
}
