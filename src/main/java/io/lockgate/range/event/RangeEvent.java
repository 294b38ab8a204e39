package io.lockgate.range.event;

import io.lockgate.range.Grant;
import io.lockgate.range.queue.WaiterId;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened to byte-range locks. Of a grant that {@linkplain io.lockgate.range.Grant.Held stands}: who applies
 * these events to a list, one after the other, has the bytes that each owner holds. An event of a grant in another stage is
 * about a request that waits, or was granted its lock and has not confirmed it.
 *
 * @param waiter the request that it is about, or whose confirmation has made the grant
 * @param grant the lock with the range that it is about: as it stands (granted), what is free now (released, expired), or what
 *     is waited for. Times left are those of then
 */
public record RangeEvent(EventId id, Kind kind, Optional<WaiterId> waiter, Grant grant) {
    /** What happened. */
    public enum Kind {
        /** Its owner holds the range in this mode, whatever it held there before; an SMB lock is one more. */
        GRANTED,
        /** A request waits. */
        QUEUED,
        /** By its owner, an administrator, the end of its session, or because nobody could be told of it. */
        RELEASED,
        /** Its time, or that of its session, is over: about a second late at most. */
        EXPIRED,
        /** An administrator has broken it. */
        BROKEN
    }

    /** When, by the store's clock. */
    public Instant at() {
        return Instant.ofEpochMilli(id.millis());
    }
}
