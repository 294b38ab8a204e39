package io.lockgate.range.breaks;

import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.lockgate.range.Cursor;
import io.lockgate.range.DetachedCall;
import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.GrantPage;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockType;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Session;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionTable;
import io.lockgate.range.queue.Waiter;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The use cases of breaking locks (docs/lock-semantics.md, "Break"): who may, and the audit entry before the deed. All
 * that is atomic is in the {@link LockBreaker}.
 *
 * <p>Every method throws {@link NotPermittedException} when the caller may not break locks, before anything is asked of the
 * store, and fails its {@code Uni} as the store and the trail do. When the trail fails, nothing was changed. A caller's own
 * locks are broken and audited like those of others.
 */
public final class Breaks {
    /** Locks that one call breaks or shows at most. */
    public static final int MOST_LOCKS = 1_000;

    /** Requests that would be granted, and that the answer of one call of several locks names at most. */
    public static final int MOST_NEXT = 1_000;

    /** Rows that are read at a time. */
    private static final int PAGE = 500;

    /** Pages that one call reads at most: of a file few locks may have a byte of the range. */
    private static final int MOST_PAGES = 20;

    /** Sessions that are looked up at a time. */
    private static final int SESSIONS_AT_ONCE = 24;

    private final LockBreaker breaker;
    private final RangeLockTable table;
    private final SessionTable sessions;
    private final AuditTrail audit;
    private final InstantSource clock;
    private final Optional<IdempotencyKey> key;

    /**
     * @param clock from which the time of a heartbeat is reckoned back, and nothing is decided
     */
    public Breaks(
            LockBreaker breaker, RangeLockTable table, SessionTable sessions, AuditTrail audit, InstantSource clock) {
        this(breaker, table, sessions, audit, clock, Optional.empty());
    }

    private Breaks(
            LockBreaker breaker,
            RangeLockTable table,
            SessionTable sessions,
            AuditTrail audit,
            InstantSource clock,
            Optional<IdempotencyKey> key) {
        this.breaker = breaker;
        this.table = table;
        this.sessions = sessions;
        this.audit = audit;
        this.clock = clock;
        this.key = key;
    }

    /**
     * The same, for one call that carries a key or none: {@link #breakGrant} is done once ({@link LockBreaker#once}). A
     * break of several locks needs none: a repeat finds only what stands.
     */
    public Breaks once(Optional<IdempotencyKey> callsKey) {
        return callsKey.isEmpty() ? this : new Breaks(breaker, table, sessions, audit, clock, callsKey);
    }

    /**
     * Where a call of several locks goes on.
     *
     * @param list the list that is read: the number of one of the {@linkplain BreakFilter#lists lists}
     */
    public record Place(int list, Cursor after) {
        public static final Place START = new Place(0, Cursor.START);
    }

    /**
     * What came of a call of several locks.
     *
     * @param next where the following call goes on; empty when there are no more
     */
    public record Page(List<Breaking> locks, Optional<Place> next) {}

    /**
     * Breaks the whole lock of that id, now or later, or tells what that would do. An order that changes something is
     * audited, also when there is no such lock any more but the call carries a key.
     *
     * @param protocol by which it must have been acquired
     * @param client when it has left, the order is repeated until it is done, for 30 s
     * @return empty when there is no such lock, or it is not confirmed
     */
    public Uni<Optional<Breaking>> breakGrant(
            LockRights rights, Protocol protocol, GrantId id, BreakOrder order, Recipient client) {
        requireBreak(rights);
        return of(rights)
                .look(id)
                .chain(found -> {
                    if (found.isEmpty() && key.isPresent() && !order.dryRun()) {
                        return carryOutAudited(rights, id, id.toString(), "", order, client);
                    }
                    Optional<Standing> standing =
                            found.filter(lock -> lock.grant().protocol() == protocol);
                    if (standing.isEmpty() || order.dryRun()) {
                        return Uni.createFrom().item(standing);
                    }
                    Grant grant = standing.get().grant();
                    return carryOutAudited(rights, id, describe(grant), whose(grant), order, client);
                })
                .chain(done -> described(rights, done.stream().toList(), order))
                .map(done -> done.stream().findFirst());
    }

