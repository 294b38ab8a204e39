package io.lockgate.app.settings;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;
import java.util.List;

/**
 * Checks of settings at start. A setting out of bounds stops the start with one line that names it; within {@link #collecting}
 * the line is noted instead, and the nearest bound taken, so that one look finds them all.
 */
public final class SettingBounds {
    private static final ScopedValue<List<String>> FAULTS = ScopedValue.newInstance();

    private SettingBounds() {}

    /** Runs {@code work}; what is out of bounds meanwhile, in this thread, goes to {@code faults}. */
    public static void collecting(List<String> faults, Runnable work) {
        ScopedValue.where(FAULTS, faults).run(work);
    }

    public static int within(String name, int value, int min, int max) {
        if (value < min || value > max) {
            fault(name + " is " + value + ", but must be between " + min + " and " + max);
        }
        return Math.clamp(value, min, max);
    }

    public static Duration within(String name, Duration value, Duration min, Duration max) {
        boolean below = value.compareTo(min) < 0;
        if (below || value.compareTo(max) > 0) {
            fault(name + " is " + millis(value) + " ms, but must be between " + min.toMillis() + " ms and "
                    + max.toMillis() + " ms");
            return below ? min : max;
        }
        return value;
    }

    private static long millis(Duration value) {
        try {
            return value.toMillis();
        } catch (ArithmeticException tooLong) {
            return value.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** For what is not a matter of bounds. */
    public static void fault(String line) {
        if (!FAULTS.isBound()) {
            throw new ConfigurationException(line);
        }
        if (!FAULTS.get().contains(line)) {
            FAULTS.get().add(line);
        }
    }
}
