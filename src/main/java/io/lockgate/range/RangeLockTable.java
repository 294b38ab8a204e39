package io.lockgate.range;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The port of the domain: a table of byte-range locks and of the opens of SMB, following docs/lock-semantics.md to the
 * letter. An open is a lock of the type {@link LockType#SHARE_MODE}, of the whole stream; a handle of SMB may have
 * several, and its byte ranges in a space end with its last open there, however that ends. Ranges of a handle that has
 * none stay as they are, and so do they when an open is rolled back that nobody was told of.
 *
 * <p><b>Atomicity.</b> Every call that names one space is one atomic step, unless it says otherwise. <b>Time</b> is the
 * store's own; an expired grant counts nowhere from the moment it expires. <b>Failure.</b> "Held" is a value; a store
 * that cannot be reached fails the {@code Uni} with {@link LockTableUnavailableException}. A call that failed so may or
 * may not have happened ({@link LockTableUnavailableException#outcomeKnown()}); all calls are safe to repeat.
 */
public interface RangeLockTable {
    /**
     * The same table, for calls of one user: a store that is busy divides its work fairly between users. Without it a
     * call is the system's own. Cheap: made for each call. A call that is one too many of its user fails with {@link
     * TooManyRequestsException}, but never {@link #renew}, {@link #check}, {@link #find} or one that releases.
     */
    default RangeLockTable onBehalfOf(String principal) {
        return this;
    }

    /**
     * The same table, for the further calls of a request that has begun: they count for its user, and none is one too
     * many.
     */
    default RangeLockTable continuing() {
        return this;
    }

    /**
     * The same table, for one call that carries a key: acquire, batch and every release are done once, also when two
     * such calls run at the same moment. What was done is kept for 10 minutes, by the step that does it; a repeat
     * changes nothing, and is answered with the grants as they stand by then. Refusals are not kept. A call of several
     * steps is kept by the last one, so a repeat of one that ended half way goes on. What is rolled back ({@link
     * #rollBack}) is forgotten in the same step, unless a repeat was told of it.
     *
     * <p>Such a call fails with an {@link IdempotencyKeyException} when the key belongs to another request, when its
     * principal has used too many, or when a grant that it was answered with does not stand any more.
     *
     * @param key whose principal must be that of the call
     */
    RangeLockTable once(IdempotencyKey key);

    /**
     * Whether a {@link #releaseGrant} of that grant has been done under the key of this table; without one, false. For
     * callers that look for the grant first, which is not there any more then.
     */
    Uni<Boolean> hasReleased(GrantId id);

    /**
     * Acquires the lock, or says why not. POSIX: replaces what the owner held on those bytes in the same step.
     *
     * <p>This and {@link #test} and {@link #batch} fail with {@link SessionGoneException} when a lock is for a session
     * that has ended, or that its principal has not. A lock of a session without a machine name gets that of the session.
     */
    Uni<Acquisition> acquire(LockSpace space, LockSpec lock);

    /** The conflict that would refuse {@code lock}, which is not acquired; empty when it would be granted. */
    Uni<Optional<Conflict>> test(LockSpace space, LockSpec lock);

    /**
     * Several unlocks and locks in one space, in this order, all POSIX or all SMB. POSIX: all or nothing. SMB:
     * only one of the two lists may be non-empty; locks are all or nothing, unlocks stop at the first that fails and
     * keep what they released.
     */
    Uni<BatchOutcome> batch(LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks);

    /**
     * Rolls back what an acquire or batch was granted, when nobody can be told of it. Rows return exactly as they were
     * where that takes nothing from anyone, else only the bytes gained are released; what a batch unlocked stays free
     * then. What the same owner has asked for again since stays. Goes on by itself while the store does not answer, up
     * to 30 s from now.
     *
     * @return false when there was nothing to roll back: it has been done before, or was too long ago
     */
    Uni<Boolean> rollBack(RequestId request);

    /**
     * Releases a range. With a full owner this is one atomic step; for several owners it is one per bounded slice of
     * them, and what is released first is free first.
     */
    Uni<Release> release(LockSpace space, UnlockSpec unlock);

    /**
     * Ends opens of a handle in one space, and with the last of them its byte ranges there. One atomic step for each
     * handle; of several it is one per bounded slice of them.
     *
     * @param handles whose machine name is not looked at
     * @param only that open, or empty for all
     * @return {@link Release.NoSuchLock} when there was none
     */
    Uni<Release> releaseOpens(LockSpace space, OwnerSelector handles, Optional<GrantId> only);

    /** How many live byte ranges an SMB handle has in one space. */
    Uni<Long> countRanges(LockSpace space, Owner handle);

    /** The grant with that id, or the one it was merged into. */
    Uni<Optional<Grant>> find(GrantId id);

    /**
     * Releases a whole grant (or the one it was merged into).
     *
     * @param principal whose it must be, or empty for anybody's
     */
    Uni<Release> releaseGrant(GrantId id, Optional<String> principal);

    /**
     * Sets the end of a leased grant to {@code lease} from now; changes nothing when it is not the one that is meant. A
     * provisional one is confirmed by it ({@link #confirm}).
     *
     * @param protocol by which it must have been acquired
     * @param principal whose it must be
     */
    Uni<Renewal> renew(GrantId id, Protocol protocol, String principal, Duration lease);

    /**
     * Confirms a provisional grant, which keeps its kind of lifetime; a lease begins again. It is merged with what its
     * owner holds, in the same step, and so may go on under another id. A grant that stands is answered as it is.
     *
     * @param protocol by which it must have been acquired
     * @param principal whose it must be
     * @return never {@link Renewal.NotLeased}
     */
    Uni<Renewal> confirm(GrantId id, Protocol protocol, String principal);

    /** Whether the grant of {@code token}, or a successor, covers all of {@code range} in {@code space} now. */
    Uni<FenceCheck> check(LockSpace space, ByteRange range, FencingToken token);

    /** Up to {@code limit} live grants after {@code after}; fewer only when there are no more. Not a snapshot. */
    Uni<GrantPage> list(GrantFilter filter, Cursor after, int limit);

    /** Live grants by the text of the chosen property. Not a snapshot. */
    Uni<Map<String, Long>> count(GrantFilter filter, CountBy by);

    /** Releases every grant that {@code filter} matches, in bounded slices; answers how many. */
    Uni<Long> releaseAll(GrantFilter filter);

    /** Deletes expired grants, in bounded slices; answers how many. Correctness never depends on it. */
    Uni<Long> sweep();
}
