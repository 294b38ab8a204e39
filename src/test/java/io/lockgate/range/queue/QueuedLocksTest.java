package io.lockgate.range.queue;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.file.CatalogMode;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRef;
import io.lockgate.file.Files;
import io.lockgate.file.InMemoryFileCatalog;
import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.lockgate.range.Acquisition;
import io.lockgate.range.Cursor;
import io.lockgate.range.FencingToken;
import io.lockgate.range.FileLocks;
import io.lockgate.range.FileStream;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.InMemoryRangeLockTable;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.OnFile;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.RequestId;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.SessionId;
import io.lockgate.testing.Callers;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who may wait, for how long a call is held, and what becomes of the waiters of clients that leave. */
class QueuedLocksTest {
    private static final LockRights OWN = new LockRights("p", true, false, false);
    private static final LockRights NONE = new LockRights("p", false, false, false);
    private static final LockRights READER = new LockRights("r", false, true, false);
    private static final LockRights ADMIN = new LockRights("admin", false, false, true);
    private static final FilePath PATH = new FilePath("/data/a");
    private static final FileRef REF = new FileRef.ByPath(PATH);
    private static final FileStream STREAM = new FileStream(LockSpace.HEAD, LockSpace.DEFAULT_STREAM);
    private static final WaiterId ID = new WaiterId(7, 0x10);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final LockClient a = LockClient.nlm(LockSpace.head(1), "A");
    private final LockClient b = LockClient.nlm(LockSpace.head(1), "B");
    private final InMemoryFileCatalog catalog = new InMemoryFileCatalog();
    private final InMemoryRangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, 1_000);
    private final ScriptedQueue queue = new ScriptedQueue();
    private final List<AuditTrail.Entry> trail = new ArrayList<>();
    private final Client client = new Client();
    private final RangeLocks rangeLocks = new RangeLocks(table, entry -> {
        trail.add(entry);
        return Uni.createFrom().voidItem();
    });
    private final ScriptedGraph graph = new ScriptedGraph();
    private final Deadlocks deadlocks = new Deadlocks(graph, Runnable::run, graph::nanos);
    private final QueuedLocks locks = new QueuedLocks(
            queue,
            rangeLocks,
            new FileLocks(new Files(catalog, CatalogMode.OPEN), rangeLocks, (id, failure) -> {}),
            entry -> {
                trail.add(entry);
                return Uni.createFrom().voidItem();
            },
            deadlocks,
            Duration.ZERO);

    /** A client that may leave, of a caller that may lose the permission. */
    private static final class Client implements Recipient {
        private boolean gone;
        private Uni<Caller> caller = Uni.createFrom().item(Callers.user(1, "p", Permission.LOCK_ACQUIRE));
        private Optional<Supplier<Uni<Boolean>>> rollback = Optional.empty();

        @Override
        public boolean isGone() {
            return gone;
        }

        @Override
        public Uni<Caller> caller() {
            return Uni.createFrom().deferred(() -> caller);
        }

        @Override
        public void ifGone(String what, Supplier<Uni<Boolean>> action) {
            assertThat(rollback).as("a call has one rollback").isEmpty();
            rollback = Optional.of(action);
        }
    }

    @BeforeEach
    void queued() {
        queue.queueing = new Queueing.Queued(ID, new RequestId(STREAM.in(1), "r1"));
    }

    // ------------------------------------------------------------------------------------------------------ acquire

    @Test
    @DisplayName("What is granted at once is answered at once, and rolled back for a client that has left")
    void grantedAtOnce() {
        Acquisition granted = LockClient.get(a.acquire(table, X, 0, 10));
        queue.queueing = new Queueing.Decided(granted);
        assertThat(acquired(locks).join()).isEqualTo(new WaitAnswer.Decided(Protocol.NLM, granted));
        assertThat(queue.calls).containsExactly("acquire 60000");
        assertThat(known()).isTrue();
        assertThat(LockClient.get(client.rollback.orElseThrow().get())).isTrue();
        assertThat(a.standing(table)).isEmpty();
    }

    @Test
    @DisplayName("A call is held for its time to wait, and for 25 s at most")
    void heldFor() {
        assertThat(acquired(locks, Duration.ofMillis(24_999))).isNotDone();
        assertThat(acquiredAgain(locks, MINUTE)).isNotDone();
        assertThat(queue.calls)
                .containsExactly(
                        "acquire 24999", "await " + ID + " p 24999", "acquire 60000", "await " + ID + " p 25000");
    }

    @Test
    @DisplayName("A lock that is served while its call is held is answered with the provisional grant")
    void served() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        assertThat(answer).isNotDone();
        Grant grant = grant(new Grant.Provisional(Duration.ofSeconds(5)));
        queue.ends(new WaitOutcome.Granted(grant));
        assertThat(answer.join()).isEqualTo(new WaitAnswer.Granted(grant));
        assertThat(known()).isTrue();
    }

    @Test
    @DisplayName("A lock that still waits when its call ends is answered with its place, and its path becomes known")
    void stillWaits() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        WaitOutcome.Waiting where = waiting();
        queue.ends(where);
        assertThat(answer.join()).isEqualTo(new WaitAnswer.Waits(where));
        assertThat(known()).isTrue();
    }

    @Test
    @DisplayName(
            "A request is looked at for a deadlock when it is queued, and each time its client is told that it waits")
    void suspected() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        LockClient.get(deadlocks.round());
        assertThat(graph.looks).isEmpty();
        for (int i = 0; i < 5; i++) {
            graph.pass(Duration.ofSeconds(1));
            LockClient.get(deadlocks.round());
        }
        assertThat(graph.looks).containsExactly(Set.of(ID), Set.of(ID));

        queue.ends(waiting());
        assertThat(answer.join()).isInstanceOf(WaitAnswer.Waits.class);
        graph.pass(Duration.ofSeconds(1));
        LockClient.get(deadlocks.round());
        assertThat(graph.looks).hasSize(3);
    }

    @Test
    @DisplayName("A request that is refused because of a deadlock is answered with the cycle")
    void deadlocked() {
        WaitOutcome.Deadlocked deadlock = new WaitOutcome.Deadlocked(List.of(waiter()), 2);
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        queue.ends(deadlock);
        assertThat(answer.join()).isEqualTo(new WaitAnswer.Deadlocked(deadlock));
        assertThat(known()).isFalse();
    }

    @Test
    @DisplayName("When the time is over the answer says what is in the way in this moment, or that nothing is")
    void timedOut() {
        LockSpace space = STREAM.in(1);
        CompletableFuture<WaitAnswer> refused = acquired(locks);
        Grant holder = b.at(space).granted(table, X, 5, 10);
        queue.ends(new WaitOutcome.TimedOut(waiter()));
        WaitAnswer.TimedOut told = (WaitAnswer.TimedOut) refused.join();
        assertThat(told.protocol()).isEqualTo(Protocol.NLM);
        assertThat(told.conflict().blockers()).containsExactly(holder);
        assertThat(known()).isFalse();

        b.at(space).released(table, 5, 10);
        CompletableFuture<WaitAnswer> free = acquiredAgain(locks, MINUTE);
        queue.ends(new WaitOutcome.TimedOut(waiter()));
        WaitAnswer.TimedOut over = (WaitAnswer.TimedOut) free.join();
        assertThat(over.conflict().blockers()).isEmpty();
        assertThat(over.conflict().free()).containsExactly(a.range(0, 10));
    }

    @Test
    @DisplayName("A session that has ended, a lost grant, no waiter and full queues are told as such")
    void otherOutcomes() {
        CompletableFuture<WaitAnswer> ended = acquired(locks);
        queue.ends(new WaitOutcome.SessionEnded(new SessionId(1, 2)));
        assertThat(failure(ended)).isInstanceOf(SessionGoneException.class);

        CompletableFuture<WaitAnswer> lost = acquiredAgain(locks, MINUTE);
        queue.ends(new WaitOutcome.Lost());
        assertThat(lost.join()).isEqualTo(new WaitAnswer.Lost());

        CompletableFuture<WaitAnswer> missing = acquiredAgain(locks, MINUTE);
        queue.ends(new WaitOutcome.NoSuchWaiter());
        assertThat(missing.join()).isEqualTo(new WaitAnswer.NoSuchWaiter());

        queue.queueing = new Queueing.TooManyOfPrincipal(3);
        assertThat(acquiredAgain(locks, MINUTE).join()).isEqualTo(new WaitAnswer.TooManyOfPrincipal(3));
        queue.queueing = new Queueing.TooManyInSpace(4);
        assertThat(acquiredAgain(locks, MINUTE).join()).isEqualTo(new WaitAnswer.TooManyInSpace(4));
    }

    // --------------------------------------------------------------------------------------------- clients that leave

    @Test
    @DisplayName("A client that leaves ends its held call, and its waiter is withdrawn instead of the answer")
    void leaves() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        assertThat(queue.findsItGone()).isFalse();
        client.gone = true;
        assertThat(queue.findsItGone()).isTrue();
        queue.ends(waiting());
        assertThat(answer).isCompleted();
        assertThat(LockClient.get(client.rollback.orElseThrow().get())).isTrue();
        assertThat(queue.calls).endsWith("withdraw " + ID + " p");
        assertThat(known()).isFalse();
    }

    @Test
    @DisplayName("A client that leaves in the moment of the grant gives it back")
    void leavesInTheMomentOfTheGrant() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        queue.ends(new WaitOutcome.Granted(grant(new Grant.Provisional(Duration.ofSeconds(5)))));
        assertThat(answer).isCompleted();
        client.gone = true;
        LockClient.get(client.rollback.orElseThrow().get());
        assertThat(queue.calls).endsWith("withdraw " + ID + " p");
    }

    @Test
    @DisplayName("With a key the waiter of a client that left stays for the repeat")
    void leavesWithKey() {
        CompletableFuture<WaitAnswer> answer =
                acquired(locks.once(Optional.of(new IdempotencyKey("p", "k1", "digest"))));
        client.gone = true;
        queue.ends(waiting());
        assertThat(answer).isCompleted();
        assertThat(client.rollback).isEmpty();
        assertThat(queue.calls).containsExactly("once k1", "acquire 60000", "await " + ID + " p 25000");
    }

    @Test
    @DisplayName("While the queue does not answer the call fails, and nobody is kept waiting for a withdrawal")
    void queueIsAway() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        queue.fails(new LockTableUnavailableException("down", true));
        assertThat(failure(answer)).isInstanceOf(LockTableUnavailableException.class);
        assertThat(queue.calls).noneMatch(call -> call.startsWith("withdraw"));
    }

    // ---------------------------------------------------------------------------------- callers who lose the
    // permission

    @Test
    @DisplayName("A caller who loses the permission while the call is held is refused, and so is its grant")
    void losesThePermission() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        assertThat(queue.findsItGone()).isFalse();
        client.caller = Uni.createFrom().item(Callers.user(1, "p"));
        queue.findsItGone();
        assertThat(queue.findsItGone()).isTrue();
        queue.ends(new WaitOutcome.Granted(grant(new Grant.Provisional(Duration.ofSeconds(5)))));
        assertThat(failure(answer)).isInstanceOf(NotPermittedException.class);
        assertThat(queue.calls).endsWith("withdraw " + ID + " p");
        assertThat(known()).isFalse();
    }

    @Test
    @DisplayName("A permission for another file is none for this one")
    void losesThePermissionForTheFile() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        Caller elsewhere = Callers.user(1, "p");
        client.caller = Uni.createFrom()
                .item(new Caller(
                        elsewhere.principal(),
                        elsewhere.userId(),
                        elsewhere.kind(),
                        elsewhere.tokenId(),
                        true,
                        true,
                        List.of(new Permission(Permission.LOCK_ACQUIRE, "/other"))));
        queue.ends(waiting());
        assertThat(failure(answer)).isInstanceOf(NotPermittedException.class);
    }

    @Test
    @DisplayName("While the store of identities does not answer, a held call goes on and gets its grant")
    void identitiesAreAway() {
        CompletableFuture<WaitAnswer> answer = acquired(locks);
        client.caller = Uni.createFrom().failure(new IdentityUnavailableException("down"));
        queue.findsItGone();
        assertThat(queue.findsItGone()).isFalse();
        Grant grant = grant(new Grant.Provisional(Duration.ofSeconds(5)));
        queue.ends(new WaitOutcome.Granted(grant));
        assertThat(answer.join()).isEqualTo(new WaitAnswer.Granted(grant));
    }

    // ------------------------------------------------------------------------------------------------ poll and
    // withdraw

    @Test
    @DisplayName(
            "A poll without a time is one look; with a time it is held, and a client that leaves takes nothing away")
    void polls() {
        queue.stands = waiting();
        assertThat(LockClient.get(locks.poll(OWN, ID, Duration.ZERO, client)))
                .isEqualTo(new WaitAnswer.Waits(waiting()));
        CompletableFuture<WaitAnswer> held =
                locks.poll(OWN, ID, Duration.ofSeconds(3), client).subscribeAsCompletionStage();
        assertThat(held).isNotDone();
        client.gone = true;
        assertThat(queue.findsItGone()).isTrue();
        queue.ends(waiting());
        assertThat(held).isCompleted();
        assertThat(client.rollback).isEmpty();
        assertThat(queue.calls).containsExactly("poll " + ID + " p", "await " + ID + " p 3000");
    }

    @Test
    @DisplayName("Somebody else's waiter does not exist, for readers and administrators too")
    void pollsOwnOnly() {
        queue.stands = waiting();
        queue.owner = "q";
        assertThat(LockClient.get(locks.poll(new LockRights("p", true, true, true), ID, Duration.ZERO, client)))
                .isEqualTo(new WaitAnswer.NoSuchWaiter());
    }

    @Test
    @DisplayName("One's own waiter is withdrawn, another's is not, and neither is audited")
    void withdraws() {
        queue.stands = waiting();
        assertThat(LockClient.get(locks.withdraw(OWN, ID))).isTrue();
        assertThat(LockClient.get(locks.withdraw(new LockRights("p", true, false, true), ID)))
                .isTrue();
        assertThat(LockClient.get(locks.withdraw(new LockRights("q", true, false, false), ID)))
                .isFalse();
        assertThat(trail).isEmpty();
    }

    @Test
    @DisplayName("Who may break locks withdraws anybody's waiter, once it is audited; none is not audited")
    void withdrawsOthers() {
        assertThat(LockClient.get(locks.withdraw(ADMIN, ID))).isFalse();
        assertThat(trail).isEmpty();
        for (WaitOutcome there : List.of(waiting(), new WaitOutcome.Granted(grant(Grant.HELD)))) {
            trail.clear();
            queue.stands = there;
            assertThat(LockClient.get(locks.withdraw(ADMIN, ID))).isTrue();
            assertThat(queue.calls).endsWith("withdraw " + ID + " p");
            assertThat(trail).singleElement().satisfies(entry -> {
                assertThat(entry.toString()).contains("admin", "withdraw-waiter", ID.toString(), "principal=p");
            });
        }
    }

    @Test
    @DisplayName("A withdrawal of somebody else's that cannot be audited does not happen")
    void unaudited() {
        queue.stands = waiting();
        QueuedLocks silent = new QueuedLocks(
                queue,
                rangeLocks,
                new FileLocks(new Files(catalog, CatalogMode.OPEN), rangeLocks, (id, failure) -> {}),
                entry -> Uni.createFrom().failure(new IllegalStateException("no trail")),
                deadlocks,
                Duration.ZERO);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> LockClient.get(silent.withdraw(ADMIN, ID)));
        assertThat(queue.calls).noneMatch(call -> call.startsWith("withdraw"));
    }

    @Test
    @DisplayName("Without the permission nothing is asked: to wait and poll, to withdraw, to list")
    void permissionFirst() {
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.acquire(NONE, REF, STREAM, lock(), MINUTE, client));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.poll(READER, ID, Duration.ZERO, client));
        assertThatExceptionOfType(NotPermittedException.class).isThrownBy(() -> locks.withdraw(READER, ID));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.list(OWN, GrantFilter.all(Protocol.NLM), Cursor.START, 10));
        assertThat(queue.calls).isEmpty();
        assertThat(catalog.calls()).isZero();
        LockClient.get(locks.list(READER, GrantFilter.all(Protocol.NLM), Cursor.START, 10));
        LockClient.get(locks.list(OWN, GrantFilter.all(Protocol.NLM).ofPrincipal("p"), Cursor.START, 10));
        assertThat(queue.calls).containsExactly("list * 10", "list p 10");
    }

    // ------------------------------------------------------------------------------------------------------- helpers

    private CompletableFuture<WaitAnswer> acquired(QueuedLocks by) {
        return acquired(by, MINUTE);
    }

    private CompletableFuture<WaitAnswer> acquired(QueuedLocks by, Duration wait) {
        return by.acquire(OWN, REF, STREAM, lock(), wait, client)
                .map(outcome -> ((OnFile.Done<WaitAnswer>) outcome).outcome())
                .subscribeAsCompletionStage();
    }

    /** By another call of the same client. */
    private CompletableFuture<WaitAnswer> acquiredAgain(QueuedLocks by, Duration wait) {
        client.rollback = Optional.empty();
        return acquired(by, wait);
    }

    private static Throwable failure(CompletableFuture<WaitAnswer> answer) {
        try {
            throw new AssertionError("answered: " + answer.join());
        } catch (CompletionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }

    private LockSpec lock() {
        return a.lock(X, 0, 10);
    }

    private Grant grant(Grant.Stage stage) {
        LockSpec lock = lock();
        return new Grant(
                new GrantId(7, 0x10),
                STREAM.in(1),
                lock.protocol(),
                lock.modes(),
                lock.range(),
                lock.owner(),
                lock.ownerAddress(),
                lock.nodeAddress(),
                new FencingToken(0),
                false,
                null,
                Optional.empty(),
                stage);
    }

    private Waiter waiter() {
        return new Waiter(ID, grant(new Grant.Waiting()), Duration.ZERO);
    }

    private WaitOutcome.Waiting waiting() {
        return new WaitOutcome.Waiting(waiter(), 1, List.of(), Duration.ofSeconds(30));
    }

    private boolean known() {
        return LockClient.get(catalog.findByPath(PATH)).orElseThrow().confirmed();
    }
}
