package io.lockgate.range.breaks;

import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Recipient;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Cursor;
import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.GrantPage;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.LockType;
import io.lockgate.range.Owner;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Session;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionTable;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who breaks what, and what is written down before. */
class BreakOrdersTest {
    private static final LockRights ADMIN = new LockRights("root", false, false, true);
    private static final LockRights OWNER_AND_READER = new LockRights("p", true, true, false);
    private static final BreakOrder NOW = new BreakOrder(false, "because", Duration.ZERO);
    private static final BreakOrder LATER = new BreakOrder(false, "because", Duration.ofSeconds(5));
    private static final BreakOrder DRY = new BreakOrder(true, "", Duration.ZERO);
    private static final SessionId SESSION = new SessionId(1, 9);
    private static final Instant CLOCK = Instant.parse("2026-01-31T09:30:00Z");
    private static final BreakFilter FILE =
            new BreakFilter.OfFile(new GrantFilter.FileVersion(7, LockSpace.HEAD), Optional.empty());

    private final ScriptedBreaker breaker = new ScriptedBreaker();
    private final List<AuditTrail.Entry> trail = new ArrayList<>();
    private final List<String> read = new ArrayList<>();
    private final List<Grant> rows = new ArrayList<>();
    private boolean trailFails;
    private boolean sessionsFail;
    private boolean clientIsGone;
    private final Breaks breaks = new Breaks(breaker, table(), sessions(), this::record, () -> CLOCK);

    private final Recipient client = new Recipient() {
        @Override
        public boolean isGone() {
            return clientIsGone;
        }

        @Override
        public Uni<Caller> caller() {
            throw new IllegalStateException("a break does not wait");
        }

        @Override
        public void ifGone(String what, Supplier<Uni<Boolean>> rollback) {
            throw new IllegalStateException("a break is not rolled back");
        }
    };

    private Uni<Void> record(AuditTrail.Entry entry) {
        return Uni.createFrom().voidItem().invoke(() -> {
            if (trailFails) {
                throw new IllegalStateException("no room in the trail");
            }
            breaker.calls.add("audit");
            trail.add(entry);
        });
    }

