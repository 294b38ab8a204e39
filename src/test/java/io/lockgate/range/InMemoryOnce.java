package io.lockgate.range;

import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.range.queue.WaiterPage;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The model of calls with an {@link IdempotencyKey}: what was done is written down under the key, and whoever comes
 * with the same call is told so. Nothing is forgotten with time.
 */
final class InMemoryOnce implements RangeLockTable {
    /** What the keys of all principals were used for. */
    static final class Records {
        private final Map<List<String>, String> requests = new HashMap<>();
        private final Map<IdempotencyKey, Done> done = new HashMap<>();
        int limit = Integer.MAX_VALUE;

        void claim(IdempotencyKey key) {
            List<String> name = List.of(key.principal(), key.text());
            String request = requests.get(name);
            if (request != null && !request.equals(key.request())) {
                throw IdempotencyKeyException.reused();
            }
            long used = requests.keySet().stream()
                    .filter(other -> other.getFirst().equals(key.principal()))
                    .count();
            if (request == null && used >= limit) {
                throw IdempotencyKeyException.tooMany(limit, Duration.ofMinutes(1));
            }
            requests.put(name, key.request());
        }

        /** The request whose grants are to be rolled back with this one; none while others were told of them. */
        Optional<RequestId> rolledBack(RequestId request) {
            if (request.key().isEmpty()) {
                return Optional.of(request);
            }
            IdempotencyKey key = request.key().get();
            Done record = done.get(key);
            if (record == null || !record.told.remove(request.text()) || !record.told.isEmpty()) {
                return Optional.empty();
            }
            done.remove(key);
            return Optional.of(record.request);
        }
    }

    /**
     * A grant that was asked for.
     *
     * @param asked what of it was
     */
    private record Kept(GrantId id, ByteRange asked) {}

    /**
     * A call that was done.
     *
     * @param queued the waiter that it got instead of a grant, {@code null} for none
     * @param told requests whose clients were told of it, or are being told
     */
    private record Done(
            List<Kept> granted,
            List<GrantId> changed,
            long released,
            @Nullable WaiterId queued,
            RequestId request,
            Set<String> told) {}

    private final InMemoryRangeLockTable table;
    private final Records records;
    private final IdempotencyKey key;

    InMemoryOnce(InMemoryRangeLockTable table, Records records, IdempotencyKey key) {
        this.table = table;
        this.records = records;
        this.key = key;
    }

    private <T> Uni<T> once(Supplier<T> call, Function<Done, T> again) {
        return table.atomically(() -> {
            records.claim(key);
            Done done = records.done.get(key);
            return done == null ? call.get() : again.apply(done);
        });
    }

    private static <T> T now(Uni<T> call) {
        return call.await().indefinitely();
    }

    private RequestId record(LockSpace space, List<Kept> granted, List<Grant> changed, long released, String request) {
        List<GrantId> ids = changed.stream().map(Grant::id).toList();
        return record(space, granted, ids, released, null, request);
    }

    private RequestId record(
            LockSpace space,
            List<Kept> granted,
            List<GrantId> changed,
            long released,
            @Nullable WaiterId queued,
            String request) {
        Set<String> told = new HashSet<>(Set.of(request));
        records.done.put(key, new Done(granted, changed, released, queued, new RequestId(space, request), told));
        return new RequestId(space, request, Optional.of(key));
    }

    /** Another request is told of what was done. */
    private RequestId toldOf(Done done) {
        RequestId request =
                new RequestId(done.request.space(), UUID.randomUUID().toString(), Optional.of(key));
        done.told.add(request.text());
        return request;
    }

    private List<Grant> grants(Done done) {
        List<Grant> grants = new ArrayList<>();
        for (Kept kept : done.granted) {
            grants.add(table.standing(kept.id)
                    .filter(grant -> kept.asked.empty() || grant.range().covers(kept.asked))
                    .orElseThrow(IdempotencyKeyException::lost));
        }
        return grants;
    }

    private List<Grant> changed(Done done, List<Grant> grants) {
        // By id: of two that were merged since, each would be told of the time left at another moment.
        Map<GrantId, Grant> changed = new LinkedHashMap<>();
        done.changed.forEach(id -> table.standing(id).ifPresent(grant -> changed.put(grant.id(), grant)));
        grants.forEach(grant -> changed.remove(grant.id()));
        return List.copyOf(changed.values());
    }

    private static Kept kept(Grant grant, ByteRange asked) {
        if (asked.empty()) {
            return new Kept(grant.id(), asked);
        }
        ByteRange range = grant.range();
        long first = Long.compareUnsigned(range.first(), asked.first()) > 0 ? range.first() : asked.first();
        long last = Long.compareUnsigned(range.last(), asked.last()) < 0 ? range.last() : asked.last();
        return new Kept(grant.id(), ByteRange.between(first, last));
    }

    @Override
    public Uni<Acquisition> acquire(LockSpace space, LockSpec lock) {
        return once(() -> recorded(space, lock, now(table.acquire(space, lock))), this::acquiredAgain);
    }

    private Acquisition recorded(LockSpace space, LockSpec lock, Acquisition outcome) {
        if (!(outcome instanceof Acquisition.Granted granted)) {
            return outcome;
        }
        List<Kept> kept = List.of(kept(granted.grant(), lock.range()));
        String text = granted.request().text();
        return new Acquisition.Granted(
                granted.grant(), granted.changed(), record(space, kept, granted.changed(), 0, text));
    }

    private Acquisition acquiredAgain(Done done) {
        List<Grant> grants = grants(done);
        return new Acquisition.Granted(grants.getFirst(), changed(done, grants), toldOf(done));
    }

