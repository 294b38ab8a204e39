package io.lockgate.redis;

import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.ByteRange;
import io.lockgate.range.ChangedGrants;
import io.lockgate.range.Conflict;
import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.FenceCheck;
import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.GrantPage;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.IdempotencyKeyException;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Release;
import io.lockgate.range.Renewal;
import io.lockgate.range.RequestId;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionTable;
import io.lockgate.range.UnlockSpec;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The table of byte-range locks on Redis. Every decision is one script, atomic in Redis; see {@link RedisKeys} for the
 * layout and {@code src/main/resources/lua} for the rules. An acquire or batch whose outcome is unknown is rolled
 * back by {@link UnacknowledgedGrants} as soon as Redis answers again.
 */
public final class RedisRangeLockTable implements RangeLockTable {
    /**
     * Grants deleted by one script of a sweep: each takes about 15 us, in which Redis serves nobody (MAX_PURGED in
     * plan.lua).
     */
    private static final int SWEPT_AT_ONCE = 100;

    private final ScriptRunner runner;
    private final RedisSettings.Calls settings;
    private final RedisSettings.Limits limits;
    private final RedisSettings.CrossProtocol crossProtocol;
    private final RedisKeys keys;
    private final RangeScripts scripts;
    /** A batch without locks. */
    private final LuaScript releaseBatch;

    private final UnacknowledgedGrants undo;
    private final AddressSpellings spellings;
    private final Relisting relisting;
    private final RedisLockQueue queues;
    private final RedisSessionTable sessions;
    private final String principal;
    private final boolean continued;
    /** Of the call that this table is for. */
    private final @Nullable IdempotencyKey key;

    public RedisRangeLockTable(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.settings = settings.calls();
        this.limits = settings.limits();
        this.crossProtocol = settings.locks().crossProtocol();
        this.keys = new RedisKeys(this.settings.buckets());
        this.scripts = RangeScripts.load();
        this.releaseBatch = scripts.batch().evenWhenFull();
        this.undo = new UnacknowledgedGrants(runner, scripts.undo());
        this.spellings = new AddressSpellings(runner, keys, this.settings.maxSteps(), System::nanoTime);
        this.relisting = new Relisting(runner, keys);
        this.queues = new RedisLockQueue(this, runner, keys, settings);
        this.sessions = new RedisSessionTable(runner, keys, settings, new RedisSessionTable.Locks() {
            @Override
            public Uni<Long> drop(int bucket, String space, List<String> ids) {
                return dropExpired(bucket, space, ids);
            }

            @Override
            public Uni<Long> endWaiting(int bucket, String session) {
                return queues.endWaiting(bucket, session);
            }
        });
        this.principal = CallCost.SYSTEM;
        this.continued = false;
        this.key = null;
    }

    private RedisRangeLockTable(
            RedisRangeLockTable table, String principal, boolean continued, @Nullable IdempotencyKey key) {
        this.runner = table.runner;
        this.settings = table.settings;
        this.limits = table.limits;
        this.crossProtocol = table.crossProtocol;
        this.keys = table.keys;
        this.scripts = table.scripts;
        this.releaseBatch = table.releaseBatch;
        this.undo = table.undo;
        this.spellings = table.spellings;
        this.relisting = table.relisting;
        this.queues = table.queues;
        this.sessions = table.sessions;
        this.principal = principal;
        this.continued = continued;
        this.key = key;
    }

    @Override
    public RangeLockTable onBehalfOf(String user) {
        return new RedisRangeLockTable(this, user, false, key);
    }

    @Override
    public RangeLockTable continuing() {
        return new RedisRangeLockTable(this, principal, true, key);
    }

    @Override
    public RangeLockTable once(IdempotencyKey callsKey) {
        return new RedisRangeLockTable(this, principal, continued, callsKey);
    }

    /** The sessions of this table's locks. */
    public SessionTable sessions() {
        return sessions;
    }

    /** The buckets that a live session uses, in ascending order; none when it is not live. */
    Uni<List<Integer>> bucketsOf(SessionId id) {
        return sessions.bucketsOf(id, kept(1));
    }

    /** Breaks this table's locks. */
    public RedisLockBreaker breaker() {
        return new RedisLockBreaker(this, runner, keys);
    }

    /** The queues of this table's locks. */
    public RedisLockQueue queue() {
        return queues;
    }

    /** Of a call that acquires, tests or reads, with its cost in acquires. */
    CallCost asked(int cost) {
        CallCost asked = CallCost.asked(principal, cost);
        return continued ? asked.continuing(cost) : asked;
    }

    /** Of a call that renews, checks or releases what somebody holds. */
    CallCost kept(int cost) {
        return CallCost.kept(principal, cost);
    }

    // ---------------------------------------------------------------- calls with a key

    /** Where the claim of a key stands. */
    private enum Claim {
        /** The key belongs to this call. */
        CLAIMED,
        /** The same, and the call is done. Only of calls that are done in several buckets. */
        SETTLED
    }

