package io.lockgate.telemetry;

import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Standing;
import io.lockgate.range.breaks.Undoing;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Counts and times each verb of {@link LockBreaker} by outcome: {@code lockgate_break_seconds{outcome="broken"}} and so on.
 * {@code unavailable} means that nothing happened, {@code unknown} that nobody can tell.
 */
public final class MeteredLockBreaker implements LockBreaker {
    private final LockBreaker breaker;
    private final Timers timers;

    public MeteredLockBreaker(LockBreaker breaker, MeterRegistry registry) {
        this(breaker, new Timers(registry, "Calls that break range locks by outcome"));
    }

    private MeteredLockBreaker(LockBreaker breaker, Timers timers) {
        this.breaker = breaker;
        this.timers = timers;
    }

    @Override
    public LockBreaker onBehalfOf(String principal) {
        return new MeteredLockBreaker(breaker.onBehalfOf(principal), timers);
    }

    @Override
    public LockBreaker once(IdempotencyKey key) {
        return new MeteredLockBreaker(breaker.once(key), timers);
    }

    @Override
    public Uni<Optional<Standing>> look(GrantId id) {
        return timed("lockgate.break.look", breaker.look(id), lock -> lock.isPresent() ? "found" : "missing");
    }

    @Override
    public Uni<Optional<Standing>> breakNow(GrantId id) {
        return timed("lockgate.break", breaker.breakNow(id), lock -> lock.isPresent() ? "broken" : "missing");
    }

    @Override
    public Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason) {
        return timed(
                "lockgate.break.announce",
                breaker.announce(id, in, reason),
                lock -> lock.isPresent() ? "announced" : "missing");
    }

    @Override
    public Uni<Boolean> cancel(GrantId id) {
        return timed("lockgate.break.cancel", breaker.cancel(id), done -> done ? "cancelled" : "missing");
    }

    @Override
    public Uni<Undoing> undo(GrantId id) {
        return timed("lockgate.break.undo", breaker.undo(id), outcome -> switch (outcome) {
            case Undoing.Restored restored -> "restored";
            case Undoing.InTheWay conflict -> "refused";
            case Undoing.Waited waited -> "refused";
            case Undoing.Expired expired -> "lost";
            case Undoing.NothingBroken nothing -> "missing";
        });
    }

    @Override
    public Uni<Long> sweep() {
        return timed("lockgate.break.sweep", breaker.sweep(), broken -> broken == 0 ? "clean" : "swept");
    }

    private <T> Uni<T> timed(String verb, Uni<T> call, Function<T, String> outcome) {
        return timers.timed(verb, call, outcome, MeteredRangeLockTable::failureName);
    }
}
