package io.lockgate.postgres;

import java.time.Duration;

/**
 * What calls that wait for a lock may take of one gateway.
 *
 * @param total calls held at once ({@code lockgate.limits.held-calls})
 * @param perUser of one user ({@code lockgate.limits.held-calls-per-principal})
 * @param recheck how often a held call is asked whether it is still permitted ({@code lockgate.identity.cache})
 */
public record LockQueueLimits(int total, int perUser, Duration recheck) {}
