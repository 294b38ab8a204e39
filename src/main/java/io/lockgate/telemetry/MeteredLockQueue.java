package io.lockgate.telemetry;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.SessionId;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.range.queue.WaiterPage;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Counts and times each verb of {@link LockQueue} by outcome: {@code lockgate_wait_acquire_seconds{outcome="queued"}} and
 * so on. {@code lockgate_wait_calls} is how many calls are held, and {@code lockgate_wait_held_seconds} for how long they
 * were, by where the lock stood then: {@code waiting} when the client has to poll. {@code unavailable} means that nothing
 * happened, {@code unknown} that nobody can tell.
 */
public final class MeteredLockQueue implements LockQueue {
    /** Of calls that are held, up to the 25 s for which they are. */
    private static final Duration[] HELD_BOUNDS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(25)
    };

    private final LockQueue queue;
    private final Timers timers;
    private final Timers held;
    private final AtomicInteger calls;

    public MeteredLockQueue(LockQueue queue, MeterRegistry registry) {
        this(
                queue,
                new Timers(registry, "Calls of the queues of range locks by outcome"),
                new Timers(registry, "How long calls were held for range locks, by outcome", HELD_BOUNDS),
                new AtomicInteger());
        Gauge.builder("lockgate.wait.calls", calls, AtomicInteger::get)
                .description("Calls that are held for range locks.")
                .register(registry);
    }

    private MeteredLockQueue(LockQueue queue, Timers timers, Timers held, AtomicInteger calls) {
        this.queue = queue;
        this.timers = timers;
        this.held = held;
        this.calls = calls;
    }

    @Override
    public LockQueue onBehalfOf(String principal) {
        return new MeteredLockQueue(queue.onBehalfOf(principal), timers, held, calls);
    }

    @Override
    public LockQueue continuing() {
        return new MeteredLockQueue(queue.continuing(), timers, held, calls);
    }

    @Override
    public LockQueue once(IdempotencyKey key) {
        return new MeteredLockQueue(queue.once(key), timers, held, calls);
    }

    @Override
    public Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait) {
        return timed("lockgate.wait.acquire", queue.acquire(space, lock, wait), outcome -> switch (outcome) {
            case Queueing.Decided(Acquisition decided) -> MeteredRangeLockTable.name(decided);
            case Queueing.Queued queued -> "queued";
            case Queueing.TooManyOfPrincipal tooMany -> "limit";
            case Queueing.TooManyInSpace tooMany -> "limit";
        });
    }

    @Override
    public Uni<WaitOutcome> poll(WaiterId id, Optional<String> principal) {
        return timed("lockgate.wait.poll", queue.poll(id, principal), MeteredLockQueue::name);
    }

    @Override
    public Uni<WaitOutcome> await(WaiterId id, String principal, Duration atMost, BooleanSupplier isGone) {
        Uni<WaitOutcome> call = Uni.createFrom().deferred(() -> {
            calls.incrementAndGet();
            return queue.await(id, principal, atMost, isGone).onTermination().invoke(() -> {
                calls.decrementAndGet();
            });
        });
        return held.timed("lockgate.wait.held", call, MeteredLockQueue::name, MeteredRangeLockTable::failureName);
    }

    @Override
    public Uni<Boolean> withdraw(WaiterId id, Optional<String> principal) {
        return timed("lockgate.wait.withdraw", queue.withdraw(id, principal), done -> done ? "withdrawn" : "missing");
    }

    @Override
    public Uni<WaiterPage> list(GrantFilter filter, Cursor after, int limit) {
        return timed("lockgate.wait.list", queue.list(filter, after, limit), page -> "listed");
    }

    @Override
    public Uni<WaiterPage> list(SessionId session, Cursor after, int limit) {
        return timed("lockgate.wait.list", queue.list(session, after, limit), page -> "listed");
    }

    private static String name(WaitOutcome outcome) {
        return switch (outcome) {
            case WaitOutcome.Waiting waiting -> "waiting";
            case WaitOutcome.Granted granted -> "granted";
            case WaitOutcome.TimedOut timedOut -> "timed-out";
            case WaitOutcome.Deadlocked deadlock -> "deadlocked";
            case WaitOutcome.SessionEnded ended -> "session-ended";
            case WaitOutcome.Lost lost -> "lost";
            case WaitOutcome.NoSuchWaiter missing -> "missing";
        };
    }

    private <T> Uni<T> timed(String verb, Uni<T> call, Function<T, String> outcome) {
        return timers.timed(verb, call, outcome, MeteredRangeLockTable::failureName);
    }
}
