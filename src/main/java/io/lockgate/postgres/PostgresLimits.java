package io.lockgate.postgres;

import java.time.Duration;

/**
 * How long anything waits for Postgres.
 *
 * @param timeout of one call, from the request for a connection to the last row; the client's answer is due in two seconds
 * @param deadAfter a connection that has brought no byte for so long is closed, even if a statement waits on it: the only
 *     way out when the network swallows packets; longer than {@code timeout}
 */
public record PostgresLimits(Duration timeout, Duration deadAfter) {}
