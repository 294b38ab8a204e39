package io.lockgate.app.settings;

import io.lockgate.api.courses.CoursesLimits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Course locks, and limits of their API. */
@ConfigMapping(prefix = "lockgate.courses")
@RegisterForReflection
public interface CourseSettings extends CoursesLimits {
    /**
     * How long a lock stands after it was acquired or renewed. Clients see it as {@code expiresIn}, in milliseconds.
     * Applies to locks acquired or renewed from then on.
     */
    @WithDefault("5m")
    @WithinTime(min = "100ms", max = "1d")
    Duration lease();

    /** Longest request body in bytes; more is 413. */
    @Override
    @WithDefault("16384")
    @Within(min = 1_024, max = 65_536)
    int bodyLimit();
}
