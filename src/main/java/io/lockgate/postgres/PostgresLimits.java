package io.lockgate.postgres;

import java.time.Duration;

/** How long anything waits for Postgres. The settings {@code lockgate.postgres.*} implement it. */
public interface PostgresLimits {
    /**
     * Time of one call, from the request for a connection to the last row; the client's answer is due in two seconds.
     */
    Duration timeout();

    /**
     * A connection that has brought no byte for this time is closed, even if a statement waits on it: the only way out
     * when the network swallows packets. Longer than {@link #timeout()}.
     */
    Duration deadAfter();
}