    /** Lists the rows that a filter matches; a position is the number of rows that were shown. */
    private RangeLockTable table() {
        return (RangeLockTable) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {RangeLockTable.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "onBehalfOf", "continuing" -> proxy;
                    case "list" -> {
                        GrantFilter filter = (GrantFilter) arguments[0];
                        read.add(filter.protocol() + " " + filter.type());
                        yield page(rows.stream().filter(filter::matches).toList(), (Cursor) arguments[1], (int)
                                arguments[2]);
                    }
                    default -> throw new IllegalStateException(method.getName());
                });
    }

    private SessionTable sessions() {
        return (SessionTable) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {SessionTable.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "onBehalfOf" -> proxy;
                    case "find" ->
                        sessionsFail
                                ? Uni.createFrom().failure(new LockTableUnavailableException("no sessions", true))
                                : Uni.createFrom()
                                        .item(Optional.of(new Session(
                                                SESSION, "p", "", Duration.ofSeconds(30), Duration.ofSeconds(20))));
                    case "grants" ->
                        page(
                                rows.stream()
                                        .filter(row -> row.session().isPresent())
                                        .toList(),
                                (Cursor) arguments[1],
                                (int) arguments[2]);
                    default -> throw new IllegalStateException(method.getName());
                });
    }

    private static Uni<GrantPage> page(List<Grant> all, Cursor after, int limit) {
        int from = after.position().isEmpty() ? 0 : Integer.parseInt(after.position());
        int to = Math.min(all.size(), from + limit);
        return Uni.createFrom().item(new GrantPage(all.subList(from, to), new Cursor(0, Integer.toString(to))));
    }

    private Grant lock(long number, Protocol protocol, ByteRange range, Optional<SessionId> session) {
        Grant grant = new Grant(
                new GrantId(3, number),
                LockSpace.head(7),
                protocol,
                LockModes.of(LockMode.EXCLUSIVE),
                range,
                new Owner("p", "o" + number, "m"),
                "192.0.2.1",
                "192.0.2.2",
                new FencingToken(100 + number),
                session.isPresent(),
                null,
                session,
                Grant.HELD);
        rows.add(grant);
        breaker.standing.put(grant.id(), new Standing(grant, CLOCK.minusSeconds(60), List.of(), false));
        return grant;
    }

    private Grant lock(long number) {
        return lock(number, Protocol.NLM, ByteRange.between(10 * number, 10 * number + 9), Optional.empty());
    }

    private static Waiter waiter(Grant asked) {
        return new Waiter(new WaiterId(3, 1), asked, Duration.ofSeconds(1));
    }

    private static List<GrantId> ids(Breaks.Page page) {
        return page.locks().stream().map(done -> done.lock().grant().id()).toList();
    }

    private Breaks.Page all(BreakFilter filter, Breaks.Place after, int limit, BreakOrder order) {
        return get(breaks.breakAll(ADMIN, filter, after, limit, order, client));
    }

    @Test
    @DisplayName("A break is written down with lock, token, range, owner and reason before it is done")
    void auditedFirst() {
        Grant lock = lock(1);

        Breaking done = get(breaks.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client))
                .orElseThrow();

        assertThat(done.broken()).isTrue();
        assertThat(done.breaksIn()).isEmpty();
        assertThat(done.lastHeartbeat()).isEmpty();
        assertThat(breaker.calls).containsExactly("look " + lock.id(), "audit", "break " + lock.id());
        assertThat(trail)
                .containsExactly(new AuditTrail.Entry(
                        "root",
                        "break-grant",
                        lock.id() + " token 101 [10,19] of file 7 stream 1",
                        "principal=p owner_id=o1",
                        Optional.of("because")));
    }

    @Test
    @DisplayName("What cannot be written down is not done")
    void notAudited() {
        Grant lock = lock(1);
        trailFails = true;
        for (Supplier<Uni<?>> call : List.<Supplier<Uni<?>>>of(
                () -> breaks.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client),
                () -> breaks.breakGrant(ADMIN, Protocol.NLM, lock.id(), LATER, client),
                () -> breaks.breakAll(ADMIN, FILE, Breaks.Place.START, 10, NOW, client),
                () -> breaks.cancel(ADMIN, Protocol.NLM, lock.id()),
                () -> breaks.undo(ADMIN, lock.id()))) {
            assertThatThrownBy(() -> get(call.get())).isInstanceOf(IllegalStateException.class);
        }
        assertThat(breaker.calls).allMatch(call -> call.startsWith("look"));
    }

    @Test
    @DisplayName("Without the permission nothing is asked, be the lock one's own or not")
    void permissionFirst() {
        GrantId id = lock(1).id();
        for (Runnable call : List.<Runnable>of(
                () -> breaks.breakGrant(OWNER_AND_READER, Protocol.NLM, id, DRY, client),
                () -> breaks.breakAll(OWNER_AND_READER, FILE, Breaks.Place.START, 10, DRY, client),
                () -> breaks.cancel(OWNER_AND_READER, Protocol.NLM, id),
                () -> breaks.undo(OWNER_AND_READER, id))) {
            assertThatExceptionOfType(NotPermittedException.class).isThrownBy(call::run);
        }
        assertThat(breaker.calls).isEmpty();
        assertThat(read).isEmpty();
    }

    @Test
    @DisplayName("A notice is announced with its reason, and a dry run only looks")
    void noticeAndDryRun() {
        Grant lock = lock(1, Protocol.NFS4, ByteRange.ALL, Optional.of(SESSION));

        Breaking announced = get(breaks.breakGrant(ADMIN, Protocol.NFS4, lock.id(), LATER, client))
                .orElseThrow();
        assertThat(announced.broken()).isFalse();
        assertThat(announced.breaksIn()).contains(Duration.ofSeconds(5));
        assertThat(announced.lastHeartbeat()).contains(CLOCK.minusSeconds(10));
        assertThat(breaker.calls).last().isEqualTo("announce " + lock.id() + " 5000 because");
        assertThat(trail.getFirst().target()).endsWith(" in 5000 ms");
        trail.clear();
        breaker.calls.clear();

        Breaking shown = get(breaks.breakGrant(ADMIN, Protocol.NFS4, lock.id(), DRY, client))
                .orElseThrow();
        assertThat(shown.broken()).isFalse();
        assertThat(shown.breaksIn()).isEmpty();
        assertThat(breaker.calls).containsExactly("look " + lock.id());
        assertThat(trail).isEmpty();
    }

    @Test
    @DisplayName("A break is answered also when the store does not say when the last heartbeat was")
    void heartbeatUnknown() {
        Grant lock = lock(1, Protocol.NLM, ByteRange.ALL, Optional.of(SESSION));
        sessionsFail = true;
        Breaking done = get(breaks.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client))
                .orElseThrow();
        assertThat(done.broken()).isTrue();
        assertThat(done.lastHeartbeat()).isEmpty();
    }

    @Test
    @DisplayName("A lock of another protocol, and one that is not there, are neither written down nor touched")
    void noSuchLock() {
        Grant lock = lock(1);
        GrantId unknown = new GrantId(3, 99);
        assertThat(get(breaks.breakGrant(ADMIN, Protocol.NFS4, lock.id(), NOW, client)))
                .isEmpty();
        assertThat(get(breaks.breakGrant(ADMIN, Protocol.NLM, unknown, NOW, client)))
                .isEmpty();
        assertThat(get(breaks.cancel(ADMIN, Protocol.SMB, lock.id()))).isFalse();
        assertThat(get(breaks.cancel(ADMIN, Protocol.NLM, unknown))).isFalse();
        assertThat(breaker.calls).hasSize(4).allMatch(call -> call.startsWith("look"));
    }

    @Test
    @DisplayName("A repeat under the same key finds what was done, though the lock stands no more")
    void repeated() {
        Grant lock = lock(1);
        Breaks keyed = breaks.once(Optional.of(new IdempotencyKey("root", "k", "digest")));

        Optional<Breaking> first = get(keyed.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client));
        Optional<Breaking> again = get(keyed.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client));

        assertThat(first).isPresent();
        assertThat(again).isEqualTo(first);
        assertThat(trail).hasSize(2);
    }

    @Test
    @DisplayName("A break whose client has left is repeated while the store does not answer, else it fails at once")
    void clientLeft() {
        Grant lock = lock(1);
        breaker.failures = 1;
        assertThatThrownBy(() -> get(breaks.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client)))
                .isInstanceOf(LockTableUnavailableException.class);
        breaker.failures = 1;
        clientIsGone = true;
        assertThat(get(breaks.breakGrant(ADMIN, Protocol.NLM, lock.id(), NOW, client)))
                .isPresent();
        assertThat(breaker.standing).isEmpty();
        assertThat(trail).hasSize(2);
    }

    @Test
    @DisplayName("The locks of a file are broken one after the other, in the order of the lists, after one entry")
    void allOfFile() {
        Grant smb = lock(1, Protocol.SMB, ByteRange.between(0, 9), Optional.empty());
        Grant second = lock(2);
        Grant ended = lock(3);
        Grant nfs4 = lock(4, Protocol.NFS4, ByteRange.ALL, Optional.empty());
        breaker.standing.remove(ended.id());

        Breaks.Page page = all(FILE, Breaks.Place.START, 10, NOW);

        assertThat(ids(page)).containsExactly(second.id(), nfs4.id(), smb.id());
        assertThat(page.locks()).allMatch(Breaking::broken);
        assertThat(page.next()).isEmpty();
        assertThat(read)
                .containsExactly(
                        "NLM " + LockType.BYTE_RANGE,
                        "NFS4 " + LockType.BYTE_RANGE,
                        "SMB " + LockType.BYTE_RANGE,
                        "SMB " + LockType.SHARE_MODE);
        assertThat(breaker.calls)
                .containsExactly(
                        "audit",
                        "break " + second.id(),
                        "break " + ended.id(),
                        "break " + nfs4.id(),
                        "break " + smb.id());
        assertThat(trail)
                .containsExactly(
                        new AuditTrail.Entry("root", "break-locks", "all of file 7", "", Optional.of("because")));
    }

    @Test
    @DisplayName("A failure in the middle leaves what was broken before, and touches nothing after")
    void failsInTheMiddle() {
        Grant first = lock(1);
        Grant second = lock(2);
        Grant third = lock(3);
        assertThat(get(breaks.breakGrant(ADMIN, Protocol.NLM, first.id(), NOW, client)))
                .isPresent();
        breaker.failures = 1;
        rows.remove(first);
        assertThatThrownBy(() -> all(FILE, Breaks.Place.START, 10, NOW))
                .isInstanceOf(LockTableUnavailableException.class);
        assertThat(breaker.standing).containsOnlyKeys(second.id(), third.id());
        assertThat(breaker.calls).last().isEqualTo("break " + second.id());
    }

    @Test
    @DisplayName("Pages go on where the one before ended, across lists, and a full one may be the last")
    void pages() {
        List<GrantId> expected = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            expected.add(lock(i).id());
        }
        for (int i = 3; i < 5; i++) {
            expected.add(lock(i, Protocol.SMB, ByteRange.ALL, Optional.empty()).id());
        }
        List<GrantId> shown = new ArrayList<>();
        Optional<Breaks.Place> next = Optional.of(Breaks.Place.START);
        while (next.isPresent()) {
            Breaks.Page page = all(FILE, next.get(), 2, DRY);
            shown.addAll(ids(page));
            next = page.next();
        }
        assertThat(shown).isEqualTo(expected);
    }

    @Test
    @DisplayName("One call breaks up to 1,000 locks, in order, and says that there are more")
    void mostLocks() {
        List<GrantId> expected = new ArrayList<>();
        for (int i = 0; i < 1_001; i++) {
            expected.add(lock(i).id());
        }
        Breaks.Page page = all(FILE, Breaks.Place.START, Breaks.MOST_LOCKS, NOW);
        assertThat(ids(page)).isEqualTo(expected.subList(0, 1_000));
        assertThat(page.next()).isPresent();
        assertThat(breaker.standing).containsOnlyKeys(expected.getLast());
        assertThat(trail).hasSize(1);
    }

    @Test
    @DisplayName("One call reads some pages at most, and goes on in the next when few locks have a byte of the range")
    void fewMatch() {
        for (int i = 0; i < 10_001; i++) {
            lock(i);
        }
        BreakFilter last = new BreakFilter.OfFile(
                new GrantFilter.FileVersion(7, LockSpace.HEAD), Optional.of(ByteRange.between(100_005, 100_005)));

        Breaks.Page first = all(last, Breaks.Place.START, 1_000, DRY);
        assertThat(first.locks()).isEmpty();
        Breaks.Page second = all(last, first.next().orElseThrow(), 1_000, DRY);
        assertThat(ids(second)).containsExactly(new GrantId(3, 10_000));
        assertThat(second.next()).isEmpty();
        assertThat(read).doesNotContain("SMB " + LockType.SHARE_MODE);
    }

    @Test
    @DisplayName("Of a range are locks with a byte of it, unsigned; a lock without bytes is of none")
    void bytes() {
        BreakFilter filter = new BreakFilter.OfFile(
                new GrantFilter.FileVersion(7, LockSpace.HEAD), Optional.of(ByteRange.between(10, 19)));
        List<ByteRange> in =
                List.of(ByteRange.between(0, 10), ByteRange.between(19, 30), ByteRange.between(12, 13), ByteRange.ALL);
        List<ByteRange> out = List.of(
                ByteRange.between(0, 9),
                ByteRange.between(20, 30),
                ByteRange.zeroLength(15),
                ByteRange.between(ByteRange.MAX, ByteRange.MAX));
        assertThat(in).allMatch(range -> filter.matches(lock(1, Protocol.SMB, range, Optional.empty())));
        assertThat(out).noneMatch(range -> filter.matches(lock(1, Protocol.SMB, range, Optional.empty())));
    }

    @Test
    @DisplayName("The locks of a session are those of its list, and its last heartbeat is shown with each")
    void ofSession() {
        lock(1);
        Grant kept = lock(2, Protocol.NLM, ByteRange.ALL, Optional.of(SESSION));
        Breaks.Page page = all(new BreakFilter.OfSession(SESSION), Breaks.Place.START, 10, LATER);
        assertThat(ids(page)).containsExactly(kept.id());
        assertThat(page.locks().getFirst().lastHeartbeat()).contains(CLOCK.minusSeconds(10));
        assertThat(page.locks().getFirst().broken()).isFalse();
        assertThat(read).isEmpty();
        assertThat(trail.getFirst().target()).isEqualTo("session_id=" + SESSION + " in 5000 ms");
    }

    @Test
    @DisplayName("One call of several locks names 1,000 waiting requests at most, and says where it names not all")
    void mostWaiters() {
        for (int i = 0; i < 3; i++) {
            Grant lock = lock(i);
            List<Waiter> next = Collections.nCopies(400, waiter(lock));
            breaker.standing.put(lock.id(), new Standing(lock, CLOCK, next, false));
        }
        List<Breaking> locks = all(FILE, Breaks.Place.START, 10, NOW).locks();
        assertThat(locks).extracting(done -> done.lock().next().size()).containsExactly(400, 400, 200);
        assertThat(locks).extracting(done -> done.lock().more()).containsExactly(false, false, true);
    }

    @Test
    @DisplayName("A notice that is taken back and a break that is undone are written down first")
    void cancelAndUndo() {
        Grant lock = lock(1);
        assertThat(get(breaks.cancel(ADMIN, Protocol.NLM, lock.id()))).isFalse();
        breaker.undoing = new Undoing.Restored(lock);
        assertThat(get(breaks.undo(ADMIN, lock.id()))).isEqualTo(new Undoing.Restored(lock));
        assertThat(breaker.calls)
                .containsExactly("look " + lock.id(), "audit", "cancel " + lock.id(), "audit", "undo " + lock.id());
        assertThat(trail).extracting(AuditTrail.Entry::what).containsExactly("cancel-break", "undo-break");
    }
}
