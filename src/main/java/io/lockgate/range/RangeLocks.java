package io.lockgate.range;

import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The use cases of byte-range locks and of opens: who may do what (docs/lock-semantics.md, "Permissions and visibility"),
 * the audit entry before a break, the rollback for a client that has left, and the repetition of a release of several
 * steps for it. All that is atomic is in the {@link RangeLockTable}.
 *
 * <p>Every method throws {@link NotPermittedException} when the caller lacks the permission, before anything is asked
 * of the table, and fails its {@code Uni} with {@link LockTableUnavailableException} as the table does. An id is not a
 * capability: to those who may not see it, somebody else's grant does not exist.
 */
public final class RangeLocks {
    private final RangeLockTable table;
    private final AuditTrail audit;
    private final Optional<IdempotencyKey> key;

    public RangeLocks(RangeLockTable table, AuditTrail audit) {
        this(table, audit, Optional.empty());
    }

    private RangeLocks(RangeLockTable table, AuditTrail audit, Optional<IdempotencyKey> key) {
        this.table = table;
        this.audit = audit;
        this.key = key;
    }

    /**
     * The same, for one call that carries a key or none: acquire, batch and releases are done once ({@link
     * RangeLockTable#once}).
     */
    public RangeLocks once(Optional<IdempotencyKey> callsKey) {
        return callsKey.isEmpty() ? this : new RangeLocks(table, audit, callsKey);
    }

    /**
     * Fails a caller who may acquire no locks. For APIs that have something to do before {@link #acquire}, {@link
     * #test} or {@link #batch}, which check it too.
     *
     * @throws NotPermittedException when the caller may not acquire
     */
    public void requireAcquire(LockRights rights) {
        if (!rights.acquires()) {
            throw new NotPermittedException(Permission.LOCK_ACQUIRE);
        }
    }

    /**
     * Fails a caller who may release no locks, or not those of others with {@code anyOwner}. For APIs that have
     * something to do before {@link #release} or {@link #releaseByClient}, which check it too.
     *
     * @throws NotPermittedException when the caller may break no locks and says {@code anyOwner}, or may neither
     *     acquire nor break
     */
    public void requireRelease(LockRights rights, boolean anyOwner) {
        if (anyOwner && !rights.administers()) {
            throw new NotPermittedException(Permission.LOCK_WRITE);
        }
        if (!rights.administers()) {
            requireAcquire(rights);
        }
    }

    /**
     * Fails a caller who may not list the locks it asks for. For APIs that have something to do before {@link #list} or
     * {@link #count}, which check it too.
     *
     * @param mine whether only the caller's own locks are asked for
     * @throws NotPermittedException when the caller may neither read nor, with {@code mine}, acquire
     */
    public void requireList(LockRights rights, boolean mine) {
        if (!rights.reads() && !(rights.acquires() && mine)) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
    }

    /**
     * Fails a caller who may not list what {@code filter} matches: without the permission to read it must be bound to
     * the caller's own.
     *
     * @throws NotPermittedException as the other
     */
    public void requireList(LockRights rights, GrantFilter filter) {
        requireList(
                rights, filter.principal().filter(rights.principal()::equals).isPresent());
    }

    /**
     * Acquires a lock for the caller.
     *
     * @param client whose lock is rolled back when it has left before the answer
     */
    public Uni<Acquisition> acquire(LockRights rights, LockSpace space, LockSpec lock, Recipient client) {
        requireAcquire(rights);
        return of(rights).acquire(space, rights.requireOwn(lock)).invoke(outcome -> {
            if (outcome instanceof Acquisition.Granted granted) {
                rollBackIfGone(client, granted.request());
            }
        });
    }

    /** Has what {@code request} was granted rolled back when its client has left before the answer. */
    public void rollBackIfGone(Recipient client, RequestId request) {
        client.ifGone("request " + request.text(), () -> table.rollBack(request));
    }

    /** The conflict that would refuse {@code lock} now; acquires nothing. */
    public Uni<Optional<Conflict>> test(LockRights rights, LockSpace space, LockSpec lock) {
        requireAcquire(rights);
        return of(rights).test(space, rights.requireOwn(lock));
    }

    /** As {@link #test}, of a request that has begun: not refused for the number of the caller's requests. */
    public Uni<Optional<Conflict>> testFurther(LockRights rights, LockSpace space, LockSpec lock) {
        requireAcquire(rights);
        return of(rights).continuing().test(space, rights.requireOwn(lock));
    }

