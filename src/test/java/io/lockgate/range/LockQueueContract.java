package io.lockgate.range;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.range.queue.WaiterPage;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link LockQueue} must do beside its {@link RangeLockTable}: the queue rules of docs/lock-semantics.md and its
 * cases on waiting (N01, N02, N16, M31 to M33, M35, M38, L23). To put another store under test, extend this and give its
 * tables. Each test has a space and principals of its own. No test waits for time: {@link DifferentialTest.Queues#age}
 * makes one waiter older.
 */
public abstract class LockQueueContract {
    private static final Duration HOUR = Duration.ofHours(1);
    /** Shorter than {@link LockQueue#POLL_WITHIN}. */
    private static final Duration BRIEF = Duration.ofSeconds(20);

    private static final Duration PAST_BRIEF = Duration.ofSeconds(21);
    private static final Duration UNPOLLED = LockQueue.POLL_WITHIN.plusSeconds(1);
    private static final Duration UNCONFIRMED = LockQueue.CONFIRM_WITHIN.plusSeconds(1);
    private static final Duration UNTOLD = LockQueue.OUTCOME_KEPT.plusSeconds(1);
    private static final long EOF = 0;

    private final String p =
            "queue-contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final String q = p + "-other";
    private LockSpace space = LockSpace.head(1);
    private LockClient a = LockClient.nlm(space, "A");
    private LockClient b = a;
    private LockClient c = a;
    private LockClient d = a;
    private LockClient h1 = a;
    private LockClient h2 = a;

    /** A table with its queues. */
    public record Store(RangeLockTable table, LockQueue queue) {}

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** The queues of {@link #table()}. */
    protected abstract DifferentialTest.Queues queues();

    /** The sessions of {@link #table()}; empty leaves their tests out. */
    protected abstract Optional<DifferentialTest.Sessions> sessions();

    /** Another one, with {@code cross-protocol=enforced}. */
    protected abstract Store enforced();

    /** One with so few waiters for one principal in a bucket, and in one space. */
    protected abstract Store withWaiters(int perPrincipal, int perSpace);

    /** A space that nobody else uses. */
    protected LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    @BeforeEach
    void begin() {
        space = freshSpace();
        a = LockClient.nlm(space, "A").of(p);
        b = LockClient.nlm(space, "B").of(p);
        c = LockClient.nlm(space, "C").of(q);
        d = LockClient.nlm(space, "D").of(q);
        h1 = LockClient.smb(space, "H1").of(p);
        h2 = LockClient.smb(space, "H2").of(p);
    }

    // ------------------------------------------------------------------------------------------------------- helpers

    private LockQueue queue() {
        return queues().queue();
    }

    private void sweep() {
        get(table().sweep());
    }

    private Queueing ask(LockClient client, Duration wait, LockModes modes, long offset, long size) {
        return get(queue().acquire(client.space(), client.lock(modes, offset, size), wait));
    }

    private static Queueing.Queued queued(Queueing answer) {
        assertThat(answer).isInstanceOf(Queueing.Queued.class);
        return (Queueing.Queued) answer;
    }

    /** Queues a request. */
    private WaiterId waits(LockClient client, LockModes modes, long offset, long size) {
        return queued(ask(client, HOUR, modes, offset, size)).id();
    }

    private static Acquisition.Granted atOnce(Queueing answer) {
        if (answer instanceof Queueing.Decided(Acquisition.Granted granted)) {
            return granted;
        }
        throw new AssertionError("not granted at once: " + answer);
    }

    private WaitOutcome poll(LockClient client, WaiterId id) {
        return get(queue().poll(id, Optional.of(client.owner().principal())));
    }

    private WaitOutcome.Waiting stillWaits(LockClient client, WaiterId id) {
        WaitOutcome outcome = poll(client, id);
        assertThat(outcome).isInstanceOf(WaitOutcome.Waiting.class);
        return (WaitOutcome.Waiting) outcome;
    }

    private Grant granted(LockClient client, WaiterId id) {
        if (poll(client, id) instanceof WaitOutcome.Granted(Grant grant)) {
            return grant;
        }
        throw new AssertionError("not granted: " + poll(client, id));
    }

    private Grant provisional(LockClient client, WaiterId id) {
        Grant grant = granted(client, id);
        assertThat(grant.stage()).isInstanceOf(Grant.Provisional.class);
        return grant;
    }

    private Grant confirmed(LockClient client, WaiterId id) {
        return renewed(confirm(client, provisional(client, id)));
    }

    private Renewal confirm(LockClient client, Grant grant) {
        return get(table().confirm(grant.id(), client.protocol(), client.owner().principal()));
    }

    private static Grant renewed(Renewal renewal) {
        if (renewal instanceof Renewal.Renewed renewed) {
            assertThat(renewed.grant().stage()).isEqualTo(Grant.HELD);
            return renewed.grant();
        }
        throw new AssertionError("not renewed: " + renewal);
    }

    private void refused(LockClient client, LockModes modes, long offset, long size) {
        assertThat(client.outcome(table(), modes, offset, size)).isInstanceOf(Acquisition.Refused.class);
    }

    private Conflict conflict(LockClient client, LockModes modes, long offset, long size) {
        return get(client.test(table(), modes, offset, size)).orElseThrow();
    }

    private List<WaiterId> listed(GrantFilter filter, int limit) {
        List<WaiterId> ids = new ArrayList<>();
        Cursor place = Cursor.START;
        WaiterPage page;
        do {
            page = get(queue().list(filter, place, limit));
            assertThat(page.waiters()).hasSizeLessThanOrEqualTo(limit);
            page.waiters().forEach(waiter -> ids.add(waiter.id()));
            place = page.next();
        } while (!page.waiters().isEmpty());
        assertThat(ids).doesNotHaveDuplicates();
        return ids;
    }

    private List<WaiterId> listed(Protocol protocol) {
        return listed(GrantFilter.ofFile(protocol, space.fileId(), ""), 100);
    }

    private static void none(WaitOutcome outcome) {
        assertThat(outcome).isEqualTo(new WaitOutcome.NoSuchWaiter());
    }

    private static void lost(WaitOutcome outcome) {
        assertThat(outcome).isEqualTo(new WaitOutcome.Lost());
    }

    // ------------------------------------------------------------------------------------------------ asked and queued

    @Test
    @DisplayName("An acquire that may wait and need not is a plain acquire: held, merged, and rolled back by its id")
    void freeAtOnce() {
        Grant first = a.granted(table(), X, 0, 10);
        Acquisition.Granted second = atOnce(ask(a, HOUR, X, 10, 10));
        assertThat(second.grant().id()).isEqualTo(first.id());
        assertThat(second.grant().range()).isEqualTo(a.range(0, 20));
        assertThat(second.grant().stage()).isEqualTo(Grant.HELD);
        assertThat(a.valid(table(), second.grant(), 0, 20)).isTrue();
        assertThat(atOnce(ask(a, HOUR, S, 5, 5)).changed()).hasSize(2);
        assertThat(listed(Protocol.NLM)).isEmpty();
        assertThat(get(table().rollBack(second.request()))).isTrue();
        c.granted(table(), X, 10, 10);
        refused(c, X, 9, 1);
    }

    @Test
    @DisplayName("Q14 a request that is refused now waits, says for whom and how long, and is listed until it ends")
    void queuedRequest() {
        Grant held = a.granted(table(), X, 0, 10);
        WaiterId id = waits(b.leasing(HOUR), S, 5, 10);
        WaitOutcome.Waiting waiting = stillWaits(b, id);
        assertThat(waiting.position()).isZero();
        assertThat(waiting.blockers()).extracting(Grant::id).containsExactly(held.id());
        assertThat(waiting.pollWithin()).isBetween(Duration.ofSeconds(20), LockQueue.POLL_WITHIN);
        Waiter waiter = waiting.waiter();
        assertThat(waiter.id()).isEqualTo(id);
        assertThat(waiter.left()).isBetween(HOUR.minusMinutes(1), HOUR);
        assertThat(waiter.asked().stage()).isEqualTo(new Grant.Waiting());
        assertThat(waiter.asked().token()).isEqualTo(new FencingToken(0));
        assertThat(waiter.asked().range()).isEqualTo(b.range(5, 10));
        assertThat(waiter.asked().modes()).isEqualTo(S);
        assertThat(waiter.asked().owner()).isEqualTo(b.owner());
        assertThat(waiter.asked().space()).isEqualTo(space);
        assertThat(waiter.asked().ownerAddress()).isEqualTo(held.ownerAddress());
        assertThat(waiter.asked().leased()).isTrue();
        assertThat(listed(Protocol.NLM)).containsExactly(id);
        assertThat(b.standing(table())).containsExactly(held);
        a.released(table(), 0, 10);
        assertThat(listed(Protocol.NLM)).isEmpty();
        provisional(b, id);
    }

    @Test
    @DisplayName("A queued request has an id of its own, above those before it, which names no grant")
    void ids() {
        a.granted(table(), X, 0, 10);
        WaiterId first = waits(b, X, 0, 10);
        WaiterId second = waits(b, X, 0, 10);
        assertThat(second.bucket()).isEqualTo(first.bucket());
        assertThat(Long.compareUnsigned(second.sequence(), first.sequence())).isPositive();
        none(get(queue().poll(new WaiterId(first.bucket(), 7), Optional.of(p))));
        none(get(queue().poll(new WaiterId(65_535, 7), Optional.empty())));
        assertThat(get(table().find(new GrantId(first.bucket(), first.sequence()))))
                .as("a waiter is no grant")
                .isEmpty();
    }

    // ----------------------------------------------------------------------------------------------- order of arrival

    @Test
    @DisplayName("M31 waiters are served one after the other in order of arrival")
    void inOrder() {
        for (List<LockClient> clients :
                List.of(List.of(a, b, c, d), List.of(h1, h2, h1.named("other").of(q)))) {
            clients.getFirst().granted(table(), X, 100, 50);
            List<LockClient> rest = clients.subList(1, clients.size());
            List<WaiterId> ids =
                    rest.stream().map(client -> waits(client, X, 100, 50)).toList();
            LockClient holder = clients.getFirst();
            for (int i = 0; i < ids.size(); i++) {
                assertThat(stillWaits(rest.get(i), ids.get(i)).position()).isZero();
                assertThat(holder.released(table(), 100, 50)).isEqualTo(1);
                holder = rest.get(i);
                confirmed(holder, ids.get(i));
                for (int j = i + 1; j < ids.size(); j++) {
                    assertThat(stillWaits(rest.get(j), ids.get(j)).position()).isEqualTo(j - i - 1);
                }
            }
            holder.released(table(), 100, 50);
        }
    }

    @Test
    @DisplayName("A waiting writer is not starved: it holds back every later reader of its bytes, waiting or not")
    void writersAreNotStarved() {
        for (List<LockClient> clients : List.of(List.of(a, b, c), List.of(h1, h2, h1.of(q)))) {
            LockClient reader = clients.getFirst();
            LockClient writer = clients.get(1);
            LockClient late = clients.get(2);
            reader.granted(table(), S, 0, 10);
            WaiterId writes = waits(writer, X, 0, 20);
            refused(late, S, 0, 10);
            refused(late, S, 15, 1);
            assertThat(conflict(late, S, 15, 1).blockers()).singleElement().satisfies(blocker -> {
                assertThat(blocker.stage()).isEqualTo(new Grant.Waiting());
                assertThat(blocker.token()).isEqualTo(new FencingToken(0));
                assertThat(blocker.owner()).isEqualTo(writer.owner());
                assertThat(blocker.range()).isEqualTo(writer.range(0, 20));
            });
            assertThat(get(table().batch(space, List.of(), List.of(late.lock(S, 50, 5), late.lock(S, 15, 1)))))
                    .isInstanceOfSatisfying(
                            BatchOutcome.Refused.class,
                            refusal -> assertThat(refusal.index()).isEqualTo(1));
            WaiterId reads = waits(late, S, 15, 1);
            assertThat(stillWaits(late, reads).position()).isEqualTo(1);
            late.granted(table(), S, 20, 10);
            reader.released(table(), 0, 10);
            Grant granted = provisional(writer, writes);
            stillWaits(late, reads);
            get(table().releaseGrant(granted.id(), Optional.of(p)));
            provisional(late, reads);
        }
    }

    @Test
    @DisplayName("N16 who waited gets what is freed, not whoever asks in the moment it is free")
    void n16() {
        a.granted(table(), X, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        a.released(table(), 0, 10);
        refused(c, X, 0, 10);
        refused(c, S, 5, 1);
        assertThat(conflict(c, X, 5, 1).blockers())
                .singleElement()
                .satisfies(blocker -> assertThat(blocker.stage()).isInstanceOf(Grant.Provisional.class));
        confirmed(b, id);
        refused(c, X, 0, 10);
        b.released(table(), 0, 10);
        c.granted(table(), X, 0, 10);
    }

    @Test
    @DisplayName("The order is that of arrival, not of ability: who could be served stays behind who cannot yet")
    void notByAbility() {
        a.granted(table(), X, 0, 10);
        WaiterId wide = waits(b, X, 0, 20);
        WaiterId narrow = waits(c, X, 10, 5);
        WaiterId behind = waits(d, S, 12, 10);
        WaitOutcome.Waiting last = stillWaits(d, behind);
        assertThat(last.position()).isEqualTo(2);
        assertThat(last.blockers()).extracting(Grant::owner).containsExactly(b.owner(), c.owner());
        a.released(table(), 0, 10);
        provisional(b, wide);
        stillWaits(c, narrow);
        get(queue().withdraw(wide, Optional.of(p)));
        provisional(c, narrow);
        stillWaits(d, behind);
    }

    @Test
    @DisplayName("Readers that wait side by side are served together, up to the next writer")
    void readersTogether() {
        a.granted(table(), X, 0, 10);
        WaiterId first = waits(b, S, 0, 10);
        WaiterId second = waits(c, S, 5, 10);
        WaiterId writer = waits(d, X, 9, 1);
        WaiterId third = waits(b.named("other"), S, 9, 1);
        assertThat(stillWaits(c, second).position()).isZero();
        a.released(table(), 0, 10);
        Grant one = confirmed(b, first);
        Grant two = confirmed(c, second);
        stillWaits(d, writer);
        stillWaits(b, third);
        get(table().releaseGrant(one.id(), Optional.of(p)));
        stillWaits(d, writer);
        get(table().releaseGrant(two.id(), Optional.of(q)));
        confirmed(d, writer);
        stillWaits(b, third);
    }

    @Test
    @DisplayName("M38 unrelated ranges, other files and, in isolation, the other protocol flow freely past a queue")
    void unrelatedFlow() {
        h1.granted(table(), X, 100, 10);
        a.granted(table(), X, 100, 10);
        WaiterId smb = waits(h2, X, 100, 10);
        h1.named("m").of(q).granted(table(), X, 110, 10);
        WaiterId posix = waits(b, X, 105, 10);
        atOnce(ask(c, HOUR, X, 115, 10));
        LockClient elsewhere = c.at(freshSpace());
        elsewhere.granted(table(), X, 100, 10);
        LockClient stream = c.at(new LockSpace(space.fileId(), "", "other"));
        stream.granted(table(), X, 100, 10);
        h1.released(table(), 100, 10);
        provisional(h2, smb);
        stillWaits(b, posix);
    }

    // ---------------------------------------------------------------------------------------------------- what serves

    @Test
    @DisplayName("An unlock of the middle wakes those inside it and no one else")
    void middle() {
        a.granted(table(), X, 0, 30);
        WaiterId across = waits(b, X, 5, 10);
        WaiterId left = waits(c, X, 0, 5);
        WaiterId inside = waits(d, X, 16, 4);
        WaiterId right = waits(c, X, 20, 5);
        WaiterId last = waits(b, S, 15, 1);
        a.released(table(), 10, 10);
        provisional(d, inside);
        provisional(b, last);
        stillWaits(b, across);
        stillWaits(c, left);
        stillWaits(c, right);
        a.released(table(), 5, 5);
        provisional(b, across);
        stillWaits(c, left);
    }

    @Test
    @DisplayName("A downgrade wakes readers, and its writers go on waiting")
    void downgrade() {
        a.granted(table(), X, 0, 30);
        WaiterId reads = waits(b, S, 10, 10);
        WaiterId writes = waits(c, X, 12, 1);
        WaiterId other = waits(d, S, 25, 5);
        a.granted(table(), S, 10, 10);
        provisional(b, reads);
        stillWaits(c, writes);
        stillWaits(d, other);
    }

    @Test
    @DisplayName("A release by id, of everything, in a batch, and a rollback serve the queue like any release")
    void everyRelease() {
        Grant held = a.granted(table(), X, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        get(table().releaseGrant(held.id(), Optional.of(p)));
        confirmed(b, id);

        id = waits(a, X, 0, 10);
        get(table().releaseAll(
                        GrantFilter.ofFile(Protocol.NLM, space.fileId(), "").ofPrincipal(p)));
        confirmed(a, id);

        id = waits(b, X, 0, 10);
        get(table().batch(space, List.of(a.unlock(0, 5)), List.of(a.lock(S, 20, 5))));
        stillWaits(b, id);
        get(table().batch(space, List.of(a.unlock(0, 10)), List.of()));
        confirmed(b, id);

        Acquisition.Granted unseen = (Acquisition.Granted) d.outcome(table(), X, 100, 10);
        id = waits(a, X, 105, 1);
        get(table().rollBack(unseen.request()));
        provisional(a, id);

        h1.granted(table(), X, 0, 10);
        id = waits(h2, X, 0, 10);
        assertThat(get(table().batch(space, List.of(h1.unlock(0, 10), h1.unlock(50, 1)), List.of())))
                .isEqualTo(new BatchOutcome.UnlockMissing(1));
        provisional(h2, id);
    }

    @Test
    @DisplayName("L11 a lease that ends leaves its bytes to those who wait for them")
    void endedLease() {
        a.leasing(Duration.ofMillis(300)).granted(table(), X, 0, 10);
        WaiterId id = waits(b.over(Protocol.NFS4), X, 0, 10);
        WaiterId next = waits(c, X, 0, 10);
        await().until(() -> {
            sweep();
            return poll(b, id) instanceof WaitOutcome.Granted;
        });
        confirmed(b.over(Protocol.NFS4), id);
        stillWaits(c, next);
    }

    // ------------------------------------------------------------------------------------ own requests, and upgrades

    @Test
    @DisplayName("A waiter never holds back a request for bytes that its owner already holds as strongly")
    void heldAsStrongly() {
        a.granted(table(), X, 0, 10);
        c.granted(table(), S, 20, 10);
        waits(b, X, 0, 30);
        a.granted(table(), X, 2, 3);
        a.granted(table(), S, 4, 2);
        assertThat(atOnce(ask(a, HOUR, X, 9, 1)).grant().range()).isEqualTo(a.range(6, 4));
        c.granted(table(), S, 25, 5);
        refused(a, X, 9, 2);
        refused(c, S, 15, 10);
        a.granted(table(), S, 8, 2);
        refused(d, S, 25, 1);

        h1.granted(table(), S, 0, 10);
        h1.granted(table(), S, 10, 10);
        waits(h2, X, 5, 10);
        h1.granted(table(), S, 6, 3);
        h1.granted(table(), S, 12, 8);
        // In smb one lock must have all of it.
        refused(h1, S, 8, 4);
    }

    @Test
    @DisplayName("An upgrade stands ahead of those who wait for that same owner, and of no others")
    void upgrades() {
        a.granted(table(), S, 0, 10);
        waits(b, X, 0, 20);
        a.granted(table(), X, 3, 4);
        refused(a, X, 9, 2);

        a.granted(table(), S, 100, 10);
        c.granted(table(), S, 105, 5);
        WaiterId first = waits(b, X, 100, 10);
        WaiterId upgrade = waits(a, X, 100, 10);
        assertThat(stillWaits(a, upgrade).blockers()).extracting(Grant::owner).containsExactly(c.owner());
        c.released(table(), 105, 5);
        provisional(a, upgrade);
        stillWaits(b, first);

        d.granted(table(), X, 220, 10);
        a.granted(table(), S, 200, 10);
        WaiterId reader = waits(b, S, 200, 30);
        // The reader waits for D, not for A.
        refused(a, X, 200, 10);
        stillWaits(b, reader);
    }

    @Test
    @DisplayName("Whoever gains bytes by a confirmation may pass with a later upgrade of them")
    void upgradeAfterConfirm() {
        c.granted(table(), X, 0, 5);
        WaiterId reads = waits(a, S, 0, 10);
        WaiterId other = waits(b, X, 0, 10);
        WaiterId upgrade = waits(a, X, 0, 10);
        c.released(table(), 0, 5);
        stillWaits(a, upgrade);
        confirmed(a, reads);
        provisional(a, upgrade);
        stillWaits(b, other);
    }

    @Test
    @DisplayName("An owner's own waiter holds it back in smb by the rules of smb, and in posix never")
    void ownWaiter() {
        b.granted(table(), S, 0, 10);
        WaiterId id = waits(a, X, 0, 20);
        a.granted(table(), S, 5, 10);
        a.granted(table(), X, 15, 10);
        b.released(table(), 0, 10);
        assertThat(confirmed(a, id).range()).isEqualTo(a.range(0, 25));

        h2.granted(table(), S, 0, 10);
        waits(h1, X, 0, 20);
        h1.granted(table(), S, 10, 5);
        refused(h1, X, 15, 5);
        refused(h2, S, 10, 5);
    }

    // --------------------------------------------------------------------------------------------------- provisional

    @Test
    @DisplayName("A provisional grant keeps others away and is found by its id, but is not listed, counted, or valid")
    void provisionalGrant() {
        a.granted(table(), X, 0, 10);
        WaiterId id = waits(b, S, 0, 10);
        a.released(table(), 0, 10);
        Grant grant = provisional(b, id);
        assertThat(grant.id().sequence()).isEqualTo(grant.token().value());
        assertThat(((Grant.Provisional) grant.stage()).confirmWithin())
                .isBetween(Duration.ofSeconds(1), LockQueue.CONFIRM_WITHIN);
        assertThat(get(table().find(grant.id()))).hasValueSatisfying(found -> {
            assertThat(found.token()).isEqualTo(grant.token());
            assertThat(found.stage()).isInstanceOf(Grant.Provisional.class);
        });
        assertThat(b.standing(table())).isEmpty();
        assertThat(get(table().count(GrantFilter.ofFile(Protocol.NLM, space.fileId(), ""), CountBy.FILE)))
                .isEmpty();
        assertThat(b.valid(table(), grant, 0, 10)).isFalse();
        assertThat(b.released(table(), 0, 10)).as("a release of bytes").isZero();
        assertThat(get(table().releaseAll(GrantFilter.ofFile(Protocol.NLM, space.fileId(), ""))))
                .isZero();
        c.granted(table(), S, 0, 5);
        refused(c, X, 5, 5);
        assertThat(provisional(b, id).id()).isEqualTo(grant.id());
    }

    @Test
    @DisplayName("Confirmed, and with nothing to merge with, the grant keeps its id and token")
    void confirmedAlone() {
        for (LockClient client : List.of(b, h2)) {
            LockClient other = client.of(q);
            other.granted(table(), X, 0, 10);
            WaiterId id = waits(client, X, 0, 10);
            other.released(table(), 0, 10);
            Grant grant = provisional(client, id);
            Grant held = renewed(confirm(client, grant));
            assertThat(held.id()).isEqualTo(grant.id());
            assertThat(held.token()).isEqualTo(grant.token());
            assertThat(client.standing(table())).containsExactly(held);
            assertThat(client.valid(table(), held, 0, 10)).isTrue();
            assertThat(granted(client, id)).isEqualTo(held);
            assertThat(renewed(confirm(client, grant))).as("again").isEqualTo(held);
            get(table().releaseGrant(held.id(), Optional.of(p)));
            lost(poll(client, id));
            assertThat(confirm(client, grant)).isEqualTo(new Renewal.Lost());
        }
    }

    @Test
    @DisplayName("Not merged before it is confirmed; then the oldest id goes on, and a token above all that were seen")
    void confirmedAndMerged() {
        Grant before = b.granted(table(), X, 0, 10);
        a.granted(table(), X, 10, 10);
        WaiterId id = waits(b, X, 5, 15);
        a.released(table(), 10, 10);
        Grant grant = provisional(b, id);
        assertThat(grant.range()).isEqualTo(b.range(5, 15));
        Grant after = b.granted(table(), X, 20, 5);
        assertThat(b.standing(table())).extracting(Grant::range).containsExactly(b.range(0, 10), b.range(20, 5));
        assertThat(b.valid(table(), before, 0, 20)).isFalse();
        Grant merged = renewed(confirm(b, grant));
        assertThat(merged.id()).isEqualTo(before.id());
        assertThat(merged.range()).isEqualTo(b.range(0, 25));
        assertThat(merged.token()).isGreaterThan(after.token()).isGreaterThan(grant.token());
        assertThat(b.standing(table())).containsExactly(merged);
        for (Grant name : List.of(before, grant, after, merged)) {
            assertThat(get(table().find(name.id()))).contains(merged);
            assertThat(b.valid(table(), name, 0, 25)).isTrue();
            assertThat(renewed(confirm(b, name))).isEqualTo(merged);
        }
        assertThat(granted(b, id)).isEqualTo(merged);
    }

    @Test
    @DisplayName("Confirmed over what its owner holds just so, or younger: the listed id goes on, with a fresh token")
    void confirmedOverTheSame() {
        a.granted(table(), S, 0, 1);
        WaiterId id = waits(b, X, 0, 10);
        a.released(table(), 0, 1);
        Grant grant = provisional(b, id);
        // Its own provisional grant does not keep the owner away.
        Grant younger = b.granted(table(), X, 0, 10);
        assertThat(younger.id()).isNotEqualTo(grant.id());
        Grant merged = renewed(confirm(b, grant));
        assertThat(merged.id()).isEqualTo(younger.id());
        assertThat(merged.token()).isGreaterThan(younger.token());
        assertThat(get(table().find(grant.id()))).contains(merged);
        assertThat(b.standing(table())).containsExactly(merged);
    }

    @Test
    @DisplayName("A confirmation replaces what its owner holds in another mode, and serves whoever that lets in")
    void confirmedOverAnotherMode() {
        a.granted(table(), X, 10, 10);
        WaiterId weaker = waits(b, S, 0, 20);
        b.granted(table(), X, 0, 10);
        WaiterId reads = waits(c, S, 0, 5);
        a.released(table(), 10, 10);
        stillWaits(c, reads);
        confirmed(b, weaker);
        assertThat(b.standing(table())).extracting(Grant::range).containsExactly(b.range(0, 20));
        provisional(c, reads);
    }

    @Test
    @DisplayName("Several provisional grants of one owner are confirmed in any order")
    void confirmedInAnyOrder() {
        a.granted(table(), X, 0, 20);
        WaiterId first = waits(b, X, 0, 10);
        WaiterId second = waits(b, X, 10, 10);
        a.released(table(), 0, 20);
        Grant one = provisional(b, first);
        Grant two = provisional(b, second);
        assertThat(two.token()).isGreaterThan(one.token());
        assertThat(renewed(confirm(b, two)).id()).isEqualTo(two.id());
        Grant merged = renewed(confirm(b, one));
        assertThat(merged.id()).isEqualTo(two.id());
        assertThat(granted(b, first)).isEqualTo(merged);
        assertThat(granted(b, second)).isEqualTo(merged);
    }

    @Test
    @DisplayName("Smb: each confirmed lock stands for itself and needs its own unlock")
    void confirmedInSmb() {
        h1.granted(table(), X, 0, 10);
        WaiterId first = waits(h2, S, 0, 10);
        WaiterId second = waits(h2, S, 0, 10);
        h1.released(table(), 0, 10);
        assertThat(h2.released(table(), 0, 10)).as("not yet").isEqualTo(-1);
        confirmed(h2, first);
        assertThat(h2.released(table(), 0, 10)).isEqualTo(1);
        assertThat(h2.released(table(), 0, 10)).isEqualTo(-1);
        confirmed(h2, second);
        assertThat(h2.standing(table())).hasSize(1);
    }

    @Test
    @DisplayName("Somebody else, or under another protocol, cannot confirm; a grant that stands is answered as it is")
    void confirmedByWhom() {
        a.granted(table(), X, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        a.released(table(), 0, 10);
        Grant grant = provisional(b, id);
        assertThat(get(table().confirm(grant.id(), Protocol.NLM, q))).isEqualTo(new Renewal.NoSuchLock());
        assertThat(get(table().confirm(grant.id(), Protocol.NFS4, p))).isEqualTo(new Renewal.NoSuchLock());
        assertThat(get(table().renew(grant.id(), Protocol.SMB, p, HOUR))).isEqualTo(new Renewal.NoSuchLock());
        assertThat(get(table().releaseGrant(grant.id(), Optional.of(q)))).isEqualTo(new Release.NoSuchLock());
        assertThat(get(table().confirm(new GrantId(grant.id().bucket(), 7), Protocol.NLM, p)))
                .isEqualTo(new Renewal.NoSuchLock());
        provisional(b, id);
        Grant held = a.granted(table(), S, 50, 10);
        assertThat(renewed(confirm(a, held))).isEqualTo(held);
        Grant leased = a.leasing(HOUR).granted(table(), S, 70, 10);
        assertThat(renewed(confirm(a, leased)).id()).isEqualTo(leased.id());
    }

    @Test
    @DisplayName("A renewal confirms with the lease it gives; what is not leased is confirmed by none")
    void renewalConfirms() {
        a.granted(table(), X, 0, 30);
        WaiterId unleased = waits(b, X, 0, 10);
        WaiterId renewed = waits(b.leasing(HOUR), X, 10, 10);
        WaiterId kept = waits(b.leasing(HOUR), X, 25, 5);
        a.released(table(), 0, 30);
        Grant first = provisional(b, unleased);
        assertThat(get(table().renew(first.id(), Protocol.NLM, p, HOUR))).isEqualTo(new Renewal.NotLeased());
        provisional(b, unleased);
        Grant second = provisional(b, renewed);
        assertThat(Objects.requireNonNull(second.expiresIn())).isBetween(HOUR.minusMinutes(1), HOUR);
        Grant held = renewed(get(table().renew(second.id(), Protocol.NLM, p, HOUR.multipliedBy(9))));
        assertThat(held.id()).isEqualTo(second.id());
        assertThat(Objects.requireNonNull(held.expiresIn())).isGreaterThan(HOUR.multipliedBy(8));
        Grant third = confirmed(b, kept);
        assertThat(third.leased()).isTrue();
        assertThat(Objects.requireNonNull(third.expiresIn())).isBetween(HOUR.minusMinutes(1), HOUR);
        assertThat(b.standing(table())).hasSize(2);
    }

    @Test
    @DisplayName("Released by its id, a provisional grant is given back, and the next is served")
    void givenBack() {
        Grant own = b.granted(table(), S, 0, 10);
        a.granted(table(), S, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        WaiterId next = waits(c, S, 5, 1);
        a.released(table(), 0, 10);
        Grant grant = provisional(b, id);
        stillWaits(c, next);
        assertThat(get(table().releaseGrant(grant.id(), Optional.of(p)))).isEqualTo(new Release.Released(1));
        assertThat(b.standing(table())).as("it alone").containsExactly(own);
        confirmed(c, next);
        assertThat(get(table().find(grant.id()))).isEmpty();
        assertThat(confirm(b, grant)).isEqualTo(new Renewal.Lost());
        assertThat(get(table().releaseGrant(grant.id(), Optional.of(p)))).isEqualTo(new Release.NoSuchLock());
        assertThat(poll(b, id)).isNotInstanceOf(WaitOutcome.Granted.class);
    }

    @Test
    @DisplayName("Not confirmed in time it is lost, counts nowhere at once, and the sweep serves the next")
    void unconfirmed() {
        Grant own = b.granted(table(), S, 0, 10);
        a.granted(table(), S, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        WaiterId next = waits(c, S, 5, 1);
        a.released(table(), 0, 10);
        Grant grant = provisional(b, id);
        queues().age(id, UNCONFIRMED);
        lost(poll(b, id));
        assertThat(confirm(b, grant)).isEqualTo(new Renewal.Lost());
        assertThat(get(table().find(grant.id()))).isEmpty();
        d.granted(table(), S, 0, 5);
        sweep();
        provisional(c, next);
        lost(poll(b, id));
        assertThat(confirm(b, grant)).isEqualTo(new Renewal.Lost());
        assertThat(b.standing(table())).contains(own);
        queues().age(id, UNTOLD);
        none(poll(b, id));
    }

    @Test
    @DisplayName("Tokens of a space grow strictly, whichever way its locks are granted")
    void tokensGrow() {
        List<FencingToken> tokens = new ArrayList<>();
        tokens.add(a.granted(table(), X, 0, 10).token());
        List<LockClient> clients = List.of(b, c, d, a, b, c);
        for (LockClient client : clients) {
            WaiterId id = waits(client, X, 0, 10);
            get(table().releaseAll(GrantFilter.ofFile(Protocol.NLM, space.fileId(), "")));
            tokens.add(confirmed(client, id).token());
            tokens.add(client.granted(table(), X, 10, 1).token());
        }
        assertThat(tokens).isSortedAccordingTo(Comparator.naturalOrder()).doesNotHaveDuplicates();
    }

    // ---------------------------------------------------------------------------------------------------- who leaves

    @Test
    @DisplayName("N01 M32 a withdrawn waiter is gone, the holder stays, the next is served; once more changes nothing")
    void withdrawn() {
        Grant held = a.granted(table(), S, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        WaiterId next = waits(c, S, 0, 10);
        assertThat(get(queue().withdraw(id, Optional.of(p)))).isTrue();
        none(poll(b, id));
        assertThat(a.standing(table())).containsExactly(held);
        assertThat(get(queue().withdraw(id, Optional.of(p)))).isFalse();
        Grant grant = provisional(c, next);
        WaiterId last = waits(d, X, 0, 10);
        a.released(table(), 0, 10);
        stillWaits(d, last);
        assertThat(get(queue().withdraw(next, Optional.of(q))))
                .as("a provisional one")
                .isTrue();
        none(poll(c, next));
        assertThat(get(table().find(grant.id()))).isEmpty();
        Grant stays = confirmed(d, last);
        assertThat(get(queue().withdraw(last, Optional.of(q))))
                .as("a confirmed one")
                .isFalse();
        assertThat(d.standing(table())).containsExactly(stays);
    }

    @Test
    @DisplayName("N02 M33 no unlock of the bytes and no other id takes a waiter away")
    void notWithdrawn() {
        for (LockClient client : List.of(b, h2)) {
            LockClient other = client.of(q);
            other.granted(table(), X, 100, 50);
            WaiterId id = waits(client, X, 100, 50);
            assertThat(client.released(table(), 100, 50)).isLessThanOrEqualTo(0);
            assertThat(get(queue().withdraw(new WaiterId(id.bucket(), id.sequence() + 1_000), Optional.empty())))
                    .isFalse();
            stillWaits(client, id);
            other.released(table(), 100, 50);
            provisional(client, id);
        }
    }

    @Test
    @DisplayName("Somebody else neither sees a waiter nor takes it away; an administrator does both")
    void foreign() {
        a.granted(table(), X, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        none(get(queue().poll(id, Optional.of(q))));
        none(get(queue().await(id, q, Duration.ofMillis(1), () -> false)));
        assertThat(get(queue().withdraw(id, Optional.of(q)))).isFalse();
        assertThat(get(queue().poll(id, Optional.empty()))).isInstanceOf(WaitOutcome.Waiting.class);
        assertThat(get(queue().withdraw(id, Optional.empty()))).isTrue();
        none(poll(b, id));
    }

    @Test
    @DisplayName(
            "A waiter whose time is over is refused, holds back no one at once, and its outcome is told for a while")
    void timedOut() {
        a.granted(table(), S, 0, 10);
        WaiterId id = queued(ask(b, BRIEF, X, 0, 10)).id();
        WaiterId next = waits(c, S, 5, 1);
        queues().age(id, PAST_BRIEF);
        assertThat(listed(Protocol.NLM)).containsExactly(next);
        d.granted(table(), S, 0, 10);
        sweep();
        provisional(c, next);
        a.released(table(), 0, 10);
        assertThat(poll(b, id)).isInstanceOfSatisfying(WaitOutcome.TimedOut.class, outcome -> {
            assertThat(outcome.waiter().id()).isEqualTo(id);
            assertThat(outcome.waiter().asked().range()).isEqualTo(b.range(0, 10));
            assertThat(outcome.waiter().left()).isEqualTo(Duration.ZERO);
        });
        none(get(queue().poll(id, Optional.of(q))));
        assertThat(get(queue().withdraw(id, Optional.of(p)))).isFalse();
        queues().age(id, UNTOLD);
        none(poll(b, id));
    }

    @Test
    @DisplayName("Whose time ends before anybody has swept is told so too")
    void timedOutUnswept() {
        a.granted(table(), X, 0, 10);
        WaiterId id = queued(ask(b, BRIEF, X, 0, 10)).id();
        queues().age(id, PAST_BRIEF);
        assertThat(poll(b, id)).isInstanceOf(WaitOutcome.TimedOut.class);
        a.released(table(), 0, 10);
        assertThat(poll(b, id)).isInstanceOf(WaitOutcome.TimedOut.class);
        c.granted(table(), X, 0, 10);
    }

    @Test
    @DisplayName("A waiter that nobody polls for loses its turn; a poll by its principal keeps it, a look does not")
    void unpolled() {
        a.granted(table(), S, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        WaiterId next = waits(c, S, 0, 10);
        for (int i = 0; i < 3; i++) {
            queues().age(id, BRIEF);
            stillWaits(b, id);
        }
        get(queue().await(id, p, Duration.ofMillis(1), () -> false));
        queues().age(id, BRIEF);
        assertThat(get(queue().poll(id, Optional.empty())))
                .isInstanceOfSatisfying(
                        WaitOutcome.Waiting.class,
                        waiting -> assertThat(waiting.pollWithin()).isLessThanOrEqualTo(Duration.ofSeconds(10)));
        queues().age(id, BRIEF);
        none(poll(b, id));
        d.granted(table(), S, 0, 10);
        sweep();
        provisional(c, next);
        none(poll(b, id));
    }

    @Test
    @DisplayName("A row of dead waiters holds nobody back, and one sweep serves whoever is behind them")
    void manyDead() {
        a.granted(table(), S, 0, 10);
        List<WaiterId> dead = IntStream.range(0, 20)
                .mapToObj(i -> waits(b.named("dead" + i), X, 0, 10))
                .toList();
        WaiterId next = waits(c, S, 0, 10);
        assertThat(stillWaits(c, next).position()).isEqualTo(20);
        dead.forEach(id -> queues().age(id, UNPOLLED));
        assertThat(get(d.test(table(), S, 0, 10))).isEmpty();
        sweep();
        provisional(c, next);
        dead.forEach(id -> none(poll(b, id)));
    }

    @Test
    @DisplayName("An await answers an outcome at once, and that it waits when its time is over")
    void awaited() {
        a.granted(table(), X, 0, 10);
        WaiterId id = waits(b, X, 0, 10);
        assertThat(get(queue().await(id, p, Duration.ofMillis(50), () -> false)))
                .isInstanceOf(WaitOutcome.Waiting.class);
        assertThat(get(queue().await(id, p, HOUR, () -> true))).isInstanceOf(WaitOutcome.Waiting.class);
        a.released(table(), 0, 10);
        assertThat(get(queue().await(id, p, HOUR, () -> false))).isInstanceOf(WaitOutcome.Granted.class);
        none(get(queue().await(new WaiterId(id.bucket(), 7), p, HOUR, () -> false)));
    }

    // ------------------------------------------------------------------------------------------------------ sessions

    private DifferentialTest.Sessions offered() {
        assumeTrue(sessions().isPresent(), "no sessions");
        return sessions().orElseThrow();
    }

    private SessionId open(String principal) {
        SessionOpening opening = get(offered().table().open(principal, "machine", HOUR));
        return ((SessionOpening.Opened) opening).session().id();
    }

    private void end(SessionId id) {
        assertThat(get(offered().table().end(id, Optional.empty()))).isEqualTo(new SessionEnding.Ended());
    }

    @Test
    @DisplayName("M35 a waiter whose session ends is told so, never gets the lock, and the next is served")
    void endedSession() {
        for (LockClient client : List.of(b, h2)) {
            SessionId session = open(p);
            LockClient holder = client.of(q);
            Grant held = holder.granted(table(), S, 0, 10);
            WaiterId id = waits(client.in(session), X, 0, 10);
            WaiterId next = waits(client.named("n").of(q + "-third"), S, 5, 1);
            end(session);
            provisional(client.of(q + "-third"), next);
            assertThat(poll(client, id)).isEqualTo(new WaitOutcome.SessionEnded(session));
            get(table().releaseGrant(held.id(), Optional.empty()));
            sweep();
            assertThat(poll(client, id)).isEqualTo(new WaitOutcome.SessionEnded(session));
            none(get(queue().poll(id, Optional.of(q))));
            assertThat(listed(client.protocol())).isEmpty();
            queues().age(id, UNTOLD);
            none(poll(client, id));
        }
    }

    @Test
    @DisplayName("L23 a waiter whose session expires holds back no one at once, gets an error, and never the lock")
    void expiredSession() {
        SessionId session = open(p);
        a.granted(table(), S, 0, 10);
        WaiterId id = waits(b.in(session), X, 0, 10);
        WaiterId next = waits(c, S, 5, 1);
        offered().expire(session);
        assertThat(poll(b, id)).isEqualTo(new WaitOutcome.SessionEnded(session));
        d.granted(table(), S, 0, 10);
        a.released(table(), 0, 10);
        sweep();
        provisional(c, next);
        assertThat(poll(b, id)).isEqualTo(new WaitOutcome.SessionEnded(session));
        d.released(table(), 0, 10);
        assertThatThrownBy(() -> ask(b.in(session), HOUR, X, 100, 1)).isInstanceOf(SessionGoneException.class);
        assertThatThrownBy(() -> ask(b.in(new SessionId(0, 42)), HOUR, X, 100, 1))
                .isInstanceOf(SessionGoneException.class);
    }

    @Test
    @DisplayName("P35 the locks of a session that ends or expires go to those who wait for them")
    void servedByTheEndOfASession() {
        SessionId ends = open(p);
        SessionId expires = open(p);
        a.in(ends).granted(table(), X, 0, 10);
        a.in(expires).granted(table(), X, 20, 10);
        WaiterId first = waits(c, X, 0, 10);
        WaiterId second = waits(d, X, 20, 10);
        end(ends);
        provisional(c, first);
        stillWaits(d, second);
        offered().expire(expires);
        sweep();
        provisional(d, second);
    }

    @Test
    @DisplayName(
            "A provisional and a confirmed grant go with their session; a waiter's lock has the name of its session")
    void grantedInASession() {
        SessionId session = open(p);
        a.granted(table(), X, 0, 20);
        LockClient nameless = b.named("").in(session);
        WaiterId first = waits(nameless, X, 0, 10);
        WaiterId second = waits(nameless, X, 15, 5);
        WaiterId next = waits(c, X, 0, 20);
        assertThat(stillWaits(b, first).waiter().asked()).satisfies(asked -> {
            assertThat(asked.session()).contains(session);
            assertThat(asked.owner().ownerName()).isEqualTo("machine");
        });
        a.released(table(), 0, 20);
        Grant held = confirmed(b, first);
        assertThat(held.session()).contains(session);
        Grant grant = provisional(b, second);
        assertThat(get(offered().table().grants(session, Cursor.START, 10)).grants())
                .extracting(Grant::id)
                .containsExactly(held.id());
        assertThat(get(table().renew(grant.id(), Protocol.NLM, p, HOUR))).isEqualTo(new Renewal.NotLeased());
        end(session);
        provisional(c, next);
        assertThat(confirm(b, grant)).isEqualTo(new Renewal.Lost());
        lost(poll(b, first));
        assertThat(poll(b, second)).isEqualTo(new WaitOutcome.SessionEnded(session));
    }

    @Test
    @DisplayName("A session shows its waiters of all files and protocols, page by page, each once, and no others")
    void waitersOfASession() {
        SessionId session = open(p);
        SessionId other = open(p);
        List<WaiterId> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            LockClient asks = (i % 3 == 0 ? h1 : b).at(i % 2 == 0 ? space : freshSpace());
            asks.of(q).named("holder").granted(table(), X, 10L * i, 10);
            ids.add(waits(asks.in(session), X, 10L * i, 10));
            waits(asks.in(other), X, 10L * i, 5);
            waits(asks, X, 10L * i, 5);
        }
        for (int limit : List.of(1, 7, 20, 100)) {
            assertThat(waiters(session, limit)).containsExactlyInAnyOrderElementsOf(ids);
        }
        Waiter first = get(queue().list(session, Cursor.START, 1)).waiters().getFirst();
        assertThat(first.asked().session()).contains(session);
        assertThat(first.asked().stage()).isEqualTo(new Grant.Waiting());
        assertThat(first.left()).isBetween(HOUR.minusMinutes(1), HOUR);
        assertThat(get(queue().withdraw(ids.getFirst(), Optional.of(p)))).isTrue();
        assertThat(waiters(session, 3)).containsExactlyInAnyOrderElementsOf(ids.subList(1, 20));
        end(session);
        assertThat(waiters(session, 3)).isEmpty();
        assertThat(waiters(other, 3)).hasSize(20);
        assertThat(waiters(new SessionId(session.home(), 7), 3)).isEmpty();
    }

    private List<WaiterId> waiters(SessionId session, int limit) {
        List<WaiterId> ids = new ArrayList<>();
        Cursor place = Cursor.START;
        WaiterPage page;
        do {
            page = get(queue().list(session, place, limit));
            assertThat(page.waiters()).hasSizeLessThanOrEqualTo(limit);
            page.waiters().forEach(waiter -> ids.add(waiter.id()));
            place = page.next();
        } while (page.waiters().size() == limit);
        assertThat(get(queue().list(session, place, limit)).waiters()).isEmpty();
        return ids;
    }

    // --------------------------------------------------------------------------------------------------- rolled back

    @Test
    @DisplayName("A queued request is rolled back as if it were withdrawn, waiting or provisional")
    void rolledBack() {
        a.granted(table(), S, 0, 10);
        Queueing.Queued first = queued(ask(b, HOUR, X, 0, 10));
        Queueing.Queued second = queued(ask(c, HOUR, X, 5, 1));
        WaiterId last = waits(d, S, 5, 1);
        assertThat(get(table().rollBack(first.request()))).isTrue();
        none(poll(b, first.id()));
        assertThat(get(table().rollBack(first.request()))).isFalse();
        stillWaits(d, last);
        a.released(table(), 0, 10);
        provisional(c, second.id());
        assertThat(get(table().rollBack(second.request()))).isTrue();
        none(poll(c, second.id()));
        provisional(d, last);
    }

    @Test
    @DisplayName("What was confirmed is not rolled back any more, neither by its own request nor by one before it")
    void notRolledBack() {
        Acquisition.Granted before = (Acquisition.Granted) b.outcome(table(), X, 0, 10);
        a.granted(table(), X, 10, 10);
        Queueing.Queued queued = queued(ask(b, HOUR, X, 0, 20));
        a.released(table(), 10, 10);
        Grant held = confirmed(b, queued.id());
        assertThat(held.range()).isEqualTo(b.range(0, 20));
        assertThat(get(table().rollBack(queued.request()))).isFalse();
        get(table().rollBack(before.request()));
        assertThat(b.standing(table())).containsExactly(held);
    }

    // --------------------------------------------------------------------------------------------------- asked twice

    private IdempotencyKey key(String text, String request) {
        return new IdempotencyKey(p, text, request);
    }

    private Queueing ask(IdempotencyKey key, LockClient client, LockModes modes, long offset, long size) {
        return get(queue().once(key).acquire(client.space(), client.lock(modes, offset, size), HOUR));
    }

    @Test
    @DisplayName("A repeat under its key finds the waiter it got before, and whatever became of it")
    void onceQueued() {
        a.granted(table(), X, 0, 10);
        IdempotencyKey key = key("k", "r");
        Queueing.Queued first = queued(ask(key, b, X, 0, 10));
        WaiterId next = waits(c, X, 0, 10);
        assertThat(queued(ask(key, b, X, 0, 10)).id()).isEqualTo(first.id());
        assertThat(listed(Protocol.NLM)).containsExactly(first.id(), next);
        a.released(table(), 0, 10);
        assertThat(queued(ask(key, b, X, 0, 10)).id()).isEqualTo(first.id());
        confirmed(b, first.id());
        assertThat(queued(ask(key, b, X, 0, 10)).id()).isEqualTo(first.id());
        assertThat(b.standing(table())).hasSize(1);
        assertThatExceptionOfType(IdempotencyKeyException.class)
                .isThrownBy(() -> ask(key("k", "another"), b, X, 0, 10))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(IdempotencyKeyException.Reason.REUSED));
        assertThat(queued(ask(key("other", "r"), a, S, 0, 10)).id()).isNotEqualTo(first.id());
    }

    @Test
    @DisplayName("A repeat of what was granted at once answers the grant, also when others wait by then")
    void onceGranted() {
        IdempotencyKey key = key("k", "r");
        Grant grant = atOnce(ask(key, h1, S, 0, 10)).grant();
        waits(h2, X, 0, 10);
        assertThat(atOnce(ask(key, h1, S, 0, 10)).grant()).isEqualTo(grant);
        assertThat(h1.standing(table())).hasSize(1);
        get(table().releaseGrant(grant.id(), Optional.of(p)));
        assertThatExceptionOfType(IdempotencyKeyException.class)
                .isThrownBy(() -> ask(key, h1, S, 0, 10))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(IdempotencyKeyException.Reason.LOST));
    }

    @Test
    @DisplayName("Rolled back, a waiter's key is forgotten with it; not while a repeat was told of it")
    void onceRolledBack() {
        a.granted(table(), X, 0, 10);
        IdempotencyKey key = key("k", "r");
        Queueing.Queued first = queued(ask(key, b, X, 0, 10));
        Queueing.Queued again = queued(ask(key, b, X, 0, 10));
        assertThat(get(table().rollBack(first.request()))).isFalse();
        stillWaits(b, first.id());
        assertThat(get(table().rollBack(again.request()))).isTrue();
        none(poll(b, first.id()));
        Queueing.Queued anew = queued(ask(key, b, X, 0, 10));
        assertThat(anew.id()).isNotEqualTo(first.id());
    }

    // -------------------------------------------------------------------------------------------------------- limits

    @Test
    @DisplayName("A principal may have so many waiters in a bucket: one more is told, others are not affected")
    void waitersOfAPrincipal() {
        Store store = withWaiters(2, 100);
        a.granted(store.table(), X, 0, 10);
        LockQueue queue = store.queue();
        WaiterId first = queued(get(queue.acquire(space, a.named("n").lock(X, 0, 10), HOUR)))
                .id();
        queued(get(queue.acquire(space, b.lock(S, 0, 10), HOUR)));
        assertThat(get(queue.acquire(space, b.lock(X, 5, 1), HOUR))).isEqualTo(new Queueing.TooManyOfPrincipal(2));
        queued(get(queue.acquire(space, c.lock(X, 0, 10), HOUR)));
        atOnce(get(queue.acquire(space, b.lock(X, 50, 1), HOUR)));
        get(queue.withdraw(first, Optional.of(p)));
        queued(get(queue.acquire(space, b.lock(X, 5, 1), HOUR)));
    }

    @Test
    @DisplayName(
            "So many may wait in a space: one more is told, other spaces are not affected; who is served counts not")
    void waitersInASpace() {
        Store store = withWaiters(100, 2);
        a.granted(store.table(), X, 0, 10);
        LockQueue queue = store.queue();
        queued(get(queue.acquire(space, b.lock(X, 0, 5), HOUR)));
        queued(get(queue.acquire(space, c.lock(X, 5, 5), HOUR)));
        assertThat(get(queue.acquire(space, d.lock(X, 0, 10), HOUR))).isEqualTo(new Queueing.TooManyInSpace(2));
        LockSpace elsewhere = freshSpace();
        a.at(elsewhere).granted(store.table(), X, 0, 10);
        queued(get(queue.acquire(elsewhere, d.lock(X, 0, 10), HOUR)));
        a.released(store.table(), 0, 5);
        queued(get(queue.acquire(space, d.lock(X, 0, 10), HOUR)));
        assertThat(get(queue.acquire(space, d.lock(X, 0, 10), HOUR))).isEqualTo(new Queueing.TooManyInSpace(2));
    }

    // --------------------------------------------------------------------------------------------------------- lists

    @Test
    @DisplayName("Waiters are listed in order of arrival, page by page, each once, by every part of a filter")
    void lists() {
        a.granted(table(), X, 0, EOF);
        List<WaiterId> ids = IntStream.range(0, 6)
                .mapToObj(i -> waits((i < 3 ? b : c).named(i % 2 == 0 ? "even" : "odd"), i < 5 ? S : X, i, 10))
                .toList();
        WaiterId nfs = waits(b.over(Protocol.NFS4), X, 0, 10);
        h1.granted(table(), X, 0, 10);
        WaiterId smb = waits(h2, X, 5, 1);
        LockSpace other = freshSpace();
        a.at(other).granted(table(), X, 0, 10);
        WaiterId elsewhere = waits(b.at(other), X, 0, 10);

        GrantFilter here = GrantFilter.ofFile(Protocol.NLM, space.fileId(), "");
        assertThat(listed(here, 2)).containsExactlyElementsOf(ids);
        assertThat(listed(here, 1_000)).containsExactlyElementsOf(ids);
        assertThat(listed(here.ofPrincipal(q), 2)).containsExactlyElementsOf(ids.subList(3, 6));
        assertThat(listed(filter(Optional.empty(), Optional.of("odd")), 2))
                .containsExactly(ids.get(1), ids.get(3), ids.get(5));
        assertThat(listed(filter(Optional.of("C"), Optional.of("even")), 2)).containsExactly(ids.get(4));
        assertThat(listed(Protocol.NFS4)).containsExactly(nfs);
        assertThat(listed(Protocol.SMB)).containsExactly(smb);
        assertThat(listed(GrantFilter.all(Protocol.NLM).ofPrincipal(p), 1))
                .containsExactlyInAnyOrder(ids.get(0), ids.get(1), ids.get(2), elsewhere);
        assertThat(get(queue().list(here, Cursor.START, 1)).waiters())
                .singleElement()
                .satisfies(waiter -> {
                    assertThat(waiter.asked().owner().ownerName()).isEqualTo("even");
                    assertThat(waiter.asked().range()).isEqualTo(b.range(0, 10));
                    assertThat(waiter.left()).isBetween(HOUR.minusMinutes(1), HOUR);
                });
        get(queue().withdraw(ids.get(2), Optional.empty()));
        assertThat(listed(here, 2)).hasSize(5).doesNotContain(ids.get(2));
    }

    private GrantFilter filter(Optional<String> ownerId, Optional<String> ownerName) {
        GrantFilter here = GrantFilter.ofFile(Protocol.NLM, space.fileId(), "");
        return new GrantFilter(
                Protocol.NLM, here.file(), Optional.of("192.0.2.1"), ownerName, ownerId, Optional.empty());
    }

    @Test
    @DisplayName("The blockers of a refusal are grants by place, then the queue by arrival; sixteen at most, and more")
    void blockers() {
        c.granted(table(), S, 50, 5);
        d.granted(table(), S, 20, 5);
        WaiterId served = waits(a, X, 20, 5);
        WaiterId first = waits(b, X, 50, 10);
        WaiterId second = waits(b, X, 10, 15);
        get(table().releaseAll(
                        GrantFilter.ofFile(Protocol.NLM, space.fileId(), "").ofPrincipal(q)));
        provisional(a, served);
        provisional(b, first);
        stillWaits(b, second);
        c.granted(table(), X, 90, 5);
        d.granted(table(), S, 70, 5);
        Conflict conflict = conflict(c.named("late"), X, 0, 200);
        assertThat(conflict.blockers())
                .extracting(
                        grant -> grant.range() + " " + grant.stage().getClass().getSimpleName())
                .containsExactly(
                        c.range(70, 5) + " Held",
                        c.range(90, 5) + " Held",
                        a.range(20, 5) + " Provisional",
                        b.range(50, 10) + " Provisional",
                        b.range(10, 15) + " Waiting");
        assertThat(conflict.more()).isFalse();
        assertThat(conflict.free())
                .containsExactly(c.range(0, 10), c.range(25, 25), c.range(60, 10), c.range(75, 15), c.range(95, 105));
        assertThat(conflict.retryAfter()).isNull();

        for (int i = 0; i < 13; i++) {
            waits(d.named("d" + i), X, 90, 1);
        }
        Conflict many = conflict(c.named("late"), X, 0, 200);
        assertThat(many.blockers())
                .hasSize(Conflict.MAX_BLOCKERS)
                .startsWith(conflict.blockers().getFirst());
        assertThat(many.blockers().getLast().owner().ownerName()).isEqualTo("d10");
        assertThat(many.more()).isTrue();
        assertThat(get(c.named("late").test(table(), X, 300, 1))).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------------ enforced

    @Test
    @DisplayName("Enforced: an empty SMB lock is served although an earlier POSIX waiter gets all the bytes around it")
    void enforcedEmptyLockBehindPosix() {
        Store store = enforced();
        h1.granted(store.table(), X, 0, 100);
        WaiterId posix = queued(get(store.queue().acquire(space, a.lock(X, 0, 100), HOUR)))
                .id();
        WaiterId empty = queued(get(store.queue().acquire(space, h2.lock(X, 50, 0), HOUR)))
                .id();
        h1.released(store.table(), 0, 100);
        assertThat(get(store.queue().poll(posix, Optional.of(p)))).isInstanceOf(WaitOutcome.Granted.class);
        assertThat(get(store.queue().poll(empty, Optional.of(p)))).isInstanceOf(WaitOutcome.Granted.class);
    }

    @Test
    @DisplayName(
            "Enforced: a handle waits for the rest of a POSIX lock that is cut, whoever holds it, of the same name too")
    void enforcedBehindTheRest() {
        Store store = enforced();
        LockClient handle = LockClient.smb(space, a.owner().ownerId()).of(p);
        a.granted(store.table(), X, 0, 2);
        WaiterId id = queued(get(store.queue().acquire(space, handle.lock(S, 0, 2), HOUR)))
                .id();
        a.released(store.table(), 0, 1);
        assertThat(get(store.queue().poll(id, Optional.of(p)))).isInstanceOf(WaitOutcome.Waiting.class);
        a.released(store.table(), 1, 1);
        assertThat(get(store.queue().poll(id, Optional.of(p)))).isInstanceOf(WaitOutcome.Granted.class);
    }

    @Test
    @DisplayName("Where the protocols keep each other away they have one queue, in order of arrival")
    void oneQueue() {
        Store store = enforced();
        a.granted(store.table(), S, 0, 10);
        LockQueue queue = store.queue();
        WaiterId smb =
                queued(get(queue.acquire(space, h1.lock(X, 0, 10), HOUR))).id();
        WaiterId posix =
                queued(get(queue.acquire(space, b.lock(S, 5, 10), HOUR))).id();
        atOnce(get(queue.acquire(space, h2.lock(S, 14, 5), HOUR)));
        assertThat(get(queue.poll(posix, Optional.of(p))))
                .isInstanceOfSatisfying(WaitOutcome.Waiting.class, waiting -> {
                    assertThat(waiting.position()).isEqualTo(1);
                    assertThat(waiting.blockers()).extracting(Grant::owner).containsExactly(h1.owner());
                });
        a.released(store.table(), 0, 10);
        WaitOutcome first = get(queue.poll(smb, Optional.of(p)));
        assertThat(first).isInstanceOf(WaitOutcome.Granted.class);
        assertThat(get(queue.poll(posix, Optional.of(p)))).isInstanceOf(WaitOutcome.Waiting.class);
        GrantId granted = ((WaitOutcome.Granted) first).grant().id();
        renewed(get(store.table().confirm(granted, Protocol.SMB, p)));
        assertThat(get(queue.poll(posix, Optional.of(p)))).isInstanceOf(WaitOutcome.Waiting.class);
        h1.released(store.table(), 0, 10);
        assertThat(get(queue.poll(posix, Optional.of(p)))).isInstanceOf(WaitOutcome.Granted.class);
        assertThat(h1.outcome(store.table(), X, 5, 1)).isInstanceOf(Acquisition.Refused.class);
    }

    // --------------------------------------------------------------------------------------------------- at one moment

    @Test
    @DisplayName("Of many that ask at the same moment each gets its turn, one at a time, in the order of their ids")
    void atOneMoment() {
        Grant held = a.granted(table(), X, 0, 10);
        List<CompletableFuture<Queueing>> calls = IntStream.range(0, 16)
                .mapToObj(i -> queue().acquire(space, b.named("m" + i).lock(X, 0, 10), HOUR))
                .map(Uni::subscribeAsCompletionStage)
                .toList();
        List<WaiterId> ids = calls.stream()
                .map(call -> queued(call.join()).id())
                .sorted(Comparator.comparing(WaiterId::sequence, Long::compareUnsigned))
                .toList();
        assertThat(listed(Protocol.NLM)).containsExactlyElementsOf(ids);
        get(table().releaseGrant(held.id(), Optional.of(p)));
        for (int i = 0; i < ids.size(); i++) {
            Grant grant = confirmed(b, ids.get(i));
            Stream<WaitOutcome> others = ids.stream().skip(i + 1L).map(id -> poll(b, id));
            assertThat(others).allMatch(WaitOutcome.Waiting.class::isInstance);
            get(table().releaseGrant(grant.id(), Optional.of(p)));
        }
        c.granted(table(), X, 0, 10);
    }
}
