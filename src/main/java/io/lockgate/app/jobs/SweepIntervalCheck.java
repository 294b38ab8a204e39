package io.lockgate.app.jobs;

import io.lockgate.app.settings.LockSettings;
import io.lockgate.app.start.StartupCheck;
import io.quarkus.runtime.configuration.DurationConverter;
import jakarta.inject.Singleton;
import java.util.List;

/** Finds an interval that the scheduler would refuse with a stack trace. */
@Singleton
final class SweepIntervalCheck implements StartupCheck {
    private final LockSettings settings;

    SweepIntervalCheck(LockSettings settings) {
        this.settings = settings;
    }

    @Override
    public List<String> faults() {
        String interval = settings.sweepInterval();
        try {
            return DurationConverter.parseDuration(interval).isPositive()
                    ? List.of()
                    : List.of("lockgate.locks.sweep-interval is '" + interval + "', but must be more than 0 s");
        } catch (IllegalArgumentException e) {
            return List.of("lockgate.locks.sweep-interval is '" + interval + "', but must be a duration such as 1s");
        }
    }
}
