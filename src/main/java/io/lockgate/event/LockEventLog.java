package io.lockgate.event;

import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.OptionalLong;

/**
 * The port of events: a log of the newest, in which each event has been written with its change or not at all. The events
 * of one lock come in order.
 */
public interface LockEventLog {
    /** Gets events, on any thread, one call after the other. It must not block. */
    interface Listener {
        /**
         * What happened next.
         *
         * @param upTo all events up to this position have been told; at least that of the last event
         */
        void events(List<LockEvent> events, long upTo);

        /**
         * Events up to {@code position} are no longer in the log, or were never; it goes on behind.
         */
        void gap(long position);

        /** Whether it can take more. While it cannot it is told nothing; what happened then comes later. */
        boolean isReady();
    }

    /** A listener that is being told. */
    interface Following {
        /** Tells it nothing more, but for what is being told. */
        void end();
    }

    /**
     * Tells {@code listener} all events after a position, then each that happens, within about half a second. While the store
     * does not answer it hears nothing, and afterwards what happened meanwhile.
     *
     * @param after empty: from now on
     */
    Following follow(OptionalLong after, Listener listener);

    /** Deletes all but about the newest {@code keep} events. */
    Uni<Void> prune(int keep);
}
