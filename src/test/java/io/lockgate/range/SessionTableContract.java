package io.lockgate.range;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static io.lockgate.testing.LockClient.granted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SessionTable} must do, and the locks of its sessions: the session halves of P16, P34, P35, N12, N14,
 * N20, L02, L09 and L23 of docs/lock-semantics.md. To put another store under test, extend this and give its tables. Each
 * test has a space and principals of its own.
 */
public abstract class SessionTableContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final long EOF = 0;

    private final String p =
            "session-contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final String q = p + "-other";
    private LockSpace space = LockSpace.head(1);
    private LockClient a = LockClient.nlm(space, "A");
    private LockClient b = a;
    private LockClient h = a;

    protected abstract RangeLockTable locks();

    protected abstract SessionTable sessions();

    /** Tables of which one principal may have so many sessions. */
    protected abstract SessionTable sessionsWithLimit(int sessions);

    @BeforeEach
    void begin() {
        space = freshSpace();
        a = LockClient.nlm(space, "A").of(p);
        b = LockClient.nlm(space, "B").of(q);
        h = LockClient.smb(space, "H").of(p);
    }

    private static LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    private Session open(Duration ttl) {
        return open(p, "", ttl);
    }

    private Session open(String principal, String ownerName, Duration ttl) {
        return opened(get(sessions().open(principal, ownerName, ttl)));
    }

    private static Session opened(SessionOpening opening) {
        if (opening instanceof SessionOpening.Opened(Session session)) {
            return session;
        }
        throw new AssertionError("not opened: " + opening);
    }

    private SessionRenewal.Renewed renewed(Session session) {
        if (get(sessions().renew(session.id(), session.principal())) instanceof SessionRenewal.Renewed renewed) {
            return renewed;
        }
        throw new AssertionError("not renewed");
    }

    private void end(Session session) {
        assertThat(get(sessions().end(session.id(), Optional.of(session.principal()))))
                .isInstanceOf(SessionEnding.Ended.class);
    }

    private void untilGone(Session session) {
        await().until(() -> get(sessions().find(session.id())).isEmpty());
    }

    private static void assertGone(Runnable call, boolean wasKnown) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        SessionGoneException.class,
                        gone -> assertThat(gone.wasKnown()).isEqualTo(wasKnown));
    }

    private List<Grant> grantsOf(Session session) {
        List<Grant> grants = new ArrayList<>();
        Cursor place = Cursor.START;
        GrantPage page;
        do {
            page = get(sessions().grants(session.id(), place, 7));
            grants.addAll(page.grants());
            place = page.next();
        } while (!page.grants().isEmpty());
        return grants;
    }

    // ------------------------------------------------------------------------------------------------ open and find

    @Test
    @DisplayName("A session that was opened is found with its owner, its length and the time left")
    void found() {
        Session session = open(p, "m1", HOUR);
        assertThat(get(sessions().find(session.id()))).hasValueSatisfying(there -> {
            assertThat(there.principal()).isEqualTo(p);
            assertThat(there.ownerName()).isEqualTo("m1");
            assertThat(there.ttl()).isEqualTo(HOUR);
            assertThat(there.expiresIn()).isPositive().isLessThanOrEqualTo(HOUR);
        });
        assertThat(open(HOUR).id()).isNotEqualTo(session.id());
    }

    @Test
    @DisplayName("Sessions are listed by principal and machine name, page by page, each once, and ended ones are not")
    void listed() {
        List<SessionId> ids = IntStream.range(0, 5)
                .mapToObj(i -> open(p, i % 2 == 0 ? "even" : "odd", HOUR).id())
                .toList();
        open(q, "even", HOUR);
        end(opened(get(sessions().open(p, "even", HOUR))));
        assertThat(listed(Optional.of(p), Optional.empty(), 2)).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(listed(Optional.of(p), Optional.of("even"), 2))
                .containsExactlyInAnyOrder(ids.get(0), ids.get(2), ids.get(4));
        assertThat(listed(Optional.empty(), Optional.of("odd"), 100)).contains(ids.get(1), ids.get(3));
    }

    private List<SessionId> listed(Optional<String> principal, Optional<String> name, int limit) {
        List<SessionId> ids = new ArrayList<>();
        Cursor place = Cursor.START;
        SessionPage page;
        do {
            page = get(sessions().list(principal, name, place, limit));
            page.sessions().forEach(session -> ids.add(session.id()));
            place = page.next();
        } while (!page.sessions().isEmpty());
        assertThat(ids).doesNotHaveDuplicates();
        return ids;
    }

    @Test
    @DisplayName("A principal has at most its number of sessions; an ended one makes room, and others have their own")
    void limited() {
        SessionTable limited = sessionsWithLimit(2);
        Session first = opened(get(limited.open(p, "", HOUR)));
        opened(get(limited.open(p, "", HOUR)));
        assertThat(get(limited.open(p, "", HOUR))).isEqualTo(new SessionOpening.TooManySessions(2));
        opened(get(limited.open(q, "", HOUR)));
        get(limited.end(first.id(), Optional.of(p)));
        opened(get(limited.open(p, "", HOUR)));
    }

    // ------------------------------------------------------------------------------------------------ locks

    @Test
    @DisplayName("A lock of a session says so, and that it ends with the session")
    void lockOfASession() {
        Session session = open(HOUR);
        Grant grant = a.in(session.id()).granted(locks(), X, 0, 10);
        assertThat(grant.session()).contains(session.id());
        assertThat(grant.leased()).isTrue();
        assertThat(grant.expiresIn()).isPositive().isLessThanOrEqualTo(HOUR);
        assertThat(get(locks().find(grant.id())).flatMap(Grant::session)).contains(session.id());
        assertThat(a.valid(locks(), grant, 0, 10)).isTrue();
        assertThat(b.outcome(locks(), X, 5, 1))
                .isInstanceOfSatisfying(
                        Acquisition.Refused.class,
                        refused -> assertThat(refused.conflict().retryAfter()).isPositive());
    }

    @Test
    @DisplayName("A lock without a machine name takes that of its session, and a lock with one keeps its own")
    void ownerName() {
        Session session = open(p, "of the session", HOUR);
        assertThat(a.named("")
                        .in(session.id())
                        .granted(locks(), X, 0, 10)
                        .owner()
                        .ownerName())
                .isEqualTo("of the session");
        assertThat(a.named("own")
                        .in(session.id())
                        .granted(locks(), X, 20, 10)
                        .owner()
                        .ownerName())
                .isEqualTo("own");
        assertThat(h.named("")
                        .in(session.id())
                        .granted(locks(), X, 0, 10)
                        .owner()
                        .ownerName())
                .isEqualTo("of the session");
        assertThat(get(a.named("of the session").test(locks(), X, 5, 1))).isEmpty();
    }

    @Test
    @DisplayName("A session shows its locks of all files and protocols, page by page, each once")
    void grants() {
        Session session = open(HOUR);
        Set<GrantId> ids = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            LockClient owner = (i % 3 == 0 ? h : a).at(freshSpace()).in(session.id());
            ids.add(owner.granted(locks(), X, 0, 10).id());
        }
        a.granted(locks(), X, 0, 10);
        a.in(open(HOUR).id()).granted(locks(), X, 20, 10);
        assertThat(grantsOf(session)).extracting(Grant::id).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    @DisplayName("A lock cannot be for a session that is not its principal's, or that never was")
    void foreign() {
        Session session = open(HOUR);
        LockClient stranger = LockClient.nlm(space, "A").of(q);
        assertGone(() -> stranger.in(session.id()).outcome(locks(), X, 0, 10), false);
        a.in(session.id()).granted(locks(), X, 0, 10);
        assertGone(() -> stranger.in(session.id()).outcome(locks(), X, 20, 10), false);
        assertGone(() -> get(stranger.in(session.id()).test(locks(), X, 20, 10)), false);
        assertGone(() -> a.in(new SessionId(0, 42)).outcome(locks(), X, 20, 10), false);
        assertThat(a.standing(locks())).hasSize(1);
    }

    @Test
    @DisplayName("A test for a session asks as its lock would, and acquires nothing")
    void tested() {
        Session session = open(HOUR);
        b.granted(locks(), X, 0, 10);
        assertThat(get(a.in(session.id()).test(locks(), X, 5, 1))).isPresent();
        assertThat(get(a.in(session.id()).test(locks(), X, 10, 1))).isEmpty();
        assertThat(grantsOf(session)).isEmpty();
    }

    @Test
    @DisplayName("A batch may have locks of several sessions, and of none")
    void batch() {
        Session one = open(HOUR);
        Session two = open(HOUR);
        BatchOutcome outcome = get(locks().batch(
                        space,
                        List.of(),
                        List.of(a.in(one.id()).lock(X, 0, 10), a.in(two.id()).lock(X, 20, 10), a.lock(X, 40, 10))));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        BatchOutcome.Done.class,
                        done -> assertThat(done.grants().stream().map(Grant::session))
                                .containsExactly(Optional.of(one.id()), Optional.of(two.id()), Optional.empty()));
        end(two);
        assertGone(
                () -> get(locks().batch(
                                space,
                                List.of(a.unlock(0, 10)),
                                List.of(a.in(two.id()).lock(X, 60, 10)))),
                true);
        assertThat(grantsOf(one)).hasSize(1);
    }

    @Test
    @DisplayName("Locks of one owner merge within a session only; where lifetimes meet the newest decides its bytes")
    void lifetimesMeet() {
        Session one = open(HOUR);
        Session two = open(HOUR);
        a.in(one.id()).granted(locks(), X, 0, 10);
        Grant merged = a.in(one.id()).granted(locks(), X, 10, 10);
        assertThat(merged.range()).isEqualTo(a.range(0, 20));
        a.leasing(HOUR).granted(locks(), X, 5, 5);
        a.in(two.id()).granted(locks(), X, 12, 2);
        a.granted(locks(), X, 18, 10);
        assertThat(grantsOf(one).stream().map(Grant::range))
                .containsExactlyInAnyOrder(a.range(0, 5), a.range(10, 2), a.range(14, 4));
        assertThat(grantsOf(two).stream().map(Grant::range)).containsExactly(a.range(12, 2));
        // And back: the session takes what it asks for.
        a.in(one.id()).granted(locks(), X, 0, EOF);
        assertThat(a.standing(locks()))
                .singleElement()
                .satisfies(all -> assertThat(all.session()).contains(one.id()));
    }

    @Test
    @DisplayName("L02 an owner that locks twice in one session has one lock and its first token")
    void l02() {
        Session session = open(HOUR);
        Grant first = a.in(session.id()).granted(locks(), X, 0, 10);
        Grant second = a.in(session.id()).granted(locks(), X, 0, 10);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.token()).isEqualTo(first.token());
        assertThat(grantsOf(session)).hasSize(1);
    }

    @Test
    @DisplayName("A lock of a session takes no lease, and is released like any other")
    void releasedAlone() {
        Session session = open(HOUR);
        Grant grant = a.in(session.id()).granted(locks(), X, 0, 30);
        assertThat(get(locks().renew(grant.id(), Protocol.NLM, p, HOUR))).isInstanceOf(Renewal.NotLeased.class);
        assertThat(a.released(locks(), 10, 10)).isEqualTo(1);
        assertThat(grantsOf(session).stream().map(Grant::range))
                .containsExactlyInAnyOrder(a.range(0, 10), a.range(20, 10));
        assertThat(get(locks().releaseGrant(grant.id(), Optional.of(p)))).isEqualTo(new Release.Released(1));
        assertThat(a.released(locks(), 20, 10)).isEqualTo(1);
        assertThat(grantsOf(session)).isEmpty();
        b.granted(locks(), X, 0, EOF);
    }

    @Test
    @DisplayName("A lock of a session that nobody could be told of is rolled back alone, and what it replaced returns")
    void rolledBack() {
        Session session = open(HOUR);
        Grant held = a.in(session.id()).granted(locks(), S, 0, 10);
        Acquisition answer = a.in(session.id()).outcome(locks(), X, 5, 10);
        assertThat(get(locks().rollBack(((Acquisition.Granted) answer).request())))
                .isTrue();
        assertThat(grantsOf(session)).singleElement().satisfies(left -> {
            assertThat(left.id()).isEqualTo(held.id());
            assertThat(left.range()).isEqualTo(a.range(0, 10));
        });
    }

    // ------------------------------------------------------------------------------------------------ end

    @Test
    @DisplayName("P16 P34 P35 a session that ends frees its own locks in every file, and no other lock")
    void ended() {
        Session session = open(HOUR);
        List<LockSpace> spaces =
                IntStream.range(0, 12).mapToObj(i -> freshSpace()).toList();
        spaces.forEach(other -> {
            a.at(other).in(session.id()).granted(locks(), X, 0, 100);
            a.at(other).granted(locks(), X, 200, 10);
            b.at(other).granted(locks(), X, 300, 10);
        });
        h.in(session.id()).granted(locks(), X, 0, EOF);
        end(session);
        spaces.forEach(other -> {
            assertThat(a.at(other).standing(locks())).hasSize(2);
            b.at(other).granted(locks(), X, 0, 100);
            assertThat(b.at(other).outcome(locks(), X, 205, 1)).isInstanceOf(Acquisition.Refused.class);
        });
        assertThat(h.standing(locks())).isEmpty();
    }

    @Test
    @DisplayName("M35 a session that has ended takes no lock any more, in no file, and says that it has ended")
    void endedTakesNothing() {
        Session session = open(HOUR);
        Grant grant = a.in(session.id()).granted(locks(), X, 0, 10);
        end(session);
        assertGone(() -> a.in(session.id()).outcome(locks(), X, 0, 10), true);
        assertGone(() -> a.at(freshSpace()).in(session.id()).outcome(locks(), X, 0, 10), true);
        assertGone(() -> get(a.in(session.id()).test(locks(), X, 0, 10)), true);
        assertThat(get(locks().find(grant.id()))).isEmpty();
        assertThat(a.valid(locks(), grant, 0, 10)).isFalse();
        assertThat(get(sessions().find(session.id()))).isEmpty();
        assertThat(grantsOf(session)).isEmpty();
    }

    @Test
    @DisplayName("L04 a session may be ended twice; somebody else's and an unknown one cannot be")
    void endedTwice() {
        Session session = open(HOUR);
        a.in(session.id()).granted(locks(), X, 0, 10);
        assertThat(get(sessions().end(session.id(), Optional.of(q)))).isInstanceOf(SessionEnding.NoSuchSession.class);
        assertThat(get(sessions().end(new SessionId(session.id().home(), 7), Optional.of(p))))
                .isInstanceOf(SessionEnding.NoSuchSession.class);
        assertThat(get(sessions().end(new SessionId(65_535, 7), Optional.of(p))))
                .isInstanceOf(SessionEnding.NoSuchSession.class);
        assertThat(grantsOf(session)).hasSize(1);
        end(session);
        Grant later = b.granted(locks(), X, 0, 10);
        end(session);
        assertThat(get(locks().find(later.id()))).isPresent();
    }

    @Test
    @DisplayName("An administrator ends anybody's session")
    void endedByOthers() {
        Session session = open(HOUR);
        a.in(session.id()).granted(locks(), X, 0, 10);
        assertThat(get(sessions().end(session.id(), Optional.empty()))).isInstanceOf(SessionEnding.Ended.class);
        assertThat(get(sessions().renew(session.id(), p))).isInstanceOf(SessionRenewal.Lost.class);
        b.granted(locks(), X, 0, 10);
    }

    // ------------------------------------------------------------------------------------------------ heartbeat,
    // expiry

    @Test
    @DisplayName("L23 heartbeats keep every lock of a session alive, and it lives for its length after the last")
    void heartbeats() {
        Session session = open(SHORT);
        List<Grant> grants = IntStream.range(0, 10)
                .mapToObj(i -> a.at(freshSpace()).in(session.id()).granted(locks(), X, 0, 10))
                .toList();
        long until = System.nanoTime() + SHORT.multipliedBy(3).toNanos();
        long last = System.nanoTime();
        int late = 0;
        while (System.nanoTime() < until) {
            long now = System.nanoTime();
            late += now - last > SHORT.toNanos() * 2 / 3 ? 1 : 0;
            last = now;
            SessionRenewal renewal = get(sessions().renew(session.id(), p));
            if (late > 0) {
                // The machine was too slow to say anything.
                return;
            }
            assertThat(renewal).isInstanceOf(SessionRenewal.Renewed.class);
            grants.forEach(grant -> assertThat(get(locks().find(grant.id()))).isPresent());
        }
        untilGone(session);
        grants.forEach(grant -> assertThat(get(locks().find(grant.id()))).isEmpty());
    }

    @Test
    @DisplayName(
            "N12 N14 the locks of an expired session are free at once, listed nowhere, and their tokens are not valid")
    void expired() {
        Session session = open(SHORT);
        Grant grant = a.in(session.id()).granted(locks(), X, 0, 10);
        Grant shared = h.in(session.id()).granted(locks(), S, 0, 10);
        untilGone(session);
        await().until(() -> get(locks().find(grant.id())).isEmpty());
        assertThat(a.standing(locks())).isEmpty();
        assertThat(a.valid(locks(), grant, 0, 10)).isFalse();
        assertThat(get(b.test(locks(), X, 0, 10))).isEmpty();
        Grant theirs = b.granted(locks(), X, 0, 10);
        assertThat(theirs.token()).isGreaterThan(grant.token());
        LockClient.smb(space, "other").granted(locks(), X, 0, 10);
        assertThat(a.released(locks(), 0, 10)).isZero();
        assertThat(get(locks().find(theirs.id()))).isPresent();
        assertThat(get(locks().find(shared.id()))).isEmpty();
        assertGone(() -> a.in(session.id()).outcome(locks(), X, 100, 10), true);
    }

    @Test
    @DisplayName(
            "N20 renewing an expired or ended session says that it is lost, an unknown or foreign one that there is none")
    void n20() {
        Session expiring = open(SHORT);
        a.in(expiring.id()).granted(locks(), X, 0, 10);
        Session ended = open(HOUR);
        end(ended);
        untilGone(expiring);
        assertThat(get(sessions().renew(expiring.id(), p))).isInstanceOf(SessionRenewal.Lost.class);
        assertThat(get(sessions().renew(ended.id(), p))).isInstanceOf(SessionRenewal.Lost.class);
        assertThat(get(sessions().renew(open(HOUR).id(), q))).isInstanceOf(SessionRenewal.NoSuchSession.class);
        assertThat(get(sessions().renew(new SessionId(ended.id().home(), 7), p)))
                .isInstanceOf(SessionRenewal.NoSuchSession.class);
        assertThat(get(sessions().renew(new SessionId(65_535, 7), p))).isInstanceOf(SessionRenewal.NoSuchSession.class);
        get(locks().sweep());
        assertThat(get(sessions().renew(expiring.id(), p))).isInstanceOf(SessionRenewal.Lost.class);
        assertThat(get(sessions().renew(ended.id(), p))).isInstanceOf(SessionRenewal.Lost.class);
        b.granted(locks(), X, 0, 10);
    }

    @Test
    @DisplayName("A sweep leaves the locks of a live session alone")
    void swept() {
        Session session = open(HOUR);
        Session other = open(HOUR);
        Grant kept = a.in(session.id()).granted(locks(), X, 0, 10);
        a.in(other.id()).granted(locks(), X, 20, 10);
        end(other);
        get(locks().sweep());
        assertThat(get(locks().find(kept.id()))).isPresent();
        renewed(session);
        get(locks().sweep());
        assertThat(grantsOf(session)).extracting(Grant::id).containsExactly(kept.id());
    }

    // ------------------------------------------------------------------------------------------------ what others take

    @Test
    @DisplayName("A heartbeat tells what an administrator has released, once more than never and not a third time")
    void lost() {
        Session session = open(HOUR);
        Grant whole = a.in(session.id()).granted(locks(), X, 0, 10);
        Grant cut = a.in(session.id()).granted(locks(), X, 20, 30);
        Grant named = granted(a.in(session.id()).outcome(locks(), X, 100, 10));
        Grant smb = h.in(session.id()).granted(locks(), X, 0, 10);
        assertThat(renewed(session).lost()).isEmpty();

        get(locks().release(space, new UnlockSpec(Protocol.NLM, a.range(0, 10), OwnerSelector.anybody("A"))));
        get(locks().release(space, new UnlockSpec(Protocol.NLM, a.range(30, 5), OwnerSelector.anybody("A"))));
        get(locks().release(space, new UnlockSpec(Protocol.SMB, h.range(0, 10), OwnerSelector.anybody("H"))));
        get(locks().releaseGrant(named.id(), Optional.empty()));

        SessionRenewal.Renewed told = renewed(session);
        assertThat(told.more()).isFalse();
        assertThat(told.lost().stream().map(grant -> grant.id() + " " + grant.range()))
                .containsExactlyInAnyOrder(
                        whole.id() + " " + a.range(0, 10),
                        cut.id() + " " + a.range(30, 5),
                        smb.id() + " " + h.range(0, 10),
                        named.id() + " " + a.range(100, 10));
        assertThat(told.lost())
                .allMatch(grant -> grant.session().filter(session.id()::equals).isPresent());
        assertThat(renewed(session).lost()).isEmpty();
        assertThat(grantsOf(session).stream().map(Grant::range))
                .containsExactlyInAnyOrder(a.range(20, 10), a.range(35, 15));
    }

    @Test
    @DisplayName("What the owner releases, replaces or merges by itself is not lost")
    void notLost() {
        Session session = open(HOUR);
        Grant grant = a.in(session.id()).granted(locks(), X, 0, 30);
        a.released(locks(), 10, 10);
        a.in(session.id()).granted(locks(), S, 0, 5);
        a.granted(locks(), X, 20, 5);
        get(locks().releaseGrant(grant.id(), Optional.of(p)));
        get(locks().releaseAll(
                        GrantFilter.ofFile(Protocol.NLM, space.fileId(), "").ofPrincipal(p)));
        assertThat(renewed(session).lost()).isEmpty();
    }

    @Test
    @DisplayName("A heartbeat tells a hundred lost locks at most, and that there were more")
    void manyLost() {
        Session session = open(HOUR);
        for (int i = 0; i < 120; i++) {
            a.in(session.id()).granted(locks(), X, 20L * i, 10);
        }
        get(locks().releaseAll(GrantFilter.ofFile(Protocol.NLM, space.fileId(), "")));
        SessionRenewal.Renewed told = renewed(session);
        assertThat(told.lost()).hasSize(SessionRenewal.MOST_LOST);
        assertThat(told.more()).isTrue();
        SessionRenewal.Renewed next = renewed(session);
        assertThat(next.lost()).isEmpty();
        assertThat(next.more()).isFalse();
    }
}
