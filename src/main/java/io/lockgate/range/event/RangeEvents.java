package io.lockgate.range.event;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.range.LockRights;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/**
 * The use cases of events of byte-range locks (docs/api-files.md, "Events"). Who may read is told of everybody's locks, who
 * may only acquire of its own.
 */
public final class RangeEvents {
    private final RangeEventLog log;

    public RangeEvents(RangeEventLog log) {
        this.log = log;
    }

    /**
     * Fails a caller who may be told nothing.
     *
     * @throws NotPermittedException when the caller may neither read nor acquire
     */
    public static void require(LockRights rights) {
        if (!rights.reads() && !rights.acquires()) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
    }

    /** Whether there are too many buckets for a stream of all files. */
    public boolean needsFile() {
        return log.buckets() > EventPosition.MAX_BUCKETS;
    }

    /** Has events written: the position now, as {@link RangeEventLog#register}. */
    public Uni<EventPosition> register(LockRights rights, Optional<Long> fileId) {
        require(rights);
        if (fileId.isEmpty() && needsFile()) {
            throw new IllegalArgumentException("a stream of all files in more than 64 buckets");
        }
        return log.register(rights.principal(), fileId);
    }

    /** Tells {@code listener} what {@code filter} matches and the caller may know, behind a position. */
    public Following follow(
            LockRights rights, EventFilter filter, EventPosition after, EventListener<RangeEvent, EventId> listener) {
        require(rights);
        return log.follow(rights.principal(), after, new Filtered(rights, filter, listener));
    }

    private record Filtered(LockRights rights, EventFilter filter, EventListener<RangeEvent, EventId> to)
            implements EventListener<RangeEvent, EventId> {
        @Override
        public void events(List<RangeEvent> events, EventId upTo) {
            to.events(
                    events.stream()
                            .filter(event -> filter.matches(rights, event.grant()))
                            .toList(),
                    upTo);
        }

        @Override
        public void gap(EventId position) {
            to.gap(position);
        }

        @Override
        public boolean isReady() {
            return to.isReady();
        }
    }
}
