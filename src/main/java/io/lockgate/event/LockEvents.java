package io.lockgate.event;

import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The use cases of events (docs/api-admin.md, "Events"). A caller without the permission named gets {@link
 * NotPermittedException}.
 */
public final class LockEvents {
    private final LockEventLog log;

    public LockEvents(LockEventLog log) {
        this.log = log;
    }

    /**
     * Fails a caller who may see none of these events.
     *
     * @param route only events of locks on that route; empty: all that the caller may see
     */
    public void require(Caller caller, Optional<String> route) {
        boolean permitted = route.map(one -> caller.mayExactly(Permission.MANAGE_LOCKS, one))
                .orElseGet(() -> caller.maySomewhere(Permission.MANAGE_LOCKS));
        if (!permitted) {
            throw new NotPermittedException(Permission.MANAGE_LOCKS);
        }
    }

    /**
     * Tells {@code listener} the events that the caller may see: of route locks where they manage, of course locks when they
     * manage everywhere.
     *
     * @param after position to go on behind; empty: from now on
     */
    public Following follow(
            Caller caller, Optional<String> route, OptionalLong after, EventListener<LockEvent, Long> listener) {
        require(caller, route);
        return log.follow(after, new Filtered(caller, route, listener));
    }

    private record Filtered(Caller caller, Optional<String> route, EventListener<LockEvent, Long> to)
            implements EventListener<LockEvent, Long> {
        @Override
        public void events(List<LockEvent> events, Long upTo) {
            to.events(events.stream().filter(this::concerns).toList(), upTo);
        }

        @Override
        public void gap(Long position) {
            to.gap(position);
        }

        @Override
        public boolean isReady() {
            return to.isReady();
        }

        private boolean concerns(LockEvent event) {
            return switch (event.kind()) {
                case ROUTE ->
                    route.map(event.scope()::equals).orElse(true)
                            && caller.mayExactly(Permission.MANAGE_LOCKS, event.scope());
                case COURSE -> route.isEmpty() && caller.may(Permission.MANAGE_LOCKS);
            };
        }
    }
}
