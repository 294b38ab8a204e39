package io.lockgate.app.start;

import io.lockgate.app.settings.SettingBounds;
import io.lockgate.app.start.StartupState.Mode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.util.ExceptionUtil;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/**
 * The main class of what is shipped: says what must be said before any class of the HTTP layer is loaded, starts, and
 * words the end of a start that fails: one line for each fault that is known, a stack trace only for what nobody
 * thought of.
 */
@QuarkusMain
public final class Main {
    private static final String USAGE = """
            usage: lockgate                  serves; settings come from the environment (docs/settings.md)
                   lockgate --migrate        brings the schema of Postgres up to date, serves nothing
                   lockgate --check-config   reads the settings, tries Redis and Postgres, changes nothing, serves nothing
                   lockgate --repair         says what is inconsistent in Redis, changes nothing; --repair --apply repairs it
                   lockgate --version""";

    /** Under the 20 s that are promised, and over what {@code quarkus.shutdown.*} take together. */
    private static final Duration LONGEST_STOP = Duration.ofSeconds(19);

    private static final Duration LONGEST_CHECK = Duration.ofSeconds(30);

    /** Quarkus' default is two for each processor. */
    private static final String EVENT_LOOPS = "quarkus.vertx.event-loops-pool-size";

    private static final String NOT_TRIED = "Redis and Postgres were not tried";

    private static final Pattern NOISE = Pattern.compile("(java\\.\\S+Exception: )|(SRCFG\\d+: )");
    private static final Pattern CONVERSION = Pattern.compile(
            "The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being converted ",
            Pattern.DOTALL);

    private Main() {}

