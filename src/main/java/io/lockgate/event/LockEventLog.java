package io.lockgate.event;

import io.smallrye.mutiny.Uni;
import java.util.OptionalLong;

/**
 * The port of events: a log of the newest, in which each event has been written with its change or not at all. The events
 * of one lock come in order.
 */
public interface LockEventLog {
    /**
     * Tells {@code listener} all events after a position, then each that happens, within about half a second. While the store
     * does not answer it hears nothing, and afterwards what happened meanwhile.
     *
     * @param after empty: from now on
     */
    Following follow(OptionalLong after, EventListener<LockEvent, Long> listener);

    /** Deletes all but about the newest {@code keep} events. */
    Uni<Void> prune(int keep);
}
