package io.lockgate.range.queue;

import io.lockgate.range.Grant;
import io.lockgate.range.SessionId;
import java.time.Duration;
import java.util.List;

/** Where a request that was queued stands. All but {@link Waiting} are outcomes; they are told for 60 s. */
public sealed interface WaitOutcome {
    /**
     * It waits.
     *
     * @param position how many earlier waiters of its space conflict with it by range and mode
     * @param blockers the first grants and waiters that it waits for, at most {@link
     *     io.lockgate.range.Conflict#MAX_BLOCKERS}
     * @param pollWithin it loses its turn when nobody asks for it within this time
     */
    record Waiting(Waiter waiter, long position, List<Grant> blockers, Duration pollWithin) implements WaitOutcome {}

    /** It was granted: provisionally, or confirmed and as the grant stands now. */
    record Granted(Grant grant) implements WaitOutcome {}

    /**
     * Its time ran out.
     *
     * @param waiter what it had asked for, with no time left
     */
    record TimedOut(Waiter waiter) implements WaitOutcome {}

    /** The session of the lock has ended. */
    record SessionEnded(SessionId session) implements WaitOutcome {}

    /**
     * It was refused because of a deadlock: the youngest of a cycle of requests, each of which waits for the next
     * one or for its owner ({@link Deadlocks}).
     *
     * @param cycle the first of them as they waited then, at most {@link io.lockgate.range.Conflict#MAX_BLOCKERS}; the
     *     first is the one that was refused
     * @param length of the whole cycle
     */
    record Deadlocked(List<Waiter> cycle, int length) implements WaitOutcome {}

    /** It was granted, and was not confirmed in time, or has ended since. */
    record Lost() implements WaitOutcome {}

    /** There is none of that id, or it is another principal's; or it was withdrawn, or lost its turn. */
    record NoSuchWaiter() implements WaitOutcome {}
}
