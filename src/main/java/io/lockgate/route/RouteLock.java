package io.lockgate.route;

import java.time.Instant;

/**
 * A lock that stands until its holder releases it or an administrator breaks it.
 *
 * @param holder id of the user who holds it
 * @param username name of that user
 * @param since when it was acquired, by the store's clock
 */
public record RouteLock(RouteLockId what, long holder, String username, Instant since) {}
