package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the gateway starts. */
@ConfigMapping(prefix = "lockgate.start")
public interface StartSettings {
    Duration MAX_PATIENCE = Duration.ofMinutes(10);

    /**
     * How long the start waits for a Redis or a Postgres that does not answer (0 s to 10 min); then it ends with one line and exit
     * code 1. What waiting cannot mend, such as a wrong password, ends it at once.
     */
    @WithDefault("60s")
    Duration patience();
}
