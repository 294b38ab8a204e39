package io.lockgate.range;

import java.time.Duration;
import java.util.Optional;

/**
 * What the owner of a lock is told by the next renewal of its session, or of the lock when it has none. Told until the
 * renewal after it.
 *
 * @param grant as it stood then
 * @param in of an announcement: until the lock is broken
 * @param reason of an announcement: why; else empty
 */
public record Notice(Kind kind, Grant grant, Optional<Duration> in, String reason) {
    /** What it tells. */
    public enum Kind {
        /** The lock will be broken. */
        ANNOUNCED,
        /** It will not. */
        CANCELLED,
        /** It was broken, and stands again with another token. */
        RESTORED
    }
}
