package io.lockgate.boot;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;
import java.util.List;

/**
 * Checks of settings at start. A setting out of bounds stops the start with one line that names it; within {@link #collecting}
 * the line is noted instead, and the nearest bound taken, so that one look finds them all.
 */
final class Bounds {
    private static final ScopedValue<List<String>> FAULTS = ScopedValue.newInstance();

    private Bounds() {}

    /** Runs {@code work}; what is out of bounds meanwhile, in this thread, goes to {@code faults}. */
    static void collecting(List<String> faults, Runnable work) {
        ScopedValue.where(FAULTS, faults).run(work);
    }

    static int within(String name, int value, int min, int max) {
        if (value < min || value > max) {
            fault(name + " is " + value + ", but must be between " + min + " and " + max);
        }
        return Math.clamp(value, min, max);
    }

    static Duration within(String name, Duration value, Duration min, Duration max) {
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
    static void fault(String line) {
        if (!FAULTS.isBound()) {
            throw new ConfigurationException(line);
        }
        if (!FAULTS.get().contains(line)) {
            FAULTS.get().add(line);
        }
    }
}
