package io.lockgate.range;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;

/**
 * The port of client sessions (ADR 42). Locks whose lifetime is a session live as long as it does; they are acquired by
 * the {@link RangeLockTable} beside which this table stands.
 *
 * <p><b>Atomicity.</b> A session has a home, and a copy in each bucket that it uses. Each step at home and in one bucket
 * is atomic; a heartbeat and an end are several steps, in an order that can stop anywhere: what a heartbeat has extended
 * stays extended, and an end goes on with the next call or sweep. <b>Time</b> is the store's own. <b>Failure</b> is as in
 * {@link RangeLockTable}; all calls are safe to repeat, but {@link #open}, which may leave a session that nobody knows
 * and that expires.
 */
public interface SessionTable {
    /** The same table, for calls of one user; see {@link RangeLockTable#onBehalfOf}. Renewals and ends are never refused. */
    default SessionTable onBehalfOf(String principal) {
        return this;
    }

    /**
     * Opens a session.
     *
     * @param ownerName machine name for locks of the session that name none; may be empty
     * @param ttl how long it lives after each heartbeat
     */
    Uni<SessionOpening> open(String principal, String ownerName, Duration ttl);

    /** The live session of that id, whosever it is. */
    Uni<Optional<Session>> find(SessionId id);

    /**
     * A heartbeat: extends the session in every bucket that it uses, and at home last. The cost does not grow with the
     * number of its locks. Fails with {@link LockTableUnavailableException} when a bucket does not answer.
     *
     * @param principal whose it must be
     */
    Uni<SessionRenewal> renew(SessionId id, String principal);

    /**
     * Ends a session: its locks are free in each bucket in one step, and in all when this has succeeded.
     *
     * @param principal whose it must be, or empty for anybody's
     */
    Uni<SessionEnding> end(SessionId id, Optional<String> principal);

    /**
     * Up to {@code limit} live sessions after {@code after}; fewer only when there are no more. Not a snapshot.
     *
     * @param principal whose, or empty for everybody's
     */
    Uni<SessionPage> list(Optional<String> principal, Optional<String> ownerName, Cursor after, int limit);

    /** Up to {@code limit} live grants of a session, of all protocols; none when it is not live. Not a snapshot. */
    Uni<GrantPage> grants(SessionId id, Cursor after, int limit);
}
