package io.lockgate.telemetry;

import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.ByteRange;
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
import io.lockgate.range.TooManyRequestsException;
import io.lockgate.range.UnlockSpec;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Counts and times each verb of {@link io.lockgate.range.RangeLockTable} by outcome: {@code
 * lockgate_acquire_seconds{outcome="granted"}} and so on. {@code unavailable} means that nothing happened, {@code
 * unknown} that nobody can tell.
 */
public final class MeteredRangeLockTable implements RangeLockTable {
    private final RangeLockTable table;
    private final Timers timers;

    public MeteredRangeLockTable(RangeLockTable table, MeterRegistry registry) {
        this(table, new Timers(registry, "Calls of the range lock table by outcome"));
    }

    private MeteredRangeLockTable(RangeLockTable table, Timers timers) {
        this.table = table;
        this.timers = timers;
    }

    @Override
    public RangeLockTable onBehalfOf(String principal) {
        return new MeteredRangeLockTable(table.onBehalfOf(principal), timers);
    }

    @Override
    public RangeLockTable continuing() {
        return new MeteredRangeLockTable(table.continuing(), timers);
    }

    @Override
    public RangeLockTable once(IdempotencyKey key) {
        return new MeteredRangeLockTable(table.once(key), timers);
    }

    @Override
    public Uni<Boolean> hasReleased(GrantId id) {
        return timed("lockgate.find", table.hasReleased(id), released -> released ? "found" : "missing");
    }

    @Override
    public Uni<Acquisition> acquire(LockSpace space, LockSpec lock) {
        return timed("lockgate.acquire", table.acquire(space, lock), MeteredRangeLockTable::name);
    }

    @Override
    public Uni<Optional<Conflict>> test(LockSpace space, LockSpec lock) {
        return timed("lockgate.test", table.test(space, lock), conflict -> conflict.isPresent() ? "refused" : "free");
    }

    @Override
    public Uni<BatchOutcome> batch(LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks) {
        return timed("lockgate.batch", table.batch(space, unlocks, locks), outcome -> switch (outcome) {
            case BatchOutcome.Done done -> "done";
            case BatchOutcome.Refused refused -> "refused";
            case BatchOutcome.UnlockMissing missing -> "missing";
            case BatchOutcome.TooManyRanges tooMany -> "limit";
            case BatchOutcome.TooManyGrants tooMany -> "limit";
        });
    }

    @Override
    public Uni<Boolean> rollBack(RequestId request) {
        return timed("lockgate.rollback", table.rollBack(request), done -> done ? "rolled-back" : "nothing");
    }

    @Override
    public Uni<Release> release(LockSpace space, UnlockSpec unlock) {
        return timed("lockgate.release", table.release(space, unlock), MeteredRangeLockTable::name);
    }

    @Override
    public Uni<Optional<Grant>> find(GrantId id) {
        return timed("lockgate.find", table.find(id), grant -> grant.isPresent() ? "found" : "missing");
    }

    @Override
    public Uni<Release> releaseGrant(GrantId id, Optional<String> principal) {
        return timed("lockgate.release", table.releaseGrant(id, principal), MeteredRangeLockTable::name);
    }

    @Override
    public Uni<Release> releaseOpens(LockSpace space, OwnerSelector handles, Optional<GrantId> only) {
        return timed("lockgate.release", table.releaseOpens(space, handles, only), MeteredRangeLockTable::name);
    }

    @Override
    public Uni<Long> countRanges(LockSpace space, Owner handle) {
        return timed("lockgate.count", table.countRanges(space, handle), count -> "counted");
    }

    @Override
    public Uni<Renewal> renew(GrantId id, Protocol protocol, String principal, Duration lease) {
        return timed("lockgate.renew", table.renew(id, protocol, principal, lease), MeteredRangeLockTable::name);
    }

    @Override
    public Uni<Renewal> confirm(GrantId id, Protocol protocol, String principal) {
        return timed("lockgate.confirm", table.confirm(id, protocol, principal), MeteredRangeLockTable::name);
    }

    @Override
    public Uni<FenceCheck> check(LockSpace space, ByteRange range, FencingToken token) {
        return timed(
                "lockgate.check",
                table.check(space, range, token),
                outcome -> outcome instanceof FenceCheck.Valid ? "valid" : "invalid");
    }

    @Override
    public Uni<GrantPage> list(GrantFilter filter, Cursor after, int limit) {
        return timed("lockgate.list", table.list(filter, after, limit), page -> "listed");
    }

    @Override
    public Uni<Map<String, Long>> count(GrantFilter filter, CountBy by) {
        return timed("lockgate.count", table.count(filter, by), counts -> "counted");
    }

    @Override
    public Uni<Long> releaseAll(GrantFilter filter) {
        return timed("lockgate.release.all", table.releaseAll(filter), released -> "released");
    }

    @Override
    public Uni<Long> sweep() {
        return timed("lockgate.sweep", table.sweep(), swept -> swept == 0 ? "clean" : "swept");
    }

    static String name(Acquisition outcome) {
        return switch (outcome) {
            case Acquisition.Granted granted -> "granted";
            case Acquisition.Refused refused -> "refused";
            case Acquisition.TooManyRanges tooMany -> "limit";
            case Acquisition.TooManyGrants tooMany -> "limit";
        };
    }

    private static String name(Renewal outcome) {
        return switch (outcome) {
            case Renewal.Renewed renewed -> "renewed";
            case Renewal.Lost lost -> "lost";
            case Renewal.NoSuchLock missing -> "missing";
            case Renewal.NotLeased notLeased -> "unleased";
        };
    }

    private static String name(Release outcome) {
        return switch (outcome) {
            case Release.Released released -> "released";
            case Release.NoSuchLock missing -> "missing";
        };
    }

    private <T> Uni<T> timed(String verb, Uni<T> call, Function<T, String> outcome) {
        return timers.timed(verb, call, outcome, MeteredRangeLockTable::failureName);
    }

    static String failureName(Throwable failure) {
        return switch (failure) {
            case LockTableUnavailableException e -> e.outcomeKnown() ? "unavailable" : "unknown";
            case TooManyRequestsException e -> "over-limit";
            case IdempotencyKeyException e ->
                switch (e.reason()) {
                    case REUSED -> "key-reused";
                    case LOST -> "lost";
                    case TOO_MANY -> "over-limit";
                };
            case SessionGoneException e -> "session-gone";
            default -> "error";
        };
    }
}
