package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long anything waits for Postgres. Its address and credentials are Quarkus' own settings. */
@ConfigMapping(prefix = "lockgate.postgres")
public interface PostgresSettings {
    Duration MIN_TIMEOUT = Duration.ofMillis(100);
    Duration MAX_TIMEOUT = Duration.ofMillis(1_900);
    Duration MAX_DEAD_AFTER = Duration.ofMinutes(10);

    /**
     * Time of one call, from the request for a connection to the last row (100 ms to 1,900 ms): then the client gets 503.
     * Also sent to Postgres as {@code statement_timeout}.
     */
    @WithDefault("1500ms")
    Duration timeout();

    /**
     * A connection that has brought no byte for so long is closed (twice the timeout to 10 minutes). It is how the gateway
     * recovers when the network swallows packets. Idle connections are given back after half of it.
     */
    @WithDefault("10s")
    Duration deadAfter();
}
