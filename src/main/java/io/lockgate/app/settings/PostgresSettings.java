package io.lockgate.app.settings;

import io.lockgate.postgres.PostgresLimits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long anything waits for Postgres. Its address and credentials are Quarkus' own settings. */
@ConfigMapping(prefix = "lockgate.postgres")
@RegisterForReflection
public interface PostgresSettings extends PostgresLimits {
    /**
     * Time of one call, from the request for a connection to the last row; then the client gets 503. Postgres gets it
     * as {@code statement_timeout}.
     */
    @Override
    @WithDefault("1500ms")
    @WithinTime(min = "100ms", max = "1900ms")
    Duration timeout();

    /**
     * A connection that has brought no byte for this time is closed; at least twice
     * {@code lockgate.postgres.timeout}. It is how the gateway recovers when the network swallows packets. Idle
     * connections are closed after half of it.
     */
    @Override
    @WithDefault("10s")
    @WithinTime(min = "200ms", max = "10m")
    Duration deadAfter();
}
