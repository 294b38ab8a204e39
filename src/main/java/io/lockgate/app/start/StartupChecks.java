package io.lockgate.app.start;

import io.lockgate.app.settings.StartSettings;
import io.lockgate.dependency.CheckResult;
import io.lockgate.postgres.DatabaseCheck;
import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.Repair;
import io.lockgate.redis.ScriptRunner;
import io.lockgate.redis.StoreCheck;
import io.quarkus.arc.All;
import io.quarkus.flyway.FlywayConfigurationCustomizer;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jboss.logging.Logger;

/**
 * What must be true before the gateway touches anything: every setting in its bounds, Redis and Postgres reached and
 * fit. It stands where Quarkus makes Flyway, which is before the schema is migrated or looked at, before any port is
 * opened, and with all settings of Redis and Postgres read as they will be used.
 *
 * <p>With {@code --check-config} it is also the end of the start, with {@code --migrate} the end comes when Flyway is
 * done: see {@link Main}.
 */
@Singleton
public final class StartupChecks implements FlywayConfigurationCustomizer {
    private static final Logger LOG = Logger.getLogger(StartupChecks.class);
    /** More than the time-outs of its parts. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(15);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final StartupState state = StartupState.current();
    private final List<StartupCheck> checks;
    private final Instance<DatabaseCheck> database;
    private final Instance<ScriptRunner> runner;
    private final RedisSettings redis;
    private final StartSettings start;

    /** Beans that connect to Redis or Postgres are made only once the settings are known to be good. */
    StartupChecks(
            @All List<StartupCheck> checks,
            Instance<DatabaseCheck> database,
            Instance<ScriptRunner> runner,
            RedisSettings redis,
            StartSettings start) {
        this.checks = checks;
        this.database = database;
        this.runner = runner;
        this.redis = redis;
        this.start = start;
    }

    @Override
    public void customize(FluentConfiguration flyway) {
        List<String> faults = faultsOfSettings();
        List<String> unknown = UnknownVariables.among(System.getenv());
        switch (state.mode()) {
            case REPAIR, REPAIR_APPLY -> repair(faults);
            case CHECK_CONFIG -> {
                faults.addAll(unknown);
                look(faults, flyway);
            }
            case SERVE, MIGRATE -> {
                if (!faults.isEmpty()) {
                    throw new StartupException(faults);
                }
                // No reason not to serve: another version may know them.
                unknown.forEach(LOG::warn);
                await(flyway);
                state.pass();
                if (state.mode() == StartupState.Mode.MIGRATE) {
                    flyway.callbacks(new EndOfMigration());
                }
            }
        }
    }

    private List<String> faultsOfSettings() {
        Set<String> faults = new LinkedHashSet<>(state.faults());
        checks.forEach(check -> faults.addAll(check.faults()));
        return new ArrayList<>(faults);
    }

    /** Looks once and says what was found. */
    private void look(List<String> faults, FluentConfiguration flyway) {
        DatabaseCheck postgres = database.get();
        StoreCheck store = store();
        faults.addAll(both(store::look, () -> postgres.look(flyway)).faults());
        Exit.checked(faults);
    }

    /** Finds the buckets of Redis that are inconsistent, and repairs them when asked to. */
    private void repair(List<String> faults) {
        List<String> found = faults.isEmpty() ? store().look().faults() : faults;
        if (!found.isEmpty()) {
            Exit.repaired(false, "nothing was looked at: " + String.join("; ", found));
        }
        Repair repair = new Repair(runner.get(), redis);
        try {
            if (state.mode() == StartupState.Mode.REPAIR_APPLY) {
                Repair.Outcome outcome = repair.apply(System.out::println);
                String left = outcome.leftAlone() == 0 ? "" : ", " + outcome.leftAlone() + " cannot be: see above";
                Exit.repaired(outcome.leftAlone() == 0, outcome.repaired() + " buckets repaired" + left);
            } else {
                int wrong = repair.look(System.out::println);
                Exit.repaired(
                        wrong == 0,
                        wrong == 0
                                ? "all buckets are consistent"
                                : wrong + " buckets are inconsistent: --repair --apply repairs them");
            }
        } catch (Repair.StoppedException e) {
            Exit.repaired(false, e.getMessage() + "; run it again when the cause is gone");
        }
    }

    /** Redis and Postgres at the same time; the other, Postgres, may hang where somebody has locked a table. */
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
        return new StoreCheck(runner.get());
    }

    /** Returns when Redis and Postgres are fit. */
    private void await(FluentConfiguration flyway) {
        DatabaseCheck database = this.database.get();
        StoreCheck store = store();
        Waiting redis = new Waiting("Redis", store::look);
        Waiting postgres = new Waiting("Postgres", () -> database.look(flyway));
        long end = System.nanoTime() + start.patience().toNanos();
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
                lines.add("gave up after " + start.patience().toSeconds() + " s (lockgate.start.patience)");
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
            Exit.migrated();
        }
    }

    /** One dependency that is waited for; a line in the log each time something changes, none for each attempt. */
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
