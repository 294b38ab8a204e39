package io.lockgate.range.breaks;

import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;

/**
 * The port through which locks are broken (docs/lock-semantics.md, "Break"). A break ends the lock that an id names, as it
 * stands in that moment: what it was merged into, and all parts of it that were split off. Their tokens are refused from
 * then on, and with the last open of an SMB handle end its ranges. Every call is one atomic step. Failure is as in the
 * table of locks ({@link io.lockgate.range.LockTableUnavailableException}); all calls are safe to repeat.
 *
 * <p>What is broken is told by the next renewal of the lock's session, as lost; so is a notice, its end, and what was
 * restored, also to a lock that has no session ({@link io.lockgate.range.Notice}).
 */
public interface LockBreaker {
    /** How many requests that would be granted are named. */
    int MOST_NEXT = 64;

    /** For how long a break can be taken back. */
    Duration UNDO_WITHIN = Duration.ofSeconds(30);

    /** The same, for calls of one user: see {@link io.lockgate.range.RangeLockTable#onBehalfOf}. */
    default LockBreaker onBehalfOf(String principal) {
        return this;
    }

    /**
     * The same, for one call that carries a key: {@link #announce} and {@link #breakNow} are done once; a repeat is
     * answered as the first call was. See {@link io.lockgate.range.RangeLockTable#once}.
     */
    LockBreaker once(IdempotencyKey key);

    /** The lock of that id; empty when there is none, or it is not confirmed. Changes nothing. */
    Uni<Optional<Standing>> look(GrantId id);

    /**
     * Ends a lock.
     *
     * @return as it stood before; empty when there was none, or it was not confirmed
     */
    Uni<Optional<Standing>> breakNow(GrantId id);

    /**
     * Has a lock ended later, by any gateway's sweep: about a second late at most. Renewals do not move that; its owner
     * can release it before. A second notice takes the place of the first.
     *
     * @param in until then, more than 0, at most an hour
     * @param reason told to the owner, no control characters
     * @return as it stands; empty when there is none, or it is not confirmed
     */
    Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason);

    /**
     * Takes a notice back; the owner is told.
     *
     * @return whether there was one
     */
    Uni<Boolean> cancel(GrantId id);

    /** Restores what was broken, with a new token, if nobody has had the bytes since. */
    Uni<Undoing> undo(GrantId id);

    /** Breaks what is due, in every bucket, and forgets what cannot be taken back any more; answers how many were broken. */
    Uni<Long> sweep();
}