    /** The queue for one call under the key: only an acquire is done once. */
    LockQueue queue() {
        return new OnceQueue();
    }

    private final class OnceQueue implements LockQueue {
        @Override
        public LockQueue once(IdempotencyKey other) {
            return table.queueOnce(other);
        }

        @Override
        public Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait) {
            return InMemoryOnce.this.once(
                    () -> switch (now(table.queue().acquire(space, lock, wait))) {
                        case Queueing.Decided(Acquisition outcome) ->
                            new Queueing.Decided(recorded(space, lock, outcome));
                        case Queueing.Queued(WaiterId id, RequestId request) ->
                            new Queueing.Queued(id, record(space, List.of(), List.of(), 0, id, request.text()));
                        case Queueing refused -> refused;
                    },
                    done -> done.queued == null
                            ? new Queueing.Decided(acquiredAgain(done))
                            : new Queueing.Queued(done.queued, toldOf(done)));
        }

        @Override
        public Uni<WaitOutcome> poll(WaiterId id, Optional<String> principal) {
            return table.queue().poll(id, principal);
        }

        @Override
        public Uni<WaitOutcome> await(WaiterId id, String principal, Duration atMost, BooleanSupplier isGone) {
            return table.queue().await(id, principal, atMost, isGone);
        }

        @Override
        public Uni<Boolean> withdraw(WaiterId id, Optional<String> principal) {
            return table.queue().withdraw(id, principal);
        }

        @Override
        public Uni<WaiterPage> list(GrantFilter filter, Cursor after, int limit) {
            return table.queue().list(filter, after, limit);
        }

        @Override
        public Uni<WaiterPage> list(SessionId session, Cursor after, int limit) {
            return table.queue().list(session, after, limit);
        }
    }

    @Override
    public Uni<BatchOutcome> batch(LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks) {
        return once(
                () -> {
                    BatchOutcome outcome = now(table.batch(space, unlocks, locks));
                    if (!(outcome instanceof BatchOutcome.Done batch)) {
                        return outcome;
                    }
                    List<Kept> granted = new ArrayList<>();
                    for (int i = 0; i < locks.size(); i++) {
                        granted.add(kept(batch.grants().get(i), locks.get(i).range()));
                    }
                    String text = batch.request().map(RequestId::text).orElse("");
                    RequestId request = record(space, granted, batch.changed().grants(), batch.released(), text);
                    return new BatchOutcome.Done(
                            batch.grants(),
                            batch.released(),
                            batch.changed(),
                            batch.request().map(ignored -> request));
                },
                done -> {
                    List<Grant> grants = grants(done);
                    return new BatchOutcome.Done(
                            grants,
                            done.released,
                            new ChangedGrants(changed(done, grants), false),
                            grants.isEmpty() ? Optional.empty() : Optional.of(toldOf(done)));
                });
    }

    private Uni<Release> released(LockSpace space, Supplier<Uni<Release>> release) {
        return once(
                () -> {
                    Release outcome = now(release.get());
                    if (outcome instanceof Release.Released(long count, ChangedGrants left)) {
                        record(space, List.of(), left.grants(), count, "");
                    }
                    return outcome;
                },
                done -> new Release.Released(done.released, new ChangedGrants(changed(done, List.of()), false)));
    }

    @Override
    public Uni<Release> release(LockSpace space, UnlockSpec unlock) {
        return released(space, () -> table.release(space, unlock));
    }

    @Override
    public Uni<Release> releaseGrant(GrantId id, Optional<String> principal) {
        return released(LockSpace.head(0), () -> table.releaseGrant(id, principal));
    }

    @Override
    public Uni<Release> releaseOpens(LockSpace space, OwnerSelector handles, Optional<GrantId> only) {
        return released(space, () -> table.releaseOpens(space, handles, only));
    }

    @Override
    public Uni<Long> countRanges(LockSpace space, Owner handle) {
        return table.countRanges(space, handle);
    }

    @Override
    public Uni<Long> releaseAll(GrantFilter filter) {
        return once(
                () -> {
                    long count = now(table.releaseAll(filter));
                    record(LockSpace.head(0), List.of(), List.of(), count, "");
                    return count;
                },
                done -> 0L);
    }

    @Override
    public Uni<Boolean> hasReleased(GrantId id) {
        return once(() -> false, done -> true);
    }

    @Override
    public RangeLockTable once(IdempotencyKey other) {
        return table.once(other);
    }

    @Override
    public Uni<Optional<Conflict>> test(LockSpace space, LockSpec lock) {
        return table.test(space, lock);
    }

    @Override
    public Uni<Boolean> rollBack(RequestId request) {
        return table.rollBack(request);
    }

    @Override
    public Uni<Optional<Grant>> find(GrantId id) {
        return table.find(id);
    }

    @Override
    public Uni<Renewal> renew(GrantId id, Protocol protocol, String principal, Duration lease) {
        return table.renew(id, protocol, principal, lease);
    }

    @Override
    public Uni<Renewal> confirm(GrantId id, Protocol protocol, String principal) {
        return table.confirm(id, protocol, principal);
    }

    @Override
    public Uni<FenceCheck> check(LockSpace space, ByteRange range, FencingToken token) {
        return table.check(space, range, token);
    }

    @Override
    public Uni<GrantPage> list(GrantFilter filter, Cursor after, int limit) {
        return table.list(filter, after, limit);
    }

    @Override
    public Uni<Map<String, Long>> count(GrantFilter filter, CountBy by) {
        return table.count(filter, by);
    }

    @Override
    public Uni<Long> sweep() {
        return table.sweep();
    }
}
