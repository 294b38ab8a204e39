package io.lockgate.course;

import java.time.Instant;
import java.util.Optional;

/**
 * A lock that one call has made, so that exactly this can be rolled back: not one that its owner has renewed since.
 *
 * @param version the store's own name for the row as that call wrote it
 * @param replaced the lock that the call released for it
 */
public record CourseClaim(long lockId, long owner, String version, Optional<Replaced> replaced) {
    /**
     * A lock that gave way to another of its owner.
     *
     * @param expiresAt by the store's clock
     */
    public record Replaced(long lockId, Gadget on, Instant expiresAt) {}
}
