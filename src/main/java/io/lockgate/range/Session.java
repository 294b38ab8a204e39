package io.lockgate.range;

import java.time.Duration;

/**
 * A live client session at one moment: one heartbeat keeps all its locks.
 *
 * @param principal whose it is
 * @param ownerName machine name that its locks have when they name none; may be empty
 * @param ttl how long it lives after a heartbeat, 1 s to 24 h
 * @param expiresIn time left by the store's clock
 */
public record Session(SessionId id, String principal, String ownerName, Duration ttl, Duration expiresIn) {}