    /**
     * Several unlocks and locks of the caller's own, in one space. The unlocks touch the caller's locks alone, whatever
     * principal they name.
     *
     * @param client whose locks are rolled back when it has left before the answer
     */
    public Uni<BatchOutcome> batch(
            LockRights rights, LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks, Recipient client) {
        requireAcquire(rights);
        return of(rights)
                .batch(
                        space,
                        unlocks.stream()
                                .map(unlock -> unlock.ofPrincipal(rights.principal()))
                                .toList(),
                        locks.stream().map(rights::requireOwn).toList())
                .invoke(outcome -> {
                    if (outcome instanceof BatchOutcome.Done done) {
                        done.request().ifPresent(request -> rollBackIfGone(client, request));
                    }
                });
    }

    /**
     * Releases a range: the caller's own locks there; breaks everybody's under that owner id when the caller may break
     * locks and either may acquire no locks itself or says {@code anyOwner}. A break is audited.
     *
     * @param unlock its principal is not looked at
     * @param client when it has left, what takes several steps is repeated until it is done, for 30 s
     */
    public Uni<Release> release(
            LockRights rights, LockSpace space, UnlockSpec unlock, boolean anyOwner, Recipient client) {
        requireRelease(rights, anyOwner);
        // An SMB release is one step, and a second one could release a second lock.
        boolean repeatable = unlock.protocol().semantics() == LockSemantics.POSIX;
        if (!asAdministrator(rights, anyOwner)) {
            UnlockSpec own = unlock.ofPrincipal(rights.principal());
            return DetachedCall.finish(() -> of(rights).release(space, own), () -> repeatable && client.isGone());
        }
        UnlockSpec everybodys = unlock.ofAnyPrincipal();
        String target = unlock.protocol() + " " + unlock.range() + " of " + space;
        return audited(rights, "release", target, describe(everybodys.owner()))
                .chain(() -> DetachedCall.finish(
                        () -> of(rights).release(space, everybodys), () -> repeatable && client.isGone()));
    }

    /**
     * Closes opens of SMB handles in one space: of the caller's own handle; breaks everybody's under that owner id when
     * the caller may break locks and either may acquire no locks itself or says {@code anyOwner}. A break is audited.
     *
     * @param only that open, or empty for all of them
     * @param client when it has left, the release is repeated until it is done, for 30 s
     */
    public Uni<Release> releaseOpens(
            LockRights rights,
            LockSpace space,
            String ownerId,
            Optional<GrantId> only,
            boolean anyOwner,
            Recipient client) {
        requireRelease(rights, anyOwner);
        OwnerSelector everybodys = OwnerSelector.anybody(ownerId);
        if (!asAdministrator(rights, anyOwner)) {
            OwnerSelector own = everybodys.ofPrincipal(rights.principal());
            return DetachedCall.finish(() -> of(rights).releaseOpens(space, own, only), client::isGone);
        }
        String target = only.map(id -> Protocol.SMB + " open " + id).orElse(Protocol.SMB + " opens") + " of " + space;
        return audited(rights, "release", target, describe(everybodys))
                .chain(() ->
                        DetachedCall.finish(() -> of(rights).releaseOpens(space, everybodys, only), client::isGone));
    }

    /**
     * Closes an open by its id, whosever it is, audited.
     *
     * @param client when it has left, the release is repeated until it is done, for 30 s
     * @return {@link Release.NoSuchLock} also for the grant of a byte range
     * @throws NotPermittedException when the caller may not break locks
     */
    public Uni<Release> closeOpen(LockRights rights, GrantId id, Recipient client) {
        requireRelease(rights, true);
        return of(rights)
                .find(id)
                .chain(found -> found.filter(RangeLocks::isOpen)
                        .map(open -> releaseAudited(rights, open, client::isGone))
                        .orElseGet(RangeLocks::noSuchLock));
    }

    /**
     * How many byte ranges the handle of {@code open} has in its space. For a request that has listed the open, and so
     * not refused for the number of the caller's requests.
     *
     * @throws NotPermittedException when the caller may not read everybody's locks
     */
    public Uni<Long> countRangesFurther(LockRights rights, Grant open) {
        requireList(rights, false);
        return of(rights).continuing().countRanges(open.space(), open.owner());
    }

    /** The grant with that id, if it was acquired by {@code protocol} and the caller may see it. */
    public Uni<Optional<Grant>> find(LockRights rights, Protocol protocol, GrantId id) {
        if (!rights.acquires() && !rights.reads()) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
        return of(rights)
                .find(id)
                .map(found -> found.filter(grant -> grant.protocol() == protocol && rights.maySee(grant)));
    }

    /** Releases a whole grant of the caller's own; breaks anybody's, audited, when the caller may break locks. */
    public Uni<Release> releaseGrant(LockRights rights, Protocol protocol, GrantId id) {
        requireRelease(rights, false);
        return of(rights).find(id).chain(found -> {
            Optional<Grant> grant = found.filter(g -> g.protocol() == protocol);
            if (grant.isEmpty()) {
                return key.isEmpty() ? noSuchLock() : of(rights).hasReleased(id).map(RangeLocks::released);
            }
            if (rights.owns(grant.get())) {
                return of(rights).releaseGrant(id, Optional.of(rights.principal()));
            }
            return rights.administers() ? releaseAudited(rights, grant.get(), () -> false) : noSuchLock();
        });
    }

