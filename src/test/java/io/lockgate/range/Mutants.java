package io.lockgate.range;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Tables with one mistake each, of the kinds a real store could make. */
final class Mutants {
    private Mutants() {}

    static class Buggy extends InMemoryRangeLockTable {
        Buggy() {
            super(System::currentTimeMillis, false, EngineDifferentialTest.RANGES_PER_OWNER_AND_SPACE);
        }
    }

    /** A table whose queues have a mistake. */
    static InMemoryRangeLockTable with(Function<InMemoryRangeLockTable, InMemoryLockQueue> queue) {
        InMemoryRangeLockTable table = new Buggy();
        return table.withQueue(queue.apply(table));
    }

    /** A reader that comes late passes a writer that waits. */
    static final class IgnoresWaitersInFront extends InMemoryLockQueue {
        IgnoresWaitersInFront(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected boolean holdsBack(Request waiter, LockSpec lock) {
            return false;
        }
    }

    /** Who came last is served first. */
    static final class ServesOutOfOrder extends InMemoryLockQueue {
        ServesOutOfOrder(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected List<Request> waiting() {
            return super.waiting().reversed();
        }
    }

    /** A grant that is cut serves nobody. */
    static final class ForgetsToServeAfterATrim extends InMemoryLockQueue {
        private final InMemoryRangeLockTable table;
        private List<InMemoryRangeLockTable.Row> before = List.of();

        ForgetsToServeAfterATrim(InMemoryRangeLockTable table) {
            super(table);
            this.table = table;
        }

        @Override
        protected void serve() {
            List<InMemoryRangeLockTable.Row> after = table.live();
            boolean cut = before.stream()
                    .anyMatch(row -> after.stream()
                            .anyMatch(same -> same.sequence() == row.sequence()
                                    && !same.range().empty()
                                    && !same.range().covers(row.range())));
            before = after;
            if (!cut) {
                super.serve();
            }
        }
    }

    /** What is granted from the queue is merged before anybody knows of it. */
    static final class MergesAtOnce extends InMemoryLockQueue {
        MergesAtOnce(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected void grant(Request request) {
            super.grant(request);
            confirm(request);
        }
    }

    /** What nobody confirms stays. */
    static final class KeepsUnconfirmedGrants extends InMemoryLockQueue {
        KeepsUnconfirmedGrants(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected Duration confirmWithin() {
            return Duration.ofHours(1);
        }
    }

    /** An upgrade waits for those who wait for its owner. */
    static final class HoldsBackUpgrades extends InMemoryLockQueue {
        HoldsBackUpgrades(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected boolean upgrades(Request waiter, LockSpec lock) {
            return false;
        }
    }

    /** A waiter holds back whoever has the bytes already. In POSIX that would be an upgrade. */
    static final class HoldsBackHolders extends InMemoryLockQueue {
        HoldsBackHolders(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected boolean holdsAsStrongly(Request waiter, LockSpec lock) {
            return false;
        }
    }

    /** A request waits on when its session has ended. */
    static final class KeepsWaitersOfEndedSessions extends InMemoryLockQueue {
        KeepsWaitersOfEndedSessions(InMemoryRangeLockTable table) {
            super(table);
        }

        @Override
        protected long endOfSession(Request request) {
            return Long.MAX_VALUE;
        }
    }

    /** The right part of a split is not told. */
    static final class TellsOfOneChangedGrant extends Buggy {
        @Override
        protected ChangedGrants changed(List<Row> before, List<Grant> shown) {
            ChangedGrants all = super.changed(before, shown);
            return new ChangedGrants(all.grants().stream().limit(1).toList(), all.more());
        }
    }

    /** A repeat under a key does the work again. */
    static final class ForgetsKeys extends Buggy {
        @Override
        public RangeLockTable once(IdempotencyKey key) {
            return this;
        }
    }

    /** A new owner id evades the limit of its principal's grants. */
    static final class CountsGrantsByOwner extends InMemoryRangeLockTable {
        static final int GRANTS = 2;

        CountsGrantsByOwner() {
            super(System::currentTimeMillis, false, EngineDifferentialTest.RANGES_PER_OWNER_AND_SPACE, GRANTS);
        }

        @Override
        protected boolean countsTogether(Row row, LockSpec request) {
            return row.owner().equals(request.owner());
        }
    }

    /** Rows that only touch stay apart. */
    static final class ForgetsToMergeNeighbours extends Buggy {
        @Override
        protected boolean touch(ByteRange a, ByteRange b) {
            return false;
        }
    }

    /** The byte after a range counts as held. */
    static final class EndsOneByteLate extends Buggy {
        @Override
        protected boolean blocksPosix(Row row, LockSpec request) {
            return super.blocksPosix(row, request)
                    || (!isOwn(row, request) && row.exclusive() && touch(row.range(), request.range()));
        }
    }

    /** Offsets above 2^63 are negative. */
    static final class ComparesSigned extends Buggy {
        @Override
        protected boolean overlap(ByteRange a, ByteRange b) {
            return !a.empty() && !b.empty() && a.first() <= b.last() && b.first() <= a.last();
        }
    }

    /** Offsets pass through a double. */
    static final class RoundsOffsets extends Buggy {
        @Override
        protected boolean overlap(ByteRange a, ByteRange b) {
            return !a.empty()
                    && !b.empty()
                    && rounded(a.first()) <= rounded(b.last())
                    && rounded(b.first()) <= rounded(a.last());
        }