    /**
     * Claims the key for this call, before its first step; fails with an {@link IdempotencyKeyException} when it is
     * another's.
     *
     * @param step {@code claim}, or {@code settle} when the call is done
     */
    private Uni<Claim> claim(IdempotencyKey callsKey, String step, CallCost cost) {
        int bucket = keys.bucketOf(callsKey.principal());
        String id = runner.newRequestId();
        List<String> arguments =
                List.of(callsKey.request(), Integer.toString(limits.idempotencyKeysPerPrincipal()), step);
        // It may be made twice, and no lock changes by it.
        return runner.run(scripts.claim(), id, keys.ofClaim(bucket, id, callsKey), arguments, false, cost)
                .map(reply -> switch (reply.status()) {
                    case "claimed" -> Claim.CLAIMED;
                    case "settled" -> Claim.SETTLED;
                    case "reused" -> throw IdempotencyKeyException.reused();
                    case "limit" ->
                        throw IdempotencyKeyException.tooMany(
                                limits.idempotencyKeysPerPrincipal(), Duration.ofMillis(Long.parseLong(reply.text(2))));
                    default -> throw unknown(reply);
                });
    }

    /** Does a call in one bucket, behind the claim of its key if it has one. */
    <T> Uni<T> claimed(CallCost cost, Function<RedisRangeLockTable, Uni<T>> call) {
        return key == null
                ? call.apply(this)
                : claim(key, "claim", cost)
                        .chain(ignored -> call.apply(new RedisRangeLockTable(this, principal, true, key)));
    }

    /** The keys of a space, for a script that may know the key of this call. */
    private List<String> keysOfSpace(int bucket, String id, String space) {
        List<String> ofSpace = keys.ofSpace(bucket, id, space);
        if (key != null) {
            ofSpace.addAll(keys.ofOnce(bucket, key));
        }
        return ofSpace;
    }

    /** The keys of a space, for a script that breaks locks and may know the key of this call. */
    List<String> keysOfBreaks(int bucket, String id, String space) {
        List<String> ofBreaks = keys.ofBreaks(bucket, id, space);
        if (key != null) {
            ofBreaks.addAll(keys.ofOnce(bucket, key));
        }
        return ofBreaks;
    }

    private Optional<IdempotencyKey> key() {
        return Optional.ofNullable(key);
    }

    // ---------------------------------------------------------------- acquire, test, batch

    @Override
    public Uni<Acquisition> acquire(LockSpace space, LockSpec lock) {
        return acquire(space, lock, List.of()).map(decided -> ((Queueing.Decided) decided).outcome());
    }

