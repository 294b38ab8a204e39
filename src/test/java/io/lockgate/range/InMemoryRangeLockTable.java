package io.lockgate.range;

import io.lockgate.range.queue.LockQueue;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules of docs/lock-semantics.md written down as plainly as possible: one list of rows, read from end to end by
 * every call. It is the yardstick of {@link EngineDifferentialTest}, so it shares no idea with the real store: no tree,
 * no index, no clean-up in passing. An expired row stays in the list until {@link #sweep()} and is skipped by whoever
 * reads.
 *
 * <p>The protected methods are the single decisions; {@link Mutants} overrides them one at a time to show that the
 * comparison would notice.
 */
public class InMemoryRangeLockTable implements RangeLockTable {
    /** More than one, so that lists walk over bucket borders. */
    static final int BUCKETS = 4;

    /** Tokens begin with epoch 1, docs/lock-semantics.md, "Fencing tokens": (epoch &lt;&lt; 40) | counter. */
    private static final long EPOCH = 1L << 40;

    private final LongSupplier clock;
    private final boolean enforced;
    private final long rangesPerOwnerAndSpace;
    private final long grantsPerPrincipalAndBucket;
    private final Map<Integer, Long> lastDrawn = new HashMap<>();
    private final Map<GrantId, Long> drawnAt = new HashMap<>();
    private List<Row> rows = new ArrayList<>();
    private final InMemoryOnce.Records keyRecords = new InMemoryOnce.Records();

    /** Traces of granted requests, until they are rolled back. */
    private final Map<String, Trace> traces = new HashMap<>();

    /** The request that wrote or repeated a row last, by the row's name. */
    private final Map<GrantId, String> lastRequests = new HashMap<>();

    /**
     * @param clock milliseconds, never going back
     * @param enforced {@code lockgate.locks.cross-protocol=enforced}
     * @param rangesPerOwnerAndSpace {@code lockgate.limits.ranges-per-owner-and-space}
     */
    public InMemoryRangeLockTable(LongSupplier clock, boolean enforced, long rangesPerOwnerAndSpace) {
        this(clock, enforced, rangesPerOwnerAndSpace, Long.MAX_VALUE);
    }

    /** @param grantsPerPrincipalAndBucket {@code lockgate.limits.grants-per-principal-and-bucket} */
    public InMemoryRangeLockTable(
            LongSupplier clock, boolean enforced, long rangesPerOwnerAndSpace, long grantsPerPrincipalAndBucket) {
        this.clock = clock;
        this.enforced = enforced;
        this.rangesPerOwnerAndSpace = rangesPerOwnerAndSpace;
        this.grantsPerPrincipalAndBucket = grantsPerPrincipalAndBucket;
    }

    /**
     * One grant.
     *
     * @param deadline when it ends by itself, {@code null} when it does not
     * @param session as long as which it lives, {@code null} for none
     * @param ids every id that means this row: its own and those it absorbed
     * @param tokens every token this row answers for
     */
    protected record Row(
            long sequence,
            LockSpace space,
            Protocol protocol,
            LockModes modes,
            ByteRange range,
            Owner owner,
            String ownerAddress,
            String nodeAddress,
            long token,
            @Nullable Long deadline,
            @Nullable SessionId session,
            Set<Long> ids,
            Set<Long> tokens) {

        Row withRange(ByteRange changed) {
            return new Row(
                    sequence,
                    space,
                    protocol,
                    modes,
                    changed,
                    owner,
                    ownerAddress,
                    nodeAddress,
                    token,
                    deadline,
                    session,
                    ids,
                    tokens);
        }

        Row withId(long changed) {
            return new Row(
                    changed,
                    space,
                    protocol,
                    modes,
                    range,
                    owner,
                    ownerAddress,
                    nodeAddress,
                    token,
                    deadline,
                    session,
                    Set.of(changed),
                    tokens);
        }

        /** The row that a provisional one was merged into: it also answers to that one's name, and has a new token. */
        Row heirOf(long provisional, long newest) {
            Set<Long> names = new HashSet<>(ids);
            names.add(provisional);
            Set<Long> known = new HashSet<>(tokens);
            known.add(newest);
            return new Row(
                    sequence,
                    space,
                    protocol,
                    modes,
                    range,
                    owner,
                    ownerAddress,
                    nodeAddress,
                    newest,
                    deadline,
                    session,
                    Set.copyOf(names),
                    Set.copyOf(known));
        }

        Row withTokens(Set<Long> changed) {
            return new Row(
                    sequence,
                    space,
                    protocol,
                    modes,
                    range,
                    owner,
                    ownerAddress,
                    nodeAddress,
                    token,
                    deadline,
                    session,
                    ids,
                    changed);
        }

        /** The row as it returns when its break is taken back. */
        Row restored(long newest) {
            return new Row(
                    sequence,
                    space,
                    protocol,
                    modes,
                    range,
                    owner,
                    ownerAddress,
                    nodeAddress,
                    newest,
                    deadline,
                    session,
                    ids,
                    Set.of(newest));
        }

        Row withDeadline(@Nullable Long changed) {
            return new Row(
                    sequence,
                    space,
                    protocol,
                    modes,
                    range,
                    owner,
                    ownerAddress,
                    nodeAddress,
                    token,
                    changed,
                    session,
                    ids,
                    tokens);
        }

        LockSemantics semantics() {
            return protocol.semantics();
        }

        boolean exclusive() {
            return modes.strength() == LockStrength.EXCLUSIVE;
        }

        boolean isOpen() {
            return modes.type() == LockType.SHARE_MODE;
        }

        Handle handle() {
            return new Handle(space, owner.principal(), owner.ownerId());
        }
    }

    /** An SMB handle in a space. */
    protected record Handle(LockSpace space, String principal, String ownerId) {}

    // ---------------------------------------------------------------------------------------------------- the port

    @Override
    public Uni<Acquisition> acquire(LockSpace space, LockSpec asked) {
        return atomically(() -> acquireNow(space, asked));
    }

    /** The acquire, as a part of another step. */
    Acquisition acquireNow(LockSpace space, LockSpec asked) {
        LockSpec request = inSession(asked);
        List<Row> before = live();
        Acquisition outcome = take(space, request, grantsOfPrincipal(space, request));
        if (!(outcome instanceof Acquisition.Granted granted)) {
            return outcome;
        }
        RequestId id = remember(before, space, List.of(request), List.of(granted.grant()), false);
        queue().serve();
        return new Acquisition.Granted(
                granted.grant(), changed(before, List.of(granted.grant())).grants(), id);
    }

    @Override
    public Uni<Optional<Conflict>> test(LockSpace space, LockSpec request) {
        return atomically(() -> conflict(space, inSession(request)));
    }

    @Override
    public Uni<BatchOutcome> batch(LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> asked) {
        return atomically(() -> {
            if (asked.stream().anyMatch(lock -> lock.modes().type() == LockType.SHARE_MODE)) {
                throw new IllegalArgumentException("a batch takes no opens");
            }
            List<LockSpec> locks = asked.stream().map(this::inSession).toList();
            boolean smb = unlocks.stream().anyMatch(u -> u.protocol().semantics() == LockSemantics.SMB)
                    || locks.stream().anyMatch(l -> l.protocol().semantics() == LockSemantics.SMB);
            boolean posix = unlocks.stream().anyMatch(u -> u.protocol().semantics() == LockSemantics.POSIX)
                    || locks.stream().anyMatch(l -> l.protocol().semantics() == LockSemantics.POSIX);
            if (smb && posix) {
                throw new IllegalArgumentException("a batch mixes POSIX and SMB locks");
            }
            if (smb && !unlocks.isEmpty() && !locks.isEmpty()) {
                throw new IllegalArgumentException("SMB takes locks or unlocks in one request, not both");
            }
            List<Row> before = List.copyOf(rows);
            List<Long> held =
                    locks.stream().map(lock -> grantsOfPrincipal(space, lock)).toList();
            long released = 0;
            for (int i = 0; i < unlocks.size(); i++) {
                switch (free(space, unlocks.get(i), false)) {
                    case Release.Released done -> released += done.grants();
                    case Release.NoSuchLock() -> {
                        queue().serve();
                        return new BatchOutcome.UnlockMissing(i);
                    }
                }
            }
            for (int i = 0; i < locks.size(); i++) {
                switch (take(space, locks.get(i), held.get(i))) {
                    case Acquisition.Granted ignored -> {}
                    case Acquisition.Refused(Conflict conflict) -> {
                        rows = new ArrayList<>(before);
                        return new BatchOutcome.Refused(i, conflict);
                    }
                    case Acquisition.TooManyRanges(long limit) -> {
                        rows = new ArrayList<>(before);
                        return new BatchOutcome.TooManyRanges(i, limit);
                    }
                    case Acquisition.TooManyGrants(long limit) -> {
                        rows = new ArrayList<>(before);
                        return new BatchOutcome.TooManyGrants(i, limit);
                    }
                }
            }
            List<Grant> grants = standingFor(space, locks);
            queue().serve();
            return new BatchOutcome.Done(
                    grants,
                    released,
                    changed(before, grants),
                    locks.isEmpty()
                            ? Optional.empty()
                            : Optional.of(remember(before, space, locks, grants, !unlocks.isEmpty())));
        });
    }

    /** The grants that were not there before, but for the shown ones. */
    protected ChangedGrants changed(List<Row> before, List<Grant> shown) {
        Set<GrantId> named = shown.stream().map(Grant::id).collect(Collectors.toSet());
        return new ChangedGrants(
                live().stream()
                        .filter(row -> !before.contains(row) && !named.contains(nameOf(row)))
                        .map(this::grant)
                        .toList(),
                false);
    }

    /** A grant by its id, for {@link InMemoryOnce}. */
    Optional<Grant> standing(GrantId id) {
        return named(id).map(this::grant);
    }

    @Override
    public RangeLockTable once(IdempotencyKey key) {
        return new InMemoryOnce(this, keyRecords, key);
    }

    @Override
    public Uni<Boolean> hasReleased(GrantId id) {
        return Uni.createFrom().item(false);
    }

    /** {@code lockgate.limits.idempotency-keys-per-principal}. */
    public InMemoryRangeLockTable withKeys(int keysPerPrincipal) {
        keyRecords.limit = keysPerPrincipal;
        return this;
    }

    // ------------------------------------------------------------------------------------------------- rolling back

    /**
     * The trace of a request.
     *
     * @param written rows as it left them
     * @param granted those of them that it was granted
     * @param replaced rows as it found them, each with the request that had written it
     * @param gained by POSIX owners: bytes they did not hold before
     * @param restorable whether restoring the replaced rows takes nothing from anyone
     * @param firstOpen whether it is an open, and its handle had none
     */
    private record Trace(
            List<Row> written,
            Set<GrantId> granted,
            Map<Row, Optional<String>> replaced,
            Map<Owner, List<ByteRange>> gained,
            boolean restorable,
            boolean firstOpen) {}

    private RequestId remember(
            List<Row> before, LockSpace space, List<LockSpec> asked, List<Grant> grants, boolean unlocked) {
        RequestId request = new RequestId(space, UUID.randomUUID().toString());
        Set<GrantId> granted = grants.stream().map(Grant::id).collect(Collectors.toSet());
        List<Row> written = live().stream()
                .filter(row -> !before.contains(row) || granted.contains(nameOf(row)))
                .toList();
        List<Row> after = live();
        Map<Row, Optional<String>> replaced = new HashMap<>();
        for (Row row : before) {
            if (!after.contains(row) || granted.contains(nameOf(row))) {
                replaced.put(row, Optional.ofNullable(lastRequests.get(nameOf(row))));
            }
        }
        Map<Owner, List<ByteRange>> gained = new HashMap<>();
        for (LockSpec lock : asked) {
            if (lock.protocol().semantics() == LockSemantics.POSIX) {
                List<Row> held = before.stream()
                        .filter(row -> row.space().equals(space) && isOwn(row, lock))
                        .toList();
                gained.computeIfAbsent(lock.owner(), owner -> new ArrayList<>()).addAll(minus(lock.range(), held));
            }
        }
        boolean shared = asked.stream().anyMatch(lock -> lock.modes().strength() == LockStrength.SHARED);
        boolean exclusiveBefore = replaced.keySet().stream().anyMatch(Row::exclusive);
        granted.forEach(id -> lastRequests.put(id, request.text()));
        traces.put(
                request.text(),
                new Trace(
                        written,
                        granted,
                        replaced,
                        gained,
                        !unlocked && !(shared && exclusiveBefore),
                        written.stream()
                                .anyMatch(row -> row.isOpen()
                                        && before.stream()
                                                .noneMatch(other -> other.isOpen()
                                                        && other.handle().equals(row.handle())))));
        return request;
    }

    @Override
    public Uni<Boolean> rollBack(RequestId request) {
        return atomically(
                () -> keyRecords.rolledBack(request).map(this::takenBack).orElse(false));
    }

    private boolean takenBack(RequestId request) {
        if (queue().takeBack(request.text())) {
            return true;
        }
        Trace trace = traces.remove(request.text());
        if (trace == null) {
            return false;
        }
        List<Row> mine = live().stream()
                .filter(row -> request.text().equals(lastRequests.get(nameOf(row))))
                .toList();
        // A row that was only repeated looks the same after a later repetition; who repeated it tells them apart.
        boolean untouched = live().containsAll(trace.written())
                && trace.written().stream()
                        .allMatch(row -> mine.contains(row) || !trace.granted().contains(nameOf(row)));
        if (trace.restorable() && untouched) {
            rows.removeAll(trace.written());
            trace.replaced().forEach((row, by) -> {
                rows.add(row);
                lastRequests.remove(nameOf(row));
                by.ifPresent(other -> lastRequests.put(nameOf(row), other));
            });
        } else if (trace.gained().isEmpty()) {
            rows.removeAll(mine);
        } else {
            trace.gained()
                    .forEach((owner, parts) ->
                            parts.forEach(part -> free(request.space(), owner, part, request.text())));
        }
        // Of an open that was the first of its handle nobody was told, so the ranges are as before it.
        if (trace.firstOpen()) {
            opened = handlesWithOpens();
        } else {
            endRanges(false);
        }
        queue().serve();
        return true;
    }

    /** Releases {@code part} in what {@code request} was the last to write. */
    private void free(LockSpace space, Owner owner, ByteRange part, String request) {
        for (Row row : live()) {
            if (row.space().equals(space)
                    && row.owner().equals(owner)
                    && row.semantics() == LockSemantics.POSIX
                    && request.equals(lastRequests.get(nameOf(row)))
                    && overlap(row.range(), part)) {
                replace(row, without(row, part));
            }
        }
    }

    static List<ByteRange> minus(ByteRange asked, List<Row> held) {
        List<ByteRange> left = new ArrayList<>(List.of(asked));
        for (Row row : held) {
            List<ByteRange> next = new ArrayList<>();
            for (ByteRange part : left) {
                ByteRange hole = row.range();
                if (Long.compareUnsigned(hole.last(), part.first()) < 0
                        || Long.compareUnsigned(hole.first(), part.last()) > 0) {
                    next.add(part);
                    continue;
                }
                if (Long.compareUnsigned(part.first(), hole.first()) < 0) {
                    next.add(ByteRange.between(part.first(), hole.first() - 1));
                }
                if (Long.compareUnsigned(part.last(), hole.last()) > 0) {
                    next.add(ByteRange.between(hole.last() + 1, part.last()));
                }
            }
            left = next;
        }
        return left;
    }

    static GrantId nameOf(Row row) {
        return new GrantId(bucketOf(row.space()), row.sequence());
    }

    /**
     * The grant that stands for each asked lock at the end of the batch. In POSIX a later lock of the batch may have
     * absorbed, cut or replaced an earlier one, so what holds the first asked byte now stands for it; in SMB every lock
     * keeps a row of its own, and those rows are the newest.
     */
    private List<Grant> standingFor(LockSpace space, List<LockSpec> locks) {
        List<Row> newest = live().stream()
                .sorted(Comparator.comparing(Row::sequence, Long::compareUnsigned))
                .toList();
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < locks.size(); i++) {
            LockSpec lock = locks.get(i);
            if (lock.protocol().semantics() == LockSemantics.SMB) {
                List<Row> inSpace =
                        newest.stream().filter(r -> r.space().equals(space)).toList();
                grants.add(grant(inSpace.get(inSpace.size() - locks.size() + i)));
            } else {
                grants.add(grant(newest.stream()
                        .filter(r -> isOwn(r, lock)
                                && r.range()
                                        .covers(ByteRange.between(
                                                lock.range().first(),
                                                lock.range().first())))
                        .findFirst()
                        .orElseThrow()));
            }
        }
        return grants;
    }

    @Override
    public Uni<Release> release(LockSpace space, UnlockSpec request) {
        return atomically(() -> {
            List<Row> before = live();
            if (!(free(space, request, request.owner().principal().isEmpty())
                    instanceof Release.Released(long freed, ChangedGrants ignored))) {
                return new Release.NoSuchLock();
            }
            queue().serve();
            return new Release.Released(freed, changed(before, List.of()));
        });
    }

    @Override
    public Uni<Optional<Grant>> find(GrantId id) {
        return atomically(() -> named(id).map(this::grant).or(() -> queue().provisional(id)));
    }

    @Override
    public Uni<Release> releaseOpens(LockSpace space, OwnerSelector handles, Optional<GrantId> only) {
        return atomically(() -> {
            List<Row> opens = live().stream()
                    .filter(row -> row.isOpen() && row.space().equals(space) && selects(handles, row))
                    .filter(row -> only.map(nameOf(row)::equals).orElse(true))
                    .toList();
            if (opens.isEmpty()) {
                return new Release.NoSuchLock();
            }
            releaseRows(opens, handles.principal().isEmpty());
            return new Release.Released(opens.size());
        });
    }

    @Override
    public Uni<Long> countRanges(LockSpace space, Owner handle) {
        Handle asked = new Handle(space, handle.principal(), handle.ownerId());
        return atomically(
                () -> live().stream().filter(row -> isRangeOf(row, asked)).count());
    }

    @Override
    public Uni<Release> releaseGrant(GrantId id, Optional<String> principal) {
        return atomically(() -> {
            Optional<Row> row = named(id)
                    .filter(r -> principal.map(r.owner().principal()::equals).orElse(true));
            row.ifPresent(gone -> releaseRows(List.of(gone), principal.isEmpty()));
            return row.isPresent() || queue().giveBack(id, principal)
                    ? new Release.Released(1)
                    : new Release.NoSuchLock();
        });
    }

    /**
     * Releases whole rows, and with the last open of a handle its ranges.
     *
     * @param byOthers whether the holders are to be told of it
     */
    private void releaseRows(List<Row> gone, boolean byOthers) {
        rows.removeAll(gone);
        gone.forEach(row -> lose(byOthers, row, row.range()));
        endRanges(false).forEach(row -> lose(byOthers, row, row.range()));
        queue().serve();
    }

    @Override
    public Uni<Renewal> renew(GrantId id, Protocol protocol, String principal, Duration lease) {
        return atomically(() -> {
            Optional<Grant> grant = named(id).map(this::grant).or(() -> queue().provisional(id));
            if (grant.isEmpty() || !belongsTo(grant.get(), protocol, principal)) {
                return notThere(id, grant);
            }
            if (!grant.get().leased() || grant.get().session().isPresent()) {
                return new Renewal.NotLeased();
            }
            if (grant.get().stage() instanceof Grant.Provisional) {
                return new Renewal.Renewed(queue().confirm(id, Optional.of(lease)));
            }
            Row row = named(id).orElseThrow();
            Row renewed = row.withDeadline(now() + lease.toMillis());
            replace(row, List.of(renewed));
            return renewed(renewed);
        });
    }

    @Override
    public Uni<Renewal> confirm(GrantId id, Protocol protocol, String principal) {
        return atomically(() -> {
            Optional<Grant> grant = named(id).map(this::grant).or(() -> queue().provisional(id));
            if (grant.isEmpty() || !belongsTo(grant.get(), protocol, principal)) {
                return notThere(id, grant);
            }
            return grant.get().stage() instanceof Grant.Provisional
                    ? new Renewal.Renewed(queue().confirm(id, Optional.empty()))
                    : renewed(named(id).orElseThrow());
        });
    }

    private static boolean belongsTo(Grant grant, Protocol protocol, String principal) {
        return grant.protocol() == protocol && grant.owner().principal().equals(principal);
    }

    private Renewal notThere(GrantId id, Optional<Grant> ofOthers) {
        return ofOthers.isEmpty() && wasDrawn(id) ? new Renewal.Lost() : new Renewal.NoSuchLock();
    }

    @Override
    public Uni<FenceCheck> check(LockSpace space, ByteRange range, FencingToken token) {
        return atomically(() -> live().stream()
                .filter(r -> r.space().equals(space)
                        && r.tokens().contains(token.value())
                        && r.range().covers(range))
                .findFirst()
                .<FenceCheck>map(r -> new FenceCheck.Valid(grant(r)))
                .orElseGet(FenceCheck.Invalid::new));
    }

    @Override
    public Uni<GrantPage> list(GrantFilter filter, Cursor after, int limit) {
        return page(filter::matches, after, limit);
    }

    private Uni<GrantPage> page(Predicate<Grant> wanted, Cursor after, int limit) {
        return atomically(() -> {
            List<Grant> page = live().stream()
                    .map(this::grant)
                    .filter(wanted)
                    .filter(g -> isAfter(g.id(), after))
                    .sorted(Comparator.comparingInt((Grant g) -> g.id().bucket())
                            .thenComparing(g -> g.id().sequence(), Long::compareUnsigned))
                    .limit(limit)
                    .toList();
            if (page.isEmpty()) {
                return new GrantPage(page, after);
            }
            GrantId last = page.getLast().id();
            return new GrantPage(page, new Cursor(last.bucket(), "%016x".formatted(last.sequence())));
        });
    }

    static boolean isAfter(GrantId id, Cursor cursor) {
        if (id.bucket() != cursor.bucket()) {
            return id.bucket() > cursor.bucket();
        }
        return cursor.position().isEmpty()
                || Long.compareUnsigned(id.sequence(), Long.parseUnsignedLong(cursor.position(), 16)) > 0;
    }

    @Override
    public Uni<Map<String, Long>> count(GrantFilter filter, CountBy by) {
        return atomically(() -> {
            Map<String, Long> counts = new TreeMap<>();
            for (Row row : live()) {
                Grant grant = grant(row);
                if (filter.matches(grant)) {
                    counts.merge(key(grant, by), 1L, Long::sum);
                }
            }
            return counts;
        });
    }

    private static String key(Grant grant, CountBy by) {
        return switch (by) {
            case OWNER_ADDRESS -> grant.ownerAddress();
            case FILE -> Long.toUnsignedString(grant.space().fileId());
            case MODE -> {
                StringJoiner modes = new StringJoiner(",");
                grant.modes().forEach(mode -> modes.add(mode.name()));
                yield modes.toString();
            }
        };
    }

    @Override
    public Uni<Long> releaseAll(GrantFilter filter) {
        return atomically(() -> {
            List<Row> matching =
                    live().stream().filter(r -> filter.matches(grant(r))).toList();
            releaseRows(matching, filter.principal().isEmpty());
            return (long) matching.size();
        });
    }

    @Override
    public Uni<Long> sweep() {
        return atomically(() -> {
            List<Row> living = live();
            int expired = rows.size() - living.size();
            rows = new ArrayList<>(living);
            queue().serve();
            return (long) expired;
        });
    }

    // ----------------------------------------------------------------------------------------------------- the queues

    private @Nullable InMemoryLockQueue queue;

    /** The queues of this table. */
    public synchronized InMemoryLockQueue queue() {
        if (queue == null) {
            queue = new InMemoryLockQueue(this);
        }
        return queue;
    }

    LockQueue queueOnce(IdempotencyKey key) {
        return new InMemoryOnce(this, keyRecords, key).queue();
    }

    /** The same table with other queues, which must be made for it. */
    synchronized InMemoryRangeLockTable withQueue(InMemoryLockQueue other) {
        queue = other;
        return this;
    }

    /** The same table with other {@code lockgate.limits.waiters-per-principal} and {@code waiters-per-space}. */
    public InMemoryRangeLockTable withWaiters(int perPrincipal, int perSpace) {
        queue().limit(perPrincipal, perSpace);
        return this;
    }

    /**
     * Acquires what was granted provisionally as {@code number}, whatever is in the way. What it merges with keeps its
     * name, because it was listed under it all the time, and gets a token above that one, which its owner has seen.
     */
    Row acquireGranted(LockSpace space, LockSpec request, long number) {
        Row row = row(space, request, number);
        if (request.protocol().semantics() == LockSemantics.SMB) {
            rows.add(row);
        } else {
            Row placed = place(space, request, row);
            if (placed.sequence() != number) {
                row = placed.heirOf(number, draw(bucketOf(space)));
                replace(placed, List.of(row));
            }
        }
        // No request that was granted before may take it back.
        lastRequests.put(nameOf(row), "confirmed " + number);
        return row;
    }

    /** When the session of a lock ended or will end; never, when it has none. */
    long endOfSession(LockSpec lock) {
        @Nullable SessionId id = session(lock);
        return id == null ? Long.MAX_VALUE : sessionOf(id).deadline;
    }

    /** The time, which stands still during a step. */
    long now() {
        return inStep ? timeOfStep : clock.getAsLong();
    }

    private boolean inStep;
    private long timeOfStep;

    // --------------------------------------------------------------------------------------------------------- opens

    /** The handles that had a live open when the last step ended. */
    private Set<Handle> opened = Set.of();

    /** The ranges that ended with the last open of their handle, and whether that one had ended by itself. */
    private final Map<GrantId, Boolean> endedWithOpen = new HashMap<>();

    /**
     * Ends the ranges of handles that had an open when this was looked at last, and have none now. Called where a step
     * begins, before it adds anything, and wherever it has ended opens. So it does not matter how long ago the last open
     * ended: between two steps nothing is acquired that it would have to spare.
     *
     * @param byThemselves whether the opens ended by themselves, by time
     * @return those ranges, the oldest first
     */
    private List<Row> endRanges(boolean byThemselves) {
        Set<Handle> before = opened;
        opened = handlesWithOpens();
        List<Row> ended = live().stream()
                .filter(row ->
                        before.stream().anyMatch(handle -> isRangeOf(row, handle) && isClosed(handle, byThemselves)))
                .sorted(Comparator.comparing(Row::sequence, Long::compareUnsigned))
                .toList();
        ended.forEach(row -> endedWithOpen.put(nameOf(row), byThemselves));
        return ended;
    }

    /** Whether a handle that had an open has lost its last one. */
    protected boolean isClosed(Handle handle, boolean byThemselves) {
        return !opened.contains(handle);
    }

    private Set<Handle> handlesWithOpens() {
        return live().stream().filter(Row::isOpen).map(Row::handle).collect(Collectors.toSet());
    }

    private static boolean isRangeOf(Row row, Handle handle) {
        return row.semantics() == LockSemantics.SMB
                && !row.isOpen()
                && row.handle().equals(handle);
    }

    // ------------------------------------------------------------------------------------------------------- sessions

    private final Map<SessionId, SessionState> sessions = new TreeMap<>(
            Comparator.comparingInt(SessionId::home).thenComparing(SessionId::number, Long::compareUnsigned));

    private int sessionsPerPrincipal = Integer.MAX_VALUE;

    /** A session; it stays here when it has ended. */
    private static final class SessionState {
        private final String principal;
        private final String ownerName;
        private final Duration ttl;
        private long deadline;
        private boolean ended;
        /** What was lost and not told yet, and what the last renewal told. */
        private List<Grant> lost = new ArrayList<>();

        private List<Told> notices = new ArrayList<>();

        private SessionState(String principal, String ownerName, Duration ttl, long deadline) {
            this.principal = principal;
            this.ownerName = ownerName;
            this.ttl = ttl;
            this.deadline = deadline;
        }
    }

    /** The same table with another {@code lockgate.limits.sessions-per-principal}. */
    public InMemoryRangeLockTable withSessions(int limit) {
        sessionsPerPrincipal = limit;
        return this;
    }

    private SessionState sessionOf(SessionId id) {
        return Objects.requireNonNull(sessions.get(id), id.toString());
    }

    private boolean isLive(SessionId id) {
        SessionState state = sessionOf(id);
        return !state.ended && state.deadline > now();
    }

    /** Whether the locks of a session stand. */
    protected boolean counts(SessionId session) {
        return isLive(session);
    }

    /** The request with the machine name that its session gives it. */
    LockSpec inSession(LockSpec request) {
        if (!(request.lifetime() instanceof LockLifetime.InSession(SessionId id))) {
            return request;
        }
        SessionState state = sessions.get(id);
        if (state == null || !state.principal.equals(request.owner().principal())) {
            throw SessionGoneException.unknown(id);
        }
        if (!isLive(id)) {
            throw SessionGoneException.ended(id);
        }
        Owner owner = request.owner();
        return !owner.ownerName().isEmpty()
                ? request
                : new LockSpec(
                        request.protocol(),
                        request.modes(),
                        request.range(),
                        new Owner(owner.principal(), owner.ownerId(), state.ownerName),
                        request.ownerAddress(),
                        request.nodeAddress(),
                        request.lifetime());
    }

    private void lose(boolean byOthers, Row row, ByteRange part) {
        if (byOthers && row.session() != null) {
            sessionOf(row.session()).lost.add(grant(row.withRange(part)));
        } else if (byOthers && named(nameOf(row)).isPresent()) {
            Row lost = row.withRange(part).withDeadline(null);
            lostOf.computeIfAbsent(nameOf(row), id -> new ArrayList<>()).add(grant(lost));
        }
    }

    /** What the next renewal of a grant without a session tells. */
    private final Map<GrantId, List<Grant>> lostOf = new HashMap<>();

    /** A renewal, which tells what others took of the row, and what else its owner is to know. */
    private Renewal renewed(Row row) {
        List<Grant> lost = Optional.ofNullable(lostOf.remove(nameOf(row))).orElse(List.of());
        List<Told> notices = Optional.ofNullable(noticesOf.remove(nameOf(row))).orElse(List.of());
        List<Grant> told = lost.stream().limit(SessionRenewal.MOST_LOST).toList();
        return new Renewal.Renewed(grant(row), told, told(notices, told.size()), isMore(lost, notices));
    }

    /**
     * A notice that waits for a renewal.
     *
     * @param deadline of an announcement
     */
    private record Told(Notice.Kind kind, Grant grant, Optional<Long> deadline, String reason) {}

    /** What the next renewal of a grant without a session tells. */
    private final Map<GrantId, List<Told>> noticesOf = new HashMap<>();

    /** @param deadline of an announcement, milliseconds of the clock */
    void tell(Row row, Notice.Kind kind, Optional<Long> deadline, String reason) {
        List<Told> notices = row.session() != null
                ? sessionOf(row.session()).notices
                : noticesOf.computeIfAbsent(nameOf(row), id -> new ArrayList<>());
        notices.add(new Told(kind, grant(row), deadline, reason));
    }

    private List<Notice> told(List<Told> notices, int besides) {
        return notices.stream()
                .limit(SessionRenewal.MOST_LOST - besides)
                .map(told ->
                        new Notice(told.kind(), told.grant(), told.deadline().map(this::until), told.reason()))
                .toList();
    }

    private static boolean isMore(List<Grant> lost, List<Told> notices) {
        return lost.size() + notices.size() > SessionRenewal.MOST_LOST;
    }

    private Duration until(long deadline) {
        return Duration.ofMillis(Math.max(0, deadline - now()));
    }

    static ByteRange common(ByteRange a, ByteRange b) {
        return ByteRange.between(
                Long.compareUnsigned(a.first(), b.first()) > 0 ? a.first() : b.first(),
                Long.compareUnsigned(a.last(), b.last()) < 0 ? a.last() : b.last());
    }

    private Session shown(SessionId id) {
        SessionState state = sessionOf(id);
        Duration left = Duration.ofMillis(state.deadline - now());
        return new Session(id, state.principal, state.ownerName, state.ttl, left);
    }

    /** Makes a session expire now. */
    void expire(SessionId id) {
        sessionOf(id).deadline = 0;
    }

    /** Whether a row has ended by itself: its lease, its session without a call, or so the last open of its handle. */
    boolean hasLapsed(Row row) {
        @Nullable Long ends = row.deadline();
        return (ends != null && ends <= now())
                || (row.session() != null && hasLapsed(row.session()))
                || Boolean.TRUE.equals(endedWithOpen.get(nameOf(row)));
    }

    boolean hasLapsed(SessionId id) {
        SessionState state = sessionOf(id);
        return !state.ended && state.deadline <= now();
    }

    // --------------------------------------------------------------------------------------------------------- breaks

    private @Nullable InMemoryLockBreaker breaker;

    /** What was broken in this step. */
    private final Set<GrantId> broken = new HashSet<>();

    /** The breaks of this table. */
    public synchronized InMemoryLockBreaker breaker() {
        if (breaker == null) {
            breaker = new InMemoryLockBreaker(this, keyRecords);
        }
        return breaker;
    }

    /** When the oldest part of a row was acquired. */
    long acquiredAt(Row row) {
        return row.tokens().stream()
                .map(token -> Objects.requireNonNull(drawnAt.get(new GrantId(bucketOf(row.space()), token))))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** The rows, and the ranges that end with the last open of a handle when they do. */
    List<Row> endingWith(List<Row> lock) {
        List<Row> others = live().stream().filter(row -> !lock.contains(row)).toList();
        Set<Handle> closed =
                lock.stream().filter(Row::isOpen).map(Row::handle).collect(Collectors.toCollection(HashSet::new));
        others.stream().filter(Row::isOpen).map(Row::handle).forEach(closed::remove);
        return Stream.concat(
                        lock.stream(),
                        others.stream().filter(row -> closed.stream().anyMatch(handle -> isRangeOf(row, handle))))
                .toList();
    }

    /** The answer to a question that changes nothing, if those rows had ended. */
    <T> T ifEnded(List<Row> gone, Supplier<T> question) {
        List<Row> before = List.copyOf(rows);
        rows.removeAll(gone);
        try {
            return question.get();
        } finally {
            rows = new ArrayList<>(before);
        }
    }

    /** Ends rows, and tells it. */
    void breakRows(List<Row> gone) {
        rows.removeAll(gone);
        for (Row row : gone) {
            broken.add(nameOf(row));
            lose(true, row, row.range());
        }
        queue().serve();
    }

    boolean isBroken(Row row) {
        return broken.contains(nameOf(row));
    }

    /** Whether a row would not live any more by now. */
    boolean isOver(Row row) {
        return (row.deadline() != null && row.deadline() <= now()) || (row.session() != null && !isLive(row.session()));
    }

    /** What keeps a broken row away: what would refuse it, and in POSIX what its own owner holds there. */
    Optional<Conflict> inTheWayOfReturn(Row row) {
        LockSpec request = new LockSpec(
                row.protocol(),
                row.modes(),
                row.range(),
                row.owner(),
                row.ownerAddress(),
                row.nodeAddress(),
                LockLifetime.UNTIL_RELEASED);
        Stream<Grant> own = ownIn(row.space(), request).stream()
                .filter(held -> held.semantics() == LockSemantics.POSIX && overlap(held.range(), row.range()))
                .map(this::grant);
        return conflict(
                request, Stream.concat(inTheWayOf(row.space(), request), own), queue().blockers(row.space(), request));
    }

    /** Puts broken rows back, unmerged, each with one new token. No request that was granted before may take one back. */
    List<Row> restore(List<Row> gone) {
        List<Row> restored = new ArrayList<>();
        for (Row row : gone) {
            int bucket = bucketOf(row.space());
            long acquiredAt = acquiredAt(row);
            Row again = row.restored(draw(bucket));
            drawnAt.put(new GrantId(bucket, again.token()), acquiredAt);
            lastRequests.put(nameOf(again), "restored " + again.token());
            restored.add(again);
        }
        rows.addAll(restored);
        return restored;
    }

    private @Nullable InMemoryRangeEventLog events;

    /** The events of this table, from the first call on. */
    public synchronized InMemoryRangeEventLog events() {
        if (events == null) {
            events = new InMemoryRangeEventLog(this);
        }
        return events;
    }

    /** The sessions of this table. */
    public SessionTable sessions() {
        return new InMemorySessions();
    }

    private final class InMemorySessions implements SessionTable {
        @Override
        public Uni<SessionOpening> open(String principal, String ownerName, Duration ttl) {
            return atomically(() -> {
                long held = sessions.entrySet().stream()
                        .filter(s -> s.getValue().principal.equals(principal) && isLive(s.getKey()))
                        .count();
                if (held >= sessionsPerPrincipal) {
                    return new SessionOpening.TooManySessions(sessionsPerPrincipal);
                }
                SessionId id = new SessionId(0, draw(0));
                sessions.put(id, new SessionState(principal, ownerName, ttl, now() + ttl.toMillis()));
                return new SessionOpening.Opened(shown(id));
            });
        }

        @Override
        public Uni<Optional<Session>> find(SessionId id) {
            return atomically(() -> sessions.containsKey(id) && isLive(id) ? Optional.of(shown(id)) : Optional.empty());
        }

        @Override
        public Uni<SessionRenewal> renew(SessionId id, String principal) {
            return atomically(() -> {
                SessionState state = sessions.get(id);
                if (state == null || !state.principal.equals(principal)) {
                    return new SessionRenewal.NoSuchSession();
                }
                if (!isLive(id)) {
                    return new SessionRenewal.Lost();
                }
                state.deadline = now() + state.ttl.toMillis();
                List<Grant> told =
                        state.lost.stream().limit(SessionRenewal.MOST_LOST).toList();
                List<Notice> notices = told(state.notices, told.size());
                boolean more = isMore(state.lost, state.notices);
                state.lost = new ArrayList<>();
                state.notices = new ArrayList<>();
                return new SessionRenewal.Renewed(shown(id), told, notices, more);
            });
        }

        @Override
        public Uni<SessionEnding> end(SessionId id, Optional<String> principal) {
            return atomically(() -> {
                SessionState state = sessions.get(id);
                if (state == null || !principal.map(state.principal::equals).orElse(true)) {
                    return new SessionEnding.NoSuchSession();
                }
                state.ended = true;
                state.deadline = Math.min(state.deadline, now());
                endRanges(false);
                queue().serve();
                return new SessionEnding.Ended();
            });
        }

        @Override
        public Uni<SessionPage> list(Optional<String> principal, Optional<String> ownerName, Cursor after, int limit) {
            return atomically(() -> {
                List<Session> page = sessions.keySet().stream()
                        .filter(InMemoryRangeLockTable.this::isLive)
                        .map(InMemoryRangeLockTable.this::shown)
                        .filter(s -> principal.map(s.principal()::equals).orElse(true))
                        .filter(s -> ownerName.map(s.ownerName()::equals).orElse(true))
                        .filter(s -> isAfter(new GrantId(s.id().home(), s.id().number()), after))
                        .limit(limit)
                        .toList();
                return new SessionPage(
                        page, page.isEmpty() ? after : cursor(page.getLast().id()));
            });
        }

        private Cursor cursor(SessionId id) {
            return new Cursor(id.home(), "%016x".formatted(id.number()));
        }

        @Override
        public Uni<GrantPage> grants(SessionId id, Cursor after, int limit) {
            return page(grant -> grant.session().filter(id::equals).isPresent(), after, limit);
        }
    }

    // ------------------------------------------------------------------------------------------------------- acquire

    /** @param grantsBefore how many grants the principal held in the bucket when the call began */
    private Acquisition take(LockSpace space, LockSpec request, long grantsBefore) {
        Optional<Conflict> conflict = conflict(space, request);
        if (conflict.isPresent()) {
            return new Acquisition.Refused(conflict.get());
        }
        List<Row> before = List.copyOf(rows);
        long held = ownIn(space, request).size();
        Row row = request.protocol().semantics() == LockSemantics.SMB
                ? takeSmb(space, request)
                : takePosix(space, request);
        long holds = ownIn(space, request).size();
        // Whoever is over the limit already (a release may split) may still take what costs no further range.
        if (holds > rangesPerOwnerAndSpace && holds > held) {
            rows = new ArrayList<>(before);
            return new Acquisition.TooManyRanges(rangesPerOwnerAndSpace);
        }
        long grants = grantsOfPrincipal(space, request);
        if (grants > grantsPerPrincipalAndBucket && grants > grantsBefore) {
            rows = new ArrayList<>(before);
            return new Acquisition.TooManyGrants(grantsPerPrincipalAndBucket);
        }
        return new Acquisition.Granted(grant(row), List.of(), new RequestId(space, ""));
    }

    private long grantsOfPrincipal(LockSpace space, LockSpec request) {
        int bucket = bucketOf(space);
        return live().stream()
                .filter(row -> bucketOf(row.space()) == bucket && countsTogether(row, request))
                .count();
    }

    protected boolean countsTogether(Row row, LockSpec request) {
        return row.owner().principal().equals(request.owner().principal());
    }

    private Row takeSmb(LockSpace space, LockSpec request) {
        Row row = fresh(space, request);
        rows.add(row);
        return row;
    }

    private Row takePosix(LockSpace space, LockSpec request) {
        List<Row> own = ownIn(space, request);
        for (Row row : own) {
            if (sameKind(row, request)
                    && row.range().covers(request.range())
                    && row.modes().equals(request.modes())) {
                Row repeated = row.withDeadline(deadlineOnRepeat(row, request));
                replace(row, List.of(repeated));
                return repeated;
            }
        }
        return place(space, request, fresh(space, request));
    }

    /** Puts {@code placed} over what its owner holds there, and merges it. */
    private Row place(LockSpace space, LockSpec request, Row placed) {
        Row result = placed;
        List<Row> absorbed = new ArrayList<>();
        for (Row row : ownIn(space, request)) {
            if (sameKind(row, request)
                    && (overlap(row.range(), request.range()) || touch(row.range(), request.range()))) {
                absorbed.add(row);
            } else if (overlap(row.range(), request.range())) {
                replace(row, without(row, request.range()));
            }
        }
        absorbed.sort(Comparator.comparing(Row::sequence, Long::compareUnsigned));
        if (!absorbed.isEmpty()) {
            result = merged(absorbed, result);
        }
        GrantId heir = nameOf(result);
        absorbed.stream()
                .map(InMemoryRangeLockTable::nameOf)
                .filter(id -> !id.equals(heir))
                .forEach(id -> {
                    handOn(lostOf, id, heir);
                    handOn(noticesOf, id, heir);
                });
        rows.removeAll(absorbed);
        rows.add(result);
        return result;
    }

    private static <T> void handOn(Map<GrantId, List<T>> told, GrantId absorbed, GrantId heir) {
        Optional.ofNullable(told.remove(absorbed))
                .ifPresent(all ->
                        told.computeIfAbsent(heir, h -> new ArrayList<>()).addAll(all));
    }

    /** The oldest row's name and addresses, the newest request's everything else, and the range of all together. */
    private Row merged(List<Row> absorbed, Row newest) {
        Row oldest = absorbed.getFirst();
        long first = newest.range().first();
        long last = newest.range().last();
        Set<Long> ids = new HashSet<>();
        Set<Long> tokens = new HashSet<>(newest.tokens());
        for (Row row : absorbed) {
            first = Long.compareUnsigned(row.range().first(), first) < 0
                    ? row.range().first()
                    : first;
            last = Long.compareUnsigned(row.range().last(), last) > 0
                    ? row.range().last()
                    : last;
            ids.addAll(row.ids());
            tokens.addAll(tokensForHeir(row));
        }
        return new Row(
                oldest.sequence(),
                newest.space(),
                newest.protocol(),
                newest.modes(),
                ByteRange.between(first, last),
                newest.owner(),
                oldest.ownerAddress(),
                oldest.nodeAddress(),
                newest.token(),
                newest.deadline(),
                newest.session(),
                Set.copyOf(ids),
                Set.copyOf(tokens));
    }

    private Row fresh(LockSpace space, LockSpec request) {
        return row(space, request, draw(bucketOf(space)));
    }

    /** The row that {@code request} would be. */
    Row row(LockSpace space, LockSpec request, long number) {
        return new Row(
                number,
                space,
                request.protocol(),
                request.modes(),
                request.range(),
                request.owner(),
                request.ownerAddress(),
                request.nodeAddress(),
                number,
                deadline(request),
                session(request),
                Set.of(number),
                Set.of(number));
    }

    private @Nullable Long deadline(LockSpec request) {
        return switch (request.lifetime()) {
            case LockLifetime.UntilReleased() -> null;
            case LockLifetime.Lease(Duration length) -> now() + length.toMillis();
            case LockLifetime.InSession ignored -> null;
        };
    }

    private static @Nullable SessionId session(LockSpec request) {
        return request.lifetime() instanceof LockLifetime.InSession(SessionId id) ? id : null;
    }

    protected @Nullable Long deadlineOnRepeat(Row row, LockSpec request) {
        return deadline(request);
    }

    /** Only rows of one protocol, strength, kind of lifetime and session grow together. */
    protected boolean sameKind(Row row, LockSpec request) {
        return row.protocol() == request.protocol()
                && row.modes().strength() == request.modes().strength()
                && (row.deadline() != null) == (request.lifetime() instanceof LockLifetime.Lease)
                && inSameSession(row, request);
    }

    protected boolean inSameSession(Row row, LockSpec request) {
        return Objects.equals(row.session(), session(request));
    }

    protected Set<Long> tokensForHeir(Row absorbed) {
        return absorbed.tokens();
    }

    // ------------------------------------------------------------------------------------------------------ release

    /** @param byOthers whether the holders are to be told of it */
    private Release free(LockSpace space, UnlockSpec request, boolean byOthers) {
        List<Row> selected = live().stream()
                .filter(r -> r.space().equals(space)
                        && r.semantics() == request.protocol().semantics()
                        && !r.isOpen())
                .filter(r -> selects(request.owner(), r))
                .toList();
        if (request.protocol().semantics() == LockSemantics.SMB) {
            Optional<Row> row = selected.stream()
                    .filter(r -> r.range().equals(request.range()))
                    .min(unlockOrder());
            row.ifPresent(gone -> {
                rows.remove(gone);
                lose(byOthers, gone, gone.range());
            });
            return row.isPresent() ? new Release.Released(1) : new Release.NoSuchLock();
        }
        long freed = 0;
        for (Row row : selected) {
            if (overlap(row.range(), request.range())) {
                replace(row, without(row, request.range()));
                lose(byOthers, row, common(row.range(), request.range()));
                freed++;
            }
        }
        return new Release.Released(freed);
    }

    protected boolean selects(OwnerSelector selector, Row row) {
        return row.owner().ownerId().equals(selector.ownerId())
                && selector.principal().map(row.owner().principal()::equals).orElse(true)
                && (row.semantics() == LockSemantics.SMB
                        || selector.ownerName()
                                .map(row.owner().ownerName()::equals)
                                .orElse(true));
    }

    /** SMB: of locks stacked on one range an exclusive one goes first, else the oldest. */
    protected Comparator<Row> unlockOrder() {
        return Comparator.comparingInt((Row r) -> r.exclusive() ? 0 : 1)
                .thenComparing(Row::sequence, Long::compareUnsigned);
    }

    /** What remains of {@code row} outside {@code hole}, which overlaps it. */
    private List<Row> without(Row row, ByteRange hole) {
        ByteRange range = row.range();
        List<Row> left = new ArrayList<>();
        if (Long.compareUnsigned(range.first(), hole.first()) < 0) {
            left.add(row.withRange(ByteRange.between(range.first(), hole.first() - 1)));
        }
        if (Long.compareUnsigned(range.last(), hole.last()) > 0) {
            Row right = row.withRange(ByteRange.between(hole.last() + 1, range.last()));
            left.add(left.isEmpty() ? right : writtenAs(row, splitOff(right)));
        }
        return left;
    }

    private Row writtenAs(Row row, Row part) {
        @Nullable String request = lastRequests.get(nameOf(row));
        if (request != null) {
            lastRequests.put(nameOf(part), request);
        }
        return part;
    }

    /** The right part of a split: another name, the same tokens. */
    protected Row splitOff(Row right) {
        return right.withId(draw(bucketOf(right.space())));
    }

    // -------------------------------------------------------------------------------------------------- who is in the
    // way

    private Optional<Conflict> conflict(LockSpace space, LockSpec request) {
        return conflict(space, request, queue().blockers(space, request));
    }

    /** @param queued what else is in the way, in order of arrival */
    Optional<Conflict> conflict(LockSpace space, LockSpec request, List<Grant> queued) {
        return conflict(request, inTheWayOf(space, request), queued);
    }

    private static Optional<Conflict> conflict(LockSpec request, Stream<Grant> held, List<Grant> queued) {
        Comparator<Grant> byPlace =
                Comparator.comparing(grant -> firstInside(grant.range(), request.range()), Long::compareUnsigned);
        List<Grant> blockers = held.sorted(
                        byPlace.thenComparing(grant -> grant.id().sequence(), Long::compareUnsigned))
                .collect(Collectors.toCollection(ArrayList::new));
        blockers.addAll(queued);
        if (blockers.isEmpty()) {
            return Optional.empty();
        }
        List<Grant> listed = blockers.stream().limit(Conflict.MAX_BLOCKERS).toList();
        boolean more = blockers.size() > listed.size();
        List<ByteRange> free =
                free(request.range(), listed.stream().sorted(byPlace).toList(), more);
        return Optional.of(new Conflict(listed, free, more, retryAfter(listed)));
    }

    /** The grants in the way of a request. */
    Stream<Grant> inTheWayOf(LockSpace space, LockSpec request) {
        return live().stream()
                .filter(r -> r.space().equals(space) && blocks(r, request))
                .map(this::grant);
    }

    private static long firstInside(ByteRange held, ByteRange asked) {
        return Long.compareUnsigned(held.first(), asked.first()) < 0 ? asked.first() : held.first();
    }

    private static List<ByteRange> free(ByteRange asked, List<Grant> blockers, boolean more) {
        List<ByteRange> free = new ArrayList<>();
        if (asked.empty()) {
            return free;
        }
        long next = asked.first();
        for (Grant blocker : blockers) {
            ByteRange held = blocker.range();
            if (held.empty()) {
                continue;
            }
            if (Long.compareUnsigned(next, held.first()) < 0) {
                free.add(ByteRange.between(next, held.first() - 1));
            }
            if (Long.compareUnsigned(held.last(), asked.last()) >= 0) {
                return free;
            }
            next = Long.compareUnsigned(held.last() + 1, next) > 0 ? held.last() + 1 : next;
        }
        ByteRange lastListed = blockers.getLast().range();
        if (!more) {
            free.add(ByteRange.between(next, asked.last()));
        } else if (lastListed.empty() && Long.compareUnsigned(next, lastListed.first()) < 0) {
            // The list ends at a position without bytes: what lies before it is known to be free.
            free.add(ByteRange.between(next, lastListed.first() - 1));
        }
        return free;
    }

    private static @Nullable Duration retryAfter(List<Grant> blockers) {
        Duration longest = Duration.ZERO;
        for (Grant blocker : blockers) {
            Duration left = blocker.expiresIn();
            if (left == null) {
                return null;
            }
            longest = left.compareTo(longest) > 0 ? left : longest;
        }
        return longest;
    }

    /** Whether {@code row}, as a grant, keeps {@code request} away. */
    boolean blocks(Row row, LockSpec request) {
        if (row.modes().type() != request.modes().type()) {
            return false;
        }
        if (row.isOpen()) {
            return blocksOpen(row, request);
        }
        if (row.semantics() != request.protocol().semantics()) {
            return enforced
                    && overlap(row.range(), request.range())
                    && (row.exclusive() || request.modes().strength() == LockStrength.EXCLUSIVE);
        }
        return row.semantics() == LockSemantics.SMB ? blocksSmb(row, request) : blocksPosix(row, request);
    }

    /** Whoever has the two. */
    protected boolean blocksOpen(Row row, LockSpec request) {
        return row.modes().conflictsWith(request.modes());
    }

    protected boolean blocksPosix(Row row, LockSpec request) {
        return !isOwn(row, request)
                && overlap(row.range(), request.range())
                && (row.exclusive() || request.modes().strength() == LockStrength.EXCLUSIVE);
    }

    protected boolean blocksSmb(Row row, LockSpec request) {
        if (!meetInSmb(row.range(), request.range())) {
            return false;
        }
        boolean askedShared = request.modes().strength() == LockStrength.SHARED;
        return !askedShared || (row.exclusive() && !isOwn(row, request));
    }

    /** Bytes meet on a common byte; a zero-length range meets bytes on both sides of it; two of them never meet. */
    protected boolean meetInSmb(ByteRange a, ByteRange b) {
        if (a.empty() && b.empty()) {
            return false;
        }
        if (a.empty()) {
            return holdsBothSidesOf(b, a.first());
        }
        return b.empty() ? holdsBothSidesOf(a, b.first()) : overlap(a, b);
    }

    private static boolean holdsBothSidesOf(ByteRange range, long position) {
        return Long.compareUnsigned(range.first(), position) < 0 && Long.compareUnsigned(position, range.last()) <= 0;
    }

    protected boolean overlap(ByteRange a, ByteRange b) {
        return !a.empty()
                && !b.empty()
                && Long.compareUnsigned(a.first(), b.last()) <= 0
                && Long.compareUnsigned(b.first(), a.last()) <= 0;
    }

    protected boolean touch(ByteRange a, ByteRange b) {
        return (a.last() != ByteRange.MAX && a.last() + 1 == b.first())
                || (b.last() != ByteRange.MAX && b.last() + 1 == a.first());
    }

    /** POSIX: all three parts of the owner; SMB: the handle, which has no machine name. */
    protected boolean isOwn(Row row, LockSpec request) {
        Owner holder = row.owner();
        Owner asker = request.owner();
        return row.semantics() == request.protocol().semantics()
                && holder.principal().equals(asker.principal())
                && holder.ownerId().equals(asker.ownerId())
                && (row.semantics() == LockSemantics.SMB || holder.ownerName().equals(asker.ownerName()));
    }

    // ------------------------------------------------------------------------------------------------------ the list

    protected List<Row> live() {
        long now = now();
        return rows.stream()
                .filter(r -> r.deadline() == null || r.deadline() > now)
                .filter(r -> r.session() == null || counts(r.session()))
                .filter(r -> !endedWithOpen.containsKey(nameOf(r)))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    List<Row> ownIn(LockSpace space, LockSpec request) {
        return live().stream()
                .filter(r -> r.space().equals(space) && isOwn(r, request))
                .toList();
    }

    Optional<Row> named(GrantId id) {
        return live().stream()
                .filter(r -> bucketOf(r.space()) == id.bucket() && r.ids().contains(id.sequence()))
                .findFirst();
    }

    private void replace(Row row, List<Row> by) {
        rows.remove(row);
        rows.addAll(by);
    }

    static int bucketOf(LockSpace space) {
        return (int) Long.remainderUnsigned(space.fileId(), BUCKETS);
    }

    long draw(int bucket) {
        long number = lastDrawn.merge(bucket, EPOCH + 1, (last, ignored) -> last + 1);
        drawnAt.put(new GrantId(bucket, number), now());
        return number;
    }

    private boolean wasDrawn(GrantId id) {
        Long last = lastDrawn.get(id.bucket());
        return last != null
                && Long.compareUnsigned(id.sequence(), EPOCH) > 0
                && Long.compareUnsigned(id.sequence(), last) <= 0;
    }

    Grant grant(Row row) {
        return grant(row, new Grant.Held(breaker().deadlineOf(row).map(this::until)));
    }

    Grant grant(Row row, Grant.Stage stage) {
        return new Grant(
                new GrantId(bucketOf(row.space()), row.sequence()),
                row.space(),
                row.protocol(),
                row.modes(),
                row.range(),
                row.owner(),
                row.ownerAddress(),
                row.nodeAddress(),
                new FencingToken(row.token()),
                row.deadline() != null || row.session() != null,
                timeLeft(row),
                Optional.ofNullable(row.session()),
                stage);
    }

    private @Nullable Duration timeLeft(Row row) {
        if (row.session() != null) {
            return Duration.ofMillis(sessionOf(row.session()).deadline - now());
        }
        @Nullable Long ends = row.deadline();
        return ends == null ? null : Duration.ofMillis(ends - now());
    }

    <T> Uni<T> atomically(Supplier<T> step) {
        return Uni.createFrom().item(() -> {
            synchronized (this) {
                return inStep ? step.get() : inNewStep(step);
            }
        });
    }

    private <T> T inNewStep(Supplier<T> step) {
        timeOfStep = clock.getAsLong();
        inStep = true;
        try {
            endRanges(true);
            T result = step.get();
            if (events != null) {
                events.observe();
            }
            return result;
        } finally {
            opened = handlesWithOpens();
            broken.clear();
            inStep = false;
        }
    }
}
