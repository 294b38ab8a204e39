package io.lockgate.route;

/**
 * Who asks, as far as this room must know. Every use case takes it.
 *
 * @param userId the authenticated user, who may have been deleted since
 * @param username for the audit trail
 * @param manages where the caller takes, frees and lists locks ({@code manage-locks})
 * @param forces where the caller removes others' locks ({@code force-locks})
 */
public record Caller(long userId, String username, RouteScope manages, RouteScope forces) {}
