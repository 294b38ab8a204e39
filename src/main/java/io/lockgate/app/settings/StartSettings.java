package io.lockgate.app.settings;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the gateway starts. */
@ConfigMapping(prefix = "lockgate.start")
@RegisterForReflection
public interface StartSettings {
    /**
     * How long a start waits for a Redis or a Postgres that does not answer; then it ends with one line and exit code
     * 1. A fault that no waiting can cure, such as a wrong password, ends it at once.
     */
    @WithDefault("60s")
    @WithinTime(min = "0s", max = "10m")
    Duration patience();
}