    public static void main(String... args) {
        leaveUriChecksToFilters();
        // Headers, metrics and the log have ASCII digits and English words, whatever the machine speaks.
        Locale.setDefault(Locale.ROOT);
        // Until the settings of the log are read; what libraries say of themselves before that nobody has asked for.
        Logger.getLogger("").setLevel(Level.SEVERE);
        switch (String.join(" ", args)) {
            case "" -> serve(Mode.SERVE);
            case "--migrate" -> migrate();
            case "--check-config" -> check();
            case "--repair" -> repair(Mode.REPAIR);
            case "--repair --apply" -> repair(Mode.REPAIR_APPLY);
            case "--version" -> System.out.println("lockgate " + version());
            case "--help" -> System.out.println(USAGE);
            default -> {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
    }

    /** From a file that the build fills in: the configuration knows its version only once Quarkus runs. */
    private static String version() {
        Properties file = new Properties();
        try (InputStream in = Main.class.getResourceAsStream("/lockgate-version.properties")) {
            file.load(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.getProperty("version");
    }

    /**
     * Ends the process when it has no address of Redis or Postgres; a setting out of bounds is told later, with all
     * other faults.
     */
    private static StartupState begin(Mode mode, String... more) {
        SmallRyeConfig config = RequiredSettings.readNow();
        List<String> missing = RequiredSettings.faultsOfStart(config);
        if (!missing.isEmpty()) {
            Exit.say(missing);
            Exit.say(List.of(more));
            System.exit(1);
        }
        fewEventLoops(config);
        List<SettingBounds.Fault> faults = SettingBounds.faults(config);
        // Some beans are made before StartupChecks is, and Redis and Postgres can be tried all the same.
        faults.forEach(fault -> System.setProperty(fault.setting(), fault.nearest()));
        return StartupState.begin(
                mode, faults.stream().map(SettingBounds.Fault::line).toList());
    }

    /**
     * One event loop for two processors. Its work comes in larger portions than that of several: fewer system calls,
     * no waking of each other, and processors for Redis, the collector and the compiler (ADR 40). The setting goes
     * before.
     */
    private static void fewEventLoops(SmallRyeConfig config) {
        if (config.getConfigValue(EVENT_LOOPS).getValue() == null) {
            int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            System.setProperty(EVENT_LOOPS, Integer.toString(loops));
        }
    }

    private static void serve(Mode mode) {
        StartupState state = begin(mode);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(state)));
        run((code, failure) -> ended(state, code, failure));
    }

    /** The same start, up to where Flyway is done; see {@link StartupChecks}. */
    private static void migrate() {
        System.setProperty("quarkus.flyway.migrate-at-start", "true");
        serve(Mode.MIGRATE);
    }

    private static void stop(StartupState state) {
        if (state.isEnded() || state.isPassed()) {
            // Whatever hangs while stopping: the sender of the SIGTERM was promised an end.
            endWithin(LONGEST_STOP, 143, "stopping takes too long");
        } else {
            // Quarkus would let the start go on, or close what is half made, twice.
            System.err.println("lockgate: told to stop before it had begun to serve");
            Runtime.getRuntime().halt(143);
        }
    }

    /** The same start, up to {@link StartupChecks}, with its log silenced. */
    private static void check() {
        begin(Mode.CHECK_CONFIG, NOT_TRIED);
        System.setProperty("quarkus.log.console.enabled", "false");
        endWithin(LONGEST_CHECK, 1, "no end in " + LONGEST_CHECK.toSeconds() + " s: something hangs");
        run(Main::notChecked);
    }

    /**
     * The same start, up to {@link StartupChecks}, with its log silenced; without Postgres, and as long as it takes.
     */
    private static void repair(Mode mode) {
        begin(mode);
        System.setProperty("quarkus.log.console.enabled", "false");
        run(Main::notRepaired);
    }

    /** The reason why a start or a run ends. */
    @FunctionalInterface
    private interface End {
        void with(int code, @Nullable Throwable failure);
    }

    private static void run(End end) {
        try {
            Quarkus.run(null, end::with);
        } catch (RuntimeException | LinkageError e) {
            // The configuration is read when the first class of the application is loaded.
            end.with(1, e);
        }
    }

    private static void ended(StartupState state, int code, @Nullable Throwable failure) {
        if (failure != null) {
            List<String> lines = words(failure);
            if (lines.isEmpty()) {
                Logger.getLogger(Main.class.getName()).log(Level.SEVERE, "the start failed", failure);
            }
            Exit.say(lines);
        }
        state.end();
        System.exit(failure == null ? code : 1);
    }

    private static void notRepaired(int code, @Nullable Throwable failure) {
        if (failure != null) {
            List<String> lines = words(failure);
            Exit.say(lines.isEmpty() ? List.of("nothing was tried: " + ExceptionUtil.getRootCause(failure)) : lines);
        }
        System.exit(failure == null ? code : 1);
    }

    private static void notChecked(int code, @Nullable Throwable failure) {
        if (failure != null) {
            List<String> lines = words(failure);
            Exit.say(lines.isEmpty() ? List.of("the check failed: " + ExceptionUtil.getRootCause(failure)) : lines);
            Exit.say(List.of(NOT_TRIED));
        }
        System.exit(failure == null ? code : 1);
    }

    /** One line for each fault; none for a failure that only its stack trace explains. */
    static List<String> words(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case StartupException e -> {
                    return e.lines();
                }
                case ConfigValidationException e -> {
                    return problems(e);
                }
                case QuarkusBindException e -> {
                    return List.of("port " + e.getPort() + " is taken (QUARKUS_HTTP_PORT, QUARKUS_MANAGEMENT_PORT)");
                }
                case BindException e -> {
                    return List.of(
                            "an address cannot be taken: " + e.getMessage()
                                    + " (QUARKUS_HTTP_HOST, QUARKUS_HTTP_PORT, QUARKUS_MANAGEMENT_HOST, QUARKUS_MANAGEMENT_PORT)");
                }
                case UnknownHostException e -> {
                    return List.of("unknown host: " + e.getMessage());
                }
                case NoSuchFileException e -> {
                    return List.of("no such file: " + e.getMessage());
                }
                case FlywayException e -> {
                    return List.of("the schema cannot be migrated: "
                            + ExceptionUtil.getRootCause(e).getMessage());
                }
                default -> {}
            }
        }
        Throwable root = ExceptionUtil.getRootCause(failure);
        String said = String.valueOf(root.getMessage());
        // SRCFG: the configuration library's own faults, which name the setting.
        return root instanceof ConfigurationException || said.contains("SRCFG") ? List.of(plain(said)) : List.of();
    }

    private static List<String> problems(ConfigValidationException e) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < e.getProblemCount(); i++) {
            lines.add(plain(e.getProblem(i).getMessage()));
        }
        return lines;
    }

    /** The configuration library's words, without its numbers and the names of its exceptions. */
    private static String plain(String problem) {
        return CONVERSION.matcher(NOISE.matcher(problem).replaceAll("")).replaceFirst("$1 is '$2': ");
    }

    private static void endWithin(Duration time, int code, String why) {
        Thread.ofPlatform().daemon().name("end").start(() -> {
            try {
                Thread.sleep(time);
                System.err.println("lockgate: " + why);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                Runtime.getRuntime().halt(code);
            }
        });
    }

    /**
     * Turns off the check that answers a broken URI before any API sees it, with no body and so in no API's format
     * ({@code VertxHttpRecorder}, Quarkus 3.34). The filters of the APIs check instead, more strictly: {@link
     * io.lockgate.http.UriCheck}. For the native image the same is in {@code quarkus.native.additional-build-args},
     * for tests in the pom.
     */
    public static void leaveUriChecksToFilters() {
        System.setProperty("vertx.disableURIValidation", "true");
    }
}
