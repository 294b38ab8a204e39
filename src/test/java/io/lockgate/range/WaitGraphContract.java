package io.lockgate.range;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.queue.Deadlocks;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.Wait;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link WaitGraph} must do for {@link Deadlocks}, beside its table and queues. To put another store under test,
 * extend this and give its tables. The time of the search is the test's own.
 */
public abstract class WaitGraphContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration UNTOLD = LockQueue.OUTCOME_KEPT.plusSeconds(1);

    private final String p =
            "graph-contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final String q = p + "-other";
    private final LockSpace one = freshSpace();
    private final LockSpace two = freshSpace();
    private final LockSpace three = freshSpace();
    private final LockClient a = LockClient.nlm(one, "A").of(p);
    private final LockClient b = LockClient.nlm(one, "B").of(q);
    private final LockClient c = LockClient.nlm(one, "C").of(p);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);

    /** The table under test. */
    protected abstract RangeLockTable table();

    /** The queues of {@link #table()}. */
    protected abstract DifferentialTest.Queues queues();

    private static LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    // ------------------------------------------------------------------------------------------------------- helpers

    private WaiterId waits(LockClient client, LockModes modes, long offset, long size) {
        Queueing answer = get(queues().queue().acquire(client.space(), client.lock(modes, offset, size), HOUR));
        assertThat(answer).isInstanceOf(Queueing.Queued.class);
        // Who came last is told by the millisecond.
        long came = System.currentTimeMillis();
        while (System.currentTimeMillis() == came) {
            Thread.onSpinWait();
        }
        return ((Queueing.Queued) answer).id();
    }

    private WaitOutcome poll(WaiterId id) {
        return get(queues().queue().poll(id, Optional.empty()));
    }

    private void stillWait(WaiterId... ids) {
        for (WaiterId id : ids) {
            assertThat(poll(id)).isInstanceOf(WaitOutcome.Waiting.class);
        }
    }

    private Grant provisional(WaiterId id) {
        assertThat(poll(id)).isInstanceOf(WaitOutcome.Granted.class);
        return ((WaitOutcome.Granted) poll(id)).grant();
    }

    private WaitOutcome.Deadlocked deadlocked(WaiterId id) {
        assertThat(poll(id)).isInstanceOf(WaitOutcome.Deadlocked.class);
        return (WaitOutcome.Deadlocked) poll(id);
    }

    private static List<WaiterId> ids(WaitOutcome.Deadlocked deadlock) {
        return deadlock.cycle().stream().map(Waiter::id).toList();
    }

    private Deadlocks suspecting(WaiterId... ids) {
        Deadlocks deadlocks = new Deadlocks(queues().graph(), Runnable::run, clock::get);
        for (WaiterId id : ids) {
            deadlocks.suspect(p, id);
        }
        return deadlocks;
    }

    private void round(Deadlocks deadlocks) {
        clock.addAndGet(Duration.ofMinutes(1).toNanos());
        get(deadlocks.round());
    }

    /** Two rounds, after which a cycle that stands is refused. */
    private void search(WaiterId... ids) {
        Deadlocks deadlocks = suspecting(ids);
        round(deadlocks);
        round(deadlocks);
    }

    private List<Wait> waitsOf(LockClient... clients) {
        return get(queues().graph()
                .waitsOf(Set.copyOf(
                        List.of(clients).stream().map(LockClient::owner).toList())));
    }

    // -------------------------------------------------------------------------------------------------------- cycles

    @Test
    @DisplayName("P45 three owners of two users who wait for each other over three files: the last to come is refused")
    void threeFiles() {
        a.granted(table(), X, 0, 1);
        b.at(two).granted(table(), X, 1, 1);
        c.at(three).granted(table(), X, 2, 1);
        WaiterId first = waits(a.at(two), X, 1, 1);
        WaiterId second = waits(b.at(three), X, 0, 10);
        WaiterId last = waits(c.at(one).leasing(HOUR), S, 0, 1);

        Deadlocks deadlocks = suspecting(first, second, last);
        round(deadlocks);
        stillWait(first, second, last);
        round(deadlocks);
        WaitOutcome.Deadlocked deadlock = deadlocked(last);
        assertThat(deadlock.length()).isEqualTo(3);
        assertThat(ids(deadlock)).containsExactly(last, first, second);
        assertThat(deadlock.cycle().getFirst().asked()).satisfies(asked -> {
            assertThat(asked.space()).isEqualTo(one);
            assertThat(asked.owner()).isEqualTo(c.owner());
            assertThat(asked.range()).isEqualTo(c.range(0, 1));
            assertThat(asked.modes()).isEqualTo(S);
            assertThat(asked.stage()).isEqualTo(new Grant.Waiting());
        });
        assertThat(deadlock.cycle().getLast().asked().space()).isEqualTo(three);
        stillWait(first, second);

        c.at(three).released(table(), 2, 1);
        assertThat(provisional(second).owner()).isEqualTo(b.owner());
        round(deadlocks);
        stillWait(first);
    }

    @Test
    @DisplayName("Two owners who both share bytes and both want them alone: the second is refused, the first goes on")
    void twoUpgrades() {
        a.granted(table(), S, 0, 10);
        b.granted(table(), S, 0, 10);
        WaiterId first = waits(a, X, 0, 10);
        WaiterId second = waits(b, X, 5, 1);
        search(first);
        assertThat(ids(deadlocked(second))).containsExactly(second, first);
        stillWait(first);
        b.released(table(), 0, 10);
        provisional(first);
    }

    @Test
    @DisplayName("A cycle through one who only waits in front of another is found")
    void throughTheQueue() {
        a.granted(table(), S, 0, 10);
        c.at(two).granted(table(), X, 0, 1);
        WaiterId writer = waits(b, X, 0, 10);
        WaiterId reader = waits(c, S, 5, 1);
        WaiterId last = waits(a.at(two), X, 0, 1);
        search(last);
        assertThat(ids(deadlocked(last))).containsExactly(last, reader, writer);
        stillWait(writer, reader);
    }

    @Test
    @DisplayName("The owner who closes a cycle is found among more than the conflict of a refusal tells")
    void amongMany() {
        List<LockClient> readers = IntStream.range(0, 40)
                .mapToObj(i -> LockClient.nlm(one, "reader " + i).of(p))
                .toList();
        readers.forEach(reader -> reader.granted(table(), S, 0, 10));
        a.at(two).granted(table(), X, 0, 1);
        WaiterId writer = waits(a, X, 0, 10);
        WaiterId reader = waits(readers.get(37).at(two), X, 0, 1);
        search(writer);
        assertThat(ids(deadlocked(reader))).containsExactly(reader, writer);
    }

    @Test
    @DisplayName("Two owners who wait for each other are found behind hundreds who wait for the same bytes")
    void behindMany() {
        int many = 270;
        a.granted(table(), X, 0, 10);
        for (int i = 0; i < many; i++) {
            waits(LockClient.nlm(one, "writer " + i).of(i % 2 == 0 ? p : q), X, 0, 10);
        }
        b.at(two).granted(table(), X, 0, 1);
        WaiterId first = waits(b, X, 0, 10);
        WaiterId second = waits(a.at(two), X, 0, 1);
        search(second);
        assertThat(ids(deadlocked(second))).containsExactly(second, first);
    }

    @Test
    @DisplayName("A lock that was granted from the queue and is not confirmed counts as held")
    void provisionalHolder() {
        a.granted(table(), X, 0, 10);
        WaiterId granted = waits(b, X, 0, 10);
        WaiterId first = waits(c, X, 0, 10);
        c.at(two).granted(table(), X, 0, 1);
        a.released(table(), 0, 10);
        provisional(granted);
        WaiterId second = waits(b.at(two), X, 0, 1);
        search(first);
        assertThat(ids(deadlocked(second))).containsExactly(second, first);
    }

    @Test
    @DisplayName("A long cycle tells the first of its requests, and how many there are")
    void longCycle() {
        int length = 40;
        List<LockClient> owners = IntStream.range(0, length)
                .mapToObj(i -> LockClient.nlm(freshSpace(), "owner " + i).of(p))
                .toList();
        owners.forEach(owner -> owner.granted(table(), X, 0, 1));
        List<WaiterId> ids = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            LockSpace next = owners.get((i + 1) % length).space();
            ids.add(waits(owners.get(i).at(next), X, 0, 1));
        }
        search(ids.get(7));
        WaitOutcome.Deadlocked deadlock = deadlocked(ids.getLast());
        assertThat(deadlock.length()).isEqualTo(length);
        assertThat(deadlock.cycle()).hasSize(Conflict.MAX_BLOCKERS);
        assertThat(ids(deadlock)).startsWith(ids.getLast(), ids.getFirst(), ids.get(1));
        stillWait(ids.getFirst(), ids.get(20));
    }

    @Test
    @DisplayName("Whoever waits for an owner that does not wait is left alone, and so is a queue of many")
    void noCycle() {
        a.granted(table(), X, 0, 10);
        b.at(two).granted(table(), X, 0, 10);
        WaiterId first = waits(b, X, 0, 10);
        WaiterId second = waits(c, X, 0, 10);
        WaiterId third = waits(c.at(two), S, 0, 5);
        WaiterId own = waits(b, S, 0, 10);
        search(first, second, third, own);
        stillWait(first, second, third, own);
        assertThat(waitsOf(a)).isEmpty();
    }

    @Test
    @DisplayName("A cycle that only one look has seen is nobody's fault")
    void seenOnce() {
        a.granted(table(), X, 0, 1);
        b.granted(table(), X, 1, 1);
        WaiterId first = waits(a, X, 1, 1);
        WaiterId second = waits(b, X, 0, 1);
        Deadlocks deadlocks = suspecting(first, second);
        round(deadlocks);
        a.released(table(), 0, 1);
        round(deadlocks);
        stillWait(first);
        provisional(second);
        round(deadlocks);
        stillWait(first);
    }

    @Test
    @DisplayName("Handles of SMB that wait for each other wait until their time is over")
    void smb() {
        LockClient h1 = LockClient.smb(one, "H1").of(p);
        LockClient h2 = LockClient.smb(one, "H2").of(p);
        h1.granted(table(), X, 0, 1);
        h2.granted(table(), X, 1, 1);
        WaiterId first = waits(h1, X, 1, 1);
        WaiterId second = waits(h2, X, 0, 1);
        search(first, second);
        stillWait(first, second);
        assertThat(get(queues().graph().waits(Set.of(first, second)))).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------------- refusals

    @Test
    @DisplayName("Who is refused has left the queue: those behind are served, it is listed and withdrawn no more")
    void refused() {
        a.granted(table(), S, 0, 10);
        WaiterId writer = waits(b, X, 0, 10);
        WaiterId reader = waits(c, S, 0, 10);
        List<Wait> waits = get(queues().graph().waits(Set.of(writer)));
        assertThat(get(queues().graph().refuse(waits))).isTrue();
        assertThat(ids(deadlocked(writer))).containsExactly(writer);
        assertThat(provisional(reader).modes()).isEqualTo(S);
        assertThat(get(queues().queue().list(GrantFilter.ofFile(Protocol.NLM, one.fileId(), ""), Cursor.START, 10))
                        .waiters())
                .isEmpty();
        assertThat(get(queues().queue().withdraw(writer, Optional.empty()))).isFalse();
        assertThat(get(queues().graph().refuse(waits))).isFalse();
        assertThat(ids(deadlocked(writer))).containsExactly(writer);

        queues().age(writer, UNTOLD);
        get(table().sweep());
        assertThat(poll(writer)).isEqualTo(new WaitOutcome.NoSuchWaiter());
    }

    @Test
    @DisplayName("What was granted or taken back is not refused any more")
    void tooLate() {
        a.granted(table(), X, 0, 10);
        WaiterId granted = waits(b, X, 0, 10);
        WaiterId withdrawn = waits(c, X, 0, 10);
        List<Wait> waits = List.copyOf(get(queues().graph().waits(Set.of(granted, withdrawn))));
        assertThat(waits).hasSize(2);
        get(queues().queue().withdraw(withdrawn, Optional.empty()));
        a.released(table(), 0, 10);
        for (Wait wait : waits) {
            assertThat(get(queues().graph().refuse(List.of(wait)))).isFalse();
        }
        provisional(granted);
        assertThat(poll(withdrawn)).isEqualTo(new WaitOutcome.NoSuchWaiter());
        assertThat(get(queues().graph().waits(Set.of(granted, withdrawn)))).isEmpty();
    }

    @Test
    @DisplayName("The waits of an owner are those of all files, and of this owner alone")
    void ofOwner() {
        a.granted(table(), X, 0, 10);
        b.at(two).granted(table(), X, 0, 10);
        WaiterId first = waits(c, X, 0, 10);
        WaiterId second = waits(c.at(two), X, 5, 1);
        waits(c.named("").at(two), X, 5, 1);
        waits(c.named("another").at(two), X, 5, 1);
        waits(c.of(q).at(two), X, 5, 1);
        List<Wait> waits = waitsOf(c);
        assertThat(waits).extracting(wait -> wait.waiter().id()).containsExactlyInAnyOrder(first, second);
        for (Wait wait : waits) {
            assertThat(wait.behind()).isEmpty();
            assertThat(wait.holders()).containsExactly(wait.waiter().id().equals(first) ? a.owner() : b.owner());
            assertThat(wait.since()).isPositive();
        }
        assertThat(get(queues().graph().waitsOf(Set.of()))).isEmpty();
    }
}
