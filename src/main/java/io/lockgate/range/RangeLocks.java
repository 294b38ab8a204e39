package io.lockgate.range;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The use cases of the range room: who may do what (docs/lock-semantics.md, "Permissions and visibility"), and nothing else. All that
 * is atomic is in the {@link RangeLockTable}.
 *
 * <p>Every method throws {@link NotPermittedException} when the caller lacks the permission, before anything is asked
 * of the table, and fails its {@code Uni} with {@link LockTableUnavailableException} as the table does. An id is not a
 * capability: to those who may not see it, somebody else's grant does not exist.
 */
public final class RangeLocks {
    public static final String ACQUIRE = "PRIVILEGE_FS_LOCK_ACQUIRE";
    public static final String READ = "PRIVILEGE_FS_LOCK_READ";
    public static final String WRITE = "PRIVILEGE_FS_LOCK_WRITE";

    private final RangeLockTable table;
    private final LockAuditTrail audit;

    public RangeLocks(RangeLockTable table, LockAuditTrail audit) {
        this.table = table;
        this.audit = audit;
    }

    /**
     * Fails a caller who may take no locks. For doors that have something to do before {@link #acquire}, {@link
     * #test} or {@link #batch}, which check it too.
     *
     * @throws NotPermittedException when it is so
     */
    public void requireAcquire(Caller caller) {
        if (!caller.acquires()) {
            throw new NotPermittedException(ACQUIRE);
        }
    }

    /** The same for {@link #release} and {@link #releaseByClient}. */
    public void requireRelease(Caller caller, boolean anyOwner) {
        if (anyOwner && !caller.administers()) {
            throw new NotPermittedException(WRITE);
        }
        if (!caller.administers()) {
            requireAcquire(caller);
        }
    }

    /**
     * The same for {@link #list} and {@link #count}.
     *
     * @param mine whether only the caller's own locks are asked for
     */
    public void requireList(Caller caller, boolean mine) {
        if (!caller.reads() && !(caller.acquires() && mine)) {
            throw new NotPermittedException(READ);
        }
    }

    /** Takes a lock for the caller. */
    public Uni<Acquisition> acquire(Caller caller, LockRequest request) {
        requireAcquire(caller);
        return of(caller).acquire(own(caller, request));
    }

    /** What would refuse {@code request} now; takes nothing. */
    public Uni<Optional<Conflict>> test(Caller caller, LockRequest request) {
        requireAcquire(caller);
        return of(caller).test(own(caller, request));
    }

    /** Several unlocks and locks of the caller's own, in one space. {@code anyOwner} has no meaning here. */
    public Uni<BatchOutcome> batch(Caller caller, List<OwnReleaseRequest> unlocks, List<LockRequest> locks) {
        requireAcquire(caller);
        return of(caller)
                .batch(
                        unlocks.stream().map(u -> unlock(u, ownOf(caller, u))).toList(),
                        locks.stream().map(l -> own(caller, l)).toList());
    }

    /** Takes back what {@link #acquire} or {@link #batch} has just been granted, because the caller left before the answer. */
    public Uni<Boolean> rollBack(RequestId request) {
        return table.rollBack(request);
    }

    /**
     * Frees a range: the caller's own locks there; everybody's under that owner id when the caller administers and
     * either takes no locks itself or says {@code anyOwner}. The latter is audited.
     *
     * @param gone whether the client has left; then what takes several steps is repeated until it is done, for 30 s
     */
    public Uni<Release> release(Caller caller, OwnReleaseRequest order, BooleanSupplier gone) {
        requireRelease(caller, order.anyOwner());
        // An SMB release is one step, and a second one could free a second lock.
        boolean repeatable = order.protocol().world() == LockSemantics.POSIX;
        if (!asAdministrator(caller, order.anyOwner())) {
            UnlockRequest own = unlock(order, ownOf(caller, order));
            return DetachedCall.finish(() -> of(caller).release(own), () -> repeatable && gone.getAsBoolean());
        }
        UnlockRequest request = unlock(order, new OwnerSelector(order.ownerId(), Optional.empty(), order.ownerName()));
        String target = order.protocol() + " " + order.range() + " of " + order.space();
        return audited(caller, "release", target, describe(request.owner()))
                .chain(() -> DetachedCall.finish(
                        () -> of(caller).release(request), () -> repeatable && gone.getAsBoolean()));
    }

    /** The grant with that id, if it was taken by {@code protocol} and the caller may see it. */
    public Uni<Optional<Grant>> find(Caller caller, Protocol protocol, GrantId id) {
        if (!caller.acquires() && !caller.reads()) {
            throw new NotPermittedException(READ);
        }
        return of(caller)
                .find(id)
                .map(found -> found.filter(grant -> grant.protocol() == protocol && caller.maySee(grant)));
    }

