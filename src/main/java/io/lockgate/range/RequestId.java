package io.lockgate.range;

import java.util.Optional;

/**
 * Names one acquire or batch that was granted something, so that it can be rolled back. Means something to the {@link
 * RangeLockTable} that made it, and for 30 s.
 *
 * @param space the space that was asked about
 * @param text unique over all gateways
 * @param key of a call that carries one: its record goes with the grant
 */
public record RequestId(LockSpace space, String text, Optional<IdempotencyKey> key) {
    /** Of a call without a key. */
    public RequestId(LockSpace space, String text) {
        this(space, text, Optional.empty());
    }
}
