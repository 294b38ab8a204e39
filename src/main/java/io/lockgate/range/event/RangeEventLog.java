package io.lockgate.range.event;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.LockTableUnavailableException;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * The port of events of byte-range locks: a log of the newest in each bucket, in which an event is written by the step that
 * makes the change, while somebody listens. The events of one file come in order.
 */
public interface RangeEventLog {
    /** How many buckets there are. The events of a file are those of one bucket. */
    int buckets();

    /**
     * Has events written from now on, for 10 minutes at least, of the bucket of a file or of all buckets.
     *
     * @param principal on whose account
     * @param fileId none: of all buckets, of which there must not be more than {@link EventPosition#MAX_BUCKETS}
     * @return the position: everything that happens later is behind it. Fails with a {@link LockTableUnavailableException}
     *     when a bucket does not answer
     */
    Uni<EventPosition> register(String principal, Optional<Long> fileId);

    /**
     * Tells {@code listener} all events behind a position, then each that happens, within about half a second, and has them
     * written until it ends. It is told of a gap where events may be missing: the log no longer has them, or was not written
     * for a while. While the store does not answer it hears nothing, and afterwards what happened meanwhile.
     *
     * @param principal on whose account the past is read
     * @param after a position of this log
     */
    Following follow(String principal, EventPosition after, EventListener<RangeEvent, EventId> listener);
}
