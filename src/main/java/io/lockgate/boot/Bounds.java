package io.lockgate.boot;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;

/** Checks of settings at start. A setting out of bounds stops the start with one line that names it. */
final class Bounds {
    private Bounds() {}

    static int within(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ConfigurationException(
                    "%s is %d, but must be between %d and %d".formatted(name, value, min, max));
        }
        return value;
    }

    static Duration within(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new ConfigurationException("%s is %d ms, but must be between %d ms and %d ms"
                    .formatted(name, value.toMillis(), min.toMillis(), max.toMillis()));
        }
        return value;
    }
}
