package io.lockgate.range.queue;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Conflict;
import io.lockgate.range.Grant;
import io.lockgate.range.Protocol;

/** What the client of a lock that may wait is told: at once, when its held call ends, and at each poll. */
public sealed interface WaitAnswer {
    /**
     * It was decided at once.
     *
     * @param protocol of the lock
     */
    record Decided(Protocol protocol, Acquisition outcome) implements WaitAnswer {}

    /** It still waits. */
    record Waits(WaitOutcome.Waiting where) implements WaitAnswer {}

    /** It was granted: provisionally, or confirmed since and as it stands now. */
    record Granted(Grant grant) implements WaitAnswer {}

    /**
     * It was not granted in its time.
     *
     * @param conflict what is in the way now; without blockers when that is nothing
     */
    record TimedOut(Protocol protocol, Conflict conflict) implements WaitAnswer {}

    /** It was refused because of a deadlock. */
    record Deadlocked(WaitOutcome.Deadlocked deadlock) implements WaitAnswer {}

    /** It was granted, and was not confirmed in time or has ended since. */
    record Lost() implements WaitAnswer {}

    /** The caller has no such waiter: never, or it was withdrawn, lost its turn, or was told long ago. */
    record NoSuchWaiter() implements WaitAnswer {}

    /** The caller has as many waiting requests in the bucket of this file as one may. */
    record TooManyOfPrincipal(long limit) implements WaitAnswer {}

    /** As many requests wait for this file, stream and snapshot as may. */
    record TooManyInSpace(long limit) implements WaitAnswer {}

    /** Whether it means that somebody has a lock on the file. */
    default boolean showsLock() {
        return switch (this) {
            case Decided(Protocol protocol, Acquisition outcome) -> outcome instanceof Acquisition.Granted;
            case Waits waits -> true;
            case Granted granted -> true;
            case TimedOut timedOut -> false;
            case Deadlocked deadlocked -> false;
            case Lost lost -> false;
            case NoSuchWaiter missing -> false;
            case TooManyOfPrincipal tooMany -> false;
            case TooManyInSpace tooMany -> false;
        };
    }
}