        private static double rounded(long offset) {
            double value = (double) offset;
            return value < 0 ? value + 0x1p64 : value;
        }
    }

    /** The byte ranges of a handle outlive its last open. */
    static final class KeepsRangesOfClosedHandles extends Buggy {
        @Override
        protected boolean isClosed(Handle handle, boolean byThemselves) {
            return false;
        }
    }

    /** Ranges end only when somebody releases the last open, not when it expires. */
    static final class KeepsRangesWhenOpensExpire extends Buggy {
        @Override
        protected boolean isClosed(Handle handle, boolean byThemselves) {
            return !byThemselves && super.isClosed(handle, false);
        }
    }

    /** A handle does not keep its own opens away. */
    static final class SharesWithItself extends Buggy {
        @Override
        protected boolean blocksOpen(Row row, LockSpec request) {
            return super.blocksOpen(row, request) && !isOwn(row, request);
        }
    }

    /** What a new open denies is not held against those that stand. */
    static final class LooksOnlyAtWhatStandingOpensDeny extends Buggy {
        private static final Map<LockMode, LockMode> DENIED = Map.of(
                LockMode.EXCLUDE_READ, LockMode.READ,
                LockMode.EXCLUDE_WRITE, LockMode.WRITE,
                LockMode.EXCLUDE_DELETE, LockMode.DELETE);

        @Override
        protected boolean blocksOpen(Row row, LockSpec request) {
            return DENIED.entrySet().stream()
                    .anyMatch(denied -> row.modes().contains(denied.getKey())
                            && request.modes().contains(denied.getValue()));
        }
    }

    /** Several opens of a handle together let it pass who waits. */
    static final class CountsOpensTogether extends InMemoryLockQueue {
        private final InMemoryRangeLockTable table;

        CountsOpensTogether(InMemoryRangeLockTable table) {
            super(table);
            this.table = table;
        }

        @Override
        protected boolean hasSuchOpen(LockSpace space, LockSpec lock) {
            return StreamSupport.stream(lock.modes().spliterator(), false)
                    .allMatch(mode -> table.ownIn(space, lock).stream()
                            .anyMatch(row -> row.modes().contains(mode)));
        }
    }

    /** Two machines with one owner_id are one owner. */
    static final class IgnoresOwnerName extends Buggy {
        @Override
        protected boolean isOwn(Row row, LockSpec request) {
            return row.semantics() == request.protocol().semantics()
                    && row.owner().principal().equals(request.owner().principal())
                    && row.owner().ownerId().equals(request.owner().ownerId());
        }
    }

    /** A lock acquired for nlm and one acquired for nfs4 become one. */
    static final class MergesAcrossProtocols extends Buggy {
        @Override
        protected boolean sameKind(Row row, LockSpec request) {
            return row.modes().strength() == request.modes().strength()
                    && (row.deadline() != null) == (request.lifetime() instanceof LockLifetime.Lease);
        }
    }

    /** Locks of two sessions become one. */
    static final class MergesAcrossSessions extends Buggy {
        @Override
        protected boolean inSameSession(Row row, LockSpec request) {
            return (row.session() != null) == (request.lifetime() instanceof LockLifetime.InSession);
        }
    }

    /** The locks of a session that has ended stay. */
    static final class KeepsLocksOfEndedSessions extends Buggy {
        @Override
        protected boolean counts(SessionId session) {
            return true;
        }
    }

    /** The tokens of absorbed locks are forgotten. */
    static final class ForgetsAbsorbedTokens extends Buggy {
        @Override
        protected Set<Long> tokensForHeir(Row absorbed) {
            return Set.of();
        }
    }

    /** The right part of a split does not answer for the token of the whole. */
    static final class ForgetsTokensOfTheRightPart extends Buggy {
        @Override
        protected Row splitOff(Row right) {
            return super.splitOff(right).withTokens(Set.of());
        }
    }

    /** Asking again for what one holds does not move the end of the lease. */
    static final class KeepsTheOldDeadline extends Buggy {
        @Override
        protected @Nullable Long deadlineOnRepeat(Row row, LockSpec request) {
            return row.deadline();
        }
    }

    /** SMB: a shared lock over one's own exclusive lock is refused. */
    static final class RefusesSharedOverOwnExclusive extends Buggy {
        @Override
        protected boolean blocksSmb(Row row, LockSpec request) {
            return meetInSmb(row.range(), request.range())
                    && (row.exclusive() || request.modes().strength() == LockStrength.EXCLUSIVE);
        }
    }

    /** SMB: a zero-length lock meets a range that merely begins where it lies. */
    static final class ZeroLengthMeetsTheEdge extends Buggy {
        @Override
        protected boolean meetInSmb(ByteRange a, ByteRange b) {
            return super.meetInSmb(a, b) || (a.empty() != b.empty() && a.first() == b.first());
        }
    }

    /** SMB: of stacked locks the oldest goes first, even when another one is exclusive. */
    static final class UnlocksTheOldestFirst extends Buggy {
        @Override
        protected Comparator<Row> unlockOrder() {
            return Comparator.comparing(Row::exclusive).thenComparing(Row::sequence, Long::compareUnsigned);
        }
    }
}
