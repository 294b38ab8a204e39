package io.lockgate.range;

import static io.lockgate.range.LockMode.DELETE;
import static io.lockgate.range.LockMode.EXCLUDE_DELETE;
import static io.lockgate.range.LockMode.EXCLUDE_READ;
import static io.lockgate.range.LockMode.EXCLUDE_WRITE;
import static io.lockgate.range.LockMode.READ;
import static io.lockgate.range.LockMode.WRITE;
import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static io.lockgate.testing.LockClient.granted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link RangeLockTable} must do with the opens of SMB, and with the byte ranges that end with them: the cases
 * O01 and further of CONFORMANCE.md. To put another store under test, extend this and give its tables. Each test has a
 * space and principals of its own.
 */
public abstract class OpensContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** Shorter than {@link io.lockgate.range.queue.LockQueue#POLL_WITHIN}. */
    private static final Duration BRIEF = Duration.ofSeconds(20);

    private static final Duration PAST_BRIEF = Duration.ofSeconds(21);

    /** Reads, and lets others do everything. */
    private static final LockModes READS = LockModes.of(READ);

    private static final LockModes WRITES = LockModes.of(WRITE);
    /** Reads, and lets nobody write. */
    private static final LockModes READS_STABLE = LockModes.of(READ, EXCLUDE_WRITE);
    /** Reads and writes, and lets nobody do anything. */
    private static final LockModes ALONE = LockModes.of(READ, WRITE, EXCLUDE_READ, EXCLUDE_WRITE, EXCLUDE_DELETE);

