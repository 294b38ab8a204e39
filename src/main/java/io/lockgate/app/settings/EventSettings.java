package io.lockgate.app.settings;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;

/** When events of range locks are written. */
@ConfigMapping(prefix = "lockgate.events")
@RegisterForReflection
public interface EventSettings {
    /**
     * When events of range locks are written to Redis: {@code listened} (while somebody listens to them, and for 10 minutes
     * after) or {@code always}, which costs every acquire and release a further command of Redis.
     */
    @WithParentName
    @WithDefault("listened")
    Mode mode();

    /** See {@link #mode()}. */
    enum Mode {
        LISTENED,
        ALWAYS
    }
}
