package io.lockgate.event;

import java.util.List;

/**
 * Gets events of a log, on any thread, one call after the other. It must not block.
 *
 * @param <E> an event
 * @param <P> a position in the log
 */
public interface EventListener<E, P> {
    /**
     * What happened next.
     *
     * @param upTo all events up to this position have been told; at least that of the last event
     */
    void events(List<E> events, P upTo);

    /** Events up to {@code position} are no longer in the log, or were never; it goes on behind. */
    void gap(P position);

    /** Whether it can take more. While it cannot it is told nothing; what happened then comes later. */
    boolean isReady();
}
