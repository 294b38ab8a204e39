package io.lockgate.route;

import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The use cases of the route locks (docs/api-admin.md). They are the only orchestration of this domain. A caller
 * without the permission named gets {@link NotPermittedException}, thrown before anything is asked.
 */
public final class RouteLocks {
    /** How long a rollback is repeated while the table does not answer. No caller waits for it. */
    private static final Duration ROLLBACK_LIMIT = Duration.ofSeconds(30);

    private static final Duration ROLLBACK_PAUSE = Duration.ofMillis(500);

    private final RouteLockTable table;
    private final AuditTrail audit;

    public RouteLocks(RouteLockTable table, AuditTrail audit) {
        this.table = table;
        this.audit = audit;
    }

    /** Fails a caller who may acquire, release or list nothing at all; to be called before the request is parsed. */
    public void requireManage(Caller caller) {
        require(caller.maySomewhere(Permission.MANAGE_LOCKS), Permission.MANAGE_LOCKS);
    }

    /** Fails a caller who may break no lock of others at all. */
    public void requireBreak(Caller caller) {
        require(caller.maySomewhere(Permission.FORCE_LOCKS), Permission.FORCE_LOCKS);
    }

    /**
     * Acquires a lock, or finds that the caller has it.
     *
     * @param client whose new lock is rolled back when it has left before the answer; not audited, for nobody knows of
     *     it
     */
    public Uni<RouteAcquisition> acquire(Caller caller, RouteLockId what, Recipient client) {
        requireOn(caller, Permission.MANAGE_LOCKS, what.route());
        return table.acquire(what, caller.userId()).invoke(outcome -> rollBackIfGone(outcome, what, client));
    }

    /**
     * The same, but waits for the lock while somebody else has it. The caller's credential and permission are looked at
     * again while it waits and before it is told of a lock: when they are no longer good, it gets what it would get without
     * them, and no lock.
     *
     * @param time to wait at most; zero: not at all
     */
    public Uni<RouteAcquisition> acquire(Caller caller, RouteLockId what, Duration time, Recipient client) {
        if (time.isZero()) {
            return acquire(caller, what, client);
        }
        requireOn(caller, Permission.MANAGE_LOCKS, what.route());
        Uni<Caller> again = client.caller();
        Uni<Boolean> isPermitted = again.map(now -> now.mayExactly(Permission.MANAGE_LOCKS, what.route()))
                .onFailure(failure -> !(failure instanceof IdentityUnavailableException))
                .recoverWithItem(false);
        return table.acquire(what, caller.userId(), new Waiting(time, client::isGone, () -> isPermitted))
                .chain(outcome -> again.invoke(now -> requireOn(now, Permission.MANAGE_LOCKS, what.route()))
                        .replaceWith(outcome)
                        .onFailure()
                        .call(failure -> undone(outcome)))
                .invoke(outcome -> rollBackIfGone(outcome, what, client));
    }

    private void rollBackIfGone(RouteAcquisition outcome, RouteLockId what, Recipient client) {
        if (outcome instanceof RouteAcquisition.Held held) {
            held.made().ifPresent(claim -> client.ifGone("the lock on " + what, () -> rollBack(claim)));
        }
    }

    private Uni<Boolean> undone(RouteAcquisition outcome) {
        return outcome instanceof RouteAcquisition.Held(Optional<RouteClaim> made) && made.isPresent()
                ? rollBack(made.get())
                : Uni.createFrom().item(false);
    }

    /** Whether the lock was still there as {@link #acquire} made it. */
    private Uni<Boolean> rollBack(RouteClaim claim) {
        return table.rollBack(claim)
                .onFailure(RouteTableUnavailableException.class)
                .retry()
                .withBackOff(ROLLBACK_PAUSE, ROLLBACK_PAUSE)
                .expireIn(ROLLBACK_LIMIT.toMillis());
    }

    /** Releases a lock of the caller's own. */
    public Uni<RouteRelease> release(Caller caller, RouteLockId what) {
        requireOn(caller, Permission.MANAGE_LOCKS, what.route());
        return table.release(what, caller.userId());
    }

    /**
     * Breaks any user's lock. The audit trail names the holder that was found; a lock that changes hands meanwhile is
     * left to its new holder, and the answer is that there is no such lock.
     *
     * @param why the reason, not empty
     */
    public Uni<RouteRelease> breakLock(Caller caller, RouteLockId what, String why) {
        requireOn(caller, Permission.FORCE_LOCKS, what.route());
        return table.find(what)
                .chain(found -> found.map(
                                lock -> audit.record(entry(caller, lock, why)).chain(() -> table.breakLock(lock)))
                        .orElseGet(() -> Uni.createFrom().item(new RouteRelease.NoSuchLock())));
    }

    /**
     * Locks on one route, or on all where the caller manages.
     *
     * @param limit rows at most, 1 or more
     */
    public Uni<RouteLockPage> list(Caller caller, Optional<String> route, Optional<RouteLockId> after, int limit) {
        requireManage(caller);
        route.ifPresent(one -> requireOn(caller, Permission.MANAGE_LOCKS, one));
        Optional<Set<String>> routes = route.<Set<String>>map(Set::of)
                .or(() -> caller.may(Permission.MANAGE_LOCKS)
                        ? Optional.empty()
                        : Optional.of(caller.scopesOf(Permission.MANAGE_LOCKS)));
        return table.list(new RouteLockFilter(routes), after, limit + 1).map(found -> RouteLockPage.of(found, limit));
    }

    private static AuditTrail.Entry entry(Caller caller, RouteLock lock, String why) {
        RouteLockId what = lock.what();
        return new AuditTrail.Entry(
                caller.principal(),
                "force-route-lock",
                "route " + what.route() + " id " + what.id(),
                lock.username(),
                Optional.of(why));
    }

    private static void requireOn(Caller caller, String permission, String route) {
        require(caller.mayExactly(permission, route), permission);
    }

    private static void require(boolean permitted, String permission) {
        if (!permitted) {
            throw new NotPermittedException(permission);
        }
    }
}
