package io.lockgate.route;

import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/**
 * The port of the route locks: at most one holder for each {@link RouteLockId}. Every method is one atomic step and
 * safe to repeat. A table that does not answer within a bounded time (below two seconds) fails the {@code Uni} with
 * {@link RouteTableUnavailableException}; what was asked may then have happened all the same.
 */
public interface RouteLockTable {
    /**
     * Acquires the lock for {@code user}, if nobody else holds it or {@linkplain #acquire(RouteLockId, long, Waiting)
     * waits} for it. Of any number at once exactly one gets it.
     */
    Uni<RouteAcquisition> acquire(RouteLockId what, long user);

    /**
     * The same, but waits while somebody else holds it. Calls of different users get the lock in order of arrival, on
     * whatever gateway they wait, as soon as it is free; while a call waits, no later one of another user gets it. A call
     * that may not wait any more, or whose time is over, is refused as if it had not waited, and holds nobody back. It
     * answers within its time and the time of one call of the table.
     */
    Uni<RouteAcquisition> acquire(RouteLockId what, long user, Waiting waiting);

    /**
     * Rolls back a lock when nobody can be told of it. One that its holder has asked for again since stays.
     *
     * @return whether it was still there as that call made it
     */
    Uni<Boolean> rollBack(RouteClaim claim);

    /** Releases the lock of {@code user}. */
    Uni<RouteRelease> release(RouteLockId what, long user);

    /** The lock as it stands. */
    Uni<Optional<RouteLock>> find(RouteLockId what);

    /** Breaks exactly this lock: not one that somebody, or the same user again, has acquired since. */
    Uni<RouteRelease> breakLock(RouteLock lock);

    /**
     * Locks after {@code after}, in the order of {@link RouteLockPage}.
     *
     * @param limit rows at most, 1 or more
     */
    Uni<List<RouteLock>> list(RouteLockFilter filter, Optional<RouteLockId> after, int limit);
}
