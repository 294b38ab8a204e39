package io.lockgate.route;

/**
 * A lock that one call has made, so that exactly this can be rolled back: not one that its holder has asked for again
 * since.
 *
 * @param version the store's own name for the row as that call wrote it
 */
public record RouteClaim(RouteLockId what, long holder, String version) {}
