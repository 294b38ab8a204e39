package io.lockgate.range;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.EventPosition;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEvent.Kind;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.HeldRanges;
import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * What every {@link RangeEventLog} must do beside its {@link RangeLockTable}. To put another store under test, extend this and
 * give its tables. Each test has a space and principals of its own. No test waits for a lease to end.
 */
public abstract class RangeEventLogContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long EOF = 0;

    private final String p =
            "events-contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A").of(p);
    private final LockClient b = LockClient.nlm(space, "B").of(p);
    private final LockClient h = LockClient.smb(space, "H").of(p);
    private final LockClient fence = LockClient.nlm(space, "fence").of(p);
    private final List<Following> followed = new ArrayList<>();
    private long fences;
    private Heard heard = new Heard(new ArrayList<>(), new ArrayList<>());

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** The queues of {@link #table()}. */
    protected abstract DifferentialTest.Queues queues();

    /** The sessions of {@link #table()}; empty leaves their tests out. */
    protected abstract Optional<DifferentialTest.Sessions> sessions();

    /** The events of {@link #table()}. */
    protected abstract RangeEventLog log();

    /** What a listener is told of this test's space, and where there was a gap. */
    private final class Heard implements EventListener<RangeEvent, EventId> {
        private final List<RangeEvent> events;
        private final List<EventId> gaps;
        private volatile boolean ready = true;

        Heard(List<RangeEvent> events, List<EventId> gaps) {
            this.events = new CopyOnWriteArrayList<>(events);
            this.gaps = new CopyOnWriteArrayList<>(gaps);
        }

        @Override
        public void events(List<RangeEvent> more, EventId upTo) {
            more.stream().filter(event -> event.grant().space().equals(space)).forEach(events::add);
        }

        @Override
        public void gap(EventId position) {
            gaps.add(position);
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        /** All but those of fences. */
        List<RangeEvent> all() {
            return events.stream()
                    .filter(event -> !event.grant().owner().equals(fence.owner()))
                    .toList();
        }

        boolean hasHeardFence(long number) {
            return events.stream()
                    .anyMatch(event -> event.grant().owner().equals(fence.owner())
                            && event.grant().range().first() == number);
        }
    }

    @BeforeEach
    void follow() {
        heard = follow(register());
    }

    @AfterEach
    void end() {
        followed.forEach(Following::end);
    }

    private EventPosition register() {
        return get(log().register(p, Optional.of(space.fileId())));
    }

    private Heard follow(EventPosition after) {
        Heard listener = new Heard(List.of(), List.of());
        followed.add(log().follow(p, after, listener));
        return listener;
    }

    /** Until everything that has happened has been told. */
    private void told(Heard listener) {
        long number = 1_000_000 + 10 * fences++;
        fence.granted(table(), X, number, 1);
        await().atMost(PATIENCE).until(() -> listener.hasHeardFence(number));
    }

    private void told() {
        told(heard);
    }

    private static String words(RangeEvent event) {
        Grant grant = event.grant();
        String stage =
                switch (grant.stage()) {
                    case Grant.Held ignored -> "";
                    case Grant.Waiting() -> " waiting";
                    case Grant.Provisional ignored -> " provisional";
                };
        return event.kind().name().toLowerCase(Locale.ROOT) + " "
                + grant.owner().ownerId() + " " + (grant.modes().strength() == LockStrength.EXCLUSIVE ? "X" : "S") + " "
                + Long.toUnsignedString(grant.range().first()) + "+"
                + Long.toUnsignedString(grant.range().sizeIn(grant.protocol().semantics())) + stage;
    }

    private void heardAll(String... words) {
        told();
        assertThat(heard.all()).extracting(RangeEventLogContract::words).containsExactly(words);
        assertThat(heard.gaps).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------- what is told

    @Test
    @DisplayName(
            "A lock tells that it was granted, a repeat and a renewal tell nothing, and its release tells its range")
    void grantedAndReleased() {
        Grant grant = a.leasing(HOUR).granted(table(), X, 10, 5);
        a.leasing(HOUR).granted(table(), X, 10, 5);
        get(table().renew(grant.id(), Protocol.NLM, p, HOUR));
        a.released(table(), 10, 5);
        heardAll("granted A X 10+5", "released A X 10+5");
        RangeEvent first = heard.all().getFirst();
        assertThat(first.grant().id()).isEqualTo(grant.id());
        assertThat(first.grant().token()).isEqualTo(grant.token());
        assertThat(first.grant().ownerAddress()).isEqualTo(grant.ownerAddress());
        assertThat(first.grant().expiresIn()).isBetween(HOUR.minusMinutes(1), HOUR);
        assertThat(first.waiter()).isEmpty();
    }

    @Test
    @DisplayName("Ranges that merge tell the range that stands, and an unlock of the middle the bytes that became free")
    void mergeAndSplit() {
        a.granted(table(), S, 0, 10);
        a.granted(table(), S, 10, 10);
        a.released(table(), 5, 10);
        a.released(table(), 0, EOF);
        heardAll("granted A S 0+10", "granted A S 0+20", "released A S 5+10", "released A S 0+5", "released A S 15+5");
    }

    @Test
    @DisplayName("An upgrade and a downgrade of the middle tell that part as granted, and release nothing")
    void upgradeAndDowngrade() {
        a.granted(table(), S, 0, 30);
        a.granted(table(), X, 10, 10);
        a.granted(table(), S, 10, 10);
        heardAll("granted A S 0+30", "granted A X 10+10", "granted A S 0+30");
    }

    @Test
    @DisplayName("Another mode of the same strength tells the range again")
    void otherMode() {
        LockModes reading = LockModes.of(LockMode.READ_OP);
        a.granted(table(), S, 0, 10);
        a.granted(table(), reading, 0, 10);
        heardAll("granted A S 0+10", "granted A S 0+10");
        assertThat(heard.all().getLast().grant().modes()).isEqualTo(reading);
    }

    @Test
    @DisplayName("SMB locks come and go one by one, also on the same range, and of no bytes")
    void smb() {
        h.granted(table(), S, 5, 5);
        h.granted(table(), S, 5, 5);
        h.granted(table(), X, 20, 0);
        h.released(table(), 5, 5);
        h.released(table(), 20, 0);
        heardAll("granted H S 5+5", "granted H S 5+5", "granted H X 20+0", "released H S 5+5", "released H X 20+0");
        assertThat(heard.all().get(0).grant().id())
                .isNotEqualTo(heard.all().get(1).grant().id());
    }

    @Test
    @DisplayName("A batch tells what it has changed, first what was released; one that is refused tells nothing")
    void batch() {
        a.granted(table(), X, 0, 10);
        get(table().batch(space, List.of(a.unlock(0, 10)), List.of(a.lock(S, 5, 10), a.lock(X, 40, 5))));
        get(table().batch(space, List.of(b.unlock(0, EOF)), List.of(b.lock(X, 100, 5), b.lock(X, 40, 5))));
        heardAll("granted A X 0+10", "released A X 0+5", "granted A S 5+10", "granted A X 40+5");
    }

    @Test
    @DisplayName("A release by an administrator tells whose locks it has released")
    void releasedByOthers() {
        a.granted(table(), X, 0, 10);
        b.granted(table(), X, 20, 10);
        get(table().releaseAll(GrantFilter.all(Protocol.NLM).ofPrincipal(p)));
        heardAll("granted A X 0+10", "granted B X 20+10", "released A X 0+10", "released B X 20+10");
    }

    @Test
    @DisplayName("A grant that is rolled back tells that it was released")
    void rolledBack() {
        a.granted(table(), S, 0, 10);
        Acquisition.Granted upgraded = (Acquisition.Granted) get(a.acquire(table(), X, 5, 10));
        get(table().rollBack(upgraded.request()));
        told();
        assertThat(HeldRanges.of(heard.all())).isEqualTo(heldInTable());
        assertThat(heard.all()).extracting(RangeEventLogContract::words).contains("released A X 10+5");
    }

    @Test
    @DisplayName("A lease that ends tells that it expired: by the sweep, or before a lock that takes its place")
    void expired() throws Exception {
        a.leasing(Duration.ofMillis(20)).granted(table(), X, 0, 10);
        a.leasing(Duration.ofMillis(20)).granted(table(), X, 20, 10);
        Thread.sleep(50);
        b.granted(table(), X, 5, 10);
        get(table().sweep());
        told();
        List<String> words =
                heard.all().stream().map(RangeEventLogContract::words).toList();
        assertThat(words)
                .containsExactlyInAnyOrder(
                        "granted A X 0+10",
                        "granted A X 20+10",
                        "expired A X 0+10",
                        "granted B X 5+10",
                        "expired A X 20+10")
                .containsSubsequence("granted A X 0+10", "expired A X 0+10", "granted B X 5+10");
    }

    @Test
    @DisplayName("Locks of a session that ends are released, of one that lapses they expire")
    void endsOfSessions() {
        DifferentialTest.Sessions its = sessions().orElse(null);
        assumeTrue(its != null);
        SessionId ended = open(its);
        SessionId lapsed = open(its);
        a.in(ended).granted(table(), X, 0, 10);
        b.in(lapsed).granted(table(), X, 20, 10);
        get(its.table().end(ended, Optional.empty()));
        its.expire(lapsed);
        get(table().sweep());
        heardAll("granted A X 0+10", "granted B X 20+10", "released A X 0+10", "expired B X 20+10");
        assertThat(heard.all().getFirst().grant().session()).contains(ended);
    }

    private SessionId open(DifferentialTest.Sessions its) {
        return ((SessionOpening.Opened) get(its.table().open(p, "m", HOUR)))
                .session()
                .id();
    }

    // ------------------------------------------------------------------------------------------------- who waits

    private WaiterId waits(LockClient client, LockModes modes, long offset, long size) {
        return ((Queueing.Queued) get(queues().queue().acquire(space, client.lock(modes, offset, size), HOUR))).id();
    }

    @Test
    @DisplayName("A request that waits tells so, when it is granted, and when it is confirmed, under its own id")
    void queuedAndConfirmed() {
        b.granted(table(), S, 10, 10);
        a.granted(table(), X, 0, 10);
        WaiterId waiter = waits(b, S, 5, 5);
        a.released(table(), 0, 10);
        GrantId provisional = ((WaitOutcome.Granted) get(queues().queue().poll(waiter, Optional.empty())))
                .grant()
                .id();
        get(table().confirm(provisional, Protocol.NLM, p));
        heardAll(
                "granted B S 10+10",
                "granted A X 0+10",
                "queued B S 5+5 waiting",
                "released A X 0+10",
                "granted B S 5+5 provisional",
                "granted B S 5+15");
        assertThat(heard.all().stream().map(RangeEvent::waiter))
                .containsExactly(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(waiter),
                        Optional.empty(),
                        Optional.of(waiter),
                        Optional.of(waiter));
        assertThat(heard.all().get(4).grant().id()).isEqualTo(provisional);
    }

    @Test
    @DisplayName("A confirmation of bytes that the owner held already is told too")
    void confirmedWithoutGain() {
        a.granted(table(), S, 0, 10);
        b.granted(table(), S, 0, 10);
        WaiterId waiter = waits(b, X, 0, 10);
        a.released(table(), 0, 10);
        GrantId provisional = ((WaitOutcome.Granted) get(queues().queue().poll(waiter, Optional.empty())))
                .grant()
                .id();
        b.granted(table(), X, 0, 10);
        get(table().confirm(provisional, Protocol.NLM, p));
        told();
        RangeEvent last = heard.all().getLast();
        assertThat(words(last)).isEqualTo("granted B X 0+10");
        assertThat(last.waiter()).contains(waiter);
    }

    @Test
    @DisplayName(
            "A request that is withdrawn, or whose grant is given back, is released; one whose time is over, or that is not confirmed, expires")
    void endOfWaiting() {
        LockQueue queue = queues().queue();
        a.granted(table(), X, 0, 100);
        WaiterId withdrawn = waits(b, X, 0, 10);
        WaiterId old = waits(b, X, 20, 10);
        WaiterId unconfirmed = waits(b, X, 50, 10);
        WaiterId givenBack = waits(b, X, 60, 10);
        get(queue.withdraw(withdrawn, Optional.of(p)));
        queues().age(old, LockQueue.POLL_WITHIN.plusSeconds(1));
        get(table().sweep());
        a.released(table(), 50, 20);
        get(queue.withdraw(givenBack, Optional.of(p)));
        queues().age(unconfirmed, LockQueue.CONFIRM_WITHIN.plusSeconds(1));
        get(table().sweep());
        heardAll(
                "granted A X 0+100",
                "queued B X 0+10 waiting",
                "queued B X 20+10 waiting",
                "queued B X 50+10 waiting",
                "queued B X 60+10 waiting",
                "released B X 0+10 waiting",
                "expired B X 20+10 waiting",
                "released A X 50+20",
                "granted B X 50+10 provisional",
                "granted B X 60+10 provisional",
                "released B X 60+10 provisional",
                "expired B X 50+10 provisional");
        assertThat(heard.all().getLast().waiter()).contains(unconfirmed);
    }

    // ------------------------------------------------------------------------------------------------- listening

    @Test
    @DisplayName("A stream begins at its registration, goes on where it was, and tells each event once")
    void goesOn() {
        a.granted(table(), X, 0, 10);
        EventPosition position = register();
        b.granted(table(), X, 20, 10);
        Heard first = follow(position);
        told(first);
        assertThat(first.all()).extracting(RangeEventLogContract::words).containsExactly("granted B X 20+10");
        EventId middle = first.all().getFirst().id();
        b.released(table(), 20, 10);
        Heard second = follow(EventPosition.of(middle));
        told(second);
        assertThat(second.all()).extracting(RangeEventLogContract::words).containsExactly("released B X 20+10");
        assertThat(first.gaps).isEmpty();
        assertThat(second.gaps).isEmpty();
    }

    @Test
    @DisplayName("A listener that can take no more is told nothing, and later everything")
    void notReady() {
        heard.ready = false;
        a.granted(table(), X, 0, 10);
        Heard other = follow(register());
        told(other);
        assertThat(heard.all()).isEmpty();
        heard.ready = true;
        heardAll("granted A X 0+10");
    }

    @Test
    @DisplayName("A position that the log never had is told as a gap, and the stream goes on")
    void neverHad() {
        EventId last = register().last().getFirst();
        Heard other = follow(EventPosition.of(new EventId(last.bucket(), last.millis() + 3_600_000, 7)));
        await().atMost(PATIENCE).until(() -> other.gaps.size() == 1);
        a.granted(table(), X, 0, 10);
        told(other);
        assertThat(other.all()).extracting(RangeEventLogContract::words).containsExactly("granted A X 0+10");
        assertThat(other.gaps).hasSize(1);
    }

    // ------------------------------------------------------------------------------------------------- a list

    private HeldRanges heldInTable() {
        return HeldRanges.of(table(), space, Set.of(fence.owner().ownerId()));
    }

    @RepeatedTest(6)
    @DisplayName(
            "Whoever applies the events of a random walk to an empty list has what each owner holds, and who waits, at its end")
    void walk() {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        List<LockClient> clients = new ArrayList<>();
        for (String owner : List.of("A", "B", "C")) {
            clients.add(LockClient.nlm(space, owner).of(p));
            clients.add(LockClient.nlm(space, owner).of(p).named("m"));
            clients.add(LockClient.nlm(space, owner).of(p).over(Protocol.NFS4));
            clients.add(LockClient.smb(space, owner).of(p));
        }
        List<RequestId> requests = new ArrayList<>();
        List<WaiterId> waiters = new ArrayList<>();
        Consumer<Acquisition> keep = outcome -> {
            if (outcome instanceof Acquisition.Granted granted) {
                requests.add(granted.request());
            }
        };
        for (int step = 0; step < 250; step++) {
            LockClient client = clients.get(random.nextInt(clients.size()));
            if (random.nextInt(6) == 0) {
                client = client.leasing(random.nextBoolean() ? HOUR : Duration.ofMillis(5));
            }
            LockModes modes = random.nextBoolean() ? X : S;
            long offset = random.nextInt(24);
            long size = 1L + random.nextInt(8);
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> keep.accept(get(client.acquire(table(), modes, offset, size)));
                case 4, 5 -> get(client.release(table(), offset, size));
                case 6 -> {
                    if (client.protocol().semantics() == LockSemantics.POSIX) {
                        get(table().batch(
                                        space,
                                        List.of(client.unlock(offset, size)),
                                        List.of(client.lock(S, offset + 2, 3), client.lock(X, offset + 9, size))));
                    }
                }
                case 7 -> {
                    if (!requests.isEmpty()) {
                        get(table().rollBack(requests.get(random.nextInt(requests.size()))));
                    }
                }
                case 8, 9 -> {
                    if (get(queues().queue().acquire(space, client.lock(modes, offset, size), HOUR))
                            instanceof Queueing.Queued(WaiterId id, RequestId ignored)) {
                        waiters.add(id);
                    }
                }
                case 10 -> {
                    if (!waiters.isEmpty()) {
                        WaiterId id = waiters.get(random.nextInt(waiters.size()));
                        if (random.nextInt(3) == 0) {
                            get(queues().queue().withdraw(id, Optional.of(p)));
                        } else if (get(queues().queue().poll(id, Optional.empty()))
                                instanceof WaitOutcome.Granted(Grant grant)) {
                            get(table().confirm(grant.id(), grant.protocol(), p));
                        }
                    }
                }
                default -> get(table().sweep());
            }
        }
        // What was leased for a moment must be gone from the list and told.
        await().pollDelay(Duration.ofMillis(20)).until(() -> true);
        get(table().sweep());
        told();
        List<RangeEvent> events = heard.all();
        assertThat(HeldRanges.of(events)).as("seed %d", seed).isEqualTo(heldInTable());
        assertThat(heard.gaps).isEmpty();
        Map<WaiterId, Boolean> waiting = new HashMap<>();
        for (RangeEvent event : events) {
            event.waiter()
                    .ifPresent(id -> waiting.put(
                            id,
                            event.kind() == Kind.QUEUED
                                    || (event.kind() == Kind.GRANTED
                                            && event.grant().stage() instanceof Grant.Provisional)));
        }
        Set<WaiterId> left = new HashSet<>();
        for (WaiterId id : waiters) {
            switch (get(queues().queue().poll(id, Optional.empty()))) {
                case WaitOutcome.Waiting ignored -> left.add(id);
                case WaitOutcome.Granted(Grant grant) -> {
                    if (grant.stage() instanceof Grant.Provisional) {
                        left.add(id);
                    }
                }
                default -> {}
            }
        }
        waiting.values().removeIf(is -> !is);
        assertThat(waiting.keySet()).as("seed %d", seed).isEqualTo(left);
    }
}