    private final String p =
            "opens-contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final String q = p + "-other";
    private LockSpace space = LockSpace.head(1);
    private LockClient h1 = LockClient.smb(space, "H1");
    private LockClient h2 = h1;
    private LockClient h3 = h1;
    /** Another principal's handle of the same name as {@link #h1}. */
    private LockClient stranger = h1;

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** The queues of {@link #table()}. */
    protected abstract DifferentialTest.Queues queues();

    /** The sessions of {@link #table()}. */
    protected abstract SessionTable sessions();

    /** The events of {@link #table()}. */
    protected abstract RangeEventLog log();

    /** Another table, with {@code cross-protocol=enforced}. */
    protected abstract LockQueueContract.Store enforced();

    /** A table with another {@code lockgate.limits.ranges-per-owner-and-space}. */
    protected abstract RangeLockTable tableWithLimit(int ranges);

    /** A table with another {@code lockgate.limits.grants-per-principal-and-bucket}. */
    protected abstract RangeLockTable tableWithGrantLimit(int grants);

    /** A space that nobody else uses. */
    protected LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    @BeforeEach
    void begin() {
        space = freshSpace();
        h1 = LockClient.smb(space, "H1").of(p);
        h2 = LockClient.smb(space, "H2").of(p);
        h3 = LockClient.smb(space, "H3").of(q);
        stranger = LockClient.smb(space, "H1").of(q);
    }

    // ------------------------------------------------------------------------------------------------------- helpers

    /** An open as {@code client} asks for it. */
    protected static LockSpec spec(LockClient client, LockModes modes) {
        return new LockSpec(
                Protocol.SMB, modes, ByteRange.ALL, client.owner(), "192.0.2.1", "node-1", client.lifetime());
    }

    private Acquisition outcome(RangeLockTable table, LockClient client, LockModes modes) {
        return get(table.acquire(client.space(), spec(client, modes)));
    }

    private Grant opened(LockClient client, LockModes modes) {
        return granted(outcome(table(), client, modes));
    }

    private Conflict refused(LockClient client, LockModes modes) {
        if (outcome(table(), client, modes) instanceof Acquisition.Refused(Conflict conflict)) {
            return conflict;
        }
        throw new AssertionError("not refused: " + modes);
    }

    private Optional<Conflict> test(LockClient client, LockModes modes) {
        return get(table().test(client.space(), spec(client, modes)));
    }

    private Release releaseOpens(LockClient client) {
        return get(table().releaseOpens(client.space(), OwnerSelector.exactly(client.owner()), Optional.empty()));
    }

    private Release releaseOpen(LockClient client, GrantId id) {
        return get(table().releaseOpens(client.space(), OwnerSelector.exactly(client.owner()), Optional.of(id)));
    }

    private Release release(Grant grant) {
        return get(table().releaseGrant(grant.id(), Optional.of(grant.owner().principal())));
    }

    private static Release released(int opens) {
        return new Release.Released(opens);
    }

    private static Release noSuchLock() {
        return new Release.NoSuchLock();
    }

    private GrantFilter opensHere() {
        return GrantFilter.ofFile(Protocol.SMB, space.fileId(), "").ofType(LockType.SHARE_MODE);
    }

    private List<Grant> listed(GrantFilter filter) {
        return get(table().list(filter, Cursor.START, 1_000)).grants();
    }

    private List<GrantId> opens() {
        return listed(opensHere()).stream().map(Grant::id).toList();
    }

    private List<GrantId> ranges() {
        return h1.standing(table()).stream().map(Grant::id).toList();
    }

    private long countRanges(LockClient client) {
        return get(table().countRanges(client.space(), client.owner()));
    }

    private boolean stands(Grant grant) {
        return get(table().find(grant.id())).isPresent();
    }

    /** A range that has ended counts nowhere: other handles may lock it, and its own handle too. */
    private void assertGone(Grant range) {
        assertThat(stands(range)).isFalse();
        assertThat(ranges()).doesNotContain(range.id());
        assertThat(get(table().check(range.space(), range.range(), range.token())))
                .isInstanceOf(FenceCheck.Invalid.class);
        assertThat(get(table().test(
                                range.space(),
                                new LockSpec(
                                        Protocol.SMB,
                                        X,
                                        range.range(),
                                        new Owner(q, "nobody", ""),
                                        "192.0.2.1",
                                        "node-1",
                                        LockLifetime.UNTIL_RELEASED))))
                .isEmpty();
        String principal = range.owner().principal();
        assertThat(get(table().confirm(range.id(), Protocol.SMB, principal))).isInstanceOf(Renewal.Lost.class);
        assertThat(get(table().releaseGrant(range.id(), Optional.of(principal))))
                .isEqualTo(noSuchLock());
    }

    private Session session(Duration ttl) {
        if (get(sessions().open(p, "", ttl)) instanceof SessionOpening.Opened(Session session)) {
            return session;
        }
        throw new AssertionError("not opened");
    }

    private List<GrantId> lostOf(Session session) {
        if (get(sessions().renew(session.id(), p)) instanceof SessionRenewal.Renewed renewed) {
            return renewed.lost().stream().map(Grant::id).toList();
        }
        throw new AssertionError("not renewed");
    }

    // ------------------------------------------------------------------------------------------------ queue helpers

    private Queueing ask(LockClient client, LockModes modes, Duration wait) {
        return get(queues().queue().acquire(client.space(), spec(client, modes), wait));
    }

    private WaiterId waits(LockClient client, LockModes modes) {
        return queued(ask(client, modes, HOUR));
    }

    private static WaiterId queued(Queueing answer) {
        if (answer instanceof Queueing.Queued queued) {
            return queued.id();
        }
        throw new AssertionError("not queued: " + answer);
    }

    private static void atOnce(Queueing answer) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Queueing.Decided.class,
                        decided -> assertThat(decided.outcome()).isInstanceOf(Acquisition.Granted.class));
    }

    private WaitOutcome poll(LockClient client, WaiterId id) {
        return get(queues().queue().poll(id, Optional.of(client.owner().principal())));
    }

    private WaitOutcome.Waiting stillWaits(LockClient client, WaiterId id) {
        WaitOutcome outcome = poll(client, id);
        assertThat(outcome).isInstanceOf(WaitOutcome.Waiting.class);
        return (WaitOutcome.Waiting) outcome;
    }

    private Grant provisional(LockClient client, WaiterId id) {
        if (poll(client, id) instanceof WaitOutcome.Granted(Grant grant)) {
            assertThat(grant.stage()).isInstanceOf(Grant.Provisional.class);
            return grant;
        }
        throw new AssertionError("not granted: " + poll(client, id));
    }

    private Grant confirmed(LockClient client, WaiterId id) {
        String principal = client.owner().principal();
        if (get(table().confirm(provisional(client, id).id(), Protocol.SMB, principal))
                instanceof Renewal.Renewed renewed) {
            assertThat(renewed.grant().stage()).isEqualTo(Grant.HELD);
            return renewed.grant();
        }
        throw new AssertionError("not confirmed");
    }

    private List<WaiterId> waiting(GrantFilter filter) {
        return get(queues().queue().list(filter, Cursor.START, 1_000)).waiters().stream()
                .map(Waiter::id)
                .toList();
    }

    // ------------------------------------------------------------------------------------------------------- sharing

    private static final int COMBINATIONS = 1 << 6;

    /** Bits 0 to 2: what it does; bits 3 to 5: what it denies of that. */
    private static LockModes ofBits(int bits) {
        Set<LockMode> modes = EnumSet.noneOf(LockMode.class);
        LockMode[] all = {READ, WRITE, DELETE, EXCLUDE_READ, EXCLUDE_WRITE, EXCLUDE_DELETE};
        for (int i = 0; i < all.length; i++) {
            if ((bits & 1 << i) != 0) {
                modes.add(all[i]);
            }
        }
        return LockModes.of(modes);
    }

    private static boolean conflict(int one, int other) {
        return (one >> 3 & other) != 0 || (other >> 3 & one & 7) != 0;
    }

    @Test
    @DisplayName("O01 two opens stand together exactly when neither does what the other denies, whoever has them")
    void sharing() {
        for (int held = 1; held < COMBINATIONS; held++) {
            LockSpace fresh = freshSpace();
            opened(h1.at(fresh), ofBits(held));
            for (int asked = 1; asked < COMBINATIONS; asked++) {
                String pair = ofBits(held) + " and " + ofBits(asked);
                boolean conflict = conflict(held, asked);
                assertThat(ofBits(held).conflictsWith(ofBits(asked))).as(pair).isEqualTo(conflict);
                assertThat(test(h1.at(fresh), ofBits(asked)).isPresent())
                        .as("one handle: " + pair)
                        .isEqualTo(conflict);
                Acquisition outcome = outcome(table(), h2.at(fresh), ofBits(asked));
                assertThat(outcome instanceof Acquisition.Refused)
                        .as("two handles: " + pair)
                        .isEqualTo(conflict);
                if (outcome instanceof Acquisition.Granted granted) {
                    assertThat(release(granted.grant())).isEqualTo(released(1));
                }
            }
            assertThat(releaseOpens(h1.at(fresh))).isEqualTo(released(1));
        }
    }

    @Test
    @DisplayName("O02 an open conflicts with one of its own handle, and a refusal names it with the time left")
    void ownHandle() {
        Grant alone = opened(h1.leasing(HOUR), ALONE);
        for (LockClient asking : List.of(h1, h1.named("another machine"), h2, stranger)) {
            Conflict conflict = refused(asking, READS);
            assertThat(conflict.blockers()).singleElement().satisfies(blocker -> {
                assertThat(blocker.id()).isEqualTo(alone.id());
                assertThat(blocker.modes()).isEqualTo(ALONE);
                assertThat(blocker.range()).isEqualTo(ByteRange.ALL);
                assertThat(blocker.stage()).isEqualTo(Grant.HELD);
            });
            assertThat(conflict.free()).isEmpty();
            assertThat(conflict.more()).isFalse();
            assertThat(conflict.retryAfter()).isBetween(HOUR.minusMinutes(1), HOUR);
            assertThat(test(asking, READS).orElseThrow().blockers())
                    .extracting(Grant::id)
                    .containsExactly(alone.id());
        }
        assertThat(opens()).containsExactly(alone.id());
    }

    @Test
    @DisplayName("O02 a refusal names the opens in the way and no others, the oldest first, sixteen at most")
    void blockers() {
        List<GrantId> readers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            readers.add(opened(h1, READS).id());
            opened(h2, WRITES);
        }
        Conflict conflict = refused(h3, LockModes.of(EXCLUDE_READ));
        assertThat(conflict.blockers())
                .extracting(Grant::id)
                .containsExactlyElementsOf(readers.subList(0, Conflict.MAX_BLOCKERS));
        assertThat(conflict.more()).isTrue();
        assertThat(conflict.free()).isEmpty();
        assertThat(conflict.retryAfter()).isNull();
    }

    @Test
    @DisplayName("O03 a handle may have several opens: each is a grant with an id and a token of its own")
    void severalOpens() {
        Grant first = opened(h1, READS);
        Grant second = opened(h1, READS);
        Grant third = opened(h1.named("another machine"), READS_STABLE);
        assertThat(opens()).containsExactly(first.id(), second.id(), third.id());
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(third.token()).isGreaterThan(second.token());
        assertThat(get(table().find(second.id()))).hasValueSatisfying(found -> {
            assertThat(found).isEqualTo(second);
            assertThat(found.modes()).isEqualTo(READS);
            assertThat(found.range()).isEqualTo(ByteRange.ALL);
            assertThat(found.protocol()).isEqualTo(Protocol.SMB);
        });
        assertThat(releaseOpen(h1, second.id())).isEqualTo(released(1));
        assertThat(releaseOpen(h1, second.id())).isEqualTo(noSuchLock());
        assertThat(opens()).containsExactly(first.id(), third.id());
        refused(h2, WRITES);
        assertThat(release(third)).isEqualTo(released(1));
        assertThat(release(third)).isEqualTo(noSuchLock());
        opened(h2, WRITES);
    }

    @Test
    @DisplayName("O03 every combination of modes is shown as it was asked for, and counted under its own name")
    void modesAreKept() {
        for (int bits = 1; bits < COMBINATIONS; bits++) {
            LockSpace fresh = freshSpace();
            Grant grant = opened(h1.at(fresh), ofBits(bits));
            assertThat(grant.modes()).isEqualTo(ofBits(bits));
            assertThat(get(table().find(grant.id())).orElseThrow().modes()).isEqualTo(ofBits(bits));
            GrantFilter here =
                    GrantFilter.ofFile(Protocol.SMB, fresh.fileId(), "").ofType(LockType.SHARE_MODE);
            List<String> names = new ArrayList<>();
            ofBits(bits).forEach(mode -> names.add(mode.name()));
            assertThat(get(table().count(here, CountBy.MODE))).isEqualTo(Map.of(String.join(",", names), 1L));
        }
    }

    @Test
    @DisplayName("O03 releasing opens that are not there, or another handle's, releases nothing")
    void releaseOfOthers() {
        Grant open = opened(h1, READS);
        Grant range = h2.granted(table(), X, 0, 10);
        assertThat(releaseOpens(h2)).isEqualTo(noSuchLock());
        assertThat(releaseOpens(stranger)).isEqualTo(noSuchLock());
        assertThat(releaseOpens(h1.at(freshSpace()))).isEqualTo(noSuchLock());
        assertThat(releaseOpen(h2, open.id())).isEqualTo(noSuchLock());
        assertThat(releaseOpen(stranger, open.id())).isEqualTo(noSuchLock());
        assertThat(releaseOpen(h2, range.id())).as("no open").isEqualTo(noSuchLock());
        assertThat(get(table().releaseGrant(open.id(), Optional.of(q)))).isEqualTo(noSuchLock());
        assertThat(stands(open)).isTrue();
        assertThat(stands(range)).isTrue();
        assertThat(releaseOpens(h1.named("another machine"))).isEqualTo(released(1));
    }

    @Test
    @DisplayName("O04 opens and byte ranges never conflict, in either order, also where the protocols see each other")
    void opensAndRanges() {
        LockQueueContract.Store enforced = enforced();
        for (RangeLockTable table : List.of(table(), enforced.table())) {
            LockSpace fresh = freshSpace();
            h1.at(fresh).granted(table, X, 0, 10);
            LockClient.nlm(fresh, "A").granted(table, X, 10, 0);
            granted(outcome(table, h1.at(fresh), ALONE));
            h2.at(fresh).granted(table, X, 20, 0);
            LockClient.nlm(fresh, "A").granted(table, X, 10, 0);
            assertThat(get(h2.at(fresh).test(table, X, 5, 1))).isPresent();
        }
        LockSpace fresh = freshSpace();
        granted(outcome(enforced.table(), h1.at(fresh), ALONE));
        LockClient.nlm(fresh, "A").granted(enforced.table(), X, 0, 10);
        h2.at(fresh).granted(enforced.table(), X, 20, 10);
        assertThat(h2.at(fresh).outcome(enforced.table(), S, 0, 1)).isInstanceOf(Acquisition.Refused.class);
    }

    @Test
    @DisplayName("O04 an unlock of a range never releases an open, and a release of opens no range of another handle")
    void unlockLeavesOpens() {
        Grant open = opened(h1, READS);
        Grant theirs = h2.granted(table(), X, 0, 10);
        assertThat(h1.released(table(), 0, ByteRange.MAX)).isEqualTo(-1);
        assertThat(get(table().release(
                                space, new UnlockSpec(Protocol.SMB, ByteRange.ALL, OwnerSelector.exactly(h1.owner())))))
                .isEqualTo(noSuchLock());
        assertThat(stands(open)).isTrue();
        assertThat(releaseOpens(h1)).isEqualTo(released(1));
        assertThat(ranges()).containsExactly(theirs.id());
    }

    @Test
    @DisplayName("O04 opens of streams, snapshots and files do not meet, and each ends its own ranges only")
    void spaces() {
        LockSpace stream = new LockSpace(space.fileId(), "7", space.snapshotId());
        LockSpace snapshot = new LockSpace(space.fileId(), space.streamId(), "snapshot");
        List<LockSpace> spaces = List.of(space, stream, snapshot, freshSpace());
        List<Grant> ranges = new ArrayList<>();
        for (LockSpace each : spaces) {
            opened(h1.at(each), ALONE);
            ranges.add(h1.at(each).granted(table(), X, 0, 10));
        }
        for (int i = 0; i < spaces.size(); i++) {
            assertThat(countRanges(h1.at(spaces.get(i)))).isEqualTo(1);
            assertThat(releaseOpens(h1.at(spaces.get(i)))).isEqualTo(released(1));
            assertThat(countRanges(h1.at(spaces.get(i)))).isZero();
            assertThat(ranges.stream().filter(this::stands).toList())
                    .extracting(Grant::id)
                    .isEqualTo(ranges.subList(i + 1, ranges.size()).stream()
                            .map(Grant::id)
                            .toList());
        }
    }

    // --------------------------------------------------------------------------------- ranges end with the last open

    @Test
    @DisplayName("O05 ranges of a handle end with its last open, in the same step, and not with any other of its opens")
    void lastOpen() {
        Grant before = h1.granted(table(), X, 0, 10);
        Grant first = opened(h1, READS);
        Grant between = h1.granted(table(), S, 20, 10);
        Grant second = opened(h1, WRITES);
        Grant third = opened(h1, READS);
        Grant after = h1.named("another machine").leasing(HOUR).granted(table(), X, 40, 0);
        Grant theirs = h2.granted(table(), X, 60, 10);
        Grant strangers = stranger.granted(table(), X, 80, 10);
        assertThat(release(first)).isEqualTo(released(1));
        assertThat(releaseOpen(h1, third.id())).isEqualTo(released(1));
        assertThat(countRanges(h1)).isEqualTo(3);
        assertThat(ranges()).containsExactly(before.id(), between.id(), after.id(), theirs.id(), strangers.id());
        assertThat(release(second)).isEqualTo(released(1));
        assertThat(countRanges(h1)).isZero();
        assertThat(ranges()).containsExactly(theirs.id(), strangers.id());
        List.of(before, between, after).forEach(this::assertGone);
    }

    @Test
    @DisplayName("O05 a release of all opens of a handle ends its ranges, and leaves opens and ranges of others")
    void allOpens() {
        opened(h1, READS);
        opened(h1, WRITES);
        Grant range = h1.granted(table(), X, 0, 10);
        Grant otherOpen = opened(h2, READS);
        Grant strangersOpen = opened(stranger, READS);
        Grant otherRange = h2.granted(table(), X, 20, 10);
        Grant strangersRange = stranger.granted(table(), X, 40, 10);
        assertThat(releaseOpens(h1)).isEqualTo(released(2));
        assertGone(range);
        assertThat(opens()).containsExactly(otherOpen.id(), strangersOpen.id());
        assertThat(ranges()).containsExactly(otherRange.id(), strangersRange.id());
        assertThat(releaseOpens(h1)).isEqualTo(noSuchLock());
    }

    @Test
    @DisplayName("O05 many ranges of a handle end with its last open")
    void manyRanges() {
        Grant open = opened(h1, READS);
        for (int i = 0; i < 700; i++) {
            h1.granted(table(), X, 10L * i, 10);
        }
        Grant theirs = h2.granted(table(), X, 10_000, 10);
        assertThat(countRanges(h1)).isEqualTo(700);
        assertThat(release(open)).isEqualTo(released(1));
        assertThat(countRanges(h1)).isZero();
        assertThat(ranges()).containsExactly(theirs.id());
        h2.granted(table(), X, 0, 7_000);
    }

    @Test
    @DisplayName("O06 an administrator ends opens by id, by handle and by filter, and with the last one its ranges")
    void administrators() {
        Grant range = h1.granted(table(), X, 0, 10);
        Grant open = opened(h1, READS);
        assertThat(get(table().releaseGrant(open.id(), Optional.empty()))).isEqualTo(released(1));
        assertGone(range);

        // Of every principal that has a handle of that name.
        opened(h1, READS);
        opened(stranger, READS);
        Grant kept = opened(h2, READS);
        List<Grant> theirs = List.of(h1.granted(table(), X, 0, 10), stranger.granted(table(), X, 20, 10));
        Grant others = h2.granted(table(), X, 40, 10);
        assertThat(get(table().releaseOpens(space, OwnerSelector.anybody("H1"), Optional.empty())))
                .isEqualTo(released(2));
        theirs.forEach(this::assertGone);
        assertThat(ranges()).containsExactly(others.id());
        assertThat(opens()).containsExactly(kept.id());

        Grant more = opened(h2, WRITES);
        assertThat(get(table().releaseOpens(space, OwnerSelector.anybody("H2"), Optional.of(more.id()))))
                .isEqualTo(released(1));
        assertThat(ranges()).containsExactly(others.id());
        h3.granted(table(), X, 60, 10);
        opened(h2, WRITES);
        assertThat(get(table().releaseAll(opensHere())))
                .as("as many as the filter matches")
                .isEqualTo(2);
        assertGone(others);
        assertThat(countRanges(h3)).as("had no open").isEqualTo(1);
    }

    @Test
    @DisplayName(
            "O06 a release of everything that a filter matches touches the locks of its type, and what ends with them")
    void releaseAllByType() {
        Grant open = opened(h1, READS);
        h1.granted(table(), X, 0, 10);
        h2.granted(table(), X, 20, 10);
        assertThat(get(table().releaseAll(opensHere().ofType(LockType.BYTE_RANGE))))
                .isEqualTo(2);
        assertThat(ranges()).isEmpty();
        assertThat(opens()).containsExactly(open.id());
        Grant range = h1.granted(table(), X, 0, 10);
        Grant theirs = h3.granted(table(), X, 20, 10);
        Grant theirOpen = opened(h3, READS);
        assertThat(get(table().releaseAll(opensHere().ofPrincipal(p)))).isEqualTo(1);
        assertGone(range);
        assertThat(ranges()).containsExactly(theirs.id());
        assertThat(opens()).containsExactly(theirOpen.id());
    }

    @Test
    @DisplayName("O06 a session is told of an open that others released, and of its ranges that ended with one")
    void lostInASession() {
        Session session = session(HOUR);
        LockClient inSession = h1.in(session.id());
        Grant open = opened(inSession, READS);
        Grant range = inSession.granted(table(), X, 0, 10);
        h1.granted(table(), X, 20, 10);
        get(table().releaseGrant(open.id(), Optional.empty()));
        assertThat(lostOf(session)).containsExactlyInAnyOrder(open.id(), range.id());
        assertThat(countRanges(h1)).isZero();

        opened(h1.leasing(HOUR), READS);
        Grant second = inSession.granted(table(), X, 0, 10);
        get(table().releaseOpens(space, OwnerSelector.anybody("H1"), Optional.empty()));
        assertThat(lostOf(session)).as("the open had a lease").containsExactly(second.id());

        Grant third = opened(inSession, READS);
        Grant withThird = inSession.granted(table(), X, 0, 10);
        get(table().releaseAll(opensHere()));
        assertThat(lostOf(session)).containsExactlyInAnyOrder(third.id(), withThird.id());

        opened(inSession, READS);
        inSession.granted(table(), X, 0, 10);
        releaseOpens(h1);
        assertThat(lostOf(session)).as("released by its own handle").isEmpty();
    }

    @Test
    @DisplayName("O07 ranges end in the moment the lease of the last open does, also those without a lease")
    void lastLease() {
        Grant sooner = opened(h1.leasing(SHORT), READS);
        Grant last = opened(h1.leasing(SHORT.multipliedBy(2)), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        Grant leased = h1.leasing(HOUR).granted(table(), X, 20, 10);
        Grant inSession = h1.in(session(HOUR).id()).granted(table(), X, 40, 10);
        Grant theirs = h2.granted(table(), X, 60, 10);
        await().until(() -> !stands(sooner));
        await().until(() -> {
            // In this order: an open that stands when it is read stood before, and so did its range.
            boolean rangeStands = stands(range);
            boolean openStands = stands(last);
            assertThat(rangeStands || !openStands)
                    .as("a range without its open")
                    .isTrue();
            return !openStands;
        });
        assertThat(countRanges(h1)).isZero();
        List.of(range, leased, inSession).forEach(this::assertGone);
        assertThat(ranges()).containsExactly(theirs.id());
        assertThat(get(table().count(GrantFilter.ofFile(Protocol.SMB, space.fileId(), ""), CountBy.OWNER_ADDRESS)))
                .isEqualTo(Map.of("192.0.2.1", 1L));
        assertThat(h1.released(table(), 0, 10)).isEqualTo(-1);
        h3.granted(table(), X, 0, 60);
        get(table().sweep());
        List.of(range, leased, inSession)
                .forEach(gone -> assertThat(stands(gone)).isFalse());
        assertThat(countRanges(h3)).isEqualTo(1);
        assertThat(stands(theirs)).isTrue();
    }

    @Test
    @DisplayName("O07 an expired open does not hold others off, is listed nowhere, and its renewal is lost")
    void expiredOpen() {
        Grant open = opened(h1.leasing(SHORT), ALONE);
        refused(h2, READS);
        await().until(() -> !stands(open));
        assertThat(test(h2, READS)).isEmpty();
        assertThat(opens()).isEmpty();
        assertThat(get(table().renew(open.id(), Protocol.SMB, p, HOUR))).isInstanceOf(Renewal.Lost.class);
        assertThat(release(open)).isEqualTo(noSuchLock());
        assertThat(releaseOpens(h1)).isEqualTo(noSuchLock());
        assertThat(opened(h2, ALONE).token()).isGreaterThan(open.token());
    }

    @Test
    @DisplayName("O07 a renewed open keeps its ranges beyond its first end")
    void renewedOpen() {
        Grant sooner = opened(h2.leasing(SHORT), READS);
        Grant open = opened(h1.leasing(SHORT), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        Renewal renewal = get(table().renew(open.id(), Protocol.SMB, p, HOUR));
        if (renewal instanceof Renewal.Lost) {
            // The machine was too slow to say anything.
            return;
        }
        assertThat(renewal).isInstanceOfSatisfying(Renewal.Renewed.class, renewed -> {
            assertThat(renewed.grant().id()).isEqualTo(open.id());
            assertThat(renewed.grant().token()).isEqualTo(open.token());
            assertThat(renewed.grant().modes()).isEqualTo(READS);
            assertThat(renewed.grant().expiresIn()).isBetween(HOUR.minusMinutes(1), HOUR);
        });
        await().until(() -> !stands(sooner));
        await().pollDelay(SHORT).until(() -> true);
        assertThat(stands(range)).isTrue();
        assertThat(stands(open)).isTrue();
        assertThat(get(table().confirm(open.id(), Protocol.SMB, p))).isInstanceOf(Renewal.Renewed.class);
        Grant forGood = opened(h1, READS);
        assertThat(get(table().renew(forGood.id(), Protocol.SMB, p, HOUR))).isInstanceOf(Renewal.NotLeased.class);
        assertThat(get(table().confirm(forGood.id(), Protocol.SMB, p)))
                .isInstanceOfSatisfying(
                        Renewal.Renewed.class,
                        renewed -> assertThat(renewed.grant()).isEqualTo(forGood));
    }

    @Test
    @DisplayName("O08 the end of a session ends its opens, and the ranges of handles that had no other")
    void endOfASession() {
        Session session = session(HOUR);
        LockClient inSession = h1.in(session.id());
        Grant open = opened(inSession, ALONE);
        Grant range = h1.granted(table(), X, 0, 10);
        Grant other = opened(h2.at(space).in(session.id()), LockModes.of(EXCLUDE_DELETE));
        Grant keeps = opened(h2, LockModes.of(EXCLUDE_DELETE));
        Grant kept = h2.granted(table(), X, 20, 10);
        LockSpace elsewhere = freshSpace();
        opened(inSession.at(elsewhere), READS);
        Grant far = h1.at(elsewhere).leasing(HOUR).granted(table(), X, 0, 10);
        assertThat(get(sessions().end(session.id(), Optional.of(p)))).isInstanceOf(SessionEnding.Ended.class);
        assertThat(stands(open)).isFalse();
        assertThat(stands(other)).isFalse();
        assertGone(range);
        assertGone(far);
        assertThat(opens()).containsExactly(keeps.id());
        assertThat(ranges()).containsExactly(kept.id());
    }

    @Test
    @DisplayName("O08 an expired session ends the ranges of handles whose last open was its own")
    void expiredSession() {
        Session session = session(SHORT);
        Grant open = opened(h1.in(session.id()), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        await().until(() -> get(sessions().find(session.id())).isEmpty());
        await().until(() -> !stands(open));
        assertThat(countRanges(h1)).isZero();
        assertGone(range);
    }

    @Test
    @DisplayName("O09 ranges of a handle that never had an open there stay when opens of others end")
    void rangesWithoutAnOpen() {
        Grant range = h1.granted(table(), X, 0, 10);
        opened(h1.at(freshSpace()), READS);
        opened(h2, READS);
        Grant brief = opened(h3.leasing(SHORT), READS);
        releaseOpens(h2);
        await().until(() -> !stands(brief));
        assertThat(ranges()).containsExactly(range.id());
        assertThat(countRanges(h1)).isEqualTo(1);
        assertThat(h1.released(table(), 0, 10)).isEqualTo(1);
        assertThat(countRanges(h1)).isZero();
    }

    @Test
    @DisplayName("O09 releasing ranges ends no open, and ranges of other protocols under the same owner stay")
    void rangesOfOthers() {
        LockClient posix = h1.over(Protocol.NLM);
        Grant nlm = posix.granted(table(), X, 0, 10);
        Grant open = opened(h1, READS);
        h1.granted(table(), X, 0, 10);
        assertThat(countRanges(h1)).isEqualTo(1);
        assertThat(h1.released(table(), 0, 10)).isEqualTo(1);
        assertThat(stands(open)).isTrue();
        assertThat(release(open)).isEqualTo(released(1));
        assertThat(stands(nlm)).isTrue();
    }

    @Test
    @DisplayName("O10 neither an open nor a range that comes after the last open revives what ended with it")
    void nothingRevives() {
        opened(h1, READS);
        Grant first = h1.granted(table(), X, 0, 10);
        releaseOpens(h1);
        Grant open = opened(h1, READS);
        assertGone(first);
        assertThat(countRanges(h1)).isZero();
        Grant second = h1.granted(table(), X, 0, 10);
        assertThat(second.token()).isGreaterThan(first.token());
        release(open);
        assertGone(second);
        Grant third = h1.granted(table(), X, 20, 10);
        assertGone(second);
        assertThat(ranges()).containsExactly(third.id());
    }

    @Test
    @DisplayName(
            "O10 an open and a range acquired after the last open has expired are new, whether it was swept or not")
    void nothingRevivesAfterExpiry() {
        for (boolean sweep : List.of(false, true)) {
            LockSpace fresh = freshSpace();
            LockClient handle = h1.at(fresh);
            Grant brief = opened(handle.leasing(SHORT), READS);
            Grant first = handle.granted(table(), X, 0, 10);
            await().until(() -> !stands(brief));
            if (sweep) {
                get(table().sweep());
            }
            Grant after = handle.granted(table(), X, 20, 10);
            Grant open = opened(handle, READS);
            Grant later = handle.granted(table(), X, 40, 10);
            assertThat(stands(first)).isFalse();
            assertThat(handle.standing(table())).extracting(Grant::id).containsExactly(after.id(), later.id());
            assertThat(countRanges(handle)).isEqualTo(2);
            get(table().sweep());
            assertThat(countRanges(handle)).isEqualTo(2);
            release(open);
            assertThat(countRanges(handle)).isZero();
        }
    }

    @Test
    @DisplayName("O11 an open that is rolled back leaves the ranges of its handle, as ranges without an open")
    void rolledBack() {
        Grant range = h1.granted(table(), X, 0, 10);
        Acquisition.Granted granted = (Acquisition.Granted) outcome(table(), h1, ALONE);
        Grant meanwhile = h1.granted(table(), X, 20, 10);
        assertThat(get(table().rollBack(granted.request()))).isTrue();
        assertThat(get(table().rollBack(granted.request()))).isFalse();
        assertThat(opens()).isEmpty();
        assertThat(ranges()).containsExactly(range.id(), meanwhile.id());
        opened(h2, ALONE);
        releaseOpens(h2);
        get(table().sweep());
        assertThat(ranges()).containsExactly(range.id(), meanwhile.id());
        opened(h1, READS);
        releaseOpens(h1);
        assertThat(ranges()).isEmpty();
    }

    @Test
    @DisplayName("O11 a rollback takes back one open and no other of the handle")
    void rolledBackAlone() {
        Grant first = opened(h1, READS);
        Acquisition.Granted granted = (Acquisition.Granted) outcome(table(), h1.leasing(HOUR), READS);
        Grant range = h1.granted(table(), X, 0, 10);
        assertThat(get(table().rollBack(granted.request()))).isTrue();
        assertThat(opens()).containsExactly(first.id());
        assertThat(stands(range)).isTrue();
        release(first);
        assertGone(range);
    }

    @Test
    @DisplayName("O11 the rollback of an open that has expired brings no range back")
    void rolledBackTooLate() {
        Grant range = h1.granted(table(), X, 0, 10);
        Acquisition.Granted granted = (Acquisition.Granted) outcome(table(), h1.leasing(SHORT), READS);
        await().until(() -> !stands(granted.grant()));
        get(table().rollBack(granted.request()));
        assertGone(range);
        get(table().sweep());
        assertGone(range);
    }

    @ParameterizedTest(name = "swept: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "O11 an open that came to another ends as any does when it is rolled back: behind it the ranges have ended")
    void rolledBackLast(boolean swept) {
        Grant told = opened(h1.leasing(SHORT), READS);
        Acquisition.Granted untold = (Acquisition.Granted) outcome(table(), h1, READS);
        Grant range = h1.granted(table(), X, 0, 10);
        await().until(() -> !stands(told));
        if (swept) {
            get(table().sweep());
        }
        assertThat(stands(range)).isTrue();
        assertThat(get(table().rollBack(untold.request()))).isTrue();
        assertGone(range);
    }

    // ---------------------------------------------------------------------------------------- limits, lists, tokens

    @Test
    @DisplayName("O12 the limit of ranges of an owner in a space counts its opens and ranges together")
    void limitOfAnOwner() {
        RangeLockTable limited = tableWithLimit(3);
        granted(outcome(limited, h1, READS));
        h1.granted(limited, X, 0, 10);
        Grant last = granted(outcome(limited, h1, READS));
        assertThat(outcome(limited, h1, READS)).isEqualTo(new Acquisition.TooManyRanges(3));
        assertThat(h1.outcome(limited, X, 20, 10)).isEqualTo(new Acquisition.TooManyRanges(3));
        assertThat(get(limited.list(opensHere(), Cursor.START, 10)).grants()).hasSize(2);
        granted(outcome(limited, h2, READS));
        granted(outcome(limited, stranger, READS));
        granted(outcome(limited, h1.at(freshSpace()), READS));
        get(limited.releaseGrant(last.id(), Optional.of(p)));
        h1.granted(limited, X, 20, 10);
    }

    @Test
    @DisplayName("O12 what ended with the last open counts no more, by release and by expiry")
    void limitAfterTheEnd() {
        RangeLockTable limited = tableWithLimit(2);
        h1.granted(limited, X, 0, 10);
        granted(outcome(limited, h1, READS));
        get(limited.releaseOpens(space, OwnerSelector.exactly(h1.owner()), Optional.empty()));
        h1.granted(limited, X, 0, 10);
        Grant brief = granted(outcome(limited, h1.leasing(SHORT), READS));
        await().until(() -> get(limited.find(brief.id())).isEmpty());
        h1.granted(limited, X, 0, 10);
        h1.granted(limited, X, 20, 10);
        assertThat(outcome(limited, h1, READS)).isEqualTo(new Acquisition.TooManyRanges(2));
    }

    @Test
    @DisplayName("O12 the limit of grants of a principal counts its opens and ranges together")
    void limitOfAPrincipal() {
        RangeLockTable limited = tableWithGrantLimit(3);
        granted(outcome(limited, h1, READS));
        h1.granted(limited, X, 0, 10);
        granted(outcome(limited, h2, READS));
        assertThat(outcome(limited, h2, READS)).isEqualTo(new Acquisition.TooManyGrants(3));
        assertThat(h2.outcome(limited, X, 20, 10)).isEqualTo(new Acquisition.TooManyGrants(3));
        granted(outcome(limited, h3, READS));
        get(limited.releaseOpens(space, OwnerSelector.exactly(h1.owner()), Optional.empty()));
        granted(outcome(limited, h2, READS));
        h2.granted(limited, X, 20, 10);
        assertThat(outcome(limited, h1, READS)).isEqualTo(new Acquisition.TooManyGrants(3));
    }

    @Test
    @DisplayName("O13 lists and counts show either opens or byte ranges, a session both, and each is found by its id")
    void lists() {
        Session session = session(HOUR);
        LockClient inSession = h1.in(session.id());
        Grant open = opened(inSession, READS);
        Grant range = inSession.granted(table(), X, 0, 10);
        Grant second = opened(h2.named("m2"), WRITES);
        Grant third = opened(h3, READS);
        assertThat(opens()).containsExactly(open.id(), second.id(), third.id());
        assertThat(listed(opensHere())).allMatch(grant -> grant.modes().type() == LockType.SHARE_MODE);
        assertThat(ranges()).containsExactly(range.id());
        assertThat(listed(opensHere().ofPrincipal(p))).extracting(Grant::id).containsExactly(open.id(), second.id());
        assertThat(listed(new GrantFilter(
                        Protocol.SMB,
                        LockType.SHARE_MODE,
                        Optional.empty(),
                        Optional.of("192.0.2.1"),
                        Optional.of("m2"),
                        Optional.of("H2"),
                        Optional.of(p))))
                .extracting(Grant::id)
                .containsExactly(second.id());
        assertThat(listed(GrantFilter.all(Protocol.SMB).ofPrincipal(p)))
                .extracting(Grant::id)
                .containsExactly(range.id());
        assertThat(listed(opensHere().ofType(LockType.BYTE_RANGE).ofPrincipal(q)))
                .isEmpty();
        assertThat(get(table().count(opensHere(), CountBy.MODE))).isEqualTo(Map.of("READ", 2L, "WRITE", 1L));
        assertThat(get(table().count(opensHere(), CountBy.OWNER_ADDRESS))).isEqualTo(Map.of("192.0.2.1", 3L));
        assertThat(get(table().count(opensHere().ofType(LockType.BYTE_RANGE), CountBy.MODE)))
                .isEqualTo(Map.of("EXCLUSIVE", 1L));
        assertThat(get(sessions().grants(session.id(), Cursor.START, 10)).grants())
                .extracting(Grant::id)
                .containsExactly(open.id(), range.id());
        assertThat(stands(range)).isTrue();
        assertThat(stands(open)).isTrue();
    }

    @Test
    @DisplayName(
            "O13 walking a list of opens by pages shows every open once, in the order of ids, past all ranges between")
    void pages() {
        List<GrantId> expected = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            expected.add(opened(h1, READS).id());
            for (int j = 0; j < 5; j++) {
                h1.granted(table(), S, 0, 10);
            }
        }
        List<GrantId> seen = new ArrayList<>();
        Cursor place = Cursor.START;
        GrantPage page = get(table().list(opensHere(), place, 5));
        while (!page.grants().isEmpty()) {
            page.grants().forEach(grant -> seen.add(grant.id()));
            assertThat(page.grants())
                    .hasSize(Math.min(
                            5, expected.size() - seen.size() + page.grants().size()));
            page = get(table().list(opensHere(), page.next(), 5));
        }
        assertThat(seen).isEqualTo(expected);
        assertThat(ranges()).hasSize(60);
    }

    @Test
    @DisplayName("O14 the token of an open is valid for every range of its space while it stands, and nowhere else")
    void tokens() {
        Grant open = opened(h1, READS);
        for (ByteRange range :
                List.of(h1.range(0, 1), h1.range(1L << 53, 10), ByteRange.between(-1, -1), ByteRange.between(7, -1))) {
            assertThat(get(table().check(space, range, open.token())))
                    .isInstanceOfSatisfying(
                            FenceCheck.Valid.class,
                            valid -> assertThat(valid.grant().id()).isEqualTo(open.id()));
            assertThat(get(table().check(freshSpace(), range, open.token()))).isInstanceOf(FenceCheck.Invalid.class);
        }
        assertThat(get(table().check(space, ByteRange.ALL, open.token()))).isInstanceOf(FenceCheck.Valid.class);
        Grant range = h1.granted(table(), X, 0, 10);
        assertThat(range.token()).isGreaterThan(open.token());
        assertThat(get(table().check(space, ByteRange.ALL, range.token()))).isInstanceOf(FenceCheck.Invalid.class);
        release(open);
        assertThat(get(table().check(space, h1.range(0, 1), open.token()))).isInstanceOf(FenceCheck.Invalid.class);
        assertThat(opened(h1, READS).token()).isGreaterThan(range.token());
    }

    @Test
    @DisplayName("O15 a test of an open answers as its acquire would, and acquires nothing")
    void tested() {
        Grant range = h1.granted(table(), X, 0, 10);
        assertThat(test(h1, ALONE)).isEmpty();
        assertThat(test(h1.leasing(SHORT), ALONE)).isEmpty();
        assertThat(opens()).isEmpty();
        get(table().sweep());
        assertThat(stands(range)).isTrue();
        opened(h2, READS_STABLE);
        assertThat(test(h1, READS)).isEmpty();
        assertThat(test(h1, WRITES)).isPresent();
        refused(h1, WRITES);
    }

    @Test
    @DisplayName("O16 an open that is repeated under its key is the same open, as long as it stands")
    void acquiredOnce() {
        RangeLockTable once = table().once(new IdempotencyKey(p, "open", "request"));
        Grant first = granted(outcome(once, h1, ALONE));
        assertThat(granted(outcome(once, h1, ALONE))).isEqualTo(first);
        assertThat(opens()).containsExactly(first.id());
        release(first);
        assertThatExceptionOfType(IdempotencyKeyException.class)
                .isThrownBy(() -> outcome(once, h1, ALONE))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(IdempotencyKeyException.Reason.LOST));
        assertThat(opens()).isEmpty();
    }

    @Test
    @DisplayName("O16 a release of opens that is repeated under its key releases nothing that came since")
    void releasedOnce() {
        RangeLockTable once = table().once(new IdempotencyKey(p, "close", "request"));
        opened(h1, READS);
        opened(h1, READS);
        h1.granted(table(), X, 0, 10);
        OwnerSelector handle = OwnerSelector.exactly(h1.owner());
        assertThat(get(once.releaseOpens(space, handle, Optional.empty()))).isEqualTo(released(2));
        Grant open = opened(h1, READS);
        Grant range = h1.granted(table(), X, 0, 10);
        assertThat(get(once.releaseOpens(space, handle, Optional.empty()))).isEqualTo(released(2));
        assertThat(stands(open)).isTrue();
        assertThat(stands(range)).isTrue();
    }

    @Test
    @DisplayName("O16 a repeated acquire of a range that ended with the last open is told that it was lost")
    void rangeUnderAKeyIsLost() {
        RangeLockTable once = table().once(new IdempotencyKey(p, "range", "request"));
        Grant open = opened(h1, READS);
        h1.granted(once, X, 0, 10);
        release(open);
        assertThatExceptionOfType(IdempotencyKeyException.class)
                .isThrownBy(() -> h1.outcome(once, X, 0, 10))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(IdempotencyKeyException.Reason.LOST));
    }

    // --------------------------------------------------------------------------------------------------------- queue

    @Test
    @DisplayName("O17 opens wait in order of arrival, and each is served when what denies it has ended")
    void order() {
        Grant alone = opened(h1, ALONE);
        WaiterId first = waits(h2, READS_STABLE);
        WaiterId second = waits(h3, WRITES);
        WaiterId third = waits(h3, READS);
        assertThat(stillWaits(h2, first).blockers()).extracting(Grant::id).containsExactly(alone.id());
        assertThat(stillWaits(h2, first).position()).isZero();
        assertThat(stillWaits(h3, second).position()).isEqualTo(1);
        assertThat(stillWaits(h3, third).position()).as("both read").isZero();
        assertThat(stillWaits(h3, second).waiter().asked().modes()).isEqualTo(WRITES);
        assertThat(stillWaits(h3, second).waiter().asked().range()).isEqualTo(ByteRange.ALL);
        release(alone);
        Grant reader = confirmed(h2, first);
        confirmed(h3, third);
        assertThat(stillWaits(h3, second).blockers()).extracting(Grant::id).containsExactly(reader.id());
        assertThat(stillWaits(h3, second).position()).isZero();
        release(reader);
        assertThat(confirmed(h3, second).token()).isGreaterThan(reader.token());
        assertThat(opens()).hasSize(2);
    }

    @Test
    @DisplayName(
            "O17 a waiting open holds back later ones that conflict with it, also of its own handle, and no others")
    void heldBack() {
        opened(h1, READS);
        WaiterId waiter = waits(h2, LockModes.of(EXCLUDE_READ));
        for (LockClient asking : List.of(h2, h3)) {
            Conflict conflict = refused(asking, READS);
            assertThat(conflict.blockers()).singleElement().satisfies(blocker -> {
                assertThat(blocker.stage()).isInstanceOf(Grant.Waiting.class);
                assertThat(blocker.modes()).isEqualTo(LockModes.of(EXCLUDE_READ));
            });
            assertThat(conflict.free()).isEmpty();
            assertThat(test(asking, READS)).isPresent();
        }
        WaiterId behind = waits(h3, READS);
        assertThat(stillWaits(h3, behind).position()).isEqualTo(1);
        opened(h3, WRITES);
        opened(h3.at(freshSpace()), READS);
        get(queues().queue().withdraw(waiter, Optional.of(p)));
        confirmed(h3, behind);
    }

    @Test
    @DisplayName("O18 a handle with one open that does and denies as much passes who waits, if no grant is in its way")
    void passing() {
        opened(h1, LockModes.of(READ, WRITE, EXCLUDE_DELETE));
        opened(h3, READS);
        opened(h3, WRITES);
        waits(h2, LockModes.of(EXCLUDE_READ, EXCLUDE_WRITE));
        opened(h1, READS);
        opened(h1.named("another machine"), LockModes.of(READ, WRITE));
        opened(h1, LockModes.of(READ, WRITE, EXCLUDE_DELETE));
        opened(h3, READS);
        refused(h3, LockModes.of(READ, WRITE));
        refused(h1, LockModes.of(READ, DELETE));
        refused(stranger, READS);
        assertThat(refused(h1, LockModes.of(READ, EXCLUDE_WRITE)).blockers())
                .as("grants are in the way")
                .anyMatch(blocker -> blocker.stage().equals(Grant.HELD));
    }

    @Test
    @DisplayName("O18 an open that has ended lets nobody pass")
    void passingEnds() {
        opened(h3, READS);
        Grant brief = opened(h1.leasing(SHORT), READS);
        waits(h2, LockModes.of(EXCLUDE_READ));
        await().until(() -> !stands(brief));
        refused(h1, READS);
        Grant range = h1.granted(table(), X, 0, 10);
        refused(h1, READS);
        assertThat(stands(range)).isTrue();
    }

    @Test
    @DisplayName("O19 a provisional open holds others off, keeps no ranges, and its token is not good")
    void provisionalOpen() {
        Grant alone = opened(h2, ALONE);
        Grant range = h1.granted(table(), X, 0, 10);
        WaiterId id = waits(h1, READS_STABLE);
        release(alone);
        Grant provisional = provisional(h1, id);
        assertThat(provisional.modes()).isEqualTo(READS_STABLE);
        assertThat(provisional.range()).isEqualTo(ByteRange.ALL);
        assertThat(refused(h2, WRITES).blockers())
                .singleElement()
                .satisfies(blocker -> assertThat(blocker.stage()).isInstanceOf(Grant.Provisional.class));
        assertThat(get(table().check(space, h1.range(0, 1), provisional.token())))
                .isInstanceOf(FenceCheck.Invalid.class);
        assertThat(opens()).isEmpty();
        assertThat(releaseOpens(h1)).as("no open yet").isEqualTo(noSuchLock());
        assertThat(releaseOpen(h1, provisional.id())).as("no open yet").isEqualTo(noSuchLock());
        assertThat(release(provisional)).isEqualTo(released(1));
        assertThat(stands(range)).as("there was no open").isTrue();

        Grant open = opened(h1, READS);
        Grant other = opened(h2, LockModes.of(EXCLUDE_DELETE));
        WaiterId second = waits(h1, LockModes.of(DELETE));
        release(other);
        provisional(h1, second);
        release(open);
        assertGone(range);
        Grant after = h1.granted(table(), X, 0, 10);
        Grant confirmed = confirmed(h1, second);
        assertThat(stands(after)).isTrue();
        release(confirmed);
        assertGone(after);
    }

    @Test
    @DisplayName("O19 a confirmed open keeps the ranges of its handle, and its lease runs from the confirmation")
    void confirmedOpen() {
        Grant alone = opened(h2, ALONE);
        WaiterId id = waits(h1.leasing(HOUR), READS);
        release(alone);
        Grant open = confirmed(h1, id);
        assertThat(open.expiresIn()).isBetween(HOUR.minusMinutes(1), HOUR);
        Grant range = h1.granted(table(), X, 0, 10);
        assertThat(opens()).containsExactly(open.id());
        assertThat(get(table().check(space, h1.range(5, 1), open.token()))).isInstanceOf(FenceCheck.Valid.class);
        release(open);
        assertGone(range);
    }

    @Test
    @DisplayName("O20 an open that waited in vain is told so with what it asked for, and holds nobody back any more")
    void timedOut() {
        opened(h1, READS);
        WaiterId id = queued(ask(h2, LockModes.of(EXCLUDE_READ), BRIEF));
        refused(h3, READS);
        queues().age(id, PAST_BRIEF);
        opened(h3, READS);
        assertThat(poll(h2, id)).isInstanceOfSatisfying(WaitOutcome.TimedOut.class, outcome -> {
            Grant asked = outcome.waiter().asked();
            assertThat(asked.modes()).isEqualTo(LockModes.of(EXCLUDE_READ));
            assertThat(asked.range()).isEqualTo(ByteRange.ALL);
            assertThat(outcome.waiter().left()).isZero();
            assertThat(get(table().test(space, spec(h2, asked.modes())))
                            .orElseThrow()
                            .blockers())
                    .as("what was in the way")
                    .hasSize(2);
        });
        assertThat(waiting(opensHere())).isEmpty();
    }

    @Test
    @DisplayName("O21 waiting opens and ranges are listed apart, and hold each other back in no table")
    void queuesApart() {
        LockQueueContract.Store enforced = enforced();
        opened(h1, ALONE);
        h1.granted(table(), X, 0, 10);
        WaiterId open = waits(h2, READS);
        WaiterId range = queued(get(queues().queue().acquire(space, h2.lock(X, 5, 10), HOUR)));
        assertThat(stillWaits(h2, range).position()).isZero();
        assertThat(stillWaits(h2, open).position()).isZero();
        assertThat(waiting(opensHere())).containsExactly(open);
        assertThat(waiting(opensHere().ofType(LockType.BYTE_RANGE))).containsExactly(range);
        assertThat(waiting(GrantFilter.all(Protocol.SMB).ofPrincipal(p))).containsExactly(range);

        LockSpace fresh = freshSpace();
        LockClient posix = LockClient.nlm(fresh, "A").of(q);
        granted(outcome(enforced.table(), h1.at(fresh), READS));
        h1.at(fresh).granted(enforced.table(), X, 0, 10);
        queued(get(enforced.queue().acquire(fresh, spec(h2, LockModes.of(EXCLUDE_READ)), HOUR)));
        atOnce(get(enforced.queue().acquire(fresh, posix.lock(X, 20, 10), HOUR)));
        atOnce(get(enforced.queue().acquire(fresh, h3.lock(X, 40, 10), HOUR)));
        queued(get(enforced.queue().acquire(fresh, posix.lock(X, 0, 20), HOUR)));
        atOnce(get(enforced.queue().acquire(fresh, spec(h3, WRITES), HOUR)));
    }

    @Test
    @DisplayName("O21 a session shows its waiting opens beside its waiting ranges, and ends them with itself")
    void waitersOfASession() {
        Session session = session(HOUR);
        LockClient inSession = h2.in(session.id());
        opened(h1, ALONE);
        h1.granted(table(), X, 0, 10);
        WaiterId open = waits(inSession, LockModes.of(READ, EXCLUDE_READ));
        WaiterId range = queued(get(queues().queue().acquire(space, inSession.lock(X, 5, 10), HOUR)));
        WaiterId behind = waits(h3, LockModes.of(READ, WRITE));
        assertThat(stillWaits(h3, behind).position()).isEqualTo(1);
        assertThat(get(queues().queue().list(session.id(), Cursor.START, 10)).waiters())
                .extracting(Waiter::id)
                .containsExactly(open, range);
        get(sessions().end(session.id(), Optional.of(p)));
        assertThat(poll(h2, open)).isEqualTo(new WaitOutcome.SessionEnded(session.id()));
        assertThat(poll(h2, range)).isEqualTo(new WaitOutcome.SessionEnded(session.id()));
        assertThat(stillWaits(h3, behind).position()).isZero();
    }

    @Test
    @DisplayName("O22 the end of the last open serves who waits for it and who waits for its ranges")
    void served() {
        opened(h1, ALONE);
        h1.granted(table(), X, 0, 10);
        WaiterId open = waits(h2, READS);
        WaiterId range = queued(get(queues().queue().acquire(space, h3.lock(X, 5, 10), HOUR)));
        releaseOpens(h1);
        confirmed(h2, open);
        confirmed(h3, range);
    }

    @Test
    @DisplayName("O22 an expired last open serves both at the next sweep, and the end of its session at once")
    void servedByExpiry() {
        Grant brief = opened(h1.leasing(SHORT), ALONE);
        h1.granted(table(), X, 0, 10);
        WaiterId open = waits(h2, READS);
        WaiterId range = queued(get(queues().queue().acquire(space, h3.lock(X, 5, 10), HOUR)));
        await().until(() -> !stands(brief));
        get(table().sweep());
        Grant second = confirmed(h2, open);
        confirmed(h3, range);
        release(second);

        Session session = session(HOUR);
        opened(h1.in(session.id()), ALONE);
        h1.granted(table(), X, 100, 10);
        WaiterId next = waits(h2, READS);
        WaiterId nextRange = queued(get(queues().queue().acquire(space, h3.lock(X, 105, 10), HOUR)));
        get(sessions().end(session.id(), Optional.of(p)));
        confirmed(h2, next);
        confirmed(h3, nextRange);
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

        List<String> words() {
            return events.stream().map(OpensContract::words).toList();
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
                ? grant.modes().toString()
                : Long.toUnsignedString(grant.range().first());
        return event.kind().name().toLowerCase(Locale.ROOT) + " "
                + grant.owner().ownerId() + " " + what + stage;
    }

    /** What is told while {@code steps} are done, until as much has been heard. */
    private void told(Runnable steps, String... expected) {
        Heard heard = new Heard();
        Following following = log().follow(p, get(log().register(p, Optional.of(space.fileId()))), heard);
        try {
            steps.run();
            h3.granted(table(), X, 1_000_000, 1);
            await().atMost(PATIENCE).until(() -> heard.words().contains("granted H3 1000000"));
            List<String> words = new ArrayList<>(heard.words());
            words.remove("granted H3 1000000");
            assertThat(words).containsExactlyInAnyOrder(expected);
            assertThat(heard.gaps).isEmpty();
        } finally {
            following.end();
            h3.released(table(), 1_000_000, 1);
        }
    }

    @Test
    @DisplayName("O23 opens are told as they come and go, and with the last one the ranges that were released with it")
    void eventsOfReleases() {
        told(
                () -> {
                    Grant first = opened(h1, READS);
                    Grant second = opened(h1, READS_STABLE);
                    h1.granted(table(), X, 0, 10);
                    h1.granted(table(), X, 20, 10);
                    get(table().renew(first.id(), Protocol.SMB, p, HOUR));
                    refused(h2, WRITES);
                    release(first);
                    release(second);
                    releaseOpens(h1);
                },
                "granted H1 [READ]",
                "granted H1 [READ, EXCLUDE_WRITE]",
                "granted H1 0",
                "granted H1 20",
                "released H1 [READ]",
                "released H1 [READ, EXCLUDE_WRITE]",
                "released H1 0",
                "released H1 20");
        told(
                () -> {
                    Session session = session(HOUR);
                    opened(h1.in(session.id()), READS);
                    h1.granted(table(), X, 0, 10);
                    get(sessions().end(session.id(), Optional.of(p)));
                    get(table().sweep());
                },
                "granted H1 [READ]",
                "granted H1 0",
                "released H1 [READ]",
                "released H1 0");
    }

    @Test
    @DisplayName("O23 an expired open is told as expired, and so are the ranges that ended with it")
    void eventsOfExpiry() {
        told(
                () -> {
                    Grant brief = opened(h1.leasing(SHORT), READS);
                    h1.granted(table(), X, 0, 10);
                    h1.leasing(HOUR).granted(table(), X, 20, 10);
                    await().until(() -> !stands(brief));
                    get(table().sweep());
                },
                "granted H1 [READ]",
                "granted H1 0",
                "granted H1 20",
                "expired H1 [READ]",
                "expired H1 0",
                "expired H1 20");
    }

    @Test
    @DisplayName(
            "O23 an open that waits is told as queued, granted provisionally and granted; one rolled back as released")
    void eventsOfWaiting() {
        Grant alone = opened(h2, ALONE);
        told(
                () -> {
                    WaiterId id = waits(h1, READS);
                    release(alone);
                    confirmed(h1, id);
                    h1.granted(table(), X, 0, 10);
                    Acquisition.Granted more = (Acquisition.Granted) outcome(table(), h2, WRITES);
                    get(table().rollBack(more.request()));
                },
                "queued H1 [READ] waiting",
                "released H2 " + ALONE,
                "granted H1 [READ] provisional",
                "granted H1 [READ]",
                "granted H1 0",
                "granted H2 [WRITE]",
                "released H2 [WRITE]");
    }
}
