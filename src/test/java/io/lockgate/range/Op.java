package io.lockgate.range;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One step of a random walk. Steps name grants and tokens by how long ago they first appeared, not by value, so that a
 * walk still means something when jqwik leaves steps out of it.
 */
public sealed interface Op {
    /**
     * A lock to ask for. {@code leaseHours} 0 is until released; below 0 it is in a session: -1 in the one opened last,
     * and so on.
     */
    record Ask(Protocol protocol, LockModes modes, ByteRange range, Owner owner, int leaseHours, String address) {
        Ask with(LockModes changed) {
            return new Ask(protocol, changed, range, owner, leaseHours, address);
        }

        boolean isOpen() {
            return modes.type() == LockType.SHARE_MODE;
        }

        /** Outside of sessions. */
        LockSpec spec() {
            return spec(List.of());
        }

        /** @param sessions in the order in which they were opened */
        LockSpec spec(List<SessionId> sessions) {
            return new LockSpec(protocol, modes, range, owner, address, "node-of-" + address, lifetime(sessions));
        }

        private LockLifetime lifetime(List<SessionId> sessions) {
            if (leaseHours > 0) {
                return LockLifetime.lease(Duration.ofHours(leaseHours));
            }
            return leaseHours == 0 || sessions.isEmpty()
                    ? LockLifetime.UNTIL_RELEASED
                    : LockLifetime.of(sessions.get(Math.max(0, sessions.size() + leaseHours)));
        }

        @Override
        public String toString() {
            return protocol + " " + modes + range + " " + owner + (leaseHours == 0 ? "" : " " + leaseHours + "h");
        }
    }

    /** Bytes to free. */
    record Unask(Protocol protocol, ByteRange range, OwnerSelector owner) {
        UnlockSpec spec() {
            return new UnlockSpec(protocol, range, owner);
        }
    }

    record Acquire(Ask ask) implements Op {}

    record Test(Ask ask) implements Op {}

    record Free(Unask unask) implements Op {}

    /** Asks once more, in other modes, for what the range or the open granted {@code ago} of them ago had asked for. */
    record Again(int ago, LockModes modes) implements Op {}

    /** Releases exactly what the lock granted {@code ago} grants ago had asked for; of an open all of its handle. */
    record Undo(int ago) implements Op {}

    record FreeGrant(int ago, Optional<String> principal) implements Op {}

    /** Releases opens: all, or the one that is the grant {@code only} grants ago, if it is one. */
    record FreeOpens(OwnerSelector handles, Optional<Integer> only) implements Op {}

    record CountRanges(Owner handle) implements Op {}

    record Renew(int ago, String principal, int leaseHours) implements Op {}

    record Check(int ago, ByteRange range) implements Op {}

    /** Checks a token against exactly the bytes of one of the grants that stand: random bytes rarely meet an heir. */
    record CheckStanding(int ago, int which) implements Op {}

    record Find(int ago) implements Op {}

    /** Asks for a lock under a key of its own. */
    record AcquireOnce(Ask ask) implements Op {}

    /** Releases under a key of its own. */
    record FreeOnce(Unask unask) implements Op {}

    /** Sends again what was sent under the key {@code ago} keys ago. */
    record Repeat(int ago) implements Op {}

    /** Opens a session. */
    record Open(String principal, String ownerName, int hours) implements Op {}

    /** A heartbeat of the session opened {@code ago} sessions ago. */
    record Beat(int ago, String principal) implements Op {}

    record EndSession(int ago, Optional<String> principal) implements Op {}

    /** The session opened {@code ago} sessions ago expires. */
    record Expire(int ago) implements Op {}

    /** Asks for a lock and waits for it: an hour, or, when {@code brief}, less long than a waiter may be without a poll. */
    record Wait(Ask ask, boolean brief) implements Op {}

    /** Asks under a key of its own, outside of sessions, and waits for it for an hour. */
    record WaitOnce(Ask ask) implements Op {}

    /** Polls for the waiter queued {@code ago} waiters ago; nobody's poll only looks. */
    record Poll(int ago, Optional<String> principal) implements Op {}

    record Withdraw(int ago, Optional<String> principal) implements Op {}

    /** Confirms what a waiter was granted: of those that are provisional, if any, the one {@code ago} waiters ago. */
    record Confirm(int ago) implements Op {}

    /** Of the waiters that wait, the time of the one queued {@code ago} waiters ago ends, and both tables are swept. */
    record ExpireWaiter(int ago) implements Op {}

    /** The same for the provisional grants. */
    record ExpireProvisional(int ago) implements Op {}

    record Batch(List<Unask> unlocks, List<Ask> locks) implements Op {}
}
