package io.lockgate.app.settings;

import io.lockgate.postgres.PostgresBulkheads;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * Compares every setting with its bounds: {@link Within} and {@link WithinTime} on the mappings, and here, in code, the
 * bounds of Quarkus' settings and those that depend on another setting. A value that is not even a number or a time is
 * left to the mapping, which names it.
 */
public final class SettingBounds {
    /** 2^53-1, beyond which JSON in a browser has no whole numbers. */
    private static final long MAX_SAFE = (1L << 53) - 1;

    private static final int MAX_PORT = 65_535;
    private static final Duration MAX_DEAD_AFTER = Duration.ofMinutes(10);

    /** With a longer delay the process would be ended before it is over (io.lockgate.app.start.Main). */
    private static final Duration MAX_SHUTDOWN_DELAY = Duration.ofSeconds(15);

    /**
     * A setting out of bounds.
     *
     * @param setting its name
     * @param line what is wrong, in one line
     * @param nearest the nearest value in bounds, as the setting is spelled
     */
    public record Fault(String setting, String line, String nearest) {}

    private final Config config;
    private final Map<String, Long> numbers = new HashMap<>();
    private final Map<String, Duration> times = new HashMap<>();
    private final Map<String, Fault> faults = new LinkedHashMap<>();

    private SettingBounds(Config config) {
        this.config = config;
    }

    /** All settings out of bounds, one fault for each. */
    public static List<Fault> faults(Config config) {
        SettingBounds bounds = new SettingBounds(config);
        bounds.check(SettingsCatalog.MAPPINGS);
        bounds.checkQuarkus();
        bounds.checkDependent();
        return List.copyOf(bounds.faults.values());
    }

    /** The settings of some mappings that are out of bounds, without what depends on another setting. */
    static List<Fault> faults(Config config, Collection<Class<?>> mappings) {
        SettingBounds bounds = new SettingBounds(config);
        bounds.check(mappings);
        return List.copyOf(bounds.faults.values());
    }

    private void check(Collection<Class<?>> mappings) {
        for (Class<?> mapping : mappings) {
            Method[] settings = mapping.getDeclaredMethods();
            Arrays.sort(settings, Comparator.comparing(Method::getName));
            for (Method setting : settings) {
                check(SettingsCatalog.name(mapping, setting), setting);
            }
        }
    }

    private void check(String name, Method setting) {
        Within number = setting.getAnnotation(Within.class);
        WithinTime time = setting.getAnnotation(WithinTime.class);
        WithDefault otherwise = setting.getAnnotation(WithDefault.class);
        if (number != null) {
            number(name, otherwise).ifPresent(value -> within(name, value, number.min(), number.max()));
        } else if (time != null) {
            time(name, otherwise).ifPresent(value -> within(name, value, parse(time.min()), parse(time.max())));
        }
    }

    /** Settings of Quarkus that would otherwise end in a stack trace, or too late. */
    private void checkQuarkus() {
        for (String port : List.of("quarkus.http.port", "quarkus.http.ssl-port", "quarkus.management.port")) {
            number(port, null).ifPresent(value -> within(port, value, 0, MAX_PORT));
        }
        String connections = "quarkus.datasource.reactive.max-size";
        number(connections, null)
                .ifPresent(value -> within(connections, value, PostgresBulkheads.MIN_CONNECTIONS, 1_000));
        String delay = "quarkus.shutdown.delay";
        time(delay, null).ifPresent(value -> within(delay, value, Duration.ZERO, MAX_SHUTDOWN_DELAY));
    }

    /** Bounds that are other settings. */
    private void checkDependent() {
        atMost("lockgate.admin.page-default", "lockgate.admin.page-max");
        atMost("lockgate.files.page-default", "lockgate.files.page-max");
        atMost("lockgate.limits.held-calls-per-principal", "lockgate.limits.held-calls");
        atMost("lockgate.identity.unknown-per-network", "lockgate.identity.unknown-waiting");
        String deadAfter = "lockgate.postgres.dead-after";
        Duration timeout = times.get("lockgate.postgres.timeout");
        Duration value = times.get(deadAfter);
        if (timeout != null && value != null) {
            within(deadAfter, value, timeout.multipliedBy(2), MAX_DEAD_AFTER);
        }
    }

    private void atMost(String name, String other) {
        Long value = numbers.get(name);
        Long max = numbers.get(other);
        if (value != null && max != null) {
            within(name, value, 1, max);
        }
    }

    private void within(String name, long value, long min, long max) {
        if (value < min || value > max) {
            String line = name + " is " + value + ", but must be between " + min + " and "
                    + (max == MAX_SAFE ? "2^53-1" : Long.toString(max));
            faults.putIfAbsent(name, new Fault(name, line, Long.toString(Math.clamp(value, min, max))));
        }
        numbers.put(name, Math.clamp(value, min, max));
    }

    private void within(String name, Duration value, Duration min, Duration max) {
        Duration nearest = value.compareTo(min) < 0 ? min : value.compareTo(max) > 0 ? max : value;
        if (!nearest.equals(value)) {
            String line = name + " is " + millis(value) + " ms, but must be between " + min.toMillis() + " ms and "
                    + max.toMillis() + " ms";
            faults.putIfAbsent(name, new Fault(name, line, nearest.toMillis() + "ms"));
        }
        times.put(name, nearest);
    }

    private Optional<Long> number(String name, @Nullable WithDefault otherwise) {
        return text(name, otherwise).flatMap(text -> {
            try {
                return Optional.of(Long.valueOf(text));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        });
    }

    private Optional<Duration> time(String name, @Nullable WithDefault otherwise) {
        return text(name, otherwise).flatMap(text -> {
            try {
                return Optional.of(parse(text));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        });
    }

    /** The value as it is spelled; empty where there is none, or where its expression cannot be resolved. */
    private Optional<String> text(String name, @Nullable WithDefault otherwise) {
        try {
            return config.getOptionalValue(name, String.class)
                    .or(() -> Optional.ofNullable(otherwise).map(WithDefault::value))
                    .map(String::strip);
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Quarkus' own spelling of durations. */
    private static Duration parse(String text) {
        return DurationConverter.parseDuration(text);
    }

    private static long millis(Duration value) {
        try {
            return value.toMillis();
        } catch (ArithmeticException tooLong) {
            return value.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