    /**
     * Breaks up to {@code limit} locks that match, one after the other, or tells what that would do; one audit entry before
     * the first. Not one atomic step: when the store does not answer, those before stay broken. Each ends whole, also
     * where only a part of it matches.
     *
     * @param limit at most {@link #MOST_LOCKS}
     * @param client when it has left, the step under way is repeated until it is done, for 30 s
     */
    public Uni<Page> breakAll(
            LockRights rights, BreakFilter filter, Place after, int limit, BreakOrder order, Recipient client) {
        requireBreak(rights);
        Uni<Void> recorded = order.dryRun()
                ? Uni.createFrom().voidItem()
                : audited(rights, "break-locks", filter.text() + notice(order), "", Optional.of(order.reason()));
        return recorded.chain(() -> collect(new Walk(rights, filter, limit), after, 0))
                .chain(found -> each(rights, found.ids(), order, client::isGone)
                        .chain(locks -> described(rights, bounded(locks), order))
                        .map(locks -> new Page(locks, found.next())));
    }

    /**
     * Takes the notice of a lock back.
     *
     * @return false when there is no such lock, or no notice of it
     */
    public Uni<Boolean> cancel(LockRights rights, Protocol protocol, GrantId id) {
        requireBreak(rights);
        return of(rights).look(id).chain(found -> {
            Optional<Grant> grant = found.map(Standing::grant).filter(standing -> standing.protocol() == protocol);
            if (grant.isEmpty()) {
                return Uni.createFrom().item(false);
            }
            return audited(rights, "cancel-break", describe(grant.get()), whose(grant.get()), Optional.empty())
                    .chain(() -> of(rights).cancel(id));
        });
    }

    /** Takes the break of a lock back. By which protocol it was acquired is known only when it stands again. */
    public Uni<Undoing> undo(LockRights rights, GrantId id) {
        requireBreak(rights);
        return audited(rights, "undo-break", id.toString(), "", Optional.empty())
                .chain(() -> of(rights).undo(id));
    }

    private Uni<Optional<Standing>> carryOutAudited(
            LockRights rights, GrantId id, String target, String whose, BreakOrder order, Recipient client) {
        LockBreaker callers = key.map(of(rights)::once).orElseGet(() -> of(rights));
        return audited(rights, "break-grant", target + notice(order), whose, Optional.of(order.reason()))
                .chain(() -> carryOut(callers, id, order, client::isGone));
    }

    private static Uni<Optional<Standing>> carryOut(
            LockBreaker breaker, GrantId id, BreakOrder order, BooleanSupplier gone) {
        return DetachedCall.finish(
                () -> order.notice().isZero()
                        ? breaker.breakNow(id)
                        : breaker.announce(id, order.notice(), order.reason()),
                gone);
    }

    /** Those that stood when their turn came: one after the other, and none behind one that fails. */
    private Uni<List<Standing>> each(LockRights rights, List<GrantId> ids, BreakOrder order, BooleanSupplier gone) {
        LockBreaker callers = of(rights);
        return all(ids, id -> order.dryRun() ? callers.look(id) : carryOut(callers, id, order, gone), 1);
    }

