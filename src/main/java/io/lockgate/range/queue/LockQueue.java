package io.lockgate.range.queue;

import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.SessionId;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The port of the queues of byte-range locks (ADR 45). They stand beside a {@link io.lockgate.range.RangeLockTable}, whose
 * calls serve them: each change that may free bytes grants to waiters in the same step, and goes on in bounded steps.
 *
 * <p><b>Order.</b> A space has a queue for POSIX and one for SMB, or one for both where the protocols keep each other away.
 * A waiter holds back every later request that conflicts with it by range and mode, waiting or not, but for these of POSIX:
 * a request for bytes that its own owner holds as strongly, and a request for bytes that its own owner holds and the waiter
 * waits for (an upgrade).
 *
 * <p><b>Granted from a queue</b> a lock is provisional for {@link #CONFIRM_WITHIN}: it keeps others away, is not merged, and
 * its token is not good. It is confirmed by {@link io.lockgate.range.RangeLockTable#confirm} or by a renewal; else the next is
 * served.
 *
 * <p><b>Time</b> is the store's own, and <b>failure</b> as in the table. Any gateway answers for any waiter.
 */
public interface LockQueue {
    /** For how long a grant from a queue is kept for its owner to confirm it. */
    Duration CONFIRM_WITHIN = Duration.ofSeconds(5);

    /** How long a waiter keeps its turn without a poll. */
    Duration POLL_WITHIN = Duration.ofSeconds(30);

    /** For how long an outcome is told. */
    Duration OUTCOME_KEPT = Duration.ofSeconds(60);

    /** The same queue, for calls of one user; see {@link io.lockgate.range.RangeLockTable#onBehalfOf}. */
    default LockQueue onBehalfOf(String principal) {
        return this;
    }

    /** The same queue, for the further calls of a request that has begun; see {@link io.lockgate.range.RangeLockTable#continuing}. */
    default LockQueue continuing() {
        return this;
    }

    /** The same queue, for one call that carries a key: a repeat finds the waiter, or the grant, that it got before. */
    LockQueue once(IdempotencyKey key);

    /**
     * Acquires the lock if nobody holds it back, else queues the request; fails as {@link
     * io.lockgate.range.RangeLockTable#acquire}.
     *
     * @param wait how long it waits at most from now, 1 ms to 1 h
     */
    Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait);

    /**
     * Where a waiter stands; counts as a poll of it.
     *
     * @param principal whose it must be, or empty for anybody's, which is no poll
     */
    Uni<WaitOutcome> poll(WaiterId id, Optional<String> principal);

    /**
     * Answers with the outcome when there is one, and with {@link WaitOutcome.Waiting} when the time is over, the client has
     * left, or the gateway stops. Holds no thread and no connection; the waiter is polled for as long.
     *
     * @param atMost how long
     * @param isGone whether the client is known to have left; asked often, on any thread
     */
    Uni<WaitOutcome> await(WaiterId id, String principal, Duration atMost, BooleanSupplier isGone);

    /**
     * Takes a waiter away, or gives its provisional grant back, and serves the next. A grant that was confirmed stays.
     *
     * @param principal whose it must be, or empty for anybody's
     * @return whether there was one
     */
    Uni<Boolean> withdraw(WaiterId id, Optional<String> principal);

    /** Up to {@code limit} waiters after {@code after}; fewer only when there are no more. Not a snapshot. */
    Uni<WaiterPage> list(GrantFilter filter, Cursor after, int limit);

    /** The same of a session, of all files and protocols; none when it is not live. */
    Uni<WaiterPage> list(SessionId session, Cursor after, int limit);
}
