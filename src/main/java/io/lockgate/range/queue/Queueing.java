package io.lockgate.range.queue;

import io.lockgate.range.Acquisition;
import io.lockgate.range.RequestId;

/** The outcome of an acquire that may wait. Atomic: only {@link Decided} with a grant, and {@link Queued}, change anything. */
public sealed interface Queueing {
    /** It was decided at once; never {@link Acquisition.Refused}. */
    record Decided(Acquisition outcome) implements Queueing {}

    /**
     * It waits.
     *
     * @param request for {@link io.lockgate.range.RangeLockTable#rollBack}, which takes the waiter away
     */
    record Queued(WaiterId id, RequestId request) implements Queueing {}

    /** The principal has as many waiting requests in the bucket of this space as one principal may. */
    record TooManyOfPrincipal(long limit) implements Queueing {}

    /** As many requests wait in this space as may. */
    record TooManyInSpace(long limit) implements Queueing {}
}