    /** What is found for {@code asked}, in that order. */
    private static <K, T> Uni<List<T>> all(Collection<K> asked, Function<K, Uni<Optional<T>>> call, int atOnce) {
        if (asked.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return Uni.combine()
                .all()
                .unis(asked.stream()
                        .map(one -> Uni.createFrom().deferred(() -> call.apply(one)))
                        .toList())
                .usingConcurrencyOf(atOnce)
                .with(Breaks::present);
    }

    @SuppressWarnings("unchecked")
    private static <T> List<T> present(List<?> found) {
        return ((List<Optional<T>>) found).stream().flatMap(Optional::stream).toList();
    }

    private static List<Standing> bounded(List<Standing> locks) {
        List<Standing> bounded = new ArrayList<>(locks.size());
        int left = MOST_NEXT;
        for (Standing lock : locks) {
            List<Waiter> next = lock.next();
            bounded.add(
                    next.size() <= left ? lock : new Standing(lock.grant(), lock.since(), next.subList(0, left), true));
            left -= Math.min(left, next.size());
        }
        return bounded;
    }

    /** What to break, of which list rows are read. */
    private record Walk(
            LockRights rights,
            BreakFilter filter,
            int limit,
            List<GrantFilter> lists,
            List<GrantId> ids,
            Set<FencingToken> tokens) {
        Walk(LockRights rights, BreakFilter filter, int limit) {
            this(rights, filter, limit, filter.lists(), new ArrayList<>(), new HashSet<>());
        }

        /** Parts of a split lock have one token, and end together. */
        boolean isFirstPart(Grant grant) {
            return tokens.add(grant.token());
        }

        boolean isOver(Place at) {
            return at.list() >= Math.max(1, lists.size());
        }
    }

    private record Found(List<GrantId> ids, Optional<Place> next) {}

    private Uni<Found> collect(Walk walk, Place at, int pages) {
        if (walk.isOver(at)) {
            return Uni.createFrom().item(new Found(walk.ids(), Optional.empty()));
        }
        if (walk.ids().size() == walk.limit() || pages == MOST_PAGES) {
            return Uni.createFrom().item(new Found(walk.ids(), Optional.of(at)));
        }
        int asked = Math.min(PAGE, walk.limit() - walk.ids().size());
        return read(walk, at, asked, pages > 0).chain(page -> {
            page.grants().stream()
                    .filter(grant -> walk.filter().matches(grant))
                    .filter(walk::isFirstPart)
                    .map(Grant::id)
                    .forEach(walk.ids()::add);
            boolean end = page.grants().size() < asked;
            return collect(
                    walk, end ? new Place(at.list() + 1, Cursor.START) : new Place(at.list(), page.next()), pages + 1);
        });
    }

    private Uni<GrantPage> read(Walk walk, Place at, int limit, boolean further) {
        String principal = walk.rights().principal();
        if (walk.filter() instanceof BreakFilter.OfSession(SessionId session)) {
            return sessions.onBehalfOf(principal).grants(session, at.after(), limit);
        }
        RangeLockTable callers = table.onBehalfOf(principal);
        return (further ? callers.continuing() : callers).list(walk.lists().get(at.list()), at.after(), limit);
    }

    private Uni<List<Breaking>> described(LockRights rights, List<Standing> locks, BreakOrder order) {
        return heartbeats(rights, locks)
                .map(heartbeats -> locks.stream()
                        .map(lock -> breaking(lock, heartbeats, order))
                        .toList());
    }

    private static Breaking breaking(Standing lock, Map<SessionId, Instant> heartbeats, BreakOrder order) {
        boolean announced = !order.dryRun() && order.notice().isPositive();
        return new Breaking(
                lock,
                lock.grant().session().map(heartbeats::get),
                !order.dryRun() && !announced,
                announced ? Optional.of(left(lock.grant(), order)) : Optional.empty());
    }

    /** Less than was asked for in the answer of a repeat. */
    private static Duration left(Grant grant, BreakOrder order) {
        return grant.stage() instanceof Grant.Held(Optional<Duration> breaksIn)
                ? breaksIn.orElse(order.notice())
                : order.notice();
    }

    /** Of the sessions of {@code locks}. What has been done is answered also when the store does not say them. */
    private Uni<Map<SessionId, Instant>> heartbeats(LockRights rights, List<Standing> locks) {
        Set<SessionId> ids =
                locks.stream().flatMap(lock -> lock.grant().session().stream()).collect(Collectors.toSet());
        SessionTable callers = sessions.onBehalfOf(rights.principal());
        return Breaks.<SessionId, Session>all(
                        ids, id -> callers.find(id).onFailure().recoverWithItem(Optional.empty()), SESSIONS_AT_ONCE)
                .map(found -> found.stream().collect(Collectors.toMap(Session::id, this::lastHeartbeat)));
    }

    private Instant lastHeartbeat(Session session) {
        return clock.instant().minus(session.ttl().minus(session.expiresIn()));
    }

    private LockBreaker of(LockRights rights) {
        return breaker.onBehalfOf(rights.principal());
    }

    private Uni<Void> audited(LockRights rights, String what, String target, String whose, Optional<String> why) {
        return audit.record(new AuditTrail.Entry(rights.principal(), what, target, whose, why));
    }

    private static String describe(Grant grant) {
        String what = grant.modes().type() == LockType.SHARE_MODE
                ? "open"
                : grant.range().toString();
        return grant.id() + " token " + grant.token() + " " + what + " of " + grant.space();
    }

    private static String notice(BreakOrder order) {
        return order.notice().isZero() ? "" : " in " + order.notice().toMillis() + " ms";
    }

    private static String whose(Grant grant) {
        return "principal=" + grant.owner().principal() + " owner_id="
                + grant.owner().ownerId();
    }

    private static void requireBreak(LockRights rights) {
        if (!rights.administers()) {
            throw new NotPermittedException(Permission.LOCK_WRITE);
        }
    }
}