    /** Frees a whole grant: the caller's own, or, audited, anybody's when the caller administers. */
    public Uni<Release> releaseGrant(Caller caller, Protocol protocol, GrantId id) {
        requireRelease(caller, false);
        return of(caller).find(id).chain(found -> {
            Optional<Grant> grant = found.filter(g -> g.protocol() == protocol);
            if (grant.isEmpty()) {
                return Uni.createFrom().item(new Release.NoSuchLock());
            }
            if (caller.owns(grant.get())) {
                return of(caller).releaseGrant(id, Optional.of(caller.principal()));
            }
            return caller.administers() ? releaseOfOther(caller, grant.get()) : noSuchLock();
        });
    }

    /** Sets the end of one of the caller's own grants to {@code lease} from now. */
    public Uni<Renewal> renew(Caller caller, Protocol protocol, GrantId id, Duration lease) {
        requireAcquire(caller);
        return of(caller).renew(id, protocol, caller.principal(), lease);
    }

    /**
     * Whether {@code token} is still good for {@code range}. Asked by storage systems about other people's tokens, so
     * whoever may do anything with locks may ask; what the grant looks like is for the door to show or not.
     */
    public Uni<FenceCheck> check(Caller caller, LockSpace space, ByteRange range, FencingToken token) {
        if (!caller.acquires() && !caller.reads() && !caller.administers()) {
            throw new NotPermittedException(READ);
        }
        return of(caller).check(space, range, token);
    }

    /** A page of grants; without the permission to read, only when {@code filter} is bound to the caller. */
    public Uni<GrantPage> list(Caller caller, GrantFilter filter, Cursor after, int limit) {
        requireList(caller, isOwn(caller, filter));
        return of(caller).list(filter, after, limit);
    }

    /** A further page of a list that one request answers: like {@link #list}, but not refused for the number of the caller's requests. */
    public Uni<GrantPage> listFurther(Caller caller, GrantFilter filter, Cursor after, int limit) {
        requireList(caller, isOwn(caller, filter));
        return of(caller).continuing().list(filter, after, limit);
    }

    /** Counts of grants; the same permission as {@link #list}. */
    public Uni<Map<String, Long>> count(Caller caller, GrantFilter filter, CountBy by) {
        requireList(caller, isOwn(caller, filter));
        return of(caller).count(filter, by);
    }

    /**
     * Frees every grant that {@code filter} matches, of the caller's own or, by the rule of {@link #release} and
     * audited, of everybody; answers how many. Not one atomic step.
     *
     * @param gone whether the client has left; then the release is repeated until it is done, for 30 s
     */
    public Uni<Long> releaseByClient(Caller caller, GrantFilter filter, boolean anyOwner, BooleanSupplier gone) {
        requireRelease(caller, anyOwner);
        if (!asAdministrator(caller, anyOwner)) {
            return DetachedCall.finish(() -> of(caller).releaseAll(filter.ofPrincipal(caller.principal())), gone);
        }
        String whose = "owner_name=" + filter.ownerName().orElse("*") + " owner_address="
                + filter.ownerAddress().orElse("*");
        return audited(caller, "release-by-client", filter.protocol().toString(), whose)
                .chain(() -> DetachedCall.finish(() -> of(caller).releaseAll(filter), gone));
    }

    private Uni<Release> releaseOfOther(Caller caller, Grant grant) {
        String whose = "principal=" + grant.owner().principal() + " owner_id="
                + grant.owner().ownerId();
        String target = grant.id() + " " + grant.range() + " of " + grant.space();
        return audited(caller, "release-grant", target, whose)
                .chain(() -> of(caller)
                        .releaseGrant(grant.id(), Optional.of(grant.owner().principal())));
    }

    private RangeLockTable of(Caller caller) {
        return table.onBehalfOf(caller.principal());
    }

    private Uni<Void> audited(Caller caller, String what, String target, String whose) {
        return audit.record(new LockAuditTrail.Entry(caller.principal(), what, target, whose, Optional.empty()));
    }

    /** Somebody who takes no locks has none of their own to mean; somebody who does both must say so. */
    private static boolean asAdministrator(Caller caller, boolean anyOwner) {
        return caller.administers() && (anyOwner || !caller.acquires());
    }

    private static boolean isOwn(Caller caller, GrantFilter filter) {
        return filter.principal().filter(caller.principal()::equals).isPresent();
    }

    private static LockRequest own(Caller caller, LockRequest request) {
        if (!request.owner().principal().equals(caller.principal())) {
            throw new IllegalArgumentException("a lock is taken for the caller's own principal");
        }
        return request;
    }

    private static OwnerSelector ownOf(Caller caller, OwnReleaseRequest order) {
        return new OwnerSelector(order.ownerId(), Optional.of(caller.principal()), order.ownerName());
    }

    private static UnlockRequest unlock(OwnReleaseRequest order, OwnerSelector owner) {
        return new UnlockRequest(order.space(), order.protocol(), order.range(), owner);
    }

    private static String describe(OwnerSelector owner) {
        return "principal=" + owner.principal().orElse("*") + " owner_id=" + owner.ownerId() + " owner_name="
                + owner.ownerName().orElse("*");
    }

    private static Uni<Release> noSuchLock() {
        return Uni.createFrom().item(new Release.NoSuchLock());
    }
}
