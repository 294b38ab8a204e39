package io.lockgate.range;

import static io.lockgate.range.LockMode.EXCLUDE_DELETE;
import static io.lockgate.range.LockMode.EXCLUDE_READ;
import static io.lockgate.range.LockMode.EXCLUDE_WRITE;
import static io.lockgate.range.LockMode.READ;
import static io.lockgate.range.LockMode.WRITE;
import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Standing;
import io.lockgate.range.breaks.Undoing;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link LockBreaker} must do beside its {@link RangeLockTable}: the cases B01 and further of CONFORMANCE.md. To
 * put another store under test, extend this and give its tables. Each test has a space and principals of its own. That a
 * break cannot be taken back later than {@link LockBreaker#UNDO_WITHIN} is left to stores whose clock can be moved.
 */
public abstract class LockBreakerContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long EOF = 0;
    private static final String REASON = "the machine is to be replaced";

    private static final LockModes READS = LockModes.of(READ);
    /** Reads and writes, and lets nobody do anything. */
    private static final LockModes ALONE = LockModes.of(READ, WRITE, EXCLUDE_READ, EXCLUDE_WRITE, EXCLUDE_DELETE);

    private final String p =
            "breaks-contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final String q = p + "-other";
    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A").of(p);
    private final LockClient b = LockClient.nlm(space, "B").of(q);
    private final LockClient c = LockClient.nlm(space, "C").of(q);
    private final LockClient d = LockClient.nlm(space, "D").of(q);
    private final LockClient h1 = LockClient.smb(space, "H1").of(p);
    private final LockClient h2 = LockClient.smb(space, "H2").of(q);
    private final LockClient h3 = LockClient.smb(space, "H3").of(q);
    /** Its locks do not count for what is tested. */
    private final LockClient marker = LockClient.nlm(space, "marker").of(q);

    private long marks = 1_000_000;

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** The breaks of {@link #table()}. */
    protected abstract LockBreaker breaker();

    /** The queues of {@link #table()}. */
    protected abstract LockQueue queue();

    /** The sessions of {@link #table()}. */
    protected abstract SessionTable sessions();

    /** The events of {@link #table()}. */
    protected abstract RangeEventLog log();

    private Heard heard = new Heard();

    @BeforeEach
    void begin() {
        heard = new Heard();
    }

    // ------------------------------------------------------------------------------------------------------- helpers

    private Optional<Standing> look(GrantId id) {
        return get(breaker().look(id));
    }

    private Optional<Standing> breakNow(GrantId id) {
        return get(breaker().breakNow(id));
    }

    private Standing broken(Grant grant) {
        return breakNow(grant.id()).orElseThrow();
    }

    private Standing announced(Grant grant, Duration in) {
        return get(breaker().announce(grant.id(), in, REASON)).orElseThrow();
    }

    private boolean cancelled(GrantId id) {
        return get(breaker().cancel(id));
    }

    private Undoing undo(Grant grant) {
        return get(breaker().undo(grant.id()));
    }

    private Grant restored(Grant grant) {
        if (undo(grant) instanceof Undoing.Restored(Grant again)) {
            return again;
        }
        throw new AssertionError("not restored");
    }

    private Conflict inTheWay(Grant grant) {
        if (undo(grant) instanceof Undoing.InTheWay(Conflict conflict)) {
            return conflict;
        }
        throw new AssertionError("not in the way");
    }

    private Optional<Grant> find(Grant grant) {
        return get(table().find(grant.id()));
    }

    private Grant found(Grant grant) {
        return find(grant).orElseThrow();
    }

    private boolean stands(Grant grant) {
        return find(grant).isPresent();
    }

    private boolean isValid(Grant grant) {
        return get(table().check(space, grant.range(), grant.token())) instanceof FenceCheck.Valid;
    }

    private Release release(Grant grant) {
        return get(table().releaseGrant(grant.id(), Optional.of(grant.owner().principal())));
    }

    private Renewal.Renewed renewed(Grant grant) {
        if (get(table().renew(grant.id(), grant.protocol(), grant.owner().principal(), HOUR))
                instanceof Renewal.Renewed renewed) {
            return renewed;
        }
        throw new AssertionError("not renewed: " + grant);
    }

    private Renewal confirm(Grant grant) {
        return get(table().confirm(grant.id(), grant.protocol(), grant.owner().principal()));
    }

    private Renewal.Renewed confirmed(Grant grant) {
        if (confirm(grant) instanceof Renewal.Renewed renewed) {
            return renewed;
        }
        throw new AssertionError("not confirmed: " + grant);
    }

    /** A lock that has ended counts nowhere. */
    private void assertGone(Grant grant) {
        assertThat(stands(grant)).isFalse();
        assertThat(look(grant.id())).isEmpty();
        assertThat(isValid(grant)).isFalse();
        assertThat(confirm(grant)).isInstanceOf(Renewal.Lost.class);
        assertThat(release(grant)).isInstanceOf(Release.NoSuchLock.class);
    }

    /** Everybody's locks of that protocol here. */
    private List<GrantId> standing(LockClient client) {
        return client.standing(table()).stream().map(Grant::id).toList();
    }

    private Grant part(LockClient client, long offset, long size) {
        return client.standing(table()).stream()
                .filter(grant -> grant.range().equals(client.range(offset, size)))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<Duration> breaksIn(Grant grant) {
        return ((Grant.Held) grant.stage()).breaksIn();
    }

    private static void assertShown(Grant grant) {
        assertThat(breaksIn(grant)).hasValueSatisfying(left -> assertThat(left).isBetween(HOUR.minusMinutes(1), HOUR));
    }

    private static void assertNotShown(Grant grant) {
        assertThat(grant.stage()).isEqualTo(Grant.HELD);
    }

    private Session session(Duration ttl) {
        if (get(sessions().open(p, "", ttl)) instanceof SessionOpening.Opened(Session session)) {
            return session;
        }
        throw new AssertionError("not opened");
    }

    private SessionRenewal.Renewed renewed(Session session) {
        if (get(sessions().renew(session.id(), p)) instanceof SessionRenewal.Renewed renewed) {
            return renewed;
        }
        throw new AssertionError("not renewed");
    }

    private void end(Session session) {
        assertThat(get(sessions().end(session.id(), Optional.of(p)))).isInstanceOf(SessionEnding.Ended.class);
    }

    private WaiterId waits(LockClient client, LockModes modes, long offset, long size) {
        return waits(client.lock(modes, offset, size));
    }

    private WaiterId waits(LockSpec asked) {
        if (get(queue().acquire(space, asked, HOUR)) instanceof Queueing.Queued queued) {
            return queued.id();
        }
        throw new AssertionError("not queued: " + asked);
    }

    private WaitOutcome poll(LockClient client, WaiterId id) {
        return get(queue().poll(id, Optional.of(client.owner().principal())));
    }

    private void assertWaits(LockClient client, WaiterId id) {
        assertThat(poll(client, id)).isInstanceOf(WaitOutcome.Waiting.class);
    }

    private Grant provisional(LockClient client, WaiterId id) {
        if (poll(client, id) instanceof WaitOutcome.Granted(Grant grant)) {
            assertThat(grant.stage()).isInstanceOf(Grant.Provisional.class);
            return grant;
        }
        throw new AssertionError("not granted: " + poll(client, id));
    }

    private static List<WaiterId> next(Standing standing) {
        return standing.next().stream().map(Waiter::id).toList();
    }

    /** Sweeps until a lock is broken, which was announced. */
    private void untilBroken(Grant grant) {
        await().atMost(PATIENCE).until(() -> {
            get(breaker().sweep());
            return !stands(grant);
        });
    }

    /** Sweeps until everything has been broken here that was announced for {@link #SHORT} or less from now. */
    private void untilShortIsOver() {
        Grant last = marker.granted(table(), X, marks, 1);
        marks += 10;
        announced(last, SHORT);
        untilBroken(last);
    }

    private static String words(Notice notice) {
        return notice.kind() + " " + notice.grant().id() + " " + notice.grant().token();
    }

    private static String words(Notice.Kind kind, Grant grant) {
        return kind + " " + grant.id() + " " + grant.token();
    }

    private static void assertTells(List<Notice> notices, String... words) {
        assertThat(notices).extracting(LockBreakerContract::words).containsExactlyInAnyOrder(words);
    }

    private static void assertAnnounces(Notice notice, Grant grant) {
        assertThat(words(notice)).isEqualTo(words(Notice.Kind.ANNOUNCED, grant));
        assertThat(notice.grant().range()).isEqualTo(grant.range());
        assertThat(notice.in()).hasValueSatisfying(in -> assertThat(in).isBetween(HOUR.minusMinutes(1), HOUR));
        assertThat(notice.reason()).isEqualTo(REASON);
    }

    // -------------------------------------------------------------------------------------------------------- events

    /** What a listener is told of this test's space. */
    private final class Heard implements EventListener<RangeEvent, EventId> {
        private final List<RangeEvent> events = new CopyOnWriteArrayList<>();
        private final List<EventId> gaps = new CopyOnWriteArrayList<>();

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
            return true;
        }

        private boolean hasHeard(Grant grant) {
            return events.stream().anyMatch(event -> event.grant().id().equals(grant.id()));
        }

        /** All but those of the marker. */
        List<String> words() {
            return events.stream()
                    .filter(event -> !event.grant().owner().equals(marker.owner()))
                    .map(LockBreakerContract::words)
                    .toList();
        }
    }

    private static String words(RangeEvent event) {
        Grant grant = event.grant();
        String stage =
                switch (grant.stage()) {
                    case Grant.Held ignored -> "";
                    case Grant.Waiting() -> " waiting";
                    case Grant.Provisional ignored -> " provisional";
                };
        String what = grant.modes().type() == LockType.SHARE_MODE
                ? "open"
                : grant.range().first() + "+"
                        + grant.range().sizeIn(grant.protocol().semantics());
        return event.kind().name().toLowerCase(Locale.ROOT) + " "
                + grant.owner().ownerId() + " " + what + stage;
    }

    /** What is told while {@code steps} are done. */
    private void told(Runnable steps, String... expected) {
        Following following = log().follow(p, get(log().register(p, Optional.of(space.fileId()))), heard);
        try {
            steps.run();
            Grant last = marker.granted(table(), X, marks, 1);
            await().atMost(PATIENCE).until(() -> heard.hasHeard(last));
            assertThat(heard.words()).containsExactlyInAnyOrder(expected);
            assertThat(heard.gaps).isEmpty();
        } finally {
            following.end();
        }
    }

    // --------------------------------------------------------------------------------------------------------- break

    @Test
    @DisplayName("B01 a break ends a byte range of any protocol, and no other lock of its owner")
    void breakRange() {
        for (LockClient client : List.of(a, a.over(Protocol.NFS4), h1)) {
            Grant grant = client.granted(table(), X, 0, 10);
            Grant other = client.granted(table(), X, 20, 10);
            Standing standing = broken(grant);
            assertThat(standing.grant()).isEqualTo(grant);
            assertThat(standing.next()).isEmpty();
            assertThat(standing.more()).isFalse();
            assertGone(grant);
            assertThat(standing(client)).containsExactly(other.id());
            assertThat(isValid(other)).isTrue();
            assertThat(client.outcome(table(), X, 0, 10)).isInstanceOf(Acquisition.Granted.class);
            client.released(table(), 0, 10);
            client.released(table(), 20, 10);
        }
    }

    @Test
    @DisplayName("B01 the bytes of a broken lock are free to others at once, and its owner's calls do not touch them")
    void freeToOthers() {
        Grant grant = a.leasing(HOUR).granted(table(), X, 0, 10);
        broken(grant);
        Grant theirs = b.granted(table(), X, 0, 10);
        assertThat(theirs.token()).isGreaterThan(grant.token());
        assertThat(get(table().renew(grant.id(), Protocol.NLM, p, HOUR))).isInstanceOf(Renewal.Lost.class);
        assertThat(a.released(table(), 0, 10)).isZero();
        assertThat(a.outcome(table(), X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
        assertThat(found(theirs)).isEqualTo(theirs);
    }

    @Test
    @DisplayName("B01 a second break of the same id finds no lock, also when the owner has locked the bytes again")
    void breakTwice() {
        Grant grant = a.granted(table(), X, 0, 10);
        broken(grant);
        assertThat(breakNow(grant.id())).isEmpty();
        Grant again = a.granted(table(), X, 0, 10);
        assertThat(breakNow(grant.id())).isEmpty();
        assertThat(found(again)).isEqualTo(again);
    }

    @Test
    @DisplayName("B01 of breaks and undos that run at the same moment one does it, and the others find nothing")
    void concurrently() {
        for (int round = 0; round < 5; round++) {
            Grant grant = a.granted(table(), X, 10L * round, 5);
            List<CompletableFuture<Optional<Standing>>> breaks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                breaks.add(breaker().breakNow(grant.id()).subscribeAsCompletionStage());
            }
            assertThat(breaks.stream().map(CompletableFuture::join).filter(Optional::isPresent))
                    .hasSize(1);
            assertThat(stands(grant)).isFalse();
            List<CompletableFuture<Undoing>> undos = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                undos.add(breaker().undo(grant.id()).subscribeAsCompletionStage());
            }
            assertThat(undos.stream().map(CompletableFuture::join))
                    .filteredOn(undoing -> !(undoing instanceof Undoing.NothingBroken))
                    .singleElement()
                    .isInstanceOf(Undoing.Restored.class);
            assertThat(stands(grant)).isTrue();
        }
    }

    @Test
    @DisplayName("B02 a break of the last open of a handle ends its ranges, one of another open or of a range does not")
    void breakOpen() {
        Grant first = h1.opened(table(), READS);
        Grant last = h1.opened(table(), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        Grant single = h1.granted(table(), X, 20, 10);
        Grant ofOthers = h2.granted(table(), X, 40, 10);
        broken(first);
        assertGone(first);
        assertThat(stands(range)).isTrue();
        broken(single);
        assertGone(single);
        assertThat(stands(last)).isTrue();
        assertThat(stands(range)).isTrue();
        assertThat(broken(last).grant()).isEqualTo(last);
        assertGone(last);
        assertGone(range);
        assertThat(stands(ofOthers)).isTrue();
        h2.opened(table(), ALONE);
        h2.granted(table(), X, 0, 10);
    }

    @Test
    @DisplayName("B03 a break ends all parts of a lock that was split, whichever of them is named")
    void breakParts() {
        for (boolean left : List.of(true, false)) {
            Grant whole = a.granted(table(), X, 0, 50);
            a.released(table(), 10, 10);
            a.released(table(), 30, 10);
            List<Grant> parts = List.of(part(a, 0, 10), part(a, 20, 10), part(a, 40, 10));
            Grant other = a.granted(table(), X, 100, 10);
            Grant named = left ? parts.getFirst() : parts.getLast();
            assertThat(broken(named).grant()).isEqualTo(named);
            parts.forEach(this::assertGone);
            assertThat(isValid(whole)).isFalse();
            assertThat(standing(a)).containsExactly(other.id());
            b.granted(table(), X, 0, 50);
            b.released(table(), 0, 50);
            a.released(table(), 100, 10);
        }
    }

    @Test
    @DisplayName("B03 bytes that were upgraded are a lock of their own, which a break of the rest leaves alone")
    void breakAroundUpgrade() {
        Grant shared = a.granted(table(), S, 0, 30);
        Grant upgraded = a.granted(table(), X, 10, 10);
        broken(shared);
        assertThat(standing(a)).containsExactly(upgraded.id());
        assertThat(isValid(upgraded)).isTrue();
        b.granted(table(), X, 0, 10);
        b.granted(table(), X, 20, 10);
    }

    @Test
    @DisplayName("B04 a break of a lock that was merged ends the whole lock, by its own id and by an absorbed one")
    void breakMerged() {
        for (boolean byAlias : List.of(true, false)) {
            Grant oldest = a.granted(table(), X, 0, 10);
            Grant absorbed = a.granted(table(), X, 20, 10);
            Grant merged = a.granted(table(), X, 10, 10);
            assertThat(merged.id()).isEqualTo(oldest.id());
            Grant named = byAlias ? absorbed : oldest;
            assertThat(look(named.id()).orElseThrow().grant()).isEqualTo(merged);
            assertThat(broken(named).grant()).isEqualTo(merged);
            List.of(oldest, absorbed, merged).forEach(this::assertGone);
            assertThat(standing(a)).isEmpty();
            b.granted(table(), X, 0, 30);
            b.released(table(), 0, 30);
        }
    }

    @Test
    @DisplayName("B05 what does not stand cannot be broken: an unknown id, a waiter, a provisional grant")
    void noSuchLock() {
        Grant held = a.granted(table(), X, 0, 10);
        WaiterId waiter = waits(b, X, 0, 10);
        WaiterId behind = waits(c, X, 0, 10);
        release(held);
        Grant provisional = provisional(b, waiter);
        GrantId waiting = new GrantId(behind.bucket(), behind.sequence());
        List<GrantId> ids = List.of(
                held.id(),
                provisional.id(),
                waiting,
                new GrantId(held.id().bucket(), 7),
                new GrantId(held.id().bucket(), -1),
                new GrantId(65_535, 7));
        for (GrantId id : ids) {
            assertThat(look(id)).isEmpty();
            assertThat(breakNow(id)).isEmpty();
            assertThat(get(breaker().announce(id, HOUR, REASON))).isEmpty();
            assertThat(cancelled(id)).isFalse();
            assertThat(get(breaker().undo(id))).isInstanceOf(Undoing.NothingBroken.class);
        }
        assertNotShown(confirmed(provisional).grant());
        assertWaits(c, behind);
    }

    @Test
    @DisplayName("B06 a look shows a lock as it stands and since when, the oldest part's time, and changes nothing")
    void look() {
        Grant oldest = a.granted(table(), X, 0, 10);
        Instant since = look(oldest.id()).orElseThrow().since();
        List<Grant> later = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            later.add(a.granted(table(), X, 20, 10));
            Instant now = look(later.getLast().id()).orElseThrow().since();
            if (!now.isAfter(since)) {
                release(later.getLast());
            }
            return now.isAfter(since);
        });
        Grant merged = a.granted(table(), X, 10, 10);
        WaiterId waiter = waits(b, X, 5, 1);
        Standing standing = look(later.getLast().id()).orElseThrow();
        assertThat(standing.grant()).isEqualTo(merged);
        assertThat(standing.since()).isEqualTo(since);
        assertThat(next(standing)).containsExactly(waiter);
        assertThat(look(merged.id())).hasValueSatisfying(again -> {
            assertThat(again.grant()).isEqualTo(merged);
            assertThat(next(again)).containsExactly(waiter);
        });
        assertThat(found(oldest)).isEqualTo(merged);
        assertThat(isValid(merged)).isTrue();
        assertWaits(b, waiter);
        a.released(table(), 12, 3);
        assertThat(broken(oldest).since()).isEqualTo(since);
    }

    // --------------------------------------------------------------------------------------------------- who is next

    @Test
    @DisplayName("B07 a look and a break name the requests that would be granted, in order, and a break grants to them")
    void waitersAreServed() {
        Grant held = a.granted(table(), X, 0, 100);
        Grant other = marker.granted(table(), X, 200, 10);
        WaiterId first = waits(b, S, 0, 10);
        WaiterId conflicting = waits(c, X, 5, 10);
        WaiterId heldBack = waits(d, S, 0, 10);
        WaiterId elsewhere = waits(d, X, 50, 10);
        WaiterId ofBoth = waits(b, X, 95, 110);
        WaiterId ofOther = waits(c, X, 205, 5);
        for (Standing standing : List.of(look(held.id()).orElseThrow(), broken(held))) {
            assertThat(next(standing)).containsExactly(first, elsewhere);
            assertThat(standing.more()).isFalse();
            assertThat(standing.next().getFirst().asked()).satisfies(asked -> {
                assertThat(asked.stage()).isInstanceOf(Grant.Waiting.class);
                assertThat(asked.owner()).isEqualTo(b.owner());
                assertThat(asked.range()).isEqualTo(b.range(0, 10));
                assertThat(asked.modes()).isEqualTo(S);
            });
        }
        assertThat(provisional(b, first).range()).isEqualTo(b.range(0, 10));
        assertThat(provisional(d, elsewhere).range()).isEqualTo(d.range(50, 10));
        assertWaits(c, conflicting);
        assertWaits(d, heldBack);
        assertWaits(b, ofBoth);
        assertWaits(c, ofOther);
        assertThat(stands(other)).isTrue();
    }

    @Test
    @DisplayName("B07 who waits for any part of a split lock is named and served")
    void waitersOfParts() {
        Grant whole = a.granted(table(), X, 0, 30);
        a.released(table(), 10, 10);
        WaiterId right = waits(b, X, 25, 1);
        WaiterId left = waits(c, X, 5, 1);
        WaiterId both = waits(d, X, 0, 30);
        assertThat(next(look(part(a, 20, 10).id()).orElseThrow())).containsExactly(right, left);
        assertThat(next(broken(whole))).containsExactly(right, left);
        provisional(b, right);
        provisional(c, left);
        assertWaits(d, both);
    }

    @Test
    @DisplayName("B07 who waits for an open and for the ranges that end with it is named and served")
    void waitersOfOpens() {
        Grant open = h1.opened(table(), ALONE);
        Grant range = h1.granted(table(), X, 100, 10);
        WaiterId ofRange = waits(h3, X, 105, 10);
        WaiterId ofOpen = waits(h2.open(READS));
        WaiterId conflicting = waits(h3.open(ALONE));
        assertThat(next(look(range.id()).orElseThrow())).containsExactly(ofRange);
        assertThat(next(look(open.id()).orElseThrow())).containsExactly(ofRange, ofOpen);
        assertThat(next(broken(open))).containsExactly(ofRange, ofOpen);
        provisional(h3, ofRange);
        provisional(h2, ofOpen);
        assertWaits(h3, conflicting);
    }

    @Test
    @DisplayName("B07 of many requests that would be granted the first are named, and that there may be more")
    void manyWaiters() {
        Grant held = a.granted(table(), X, 0, 10);
        List<WaiterId> waiting = new ArrayList<>();
        for (int i = 0; i <= LockBreaker.MOST_NEXT; i++) {
            waiting.add(waits(LockClient.nlm(space, "W" + i).of(q), S, 0, 10));
        }
        Standing standing = look(held.id()).orElseThrow();
        assertThat(next(standing)).isEqualTo(waiting.subList(0, LockBreaker.MOST_NEXT));
        assertThat(standing.more()).isTrue();
        assertThat(broken(held).more()).isTrue();
        // A break serves as many as one step may; a sweep goes on.
        get(table().sweep());
        waiting.forEach(waiter -> provisional(b, waiter));
    }

    // ------------------------------------------------------------------------------------------------ who is told

    @Test
    @DisplayName("B08 each range that a break ends is told as broken, none as released, and then who is granted it")
    void events() {
        Grant range = h1.granted(table(), X, 0, 10);
        Grant open = h1.opened(table(), READS);
        Grant whole = a.granted(table(), X, 0, 30);
        a.released(table(), 10, 10);
        WaiterId waiter = waits(b, X, 20, 5);
        told(
                () -> {
                    broken(whole);
                    broken(open);
                },
                "broken A 0+10",
                "broken A 20+10",
                "granted B 20+5 provisional",
                "broken H1 open",
                "broken H1 0+10");
        provisional(b, waiter);
        RangeEvent event = heard.events.stream()
                .filter(one -> one.grant().id().equals(range.id()))
                .findFirst()
                .orElseThrow();
        assertThat(event.kind()).isEqualTo(RangeEvent.Kind.BROKEN);
        assertThat(event.grant().token()).isEqualTo(range.token());
        assertThat(event.waiter()).isEmpty();
    }

    @Test
    @DisplayName("B09 a heartbeat tells everything of the session that a break ended, once")
    void lostOfSession() {
        Session session = session(HOUR);
        Grant whole = a.in(session.id()).granted(table(), X, 0, 30);
        a.released(table(), 10, 10);
        Grant right = part(a, 20, 10);
        Grant open = h1.in(session.id()).opened(table(), READS);
        Grant range = h1.in(session.id()).granted(table(), X, 0, 10);
        Grant kept = a.in(session.id()).granted(table(), X, 100, 10);
        assertThat(renewed(session).lost()).isEmpty();
        broken(whole);
        broken(open);
        SessionRenewal.Renewed told = renewed(session);
        assertThat(told.lost().stream().map(grant -> grant.id() + " " + grant.range()))
                .containsExactlyInAnyOrder(
                        whole.id() + " " + a.range(0, 10),
                        right.id() + " " + a.range(20, 10),
                        open.id() + " " + ByteRange.ALL,
                        range.id() + " " + h1.range(0, 10));
        assertThat(told.notices()).isEmpty();
        assertThat(told.more()).isFalse();
        assertThat(renewed(session).lost()).isEmpty();
        assertThat(stands(kept)).isTrue();
    }

    @Test
    @DisplayName("B09 a range of a session that ended with an open without one is told as lost")
    void lostWithOpenOfOthers() {
        Session session = session(HOUR);
        Grant open = h1.opened(table(), READS);
        Grant range = h1.in(session.id()).granted(table(), X, 0, 10);
        broken(open);
        assertThat(renewed(session).lost()).extracting(Grant::id).containsExactly(range.id());
    }

    // ------------------------------------------------------------------------------------------------------ announce

    @Test
    @DisplayName("B10 a lock whose break is announced shows when, wherever it is shown, and no other lock does")
    void breaksIn() {
        for (LockClient client : List.of(a.leasing(HOUR), h1.leasing(HOUR))) {
            Grant grant = client.granted(table(), X, 0, 10);
            Grant other = client.granted(table(), X, 20, 10);
            Standing standing = announced(grant, HOUR);
            assertThat(standing.grant().id()).isEqualTo(grant.id());
            assertShown(standing.grant());
            assertShown(found(grant));
            assertShown(look(grant.id()).orElseThrow().grant());
            assertShown(renewed(grant).grant());
            assertShown(confirmed(grant).grant());
            assertShown(part(client, 0, 10));
            assertNotShown(part(client, 20, 10));
            assertNotShown(found(other));
            assertNotShown(renewed(other).grant());
            assertThat(isValid(grant)).isTrue();
            assertThat(found(grant).token()).isEqualTo(grant.token());
            assertThat(look(other.id()).orElseThrow().next()).isEmpty();
        }
        Session session = session(HOUR);
        Grant open = h2.of(p).in(session.id()).opened(table(), READS);
        announced(open, HOUR);
        assertShown(found(open));
        GrantFilter opens = GrantFilter.ofFile(Protocol.SMB, space.fileId(), "").ofType(LockType.SHARE_MODE);
        assertThat(get(table().list(opens, Cursor.START, 10)).grants())
                .singleElement()
                .satisfies(LockBreakerContract::assertShown);
        assertThat(get(sessions().grants(session.id(), Cursor.START, 10)).grants())
                .singleElement()
                .satisfies(LockBreakerContract::assertShown);
    }

    @Test
    @DisplayName("B10 an announcement names the requests that would be granted, and serves none")
    void announcementServesNobody() {
        Grant grant = a.granted(table(), X, 0, 10);
        WaiterId waiter = waits(b, X, 0, 10);
        assertThat(next(announced(grant, HOUR))).containsExactly(waiter);
        assertWaits(b, waiter);
        get(breaker().sweep());
        assertWaits(b, waiter);
        assertThat(stands(grant)).isTrue();
    }

    @Test
    @DisplayName("B11 renewals and heartbeats do not move the time of a break")
    void renewalsDoNotMove() {
        Session session = session(HOUR);
        Grant leased = a.leasing(HOUR).granted(table(), X, 0, 10);
        Grant ofSession = b.of(p).in(session.id()).granted(table(), X, 20, 10);
        announced(leased, SHORT);
        announced(ofSession, SHORT);
        renewed(leased);
        renewed(session);
        a.leasing(HOUR).granted(table(), X, 0, 10);
        assertThat(breaksIn(found(leased)).orElseThrow()).isLessThanOrEqualTo(SHORT);
        assertThat(breaksIn(found(ofSession)).orElseThrow()).isLessThanOrEqualTo(SHORT);
        untilShortIsOver();
        assertGone(leased);
        assertGone(ofSession);
    }

    @Test
    @DisplayName("B12 a heartbeat tells an announcement once, with the time left and the reason")
    void noticeOfSession() {
        Session session = session(HOUR);
        Grant grant = a.in(session.id()).granted(table(), X, 0, 10);
        announced(grant, HOUR);
        SessionRenewal.Renewed told = renewed(session);
        assertThat(told.notices()).singleElement().satisfies(notice -> assertAnnounces(notice, grant));
        assertThat(told.lost()).isEmpty();
        assertThat(told.more()).isFalse();
        assertThat(renewed(session).notices()).isEmpty();
        assertThat(confirmed(grant).notices()).isEmpty();
        assertShown(found(grant));
    }

    @Test
    @DisplayName(
            "B12 the renewal of a lock without a session tells its announcement once, and that of another does not")
    void noticeOfGrant() {
        Grant leased = a.leasing(HOUR).granted(table(), X, 0, 10);
        Grant other = a.leasing(HOUR).granted(table(), X, 20, 10);
        announced(leased, HOUR);
        assertThat(renewed(other).notices()).isEmpty();
        assertThat(renewed(leased).notices()).singleElement().satisfies(notice -> assertAnnounces(notice, leased));
        assertThat(renewed(leased).notices()).isEmpty();

        Grant lasting = h1.granted(table(), X, 0, 10);
        announced(lasting, HOUR);
        assertThat(confirmed(lasting).notices()).singleElement().satisfies(notice -> assertAnnounces(notice, lasting));
        assertThat(confirmed(lasting).notices()).isEmpty();
    }

    @Test
    @DisplayName("B12 a heartbeat tells a hundred lost locks and notices at most, and that there were more")
    void manyNotices() {
        Session session = session(HOUR);
        for (int i = 0; i < 60; i++) {
            announced(a.in(session.id()).granted(table(), X, 20L * i, 10), HOUR);
            broken(a.in(session.id()).granted(table(), X, 10_000 + 20L * i, 10));
        }
        SessionRenewal.Renewed told = renewed(session);
        assertThat(told.lost().size() + told.notices().size()).isEqualTo(SessionRenewal.MOST_LOST);
        assertThat(told.more()).isTrue();
        SessionRenewal.Renewed next = renewed(session);
        assertThat(next.lost()).isEmpty();
        assertThat(next.notices()).isEmpty();
        assertThat(next.more()).isFalse();
    }

    @Test
    @DisplayName("B13 parts of an announced lock show it, split off before or after, and are broken together when due")
    void announcedParts() {
        Grant whole = a.granted(table(), X, 0, 50);
        a.released(table(), 10, 10);
        announced(whole, HOUR);
        a.released(table(), 30, 10);
        List<Grant> parts = List.of(part(a, 0, 10), part(a, 20, 10), part(a, 40, 10));
        parts.forEach(LockBreakerContract::assertShown);
        assertShown(look(parts.getLast().id()).orElseThrow().grant());
        announced(whole, SHORT);
        a.released(table(), 0, 10);
        untilShortIsOver();
        parts.forEach(this::assertGone);
        assertThat(standing(a)).isEmpty();
    }

    @Test
    @DisplayName("B13 a lock that is merged shows its announcement no more, and is broken as it stands when due")
    void announcedAndMerged() {
        Grant grant = a.granted(table(), X, 10, 10);
        Grant later = a.granted(table(), X, 30, 10);
        announced(later, SHORT);
        Grant merged = a.granted(table(), X, 20, 10);
        assertThat(merged.id()).isEqualTo(grant.id());
        assertNotShown(merged);
        assertNotShown(found(later));
        untilShortIsOver();
        List.of(grant, later, merged).forEach(this::assertGone);
        assertThat(standing(a)).isEmpty();
        b.granted(table(), X, 0, EOF);
    }

    @Test
    @DisplayName("B14 a sweep breaks what is due and nothing else: waiters are served, events and heartbeats tell it")
    void due() {
        Session session = session(HOUR);
        Grant grant = a.in(session.id()).granted(table(), X, 0, 10);
        Grant open = h1.in(session.id()).opened(table(), READS);
        Grant range = h1.in(session.id()).granted(table(), X, 0, 10);
        Grant notYet = a.granted(table(), X, 20, 10);
        WaiterId waiter = waits(b, X, 0, 10);
        announced(notYet, HOUR);
        told(
                () -> {
                    announced(grant, SHORT);
                    announced(open, SHORT);
                    untilShortIsOver();
                },
                "broken A 0+10",
                "granted B 0+10 provisional",
                "broken H1 open",
                "broken H1 0+10");
        provisional(b, waiter);
        List.of(grant, open, range).forEach(this::assertGone);
        assertShown(found(notYet));
        assertThat(renewed(session).lost())
                .extracting(Grant::id)
                .containsExactlyInAnyOrder(grant.id(), open.id(), range.id());
        assertThat(cancelled(grant.id())).isFalse();
    }

    @Test
    @DisplayName("B14 a sweep answers how many locks it has broken")
    void swept() {
        Grant grant = a.granted(table(), X, 0, 10);
        announced(grant, SHORT);
        List<Long> counts = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            counts.add(get(breaker().sweep()));
            return !stands(grant);
        });
        assertThat(counts.getLast()).isPositive();
    }

    @Test
    @DisplayName("B15 a release ends an announcement: what the owner acquires afterwards is not broken")
    void releasedBefore() {
        Grant grant = a.granted(table(), X, 0, 10);
        Grant open = h1.opened(table(), READS);
        announced(grant, SHORT);
        announced(open, SHORT);
        assertThat(release(grant)).isEqualTo(new Release.Released(1));
        assertThat(release(open)).isEqualTo(new Release.Released(1));
        assertThat(cancelled(grant.id())).isFalse();
        Grant again = a.granted(table(), X, 0, 10);
        Grant opened = h1.opened(table(), READS);
        assertNotShown(again);
        assertNotShown(opened);
        untilShortIsOver();
        assertThat(found(again)).isEqualTo(again);
        assertThat(found(opened)).isEqualTo(opened);
        assertThat(undo(grant)).isInstanceOf(Undoing.NothingBroken.class);
    }

    @Test
    @DisplayName("B16 a second announcement takes the place of the first, earlier or later, and is told")
    void announcedAgain() {
        Session session = session(HOUR);
        Grant later = a.in(session.id()).granted(table(), X, 0, 10);
        Grant earlier = a.in(session.id()).granted(table(), X, 20, 10);
        announced(later, SHORT);
        announced(earlier, HOUR);
        renewed(session);
        announced(later, HOUR);
        announced(earlier, SHORT);
        assertTells(
                renewed(session).notices(), words(Notice.Kind.ANNOUNCED, later), words(Notice.Kind.ANNOUNCED, earlier));
        untilShortIsOver();
        assertGone(earlier);
        assertShown(found(later));
        assertThat(cancelled(later.id())).isTrue();
        assertNotShown(found(later));
        assertThat(cancelled(later.id())).isFalse();
    }

    @Test
    @DisplayName("B16 an announcement by an absorbed id is one of the lock that absorbed it")
    void announcedByAlias() {
        a.granted(table(), X, 0, 10);
        Grant absorbed = a.granted(table(), X, 20, 10);
        Grant merged = a.granted(table(), X, 10, 10);
        assertThat(announced(absorbed, SHORT).grant().id()).isEqualTo(merged.id());
        assertThat(breaksIn(found(merged))).isPresent();
        announced(merged, HOUR);
        untilShortIsOver();
        assertShown(found(merged));
        assertThat(cancelled(absorbed.id())).isTrue();
        assertNotShown(found(merged));
        assertThat(cancelled(merged.id())).isFalse();
    }

    @Test
    @DisplayName("B17 a cancelled announcement is shown no more, breaks nothing, and its owner is told")
    void cancel() {
        Session session = session(HOUR);
        Grant ofSession = a.in(session.id()).granted(table(), X, 0, 10);
        Grant leased = b.leasing(HOUR).granted(table(), X, 20, 10);
        announced(ofSession, SHORT);
        announced(leased, SHORT);
        renewed(session);
        renewed(leased);
        for (Grant grant : List.of(ofSession, leased)) {
            assertThat(cancelled(grant.id())).isTrue();
            assertThat(cancelled(grant.id())).isFalse();
            assertNotShown(found(grant));
            assertNotShown(look(grant.id()).orElseThrow().grant());
        }
        untilShortIsOver();
        List<Notice> notices = renewed(session).notices();
        assertTells(notices, words(Notice.Kind.CANCELLED, ofSession));
        assertThat(notices.getFirst().in()).isEmpty();
        assertThat(notices.getFirst().reason()).isEmpty();
        assertThat(renewed(session).notices()).isEmpty();
        Renewal.Renewed renewed = renewed(leased);
        assertTells(renewed.notices(), words(Notice.Kind.CANCELLED, leased));
        assertNotShown(renewed.grant());
        assertThat(renewed(leased).notices()).isEmpty();
        assertThat(isValid(ofSession)).isTrue();
    }

    @Test
    @DisplayName("B17 a lock whose break was never announced has no announcement to cancel")
    void nothingToCancel() {
        Session session = session(HOUR);
        Grant grant = a.in(session.id()).granted(table(), X, 0, 10);
        assertThat(cancelled(grant.id())).isFalse();
        assertThat(renewed(session).notices()).isEmpty();
    }

    @Test
    @DisplayName("B18 an announced lock can be broken at once, and its announcement is gone, also when that is undone")
    void breakAnnounced() {
        Grant grant = a.granted(table(), X, 0, 10);
        announced(grant, SHORT);
        assertThat(broken(grant).grant().id()).isEqualTo(grant.id());
        assertGone(grant);
        assertThat(cancelled(grant.id())).isFalse();
        Grant again = restored(grant);
        assertNotShown(again);
        untilShortIsOver();
        assertThat(found(again)).isEqualTo(again);
    }

    // ---------------------------------------------------------------------------------------------------------- undo

    @Test
    @DisplayName("B19 an undo restores a lock under its id, in its range and mode, with a new token")
    void undone() {
        for (LockClient client : List.of(a, a.over(Protocol.NFS4), h1)) {
            for (LockModes modes : List.of(S, X)) {
                Grant grant = client.granted(table(), modes, 0, 10);
                broken(grant);
                Grant again = restored(grant);
                assertThat(again.token()).isGreaterThan(grant.token());
                assertThat(again)
                        .usingRecursiveComparison()
                        .ignoringFields("token")
                        .isEqualTo(grant);
                assertThat(found(grant)).isEqualTo(again);
                assertThat(client.standing(table())).containsExactly(again);
                assertThat(isValid(again)).isTrue();
                LockClient other = client.protocol() == Protocol.SMB ? h2 : b;
                assertThat(other.outcome(table(), X, 5, 1)).isInstanceOf(Acquisition.Refused.class);
                assertThat(client.released(table(), 0, 10)).isEqualTo(1);
            }
        }
    }

    @Test
    @DisplayName("B19 tokens from before a break stay refused when it is undone, also one with the number of the id")
    void oldTokensStayRefused() {
        Grant first = a.granted(table(), X, 0, 10);
        Grant second = a.granted(table(), X, 10, 10);
        Grant third = a.granted(table(), X, 40, 10);
        assertThat(first.token().value()).isEqualTo(first.id().sequence());
        broken(first);
        broken(third);
        Grant again = restored(first);
        Grant thirdAgain = restored(third);
        for (Grant old : List.of(first, second, third)) {
            assertThat(get(table().check(space, a.range(0, 1), old.token()))).isInstanceOf(FenceCheck.Invalid.class);
            assertThat(get(table().check(space, a.range(45, 1), old.token()))).isInstanceOf(FenceCheck.Invalid.class);
        }
        assertThat(a.valid(table(), again, 0, 20)).isTrue();
        assertThat(a.valid(table(), thirdAgain, 40, 10)).isTrue();
        Grant merged = a.granted(table(), X, 20, 20);
        assertThat(merged.range()).isEqualTo(a.range(0, 50));
        for (Grant old : List.of(first, second, third)) {
            assertThat(a.valid(table(), old, 0, 1)).isFalse();
            assertThat(a.valid(table(), old, 45, 1)).isFalse();
        }
        assertThat(a.valid(table(), again, 0, 50)).isTrue();
        a.released(table(), 10, 10);
        assertThat(a.valid(table(), first, 20, 30)).isFalse();
        assertThat(a.valid(table(), merged, 20, 30)).isTrue();
    }

    @Test
    @DisplayName("B20 an undo restores every part of a split lock under its own id, each with one new token")
    void undoneParts() {
        Session session = session(HOUR);
        Grant whole = a.in(session.id()).granted(table(), X, 0, 30);
        a.released(table(), 10, 10);
        List<Grant> before = a.standing(table());
        broken(whole);
        renewed(session);
        Grant again = restored(whole);
        assertThat(again.id()).isEqualTo(whole.id());
        assertThat(again.range()).isEqualTo(a.range(0, 10));
        List<Grant> after = a.standing(table());
        assertThat(after)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("token", "expiresIn")
                .isEqualTo(before);
        assertThat(found(again).token()).isEqualTo(again.token());
        assertThat(after).allSatisfy(part -> {
            assertThat(part.token()).isGreaterThan(whole.token());
            assertThat(isValid(part)).isTrue();
            assertThat(get(table().check(space, part.range(), whole.token()))).isInstanceOf(FenceCheck.Invalid.class);
        });
        assertTells(
                renewed(session).notices(),
                after.stream().map(part -> words(Notice.Kind.RESTORED, part)).toArray(String[]::new));
        end(session);
        after.forEach(part -> assertThat(stands(part)).isFalse());
    }

    @Test
    @DisplayName("B20 an undo restores an open and the ranges that ended with it, and they end with it again")
    void undoneOpen() {
        Grant open = h1.opened(table(), ALONE);
        Grant one = h1.granted(table(), X, 0, 10);
        Grant two = h1.granted(table(), S, 20, 10);
        broken(open);
        Grant again = restored(open);
        assertThat(again.id()).isEqualTo(open.id());
        assertThat(again.modes()).isEqualTo(ALONE);
        assertThat(again.range()).isEqualTo(ByteRange.ALL);
        assertThat(standing(h1)).containsExactly(one.id(), two.id());
        List<Grant> all = List.of(again, found(one), found(two));
        assertThat(all).extracting(Grant::token).doesNotHaveDuplicates();
        assertThat(all).allSatisfy(grant -> {
            assertThat(isValid(grant)).isTrue();
            assertThat(grant.token()).isGreaterThan(two.token());
        });
        for (Grant old : List.of(open, one, two)) {
            assertThat(isValid(old)).isFalse();
        }
        assertThat(get(table().test(space, h2.open(READS)))).isPresent();
        assertThat(get(h2.test(table(), S, 5, 1))).isPresent();
        assertThat(release(again)).isEqualTo(new Release.Released(1));
        assertThat(stands(one)).isFalse();
        assertThat(stands(two)).isFalse();
        h2.opened(table(), ALONE);
    }

    @Test
    @DisplayName("B20 a break by an absorbed id is undone by it")
    void undoneByAlias() {
        a.granted(table(), X, 0, 10);
        Grant absorbed = a.granted(table(), X, 20, 10);
        Grant merged = a.granted(table(), X, 10, 10);
        broken(absorbed);
        Grant again = restored(absorbed);
        assertThat(again.id()).isEqualTo(merged.id());
        assertThat(again.range()).isEqualTo(a.range(0, 30));
        assertThat(found(merged)).isEqualTo(again);
    }

    @Test
    @DisplayName("B21 a restored lock keeps its lifetime: the end of its lease, its session, or none")
    void undoneLifetime() {
        Grant leased = a.leasing(HOUR).granted(table(), X, 0, 10);
        broken(leased);
        Grant again = restored(leased);
        assertThat(again.leased()).isTrue();
        assertThat(Objects.requireNonNull(again.expiresIn())).isBetween(HOUR.minusMinutes(1), HOUR);
        assertThat(renewed(leased).grant().token()).isEqualTo(again.token());

        Session session = session(HOUR);
        Grant ofSession = a.in(session.id()).granted(table(), X, 20, 10);
        broken(ofSession);
        assertThat(restored(ofSession).session()).contains(session.id());
        assertThat(get(sessions().grants(session.id(), Cursor.START, 10)).grants())
                .extracting(Grant::id)
                .containsExactly(ofSession.id());
        end(session);
        assertThat(stands(ofSession)).isFalse();

        Grant brief = a.leasing(SHORT.multipliedBy(10)).granted(table(), X, 40, 10);
        broken(brief);
        if (undo(brief) instanceof Undoing.Restored) {
            await().atMost(PATIENCE).until(() -> !stands(brief));
        }
        b.granted(table(), X, 40, 10);
    }

    @Test
    @DisplayName("B22 an undo tells its owner by a notice with the new token, and events that the lock is granted")
    void undoIsTold() {
        Session session = session(HOUR);
        Grant ofSession = a.in(session.id()).granted(table(), X, 0, 10);
        Grant leased = b.leasing(HOUR).granted(table(), X, 20, 10);
        Grant open = h1.opened(table(), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        List.of(ofSession, leased, open).forEach(this::broken);
        assertThat(renewed(session).notices()).isEmpty();
        told(
                () -> List.of(ofSession, leased, open).forEach(this::restored),
                "granted A 0+10",
                "granted B 20+10",
                "granted H1 open",
                "granted H1 0+10");
        assertThat(heard.events.stream()
                        .filter(event -> event.grant().id().equals(ofSession.id()))
                        .map(event -> event.grant().token()))
                .containsExactly(found(ofSession).token());
        List<Notice> notices = renewed(session).notices();
        assertTells(notices, words(Notice.Kind.RESTORED, found(ofSession)));
        assertThat(notices.getFirst().in()).isEmpty();
        assertThat(notices.getFirst().reason()).isEmpty();
        assertThat(renewed(session).notices()).isEmpty();
        assertTells(renewed(leased).notices(), words(Notice.Kind.RESTORED, found(leased)));
        assertThat(renewed(leased).notices()).isEmpty();
        assertTells(confirmed(open).notices(), words(Notice.Kind.RESTORED, found(open)));
        assertTells(confirmed(range).notices(), words(Notice.Kind.RESTORED, found(range)));
    }

    @Test
    @DisplayName("B22 a restored lock that is released is told as released")
    void releasedAfterUndo() {
        Grant grant = a.granted(table(), X, 0, 10);
        told(
                () -> {
                    broken(grant);
                    release(restored(grant));
                },
                "broken A 0+10",
                "granted A 0+10",
                "released A 0+10");
    }

    @Test
    @DisplayName("B23 a break cannot be undone when somebody waited for bytes of the lock, also if they left since")
    void undoneAfterWaiting() {
        Grant whole = a.granted(table(), X, 0, 30);
        a.released(table(), 10, 10);
        Grant right = part(a, 20, 10);
        WaiterId waiter = waits(b, X, 25, 1);
        broken(whole);
        assertThat(undo(whole)).isInstanceOf(Undoing.Waited.class);
        assertThat(get(queue().withdraw(waiter, Optional.of(q)))).isTrue();
        assertThat(undo(whole)).isInstanceOf(Undoing.Waited.class);
        assertGone(whole);
        assertGone(right);

        Grant open = h1.opened(table(), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        waits(h2, X, 5, 1);
        broken(open);
        assertThat(undo(open)).isInstanceOf(Undoing.Waited.class);
        assertGone(open);
        assertGone(range);
    }

    @Test
    @DisplayName("B23 who waits for other bytes or for other locks does not hinder an undo")
    void othersWait() {
        Grant other = b.granted(table(), X, 20, 10);
        Grant grant = a.granted(table(), S, 0, 10);
        WaiterId elsewhere = waits(c, X, 20, 10);
        broken(grant);
        restored(grant);
        assertWaits(c, elsewhere);
        assertThat(stands(other)).isTrue();
    }

    @Test
    @DisplayName("B24 an undo is refused when another owner's lock is in the way, which is named, and restores nothing")
    void othersInTheWay() {
        Grant whole = a.granted(table(), X, 0, 30);
        a.released(table(), 10, 10);
        Grant right = part(a, 20, 10);
        broken(whole);
        Grant theirs = b.granted(table(), S, 25, 10);
        Conflict conflict = inTheWay(whole);
        assertThat(conflict.blockers()).containsExactly(theirs);
        assertThat(conflict.more()).isFalse();
        assertGone(whole);
        assertGone(right);
        assertThat(standing(a)).containsExactly(theirs.id());

        Grant open = h1.opened(table(), ALONE);
        Grant range = h1.granted(table(), X, 0, 10);
        broken(open);
        Grant theirOpen = h2.opened(table(), READS);
        assertThat(inTheWay(open).blockers()).containsExactly(theirOpen);
        release(theirOpen);
        Grant theirRange = h2.granted(table(), S, 5, 1);
        assertThat(inTheWay(open).blockers()).containsExactly(theirRange);
        assertGone(open);
        assertGone(range);
    }

    @Test
    @DisplayName("B24 an undo is refused when its own owner has locked some of the bytes again, in whatever mode")
    void ownLockInTheWay() {
        for (LockModes modes : List.of(S, X)) {
            Grant grant = a.granted(table(), S, 0, 10);
            broken(grant);
            Grant again = a.granted(table(), modes, 5, 10);
            assertThat(inTheWay(grant).blockers()).containsExactly(again);
            assertThat(standing(a)).containsExactly(again.id());
            assertThat(found(again)).isEqualTo(again);
            release(again);
        }
        Grant range = h1.granted(table(), X, 0, 10);
        broken(range);
        Grant again = h1.granted(table(), X, 0, 10);
        assertThat(inTheWay(range).blockers()).containsExactly(again);
        assertThat(standing(h1)).containsExactly(again.id());
    }

    @Test
    @DisplayName("B24 an undo is refused when a provisional grant or a waiter has come in the way")
    void queueInTheWay() {
        Grant grant = a.granted(table(), X, 0, 10);
        broken(grant);
        Grant theirs = b.granted(table(), X, 0, 10);
        WaiterId waiter = waits(c, X, 0, 10);
        release(theirs);
        Grant provisional = provisional(c, waiter);
        assertThat(inTheWay(grant).blockers()).extracting(Grant::id).containsExactly(provisional.id());
        provisional(c, waiter);

        Grant shared = a.granted(table(), S, 20, 10);
        Grant others = b.granted(table(), S, 20, 10);
        broken(shared);
        WaiterId waits = waits(d, X, 20, 10);
        assertThat(inTheWay(shared).blockers()).singleElement().satisfies(blocker -> {
            assertThat(blocker.stage()).isInstanceOf(Grant.Waiting.class);
            assertThat(blocker.owner()).isEqualTo(d.owner());
        });
        assertWaits(d, waits);
        assertThat(stands(others)).isTrue();
        assertThat(stands(shared)).isFalse();
    }

    @Test
    @DisplayName("B24 locks that may stand beside a broken one do not hinder its undo")
    void notInTheWay() {
        Grant shared = a.granted(table(), S, 0, 10);
        Grant theirs = b.granted(table(), S, 0, 10);
        broken(shared);
        Grant beside = b.granted(table(), X, 10, 10);
        h1.granted(table(), X, 0, 10);
        Grant again = restored(shared);
        assertThat(found(shared)).isEqualTo(again);
        assertThat(stands(theirs)).isTrue();
        assertThat(stands(beside)).isTrue();
    }

    @Test
    @DisplayName("B24 a restored lock that touches another of its owner stays a lock of its own")
    void undoneBesideOwn() {
        Grant grant = a.granted(table(), X, 0, 10);
        broken(grant);
        Grant beside = a.granted(table(), X, 10, 10);
        Grant again = restored(grant);
        assertThat(again.range()).isEqualTo(a.range(0, 10));
        assertThat(found(beside)).isEqualTo(beside);
        assertThat(a.standing(table())).containsExactlyInAnyOrder(again, beside);
    }

    @Test
    @DisplayName("B25 a break cannot be undone when the lease has ended since, or the session")
    void undoneTooLate() {
        Grant leased = a.leasing(SHORT).granted(table(), X, 0, 10);
        Grant lasting = b.leasing(SHORT).granted(table(), X, 20, 10);
        if (breakNow(leased.id()).isPresent()) {
            await().atMost(PATIENCE).until(() -> !stands(lasting));
            assertThat(undo(leased)).isInstanceOf(Undoing.Expired.class);
        }
        assertThat(stands(leased)).isFalse();

        Session session = session(HOUR);
        Grant ofSession = a.in(session.id()).granted(table(), X, 40, 10);
        broken(ofSession);
        end(session);
        assertThat(undo(ofSession)).isInstanceOf(Undoing.Expired.class);
        assertThat(stands(ofSession)).isFalse();
        b.granted(table(), X, 0, EOF);
    }

    @Test
    @DisplayName("B25 an open whose ranges belong to a session that has ended since is not restored without them")
    void undoneWithoutSession() {
        Session session = session(HOUR);
        Grant open = h1.opened(table(), READS);
        Grant range = h1.in(session.id()).granted(table(), X, 0, 10);
        broken(open);
        end(session);
        assertThat(undo(open)).isInstanceOf(Undoing.Expired.class);
        assertGone(open);
        assertThat(stands(range)).isFalse();
    }

    @Test
    @DisplayName("B26 a break is undone once; the next break of the restored lock can be undone again")
    void undoneTwice() {
        Grant grant = a.granted(table(), X, 0, 10);
        assertThat(undo(grant)).isInstanceOf(Undoing.NothingBroken.class);
        broken(grant);
        Grant again = restored(grant);
        assertThat(undo(grant)).isInstanceOf(Undoing.NothingBroken.class);
        assertThat(found(grant)).isEqualTo(again);
        assertThat(broken(grant).grant()).isEqualTo(again);
        assertGone(again);
        Grant third = restored(grant);
        assertThat(third.token()).isGreaterThan(again.token());
        assertThat(isValid(again)).isFalse();
        assertThat(isValid(third)).isTrue();
    }

    @Test
    @DisplayName("B26 a break of a sweep can be undone; a release cannot, by the owner or by an administrator")
    void undoOfSweep() {
        Grant grant = a.granted(table(), X, 0, 10);
        announced(grant, SHORT);
        untilBroken(grant);
        Grant again = restored(grant);
        assertNotShown(again);
        release(again);
        assertThat(undo(grant)).isInstanceOf(Undoing.NothingBroken.class);
        Grant other = a.granted(table(), X, 20, 10);
        get(table().releaseGrant(other.id(), Optional.empty()));
        assertThat(undo(other)).isInstanceOf(Undoing.NothingBroken.class);
        assertThat(standing(a)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ asked twice

    private IdempotencyKey key() {
        return new IdempotencyKey(p, UUID.randomUUID().toString(), "request");
    }

    @Test
    @DisplayName("B27 a break that is repeated under its key is done once, and answered as before")
    void breakOnce() {
        Grant grant = a.granted(table(), X, 0, 10);
        WaiterId waiter = waits(b, X, 0, 10);
        get(queue().withdraw(waiter, Optional.of(q)));
        IdempotencyKey key = key();
        Standing first = get(breaker().once(key).breakNow(grant.id())).orElseThrow();
        assertThat(get(breaker().once(key).breakNow(grant.id()))).hasValueSatisfying(again -> {
            assertThat(again.grant()).isEqualTo(first.grant());
            assertThat(again.since()).isEqualTo(first.since());
        });
        Grant restored = restored(grant);
        assertThat(get(breaker().once(key).breakNow(grant.id()))).isPresent();
        assertThat(found(restored)).isEqualTo(restored);
        assertThat(get(breaker().once(key()).breakNow(grant.id()))).isPresent();
        assertGone(restored);
    }

    @Test
    @DisplayName("B27 an announcement that is repeated under its key is made once: what was cancelled stays cancelled")
    void announceOnce() {
        Session session = session(HOUR);
        Grant grant = a.in(session.id()).granted(table(), X, 0, 10);
        IdempotencyKey key = key();
        for (int i = 0; i < 2; i++) {
            assertThat(get(breaker().once(key).announce(grant.id(), HOUR, REASON)))
                    .hasValueSatisfying(
                            standing -> assertThat(standing.grant().id()).isEqualTo(grant.id()));
        }
        assertThat(renewed(session).notices()).hasSize(1);
        assertThat(cancelled(grant.id())).isTrue();
        assertThat(get(breaker().once(key).announce(grant.id(), HOUR, REASON))).isPresent();
        assertNotShown(found(grant));
        assertTells(renewed(session).notices(), words(Notice.Kind.CANCELLED, grant));
    }

    @Test
    @DisplayName("B27 a key belongs to one request: another that carries it is refused and breaks nothing")
    void keyReused() {
        Grant grant = a.granted(table(), X, 0, 10);
        Grant other = a.granted(table(), X, 20, 10);
        IdempotencyKey key = key();
        get(breaker().once(key).breakNow(grant.id()));
        LockBreaker reused = breaker().once(new IdempotencyKey(p, key.text(), "another request"));
        assertThatExceptionOfType(IdempotencyKeyException.class).isThrownBy(() -> get(reused.breakNow(other.id())));
        assertThatExceptionOfType(IdempotencyKeyException.class)
                .isThrownBy(() -> get(reused.announce(other.id(), HOUR, REASON)));
        assertThat(found(other)).isEqualTo(other);
    }
}
