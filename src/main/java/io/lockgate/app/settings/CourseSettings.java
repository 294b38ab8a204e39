package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the course locks and their door. */
@ConfigMapping(prefix = "lockgate.courses")
public interface CourseSettings {
    Duration MIN_LEASE = Duration.ofMillis(100);
    Duration MAX_LEASE = Duration.ofDays(1);

    /**
     * How long a lock stands after it was taken or renewed (100 ms to 24 h). Clients see it as {@code expiresIn}, in
     * milliseconds. Applies to locks taken or renewed from then on.
     */
    @WithDefault("5m")
    Duration lease();

    /** Longest request body in bytes (1,024 to 65,536); more is 413. */
    @WithDefault("16384")
    int bodyLimit();
}
