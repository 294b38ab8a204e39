package io.lockgate.telemetry;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Conflict;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.RequestId;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.ScriptedQueue;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.LockClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What of the queues is counted. */
class MeteredLockQueueTest {
    private static final WaiterId ID = new WaiterId(7, 1);

    private final LockClient a = LockClient.nlm(LockSpace.head(1), "A");
    private final ScriptedQueue queue = new ScriptedQueue();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LockQueue metered = new MeteredLockQueue(queue, meters).onBehalfOf("p");

    @Test
    @DisplayName("Acquires are counted by outcome: decided at once, queued, or over a limit")
    void acquires() {
        for (Queueing outcome : List.of(
                new Queueing.Queued(ID, new RequestId(a.space(), "r")),
                new Queueing.TooManyOfPrincipal(1),
                new Queueing.TooManyInSpace(1),
                new Queueing.Decided(new Acquisition.TooManyRanges(1)),
                new Queueing.Decided(new Acquisition.Refused(Conflict.over(a.range(0, 1)))))) {
            queue.queueing = outcome;
            LockClient.get(metered.acquire(a.space(), a.lock(X, 0, 1), Duration.ofSeconds(1)));
        }
        assertThat(count("lockgate.wait.acquire", "queued")).isEqualTo(1);
        assertThat(count("lockgate.wait.acquire", "limit")).isEqualTo(3);
        assertThat(count("lockgate.wait.acquire", "refused")).isEqualTo(1);
    }

    @Test
    @DisplayName("Calls are counted while they are held, and timed by how that ended, also when nobody waits any more")
    void heldCalls() {
        CompletableFuture<WaitOutcome> lost = held();
        assertThat(calls()).isEqualTo(1);
        queue.ends(new WaitOutcome.Lost());
        assertThat(lost).isCompleted();
        CompletableFuture<WaitOutcome> failed = held();
        queue.fails(new LockTableUnavailableException("down", true));
        assertThat(failed).isCompletedExceptionally();
        CompletableFuture<WaitOutcome> left = held();
        assertThat(calls()).isEqualTo(1);
        left.cancel(true);
        assertThat(calls()).isZero();
        assertThat(count("lockgate.wait.held", "lost")).isEqualTo(1);
        assertThat(count("lockgate.wait.held", "unavailable")).isEqualTo(1);
    }

    @Test
    @DisplayName("Polls and withdrawals are counted by what they found")
    void pollsAndWithdrawals() {
        LockClient.get(metered.poll(ID, Optional.of("p")));
        LockClient.get(metered.withdraw(ID, Optional.of("p")));
        LockClient.get(metered.withdraw(ID, Optional.of("q")));
        assertThat(count("lockgate.wait.poll", "missing")).isEqualTo(1);
        assertThat(count("lockgate.wait.withdraw", "withdrawn")).isEqualTo(1);
        assertThat(count("lockgate.wait.withdraw", "missing")).isEqualTo(1);
    }

    private CompletableFuture<WaitOutcome> held() {
        return metered.await(ID, "p", Duration.ofSeconds(1), () -> false).subscribeAsCompletionStage();
    }

    private double calls() {
        return meters.get("lockgate.wait.calls").gauge().value();
    }

    private long count(String name, String outcome) {
        return meters.get(name).tag("outcome", outcome).timer().count();
    }
}
