package io.lockgate.range;

import io.lockgate.range.InMemoryRangeLockTable.Row;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.Wait;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.range.queue.WaiterPage;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The queues of an {@link InMemoryRangeLockTable}, written as plainly as the table: one list of requests in order of
 * arrival, read from end to end by every call, under the lock of the table. After every change every waiter is looked
 * at again. What has ended by time counts nowhere from that moment; those behind it are served by the next change or
 * {@link InMemoryRangeLockTable#sweep}.
 *
 * <p>{@link #await} answers at once, as {@link #poll} does: the model holds no call.
 *
 * <p>The protected methods are the single decisions that {@link Mutants} get wrong.
 */
class InMemoryLockQueue implements LockQueue {
    private final InMemoryRangeLockTable table;
    private final List<Request> requests = new ArrayList<>();
    private int perPrincipal = Integer.MAX_VALUE;
    private int perSpace = Integer.MAX_VALUE;

    InMemoryLockQueue(InMemoryRangeLockTable table) {
        this.table = table;
    }

    /** So many waiters of one principal in a bucket, and so many in a space. */
    void limit(int ofPrincipal, int inSpace) {
        perPrincipal = ofPrincipal;
        perSpace = inSpace;
    }

    private enum State {
        WAITING,
        PROVISIONAL,
        CONFIRMED,
        TIMED_OUT,
        SESSION_ENDED,
        DEADLOCKED,
        LOST
    }

    /** A request that was queued, and what became of it. The ends are milliseconds of the table's clock. */
    static final class Request {
        private final WaiterId id;
        private final String rollback;
        private final LockSpace space;
        private final LockSpec asked;
        private State state = State.WAITING;
        private long waitsUntil;
        private long polledUntil;
        private long confirmedUntil;
        private long toldUntil;
        private long since;
        private List<Waiter> cycle = List.of();
        /** What it was granted provisionally; its number stays the name of the grant. */
        private @Nullable Row granted;

        private Request(WaiterId id, String rollback, LockSpace space, LockSpec asked) {
            this.id = id;
            this.rollback = rollback;
            this.space = space;
            this.asked = asked;
        }

        private Row granted() {
            return Objects.requireNonNull(granted, id.toString());
        }

        private GrantId grantId() {
            return new GrantId(id.bucket(), granted().sequence());
        }
    }

    // ---------------------------------------------------------------------------------------------------- the port

    @Override
    public LockQueue once(IdempotencyKey key) {
        return table.queueOnce(key);
    }

    @Override
    public Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait) {
        return table.atomically(() -> {
            Acquisition outcome = table.acquireNow(space, lock);
            if (!(outcome instanceof Acquisition.Refused)) {
                return new Queueing.Decided(outcome);
            }
            LockSpec asked = table.inSession(lock);
            int bucket = InMemoryRangeLockTable.bucketOf(space);
            String principal = asked.owner().principal();
            List<Request> waiting = waiting();
            if (waiting.stream()
                            .filter(r -> r.id.bucket() == bucket)
                            .filter(r -> r.asked.owner().principal().equals(principal))
                            .count()
                    >= perPrincipal) {
                return new Queueing.TooManyOfPrincipal(perPrincipal);
            }
            if (waiting.stream().filter(r -> r.space.equals(space)).count() >= perSpace) {
                return new Queueing.TooManyInSpace(perSpace);
            }
            WaiterId id = new WaiterId(bucket, table.draw(bucket));
            RequestId rollback = new RequestId(space, UUID.randomUUID().toString());
            Request request = new Request(id, rollback.text(), space, asked);
            request.since = table.now();
            request.waitsUntil = table.now() + wait.toMillis();
            request.polledUntil = table.now() + POLL_WITHIN.toMillis();
            requests.add(request);
            return new Queueing.Queued(id, rollback);
        });
    }

    @Override
    public Uni<WaitOutcome> poll(WaiterId id, Optional<String> principal) {
        return table.atomically(() -> {
            Optional<Request> found = find(id, principal);
            found.filter(r -> r.state == State.WAITING && principal.isPresent())
                    .ifPresent(r -> r.polledUntil = table.now() + POLL_WITHIN.toMillis());
            return found.map(this::outcome).orElseGet(WaitOutcome.NoSuchWaiter::new);
        });
    }

    @Override
    public Uni<WaitOutcome> await(WaiterId id, String principal, Duration atMost, BooleanSupplier isGone) {
        return poll(id, Optional.of(principal));
    }

    @Override
    public Uni<Boolean> withdraw(WaiterId id, Optional<String> principal) {
        return table.atomically(() -> find(id, principal).map(this::takeAway).orElse(false));
    }

    @Override
    public Uni<WaiterPage> list(GrantFilter filter, Cursor after, int limit) {
        return list(filter::matches, after, limit);
    }

    @Override
    public Uni<WaiterPage> list(SessionId session, Cursor after, int limit) {
        return list(asked -> asked.session().filter(session::equals).isPresent(), after, limit);
    }

    private Uni<WaiterPage> list(Predicate<Grant> wanted, Cursor after, int limit) {
        return table.atomically(() -> {
            List<Waiter> page = waiting().stream()
                    .filter(r -> wanted.test(shown(r)))
                    .filter(r -> InMemoryRangeLockTable.isAfter(new GrantId(r.id.bucket(), r.id.sequence()), after))
                    .sorted(Comparator.comparingInt((Request r) -> r.id.bucket())
                            .thenComparing(r -> r.id.sequence(), Long::compareUnsigned))
                    .limit(limit)
                    .map(this::waiter)
                    .toList();
            if (page.isEmpty()) {
                return new WaiterPage(page, after);
            }
            WaiterId last = page.getLast().id();
            return new WaiterPage(page, new Cursor(last.bucket(), "%016x".formatted(last.sequence())));
        });
    }

    private Optional<Request> find(WaiterId id, Optional<String> principal) {
        settle();
        return requests.stream()
                .filter(r -> r.id.equals(id))
                .filter(r -> principal.map(r.asked.owner().principal()::equals).orElse(true))
                .findFirst();
    }

    private WaitOutcome outcome(Request request) {
        return switch (request.state) {
            case WAITING ->
                new WaitOutcome.Waiting(
                        waiter(request),
                        position(request),
                        inTheWayOf(request).map(Conflict::blockers).orElse(List.of()),
                        Duration.ofMillis(request.polledUntil - table.now()));
            case PROVISIONAL -> new WaitOutcome.Granted(provisional(request));
            case CONFIRMED ->
                table.named(request.grantId())
                        .<WaitOutcome>map(row -> new WaitOutcome.Granted(table.grant(row)))
                        .orElseGet(WaitOutcome.Lost::new);
            case TIMED_OUT -> new WaitOutcome.TimedOut(new Waiter(request.id, shown(request), Duration.ZERO));
            case SESSION_ENDED ->
                new WaitOutcome.SessionEnded(((LockLifetime.InSession) request.asked.lifetime()).session());
            case DEADLOCKED ->
                new WaitOutcome.Deadlocked(
                        request.cycle.stream().limit(Conflict.MAX_BLOCKERS).toList(), request.cycle.size());
            case LOST -> new WaitOutcome.Lost();
        };
    }

    private long position(Request request) {
        return before(request).stream()
                .filter(r -> r.space.equals(request.space) && table.blocks(asRow(r), request.asked))
                .count();
    }

    private Waiter waiter(Request request) {
        return new Waiter(request.id, shown(request), Duration.ofMillis(request.waitsUntil - table.now()));
    }

    // --------------------------------------------------------------------------------------------- who waits for whom

    /** Who waits for whom: every owner in the way, however many. */
    WaitGraph graph() {
        return new WaitGraph() {
            @Override
            public Uni<List<Wait>> waits(Set<WaiterId> ids) {
                return table.atomically(() -> waits(request -> ids.contains(request.id)));
            }

            @Override
            public Uni<List<Wait>> waitsOf(Set<Owner> owners) {
                return table.atomically(() -> waits(request -> owners.contains(request.asked.owner())));
            }

            private List<Wait> waits(Predicate<Request> isMeant) {
                return waiting().stream()
                        .filter(request -> request.asked.protocol().semantics() == LockSemantics.POSIX)
                        .filter(isMeant)
                        .map(request -> new Wait(
                                waiter(request), request.since, holdersInTheWayOf(request), waitersInTheWayOf(request)))
                        .toList();
            }

            @Override
            public Uni<Boolean> refuse(List<Wait> cycle) {
                return table.atomically(() -> {
                    Set<WaiterId> waiting =
                            waiting().stream().map(request -> request.id).collect(Collectors.toSet());
                    List<Waiter> waiters = cycle.stream().map(Wait::waiter).toList();
                    if (!waiters.stream().map(Waiter::id).allMatch(waiting::contains)) {
                        return false;
                    }
                    Request refused =
                            find(waiters.getFirst().id(), Optional.empty()).orElseThrow();
                    refused.cycle = waiters;
                    end(refused, State.DEADLOCKED);
                    serve();
                    return true;
                });
            }
        };
    }

    private Set<Owner> holdersInTheWayOf(Request request) {
        Stream<Grant> held = table.inTheWayOf(request.space, request.asked);
        Stream<Grant> queued = blockers(request.space, request.asked, List.of()).stream();
        return Stream.concat(held, queued)
                .filter(grant -> grant.protocol().semantics() == LockSemantics.POSIX)
                .map(Grant::owner)
                .collect(Collectors.toSet());
    }

    private Set<WaiterId> waitersInTheWayOf(Request request) {
        return before(request).stream()
                .filter(r -> r.space.equals(request.space) && holdsBack(r, request.asked))
                .filter(r -> r.asked.protocol().semantics() == LockSemantics.POSIX)
                .map(r -> r.id)
                .collect(Collectors.toSet());
    }

    // -------------------------------------------------------------------------------------------- what the table asks

    /** What of the queue keeps a new request away, in order of arrival. */
    List<Grant> blockers(LockSpace space, LockSpec lock) {
        return blockers(space, lock, waiting());
    }

    /** The provisional grant of that name. */
    Optional<Grant> provisional(GrantId id) {
        return provisionalOf(id).map(this::provisional);
    }

    /** @param lease when it is to have another */
    Grant confirm(GrantId id, Optional<Duration> lease) {
        Request request = provisionalOf(id).orElseThrow();
        LockSpec asked = request.asked;
        LockSpec lock = new LockSpec(
                asked.protocol(),
                asked.modes(),
                asked.range(),
                asked.owner(),
                asked.ownerAddress(),
                asked.nodeAddress(),
                lease.map(LockLifetime::lease).orElse(asked.lifetime()));
        Grant grant = confirm(request, lock);
        serve();
        return grant;
    }

    private Grant confirm(Request request, LockSpec lock) {
        end(request, State.CONFIRMED);
        return table.grant(
                table.acquireGranted(request.space, lock, request.granted().sequence()));
    }

    /** Releases a provisional grant; false when there is none of that name. */
    boolean giveBack(GrantId id, Optional<String> principal) {
        Optional<Request> request = provisionalOf(id)
                .filter(r -> principal.map(r.asked.owner().principal()::equals).orElse(true));
        request.ifPresent(r -> {
            end(r, State.LOST);
            serve();
        });
        return request.isPresent();
    }

    /** Takes the waiter of a request away that is rolled back; false when there is none. */
    boolean takeBack(String rollback) {
        settle();
        return requests.stream()
                .filter(r -> r.rollback.equals(rollback))
                .findFirst()
                .map(this::takeAway)
                .orElse(false);
    }

    private boolean takeAway(Request request) {
        if (request.state != State.WAITING && request.state != State.PROVISIONAL) {
            return false;
        }
        requests.remove(request);
        serve();
        return true;
    }

    /** Grants to each waiter that nothing keeps away, in order of arrival. */
    protected void serve() {
        for (Request request : waiting()) {
            if (inTheWayOf(request).isEmpty()) {
                grant(request);
            }
        }
    }

    /** Those that wait in a space and would be granted now, in order of arrival. Changes nothing. */
    List<Waiter> next(LockSpace space) {
        List<Request> next = new ArrayList<>();
        for (Request request : waiting()) {
            if (request.space.equals(space) && inTheWayOf(request).isEmpty()) {
                request.granted = asRow(request);
                request.confirmedUntil = Long.MAX_VALUE;
                request.state = State.PROVISIONAL;
                next.add(request);
            }
        }
        next.forEach(request -> {
            request.state = State.WAITING;
            request.granted = null;
        });
        return next.stream().map(this::waiter).toList();
    }

    /** Whether a request waits for bytes of a row. */
    boolean isWaitedFor(Row row) {
        return waiting().stream()
                .anyMatch(request -> request.space.equals(row.space()) && table.blocks(row, request.asked));
    }

    /** Confirms what was granted just now. */
    protected final void confirm(Request request) {
        confirm(request, request.asked);
    }

    protected void grant(Request request) {
        request.granted = table.row(request.space, request.asked, table.draw(request.id.bucket()));
        request.confirmedUntil = table.now() + confirmWithin().toMillis();
        request.state = State.PROVISIONAL;
    }

    protected Duration confirmWithin() {
        return CONFIRM_WITHIN;
    }

    /** Moves all that ends by time for one waiter {@code by} nearer. */
    void age(WaiterId id, Duration by) {
        requests.stream().filter(r -> r.id.equals(id)).forEach(r -> {
            r.waitsUntil -= by.toMillis();
            r.polledUntil -= by.toMillis();
            r.confirmedUntil -= by.toMillis();
            r.toldUntil -= by.toMillis();
        });
    }

    // ------------------------------------------------------------------------------------------- who keeps whom away

    private Optional<Conflict> inTheWayOf(Request request) {
        List<Grant> queued = blockers(request.space, request.asked, before(request));
        return table.conflict(request.space, request.asked, queued);
    }

    /** Provisional grants count as grants do, whenever they arrived; of the waiters only those in front. */
    private List<Grant> blockers(LockSpace space, LockSpec lock, List<Request> inFront) {
        settle();
        return requests.stream()
                .filter(r -> r.space.equals(space))
                .filter(r -> r.state == State.PROVISIONAL
                        ? table.blocks(r.granted(), lock)
                        : inFront.contains(r) && holdsBack(r, lock))
                .map(r -> r.state == State.PROVISIONAL ? provisional(r) : shown(r))
                .toList();
    }

    /** Whether a waiter keeps a later request for its space away. */
    protected boolean holdsBack(Request waiter, LockSpec lock) {
        Row row = asRow(waiter);
        if (row.isOpen()) {
            return table.blocks(row, lock) && !hasSuchOpen(waiter.space, lock);
        }
        return table.blocks(row, lock)
                && !(row.semantics() == lock.protocol().semantics()
                        && table.overlap(row.range(), lock.range())
                        && (holdsAsStrongly(waiter, lock) || upgrades(waiter, lock)));
    }

    /** The handle has one open that does and denies at least as much as it asks. */
    protected boolean hasSuchOpen(LockSpace space, LockSpec lock) {
        return table.ownIn(space, lock).stream()
                .anyMatch(row ->
                        StreamSupport.stream(lock.modes().spliterator(), false).allMatch(row.modes()::contains));
    }

    /** The owner has the bytes that both want as strongly as it asks; in SMB by one lock. */
    protected boolean holdsAsStrongly(Request waiter, LockSpec lock) {
        ByteRange common = InMemoryRangeLockTable.common(waiter.asked.range(), lock.range());
        List<Row> strong = table.ownIn(waiter.space, lock).stream()
                .filter(row -> !row.isOpen())
                .filter(row -> row.exclusive() || lock.modes().strength() == LockStrength.SHARED)
                .toList();
        return lock.protocol().semantics() == LockSemantics.SMB
                ? strong.stream().anyMatch(row -> row.range().covers(common))
                : InMemoryRangeLockTable.minus(common, strong).isEmpty();
    }

    /** POSIX: the owner has the bytes that both want, and the waiter waits for it. */
    protected boolean upgrades(Request waiter, LockSpec lock) {
        if (lock.protocol().semantics() == LockSemantics.SMB) {
            return false;
        }
        ByteRange common = InMemoryRangeLockTable.common(waiter.asked.range(), lock.range());
        List<Row> held = table.ownIn(waiter.space, lock).stream()
                .filter(row -> table.overlap(row.range(), common))
                .toList();
        return InMemoryRangeLockTable.minus(common, held).isEmpty()
                && (asRow(waiter).exclusive() || held.stream().anyMatch(Row::exclusive));
    }

    private List<Request> before(Request request) {
        List<Request> waiting = waiting();
        int place = waiting.indexOf(request);
        return waiting.subList(0, Math.max(0, place));
    }

    /** The waiters that live, in order of arrival. */
    protected List<Request> waiting() {
        settle();
        return requests.stream().filter(r -> r.state == State.WAITING).toList();
    }

    // -------------------------------------------------------------------------------------------------- what has ended

    /** Notes what has ended by now. */
    private void settle() {
        for (Request request : List.copyOf(requests)) {
            switch (request.state) {
                case WAITING -> settleWaiting(request);
                case PROVISIONAL -> settleProvisional(request);
                default -> {
                    if (request.toldUntil <= table.now()) {
                        requests.remove(request);
                    }
                }
            }
        }
    }

    /** What ends first decides. */
    private void settleWaiting(Request request) {
        long session = endOfSession(request);
        long end = Math.min(session, Math.min(request.waitsUntil, request.polledUntil));
        if (end > table.now()) {
            return;
        }
        if (end == session) {
            end(request, State.SESSION_ENDED);
        } else if (end == request.waitsUntil) {
            end(request, State.TIMED_OUT);
        } else {
            requests.remove(request);
        }
    }

    private void settleProvisional(Request request) {
        long session = endOfSession(request);
        @Nullable Long lease = request.granted().deadline();
        long end = Math.min(request.confirmedUntil, lease == null ? Long.MAX_VALUE : lease);
        if (Math.min(session, end) <= table.now()) {
            end(request, session <= end ? State.SESSION_ENDED : State.LOST);
        }
    }

    private void end(Request request, State state) {
        request.state = state;
        request.toldUntil = table.now() + OUTCOME_KEPT.toMillis();
    }

    protected long endOfSession(Request request) {
        return table.endOfSession(request.asked);
    }

    // ------------------------------------------------------------------------------------------------- what has
    // happened

    /** What happened to a request. */
    record Change(RangeEvent.Kind kind, WaiterId waiter, Grant grant) {}

    /** The state of each request when it was looked at last. */
    private final Map<Request, State> seen = new LinkedHashMap<>();

    /** What has happened to requests since this was called last, but for confirmations. */
    List<Change> changes() {
        settle();
        List<Change> changes = new ArrayList<>();
        for (Request request : requests) {
            if (seen.putIfAbsent(request, State.WAITING) == null) {
                changes.add(new Change(RangeEvent.Kind.QUEUED, request.id, shown(request)));
            }
        }
        for (Request request : List.copyOf(seen.keySet())) {
            State before = Objects.requireNonNull(seen.get(request));
            if (before == State.WAITING && request.granted != null) {
                changes.add(new Change(RangeEvent.Kind.GRANTED, request.id, provisional(request)));
                before = State.PROVISIONAL;
            }
            boolean isThere = requests.contains(request);
            boolean isUnderWay = request.state == State.WAITING || request.state == State.PROVISIONAL;
            if (before == State.WAITING || before == State.PROVISIONAL) {
                if (!isThere || (!isUnderWay && request.state != State.CONFIRMED)) {
                    Grant grant = before == State.WAITING ? shown(request) : provisional(request);
                    changes.add(new Change(kindOfEnd(request, before), request.id, grant));
                }
            }
            seen.put(request, request.state);
            if (!isThere) {
                seen.remove(request);
            }
        }
        return changes;
    }

    private RangeEvent.Kind kindOfEnd(Request request, State before) {
        long ends =
                before == State.WAITING ? Math.min(request.waitsUntil, request.polledUntil) : request.confirmedUntil;
        boolean isLapsed =
                request.asked.lifetime() instanceof LockLifetime.InSession(SessionId id) && table.hasLapsed(id);
        return isLapsed || ends <= table.now() ? RangeEvent.Kind.EXPIRED : RangeEvent.Kind.RELEASED;
    }

    private final Set<WaiterId> toldConfirmed = new HashSet<>();

    /** Grants that were confirmed since this was called last, and their waiters. */
    Map<GrantId, WaiterId> confirmed() {
        Map<GrantId, WaiterId> confirmed = new LinkedHashMap<>();
        for (Request request : requests) {
            if (request.state == State.CONFIRMED && toldConfirmed.add(request.id)) {
                confirmed.put(request.grantId(), request.id);
            }
        }
        return confirmed;
    }

    // --------------------------------------------------------------------------------------------------- how it looks

    private Optional<Request> provisionalOf(GrantId id) {
        settle();
        return requests.stream()
                .filter(r -> r.state == State.PROVISIONAL && r.grantId().equals(id))
                .findFirst();
    }

    private Grant provisional(Request request) {
        Duration left = Duration.ofMillis(request.confirmedUntil - table.now());
        return table.grant(request.granted(), new Grant.Provisional(left));
    }

    private Row asRow(Request request) {
        return table.row(request.space, request.asked, request.id.sequence());
    }

    /** A waiter as a grant that it is not: nobody knows how long it will stand, and its token is 0. */
    private Grant shown(Request request) {
        Grant asked = table.grant(asRow(request), new Grant.Waiting());
        return new Grant(
                asked.id(),
                asked.space(),
                asked.protocol(),
                asked.modes(),
                asked.range(),
                asked.owner(),
                asked.ownerAddress(),
                asked.nodeAddress(),
                new FencingToken(0),
                asked.leased(),
                null,
                asked.session(),
                asked.stage());
    }
}