    /** Acquires, or queues the request. */
    Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait) {
        return acquire(
                space,
                lock,
                List.of(
                        Long.toString(wait.toMillis()),
                        Integer.toString(limits.waitersPerPrincipal()),
                        Integer.toString(limits.waitersPerSpace())));
    }

    /** @param waiting arguments of a request that may wait */
    private Uni<Queueing> acquire(LockSpace space, LockSpec lock, List<String> waiting) {
        return claimed(
                asked(1), table -> table.entering(space, List.of(lock), () -> table.acquireNow(space, lock, waiting)));
    }

    /** Brings the sessions of locks into the bucket of {@code space} where the call says that they are not there yet. */
    private <T> Uni<T> entering(LockSpace space, List<LockSpec> locks, Supplier<Uni<T>> call) {
        Map<String, String> principals = new HashMap<>();
        for (LockSpec lock : locks) {
            if (lock.lifetime() instanceof LockLifetime.InSession(SessionId id)) {
                // The script asks in the order of the locks, so whoever is first is asked for.
                principals.putIfAbsent(id.toString(), lock.owner().principal());
            }
        }
        return principals.isEmpty()
                ? call.get()
                : entering(keys.bucketOf(space.fileId()), principals, principals.size(), call);
    }

    /** @param principals who asks for each of the sessions */
    private <T> Uni<T> entering(int bucket, Map<String, String> principals, int rounds, Supplier<Uni<T>> call) {
        return call.get()
                .onFailure(UnregisteredException.class)
                .recoverWithUni(failure -> rounds < 0
                        ? Uni.createFrom()
                                .failure(new LockTableUnavailableException(
                                        "a bucket forgets the sessions that use it", true))
                        : sessions.enter(
                                        SessionId.parse(failure.session).orElseThrow(),
                                        Objects.requireNonNull(principals.get(failure.session)),
                                        bucket,
                                        asked(1).continuing(1))
                                .chain(() -> entering(bucket, principals, rounds - 1, call)));
    }

    /** A bucket knows nothing of a session. */
    private static final class UnregisteredException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String session;

        UnregisteredException(String session) {
            super("session " + session + " is not known in the bucket of the lock", null, false, false);
            this.session = session;
        }
    }

    /** The failure behind an answer that says that a session has no lock here, else of an unknown answer. */
    private static RuntimeException sessionFailure(Reply reply) {
        return switch (reply.status()) {
            case "unregistered" -> new UnregisteredException(reply.text(2));
            case "ended" -> SessionGoneException.ended(session(reply));
            case "foreign" -> SessionGoneException.unknown(session(reply));
            default -> unknown(reply);
        };
    }

    private static SessionId session(Reply reply) {
        return SessionId.parse(reply.text(2)).orElseThrow();
    }

    private Uni<Queueing> acquireNow(LockSpace space, LockSpec lock, List<String> waiting) {
        int bucket = keys.bucketOf(space.fileId());
        String text = RedisKeys.text(space);
        List<String> arguments = spaceArguments();
        GrantRows.addLock(arguments, lock, text);
        arguments.add(Integer.toString(limits.grantsPerPrincipalAndBucket()));
        arguments.addAll(waiting);
        String id = runner.newRequestId();
        RequestId request = new RequestId(space, id, key());
        Uni<Reply> answer = undoable(scripts.acquire(), id, bucket, text, arguments, asked(1));
        return answer.map(reply -> switch (reply.status()) {
            case "granted" ->
                new Queueing.Decided(
                        new Acquisition.Granted(grant(bucket, reply, 2), grants(bucket, reply, 4), request));
            case "queued" -> {
                queues.note(bucket, true);
                yield new Queueing.Queued(new WaiterId(bucket, GrantRows.number(reply.text(2))), request);
            }
            case "lost" -> throw IdempotencyKeyException.lost();
            case "refused" -> new Queueing.Decided(new Acquisition.Refused(conflict(bucket, lock.range(), reply, 2)));
            case "limit" -> overLimit(reply.text(2));
            default -> throw sessionFailure(reply);
        });
    }

    private Queueing overLimit(String what) {
        return switch (what) {
            case "ranges" -> new Queueing.Decided(new Acquisition.TooManyRanges(limits.rangesPerOwnerAndSpace()));
            case "grants" -> new Queueing.Decided(new Acquisition.TooManyGrants(limits.grantsPerPrincipalAndBucket()));
            case "of_principal" -> new Queueing.TooManyOfPrincipal(limits.waitersPerPrincipal());
            case "in_queue" -> new Queueing.TooManyInSpace(limits.waitersPerSpace());
            default -> throw new IllegalStateException("unknown limit in the answer of a script: " + what);
        };
    }

    @Override
    public Uni<Optional<Conflict>> test(LockSpace space, LockSpec lock) {
        return entering(space, List.of(lock), () -> testOnce(space, lock));
    }

    private Uni<Optional<Conflict>> testOnce(LockSpace space, LockSpec lock) {
        int bucket = keys.bucketOf(space.fileId());
        String text = RedisKeys.text(space);
        List<String> arguments = spaceArguments();
        GrantRows.addLock(arguments, lock, text);
        String id = runner.newRequestId();
        return runner.run(scripts.test(), id, keys.ofSpace(bucket, id, text), arguments, false, asked(1))
                .map(reply -> switch (reply.status()) {
                    case "free" -> Optional.empty();
                    case "refused" -> Optional.of(conflict(bucket, lock.range(), reply, 2));
                    default -> throw sessionFailure(reply);
                });
    }

    @Override
    public Uni<BatchOutcome> batch(LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks) {
        if (unlocks.isEmpty() && locks.isEmpty()) {
            return Uni.createFrom().item(new BatchOutcome.Done(List.of(), 0));
        }
        requireOneSemantics(unlocks, locks);
        return claimed(
                locks.isEmpty() ? kept(1) : asked(1),
                table -> table.entering(space, locks, () -> table.batchNow(space, unlocks, locks)));
    }

    private Uni<BatchOutcome> batchNow(LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks) {
        int bucket = keys.bucketOf(space.fileId());
        String text = RedisKeys.text(space);
        List<String> arguments = spaceArguments();
        arguments.add(Integer.toString(unlocks.size()));
        arguments.add(Integer.toString(locks.size()));
        for (UnlockSpec unlock : unlocks) {
            GrantRows.addUnlock(arguments, unlock);
        }
        for (LockSpec lock : locks) {
            GrantRows.addLock(arguments, lock, text);
        }
        arguments.add(Integer.toString(limits.grantsPerPrincipalAndBucket()));
        // A batch that only unlocks is a release.
        int ranges = unlocks.size() + locks.size();
        CallCost cost = locks.isEmpty() ? kept(ranges) : asked(ranges);
        String id = runner.newRequestId();
        Optional<RequestId> request = locks.isEmpty() ? Optional.empty() : Optional.of(new RequestId(space, id, key()));
        LuaScript script = locks.isEmpty() ? releaseBatch : scripts.batch();
        Uni<Reply> answer = undoable(script, id, bucket, text, arguments, cost);
        return answer.map(reply -> switch (reply.status()) {
            case "done" -> {
                List<Grant> all = grants(bucket, reply, 4);
                yield new BatchOutcome.Done(
                        List.copyOf(all.subList(0, locks.size())),
                        Long.parseLong(reply.text(2)),
                        new ChangedGrants(List.copyOf(all.subList(locks.size(), all.size())), reply.flag(3)),
                        request);
            }
            case "lost" -> throw IdempotencyKeyException.lost();
            case "refused" -> {
                int index = Integer.parseInt(reply.text(2));
                ByteRange range = locks.get(index).range();
                yield new BatchOutcome.Refused(index, conflict(bucket, range, reply, 3));
            }
            case "missing" -> new BatchOutcome.UnlockMissing(Integer.parseInt(reply.text(2)));
            case "limit" -> {
                int index = Integer.parseInt(reply.text(2));
                yield reply.text(3).equals("grants")
                        ? new BatchOutcome.TooManyGrants(index, limits.grantsPerPrincipalAndBucket())
                        : new BatchOutcome.TooManyRanges(index, limits.rangesPerOwnerAndSpace());
            }
            default -> throw sessionFailure(reply);
        });
    }

    private static void requireOneSemantics(List<UnlockSpec> unlocks, List<LockSpec> locks) {
        Set<LockSemantics> semantics = EnumSet.noneOf(LockSemantics.class);
        unlocks.forEach(unlock -> semantics.add(unlock.protocol().semantics()));
        locks.forEach(lock -> semantics.add(lock.protocol().semantics()));
        if (semantics.size() > 1) {
            throw new IllegalArgumentException("a batch mixes POSIX and SMB locks");
        }
        if (semantics.contains(LockSemantics.SMB) && !unlocks.isEmpty() && !locks.isEmpty()) {
            throw new IllegalArgumentException("an SMB batch locks or unlocks, not both");
        }
    }

    private Uni<Reply> undoable(
            LuaScript script, String id, int bucket, String space, List<String> arguments, CallCost cost) {
        List<String> scriptKeys = keysOfSpace(bucket, id, space);
        return runner.run(script, id, scriptKeys, arguments, true, cost)
                .onFailure(failure -> failure instanceof LockTableUnavailableException e && !e.outcomeKnown())
                .invoke(() -> undo.later(
                        id,
                        runner.notAfterMillis(),
                        undoId -> undoKeys(bucket, undoId, space, id, key()),
                        spaceArguments()));
    }

    private List<String> undoKeys(
            int bucket, String undoId, String space, String id, Optional<IdempotencyKey> callsKey) {
        List<String> undoKeys = keys.ofSpace(bucket, undoId, space);
        undoKeys.add(keys.result(bucket, id));
        callsKey.ifPresent(its -> undoKeys.addAll(keys.ofOnce(bucket, its)));
        return undoKeys;
    }

    @Override
    public Uni<Boolean> rollBack(RequestId request) {
        int bucket = keys.bucketOf(request.space().fileId());
        String space = RedisKeys.text(request.space());
        return undo.now(
                request.text(),
                undoId -> undoKeys(bucket, undoId, space, request.text(), request.key()),
                spaceArguments());
    }

    // ---------------------------------------------------------------- release

    @Override
    public Uni<Release> release(LockSpace space, UnlockSpec unlock) {
        List<String> what = new ArrayList<>();
        GrantRows.addUnlock(what, unlock);
        Optional<String> ownerName =
                unlock.owner().principal().isEmpty() ? unlock.owner().ownerName() : Optional.empty();
        return release(space, what, ownerName)
                .map(done -> done.grants() == 0 && unlock.protocol().semantics() == LockSemantics.SMB
                        ? new Release.NoSuchLock()
                        : done);
    }

    @Override
    public Uni<Release> releaseOpens(LockSpace space, OwnerSelector handles, Optional<GrantId> only) {
        if (only.isPresent() && only.get().bucket() != keys.bucketOf(space.fileId())) {
            return Uni.createFrom().item(new Release.NoSuchLock());
        }
        List<String> what = new ArrayList<>();
        GrantRows.addUnlock(what, handles, only);
        return release(space, what, Optional.empty()).map(done -> done.grants() == 0 ? new Release.NoSuchLock() : done);
    }

    /** @param ownerName of the owners of every principal */
    private Uni<Release.Released> release(LockSpace space, List<String> what, Optional<String> ownerName) {
        return claimed(kept(1), table -> table.release(space, what, ownerName, "", new Release.Released(0)));
    }

    /** @param before what earlier steps of the same release have done */
    private Uni<Release.Released> release(
            LockSpace space, List<String> what, Optional<String> ownerName, String behind, Release.Released before) {
        int bucket = keys.bucketOf(space.fileId());
        List<String> arguments = spaceArguments();
        arguments.addAll(what);
        arguments.add(behind);
        ownerName.ifPresent(arguments::add);
        String id = runner.newRequestId();
        return runner.run(
                        scripts.release(), id, keysOfSpace(bucket, id, RedisKeys.text(space)), arguments, true, kept(1))
                .onFailure()
                .transform(failure -> afterPart(before.grants(), failure))
                .flatMap(reply -> {
                    Release.Released sum = new Release.Released(
                            before.grants() + Long.parseLong(reply.text(2)),
                            joined(before.left(), grants(bucket, reply, 4)));
                    String next = reply.text(3);
                    return next.isEmpty() ? Uni.createFrom().item(sum) : release(space, what, ownerName, next, sum);
                });
    }

    /** The last step of a release that was begun twice names again what the one before it has named. */
    private static ChangedGrants joined(ChangedGrants before, List<Grant> grants) {
        if (grants.isEmpty()) {
            return before;
        }
        Map<GrantId, Grant> all = new LinkedHashMap<>();
        before.grants().forEach(grant -> all.put(grant.id(), grant));
        grants.forEach(grant -> all.put(grant.id(), grant));
        List<Grant> shown = all.values().stream().limit(ChangedGrants.LIMIT).toList();
        return new ChangedGrants(shown, before.more() || all.size() > shown.size());
    }

    @Override
    public Uni<Boolean> hasReleased(GrantId id) {
        if (key == null || !keys.has(id)) {
            return Uni.createFrom().item(false);
        }
        return claim(key, "claim", kept(1)).chain(() -> recall(id, key));
    }

    private Uni<Boolean> recall(GrantId id, IdempotencyKey callsKey) {
        String request = runner.newRequestId();
        List<String> recalled = new ArrayList<>(keys.ofClock(id.bucket(), request));
        recalled.addAll(keys.ofOnce(id.bucket(), callsKey));
        return runner.run(scripts.recall(), request, recalled, List.of(), false, kept(1))
                .map(reply -> switch (reply.status()) {
                    case "released" -> true;
                    case "none" -> false;
                    default -> throw unknown(reply);
                });
    }

    @Override
    public Uni<Release> releaseGrant(GrantId id, Optional<String> owner) {
        return claimed(kept(1), table -> table.releaseGrantNow(id, owner));
    }

    private Uni<Release> releaseGrantNow(GrantId id, Optional<String> owner) {
        return find(id).flatMap(found -> {
            if (found.isEmpty()) {
                return key == null || !keys.has(id)
                        ? Uni.createFrom().item(new Release.NoSuchLock())
                        : recall(id, key).map(done -> done ? new Release.Released(1) : new Release.NoSuchLock());
            }
            if (found.get().stage() instanceof Grant.Provisional) {
                return queues.giveBack(found.get(), owner);
            }
            Map<String, String> filter = new LinkedHashMap<>();
            owner.ifPresent(p -> filter.put("p", p));
            String space = RedisKeys.text(found.get().space());
            return drop(id.bucket(), space, "standing", filter, List.of(GrantRows.hex(id.sequence())), key())
                    .map(dropped -> dropped == 0 ? new Release.NoSuchLock() : new Release.Released(dropped));
        });
    }

    @Override
    public Uni<Long> releaseAll(GrantFilter filter) {
        if (key == null) {
            return releaseAll(filter, Cursor.START, 0);
        }
        return claim(key, "claim", kept(1))
                .chain(claim -> claim == Claim.SETTLED
                        ? Uni.createFrom().item(0L)
                        : releaseAll(filter, Cursor.START, 0).call(this::settle));
    }

    /** Behind the last step. Without it a repeat would do the call again. */
    private Uni<Claim> settle(long released) {
        return claim(Objects.requireNonNull(key), "settle", kept(1))
                .onFailure()
                .transform(failure -> afterPart(Math.max(1, released), failure));
    }

    /**
     * Whether the grants that a step has found may be released: not when the same call has been done meanwhile, for
     * then the client may have acquired them since.
     */
    private Uni<Boolean> mayGoOn(long before) {
        return key == null
                ? Uni.createFrom().item(true)
                : claim(key, "claim", kept(1))
                        .onFailure()
                        .transform(failure -> afterPart(before, failure))
                        .map(claim -> claim == Claim.CLAIMED);
    }

    /** Earlier steps changed something, so "nothing was changed" would be false. */
    static Throwable afterPart(long done, Throwable failure) {
        return done > 0 && failure instanceof LockTableUnavailableException e && e.outcomeKnown()
                ? new LockTableUnavailableException("a part was done: " + e.getMessage(), false, e)
                : failure;
    }

    private Uni<Long> releaseAll(GrantFilter filter, Cursor after, long before) {
        int rows = settings.maxSteps();
        Uni<GrantPage> slice =
                fill(filter, firstPlace(filter, after), rows, new ArrayList<>(), kept(CallCost.ofEntries(rows)));
        return slice.onFailure()
                .transform(failure -> afterPart(before, failure))
                .flatMap(page -> page.grants().isEmpty()
                        ? Uni.createFrom().item(before)
                        : mayGoOn(before)
                                .flatMap(may -> may
                                        ? release(filter, page, before)
                                        : Uni.createFrom().item(before)));
    }

    private Uni<Long> release(GrantFilter filter, GrantPage page, long before) {
        Map<LockSpace, List<Grant>> bySpace = new LinkedHashMap<>();
        for (Grant grant : page.grants()) {
            bySpace.computeIfAbsent(grant.space(), s -> new ArrayList<>()).add(grant);
        }
        Uni<Long> dropped = Uni.createFrom().item(before);
        for (Map.Entry<LockSpace, List<Grant>> entry : bySpace.entrySet()) {
            int bucket = keys.bucketOf(entry.getKey().fileId());
            List<String> ids = entry.getValue().stream()
                    .map(grant -> GrantRows.hex(grant.id().sequence()))
                    .toList();
            dropped = dropped.flatMap(sum -> drop(
                            bucket,
                            RedisKeys.text(entry.getKey()),
                            "standing",
                            GrantFilters.letters(filter),
                            ids,
                            Optional.empty())
                    .onFailure()
                    .transform(failure -> afterPart(sum, failure))
                    .map(more -> sum + more));
        }
        return dropped.flatMap(sum -> releaseAll(filter, page.next(), sum));
    }

    /** @param callsKey of a call that is done by this step */
    private Uni<Long> drop(
            int bucket,
            String space,
            String which,
            Map<String, String> filter,
            List<String> ids,
            Optional<IdempotencyKey> callsKey) {
        // An expired grant has no owner.
        CallCost cost = which.equals("expired") ? asked(ids.size()) : kept(ids.size());
        List<String> arguments = spaceArguments();
        arguments.add(space);
        arguments.add(which);
        GrantFilters.add(arguments, filter);
        arguments.addAll(ids);
        String request = runner.newRequestId();
        List<String> dropKeys = keys.ofSpace(bucket, request, space);
        callsKey.ifPresent(its -> dropKeys.addAll(keys.ofOnce(bucket, its)));
        return runner.run(scripts.drop(), request, dropKeys, arguments, true, cost)
                .flatMap(reply -> {
                    long dropped = Long.parseLong(reply.text(2));
                    int looked = Integer.parseInt(reply.text(3));
                    // The ranges that end with opens were enough for one script.
                    return looked == ids.size()
                            ? Uni.createFrom().item(dropped)
                            : drop(bucket, space, which, filter, ids.subList(looked, ids.size()), callsKey)
                                    .onFailure()
                                    .transform(failure -> afterPart(dropped, failure))
                                    .map(more -> dropped + more);
                });
    }

    private Uni<Long> dropExpired(int bucket, String space, List<String> ids) {
        return drop(bucket, space, "expired", Map.of(), ids, Optional.empty());
    }

    @Override
    public Uni<Long> sweep() {
        return Sweeps.overAll(keys, bucket -> sweep(bucket, 0, Sweeps.ROUNDS));
    }

    /** @param rounds after which the next sweep goes on */
    private Uni<Long> sweep(int bucket, long before, int rounds) {
        String id = runner.newRequestId();
        int slice = Math.min(settings.maxSteps(), SWEPT_AT_ONCE);
        return runner.run(
                        scripts.expired(),
                        id,
                        keys.ofExpired(bucket, id),
                        List.of(Integer.toString(slice)),
                        false,
                        asked(1))
                .flatMap(reply -> {
                    Map<String, List<String>> bySpace = new LinkedHashMap<>();
                    queues.note(bucket, reply.flag(5));
                    for (int i = 7; i < reply.size(); i += 2) {
                        bySpace.computeIfAbsent(reply.text(i), s -> new ArrayList<>())
                                .add(reply.text(i + 1));
                    }
                    boolean full = reply.size() - 7 >= 2 * slice;
                    Uni<Long> dropped = Uni.createFrom().item(before);
                    for (Map.Entry<String, List<String>> entry : bySpace.entrySet()) {
                        dropped = dropped.flatMap(sum -> drop(
                                        bucket, entry.getKey(), "expired", Map.of(), entry.getValue(), Optional.empty())
                                .map(more -> sum + more));
                    }
                    if (reply.flag(3)) {
                        dropped = dropped.flatMap(sum -> sessions.sweep(bucket).map(more -> sum + more));
                    }
                    if (reply.flag(4)) {
                        dropped = dropped.flatMap(sum -> queues.sweep(bucket).map(more -> sum + more));
                    }
                    if (reply.flag(6)) {
                        dropped = dropped.flatMap(sum -> breaker().sweep(bucket).map(more -> sum + more));
                    }
                    return full && rounds > 1
                            ? dropped.flatMap(sum -> sweep(bucket, sum, rounds - 1))
                            : dropped.call(() -> relisting.move(bucket, reply.flag(2), Sweeps.ROUNDS));
                });
    }

    // ---------------------------------------------------------------- one grant

    @Override
    public Uni<Optional<Grant>> find(GrantId id) {
        if (!keys.has(id)) {
            return Uni.createFrom().item(Optional.empty());
        }
        String request = runner.newRequestId();
        return runner.run(
                        scripts.find(),
                        request,
                        keys.ofGrant(id.bucket(), request),
                        List.of(GrantRows.hex(id.sequence())),
                        false,
                        kept(1))
                .map(reply -> switch (reply.status()) {
                    case "found" -> Optional.of(grant(id.bucket(), reply, 2));
                    case "none" -> Optional.empty();
                    default -> throw unknown(reply);
                });
    }

    @Override
    public Uni<Renewal> renew(GrantId id, Protocol protocol, String owner, Duration lease) {
        return renew(id, protocol, owner, Long.toString(lease.toMillis()));
    }

    @Override
    public Uni<Renewal> confirm(GrantId id, Protocol protocol, String owner) {
        return renew(id, protocol, owner, "");
    }

    /** @param lease in ms, or empty to leave it as it is */
    private Uni<Renewal> renew(GrantId id, Protocol protocol, String owner, String lease) {
        if (!keys.has(id)) {
            return Uni.createFrom().item(new Renewal.NoSuchLock());
        }
        String request = runner.newRequestId();
        return runner.run(
                        scripts.renew(),
                        request,
                        keys.ofGrant(id.bucket(), request),
                        List.of(GrantRows.hex(id.sequence()), owner, lease, GrantRows.letter(protocol)),
                        true,
                        CallCost.renewed(principal))
                .flatMap(reply -> reply.status().equals("provisional")
                        ? confirm(id, protocol, owner, lease, reply.text(2))
                        : Uni.createFrom().item(() -> renewal(id, reply)));
    }

    private static Renewal renewal(GrantId id, Reply reply) {
        return switch (reply.status()) {
            case "renewed" -> {
                GrantRows.Told told = GrantRows.told(id.bucket(), reply.text(5), reply.nowMillis());
                yield new Renewal.Renewed(grant(id.bucket(), reply, 2), told.lost(), told.notices(), reply.flag(4));
            }
            case "lost" -> new Renewal.Lost();
            case "unknown" -> new Renewal.NoSuchLock();
            case "unleased" -> new Renewal.NotLeased();
            default -> throw unknown(reply);
        };
    }

    private Uni<Renewal> confirm(GrantId id, Protocol protocol, String owner, String lease, String space) {
        String request = runner.newRequestId();
        List<String> arguments = spaceArguments();
        arguments.addAll(List.of(GrantRows.hex(id.sequence()), owner, GrantRows.letter(protocol), lease));
        return runner.run(
                        QueueScripts.load().confirm(),
                        request,
                        keys.ofSpace(id.bucket(), request, space),
                        arguments,
                        true,
                        CallCost.renewed(principal))
                .map(reply -> renewal(id, reply));
    }

    @Override
    public Uni<FenceCheck> check(LockSpace space, ByteRange range, FencingToken token) {
        int bucket = keys.bucketOf(space.fileId());
        String request = runner.newRequestId();
        List<String> arguments = List.of(
                GrantRows.hex(token.value()),
                RedisKeys.text(space),
                GrantRows.hex(range.first()),
                GrantRows.hex(range.last()));
        return runner.run(scripts.check(), request, keys.ofBucket(bucket, request), arguments, false, kept(1))
                .map(reply -> switch (reply.status()) {
                    case "valid" -> new FenceCheck.Valid(grant(bucket, reply, 2));
                    case "invalid" -> new FenceCheck.Invalid();
                    default -> throw unknown(reply);
                });
    }

    // ---------------------------------------------------------------- lists and counts

    @Override
    public Uni<GrantPage> list(GrantFilter filter, Cursor after, int limit) {
        CallCost cost = asked(CallCost.ofEntries(Math.min(limit, settings.maxSteps())));
        return fill(filter, firstPlace(filter, after), limit, new ArrayList<>(Math.min(limit, 1024)), cost);
    }

    private Uni<GrantPage> fill(GrantFilter filter, Cursor place, int limit, List<Grant> grants, CallCost cost) {
        if (grants.size() == limit || place.bucket() > lastBucket(filter)) {
            return Uni.createFrom().item(new GrantPage(grants, place));
        }
        int entries = settings.maxSteps();
        List<String> arguments = new ArrayList<>();
        arguments.add(Integer.toString(limit - grants.size()));
        arguments.add(Integer.toString(entries));
        arguments.add(GrantFilters.indexPrefix(filter));
        arguments.add(place.position());
        GrantFilters.add(arguments, GrantFilters.letters(filter));
        String id = runner.newRequestId();
        return entering(place, filter.ownerAddress().isPresent())
                .chain(() -> runner.run(scripts.list(), id, keys.ofBucket(place.bucket(), id), arguments, false, cost))
                .flatMap(reply -> {
                    grants.addAll(grants(place.bucket(), reply, 4));
                    return fill(filter, nextPlace(place, reply), limit, grants, nextSlice(cost, reply));
                });
    }

    @Override
    public Uni<Map<String, Long>> count(GrantFilter filter, CountBy by) {
        CallCost cost = asked(CallCost.ofEntries(settings.maxSteps()));
        return count(filter, by, firstPlace(filter, Cursor.START), new HashMap<>(), cost);
    }

    private Uni<Map<String, Long>> count(
            GrantFilter filter, CountBy by, Cursor place, Map<String, Long> counts, CallCost cost) {
        if (place.bucket() > lastBucket(filter)) {
            return Uni.createFrom().item(counts);
        }
        List<String> arguments = new ArrayList<>();
        arguments.add(
                switch (by) {
                    case OWNER_ADDRESS -> "a";
                    case FILE -> "f";
                    case MODE -> "m";
                });
        arguments.add(Integer.toString(settings.maxSteps()));
        arguments.add(GrantFilters.indexPrefix(filter));
        arguments.add(place.position());
        GrantFilters.add(arguments, GrantFilters.letters(filter));
        String id = runner.newRequestId();
        boolean addresses = by == CountBy.OWNER_ADDRESS || filter.ownerAddress().isPresent();
        return entering(place, addresses)
                .chain(() -> runner.run(scripts.count(), id, keys.ofBucket(place.bucket(), id), arguments, false, cost))
                .flatMap(reply -> {
                    for (int i = 4; i < reply.size(); i += 2) {
                        String key = by == CountBy.MODE
                                ? GrantFilters.modeNames(GrantRows.modes(filter.type(), reply.text(i)))
                                : reply.text(i);
                        counts.merge(key, Long.parseLong(reply.text(i + 1)), Long::sum);
                    }
                    return count(filter, by, nextPlace(place, reply), counts, nextSlice(cost, reply));
                });
    }

    @Override
    public Uni<Long> countRanges(LockSpace space, Owner handle) {
        return countRanges(space, GrantRows.ownerKey(LockSemantics.SMB, handle), "", 0, asked(1));
    }

    private Uni<Long> countRanges(LockSpace space, String owner, String behind, long before, CallCost cost) {
        int bucket = keys.bucketOf(space.fileId());
        int entries = settings.maxSteps();
        String id = runner.newRequestId();
        return runner.run(
                        scripts.held(),
                        id,
                        keys.ofSpace(bucket, id, RedisKeys.text(space)),
                        List.of(owner, Integer.toString(entries), behind),
                        false,
                        cost)
                .flatMap(reply -> {
                    long sum = before + Long.parseLong(reply.text(4));
                    return reply.text(2).isEmpty()
                            ? countRanges(
                                    space, owner, reply.text(3), sum, cost.continuing(CallCost.ofEntries(entries)))
                            : Uni.createFrom().item(sum);
                });
    }

    /** What a walk does first in each bucket, when it compares addresses. */
    private Uni<Void> entering(Cursor place, boolean addresses) {
        return addresses && place.position().isEmpty()
                ? spellings.settle(place.bucket())
                : Uni.createFrom().voidItem();
    }

    /** A list of one file reads one bucket; other lists read all, one after the other. */
    Cursor firstPlace(GrantFilter filter, Cursor after) {
        return filter.file()
                .map(file -> keys.bucketOf(file.fileId()))
                .filter(bucket -> bucket > after.bucket())
                .map(bucket -> new Cursor(bucket, ""))
                .orElse(after);
    }

    int lastBucket(GrantFilter filter) {
        return filter.file().map(file -> keys.bucketOf(file.fileId())).orElse(keys.buckets() - 1);
    }

    /** Behind what a slice has shown; behind the last bucket at the end, from where a walk finds nothing more. */
    static Cursor nextPlace(Cursor place, Reply reply) {
        String position = reply.text(3).isEmpty() ? place.position() : reply.text(3);
        return reply.text(2).isEmpty() ? new Cursor(place.bucket(), position) : new Cursor(place.bucket() + 1, "");
    }

    /**
     * What is left of a bucket after a whole slice is taken for as much again, and a bucket not seen yet for much less.
     */
    private CallCost nextSlice(CallCost cost, Reply reply) {
        int whole = CallCost.ofEntries(settings.maxSteps());
        return cost.continuing(reply.text(2).isEmpty() ? whole : whole / 4);
    }

    // ---------------------------------------------------------------- answers

    List<String> spaceArguments() {
        List<String> arguments = new ArrayList<>(24);
        arguments.add(Integer.toString(settings.maxSteps()));
        arguments.add(Integer.toString(limits.rangesPerOwnerAndSpace()));
        arguments.add(Integer.toString(limits.namesPerGrant()));
        arguments.add(crossProtocol == RedisSettings.CrossProtocol.ENFORCED ? "1" : "0");
        return arguments;
    }

    static Grant grant(int bucket, Reply reply, int at) {
        return GrantRows.grant(bucket, reply.text(at), reply.text(at + 1), reply.nowMillis());
    }

    static List<Grant> grants(int bucket, Reply reply, int from) {
        List<Grant> grants = new ArrayList<>((reply.size() - from) / 2);
        for (int i = from; i < reply.size(); i += 2) {
            grants.add(grant(bucket, reply, i));
        }
        return grants;
    }

    private static Conflict conflict(int bucket, ByteRange asked, Reply reply, int at) {
        return Conflict.explain(asked, grants(bucket, reply, at + 1), reply.flag(at));
    }

    static IllegalStateException unknown(Reply reply) {
        return new IllegalStateException("unknown status in the answer of a script: " + reply.status());
    }
}