    /** Sets the end of one of the caller's own grants to {@code lease} from now. */
    public Uni<Renewal> renew(LockRights rights, Protocol protocol, GrantId id, Duration lease) {
        requireAcquire(rights);
        return of(rights).renew(id, protocol, rights.principal(), lease);
    }

    /** Confirms one of the caller's own grants that came from a queue; a lease begins again. */
    public Uni<Renewal> confirm(LockRights rights, Protocol protocol, GrantId id) {
        requireAcquire(rights);
        return of(rights).confirm(id, protocol, rights.principal());
    }

    /**
     * Whether {@code token} is still good for {@code range}. Asked by storage systems about other people's tokens, so
     * one permission of locks is enough ({@link LockRights#requireAny}); the API decides what it shows of the grant.
     */
    public Uni<FenceCheck> check(LockRights rights, LockSpace space, ByteRange range, FencingToken token) {
        rights.requireAny();
        return of(rights).check(space, range, token);
    }

    /** A page of grants; without the permission to read, only when {@code filter} is bound to the rights. */
    public Uni<GrantPage> list(LockRights rights, GrantFilter filter, Cursor after, int limit) {
        requireList(rights, filter);
        return of(rights).list(filter, after, limit);
    }

    /**
     * A further page of a list that one request answers: like {@link #list}, but not refused for the number of the
     * caller's requests.
     */
    public Uni<GrantPage> listFurther(LockRights rights, GrantFilter filter, Cursor after, int limit) {
        requireList(rights, filter);
        return of(rights).continuing().list(filter, after, limit);
    }

    /** Counts of grants; the same permission as {@link #list}. */
    public Uni<Map<String, Long>> count(LockRights rights, GrantFilter filter, CountBy by) {
        requireList(rights, filter);
        return of(rights).count(filter, by);
    }

    /**
     * Releases every grant of the caller's own that {@code filter} matches or, by the rule of {@link #release}, breaks
     * everybody's, audited; answers how many. Not one atomic step.
     *
     * @param client when it has left, the release is repeated until it is done, for 30 s
     */
    public Uni<Long> releaseByClient(LockRights rights, GrantFilter filter, boolean anyOwner, Recipient client) {
        requireRelease(rights, anyOwner);
        if (!asAdministrator(rights, anyOwner)) {
            return DetachedCall.finish(
                    () -> of(rights).releaseAll(filter.ofPrincipal(rights.principal())), client::isGone);
        }
        String whose = "owner_name=" + filter.ownerName().orElse("*") + " owner_address="
                + filter.ownerAddress().orElse("*");
        return audited(rights, "release-by-client", filter.protocol().toString(), whose)
                .chain(() -> DetachedCall.finish(() -> of(rights).releaseAll(filter), client::isGone));
    }

    /**
     * Of anybody, so that a session is told what it has lost.
     *
     * @param gone whether the client has left; the release is repeated then
     */
    private Uni<Release> releaseAudited(LockRights rights, Grant grant, BooleanSupplier gone) {
        String whose = "principal=" + grant.owner().principal() + " owner_id="
                + grant.owner().ownerId();
        String what = isOpen(grant) ? "open" : grant.range().toString();
        String target = grant.id() + " " + what + " of " + grant.space();
        return audited(rights, "release-grant", target, whose)
                .chain(() -> DetachedCall.finish(() -> of(rights).releaseGrant(grant.id(), Optional.empty()), gone));
    }

    private static boolean isOpen(Grant grant) {
        return grant.modes().type() == LockType.SHARE_MODE;
    }

    private RangeLockTable of(LockRights rights) {
        RangeLockTable callers = table.onBehalfOf(rights.principal());
        return key.isEmpty() ? callers : callers.once(key.get());
    }

    private Uni<Void> audited(LockRights rights, String what, String target, String whose) {
        return audit.record(new AuditTrail.Entry(rights.principal(), what, target, whose, Optional.empty()));
    }

    /** A caller who may not acquire has no locks of its own; a caller who may do both must say {@code anyOwner}. */
    private static boolean asAdministrator(LockRights rights, boolean anyOwner) {
        return rights.administers() && (anyOwner || !rights.acquires());
    }

    private static String describe(OwnerSelector owner) {
        return "principal=" + owner.principal().orElse("*") + " owner_id=" + owner.ownerId() + " owner_name="
                + owner.ownerName().orElse("*");
    }

    private static Release released(boolean before) {
        return before ? new Release.Released(1) : new Release.NoSuchLock();
    }

    private static Uni<Release> noSuchLock() {
        return Uni.createFrom().item(new Release.NoSuchLock());
    }
}
