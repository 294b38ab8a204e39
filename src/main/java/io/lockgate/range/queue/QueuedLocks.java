package io.lockgate.range.queue;

import io.lockgate.file.FileRef;
import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Recipient;
import io.lockgate.range.Acquisition;
import io.lockgate.range.Conflict;
import io.lockgate.range.Cursor;
import io.lockgate.range.DetachedCall;
import io.lockgate.range.FileLocks;
import io.lockgate.range.FileStream;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.OnFile;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.Session;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.SessionId;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The use cases of byte-range locks that wait (docs/api-files.md, "Waiting"): who may do what, how long a call is
 * held, and what becomes of the waiter whose client has left. All that is atomic is in the {@link LockQueue}.
 *
 * <p>Every method throws {@link NotPermittedException} when the caller lacks the permission, before anything is asked
 * of the queue, and fails its {@code Uni} with {@link LockTableUnavailableException} as the queue does. An id is not a
 * capability: somebody else's waiter does not exist. A call that is held looks its caller up again now and then, and
 * before it tells an outcome; it fails when the credential or the permission is gone.
 *
 * <p><b>Clients that leave.</b> The waiter of an acquire is withdrawn, and the next is served, unless the call carried
 * a key: then the repeat finds it, for as long as a waiter may go unpolled. A poll leaves the waiter as it is.
 */
public final class QueuedLocks {
    /** For how long a call is held at most; below the time-outs of proxies. */
    public static final Duration MAX_HELD = Duration.ofSeconds(25);

    private final LockQueue queue;
    private final RangeLocks locks;
    private final FileLocks files;
    private final AuditTrail audit;
    private final Deadlocks deadlocks;
    private final Duration recheck;
    private final Optional<IdempotencyKey> key;

    /** @param recheck how often the caller of a held call is looked up again */
    public QueuedLocks(
            LockQueue queue,
            RangeLocks locks,
            FileLocks files,
            AuditTrail audit,
            Deadlocks deadlocks,
            Duration recheck) {
        this(queue, locks, files, audit, deadlocks, recheck, Optional.empty());
    }

    private QueuedLocks(
            LockQueue queue,
            RangeLocks locks,
            FileLocks files,
            AuditTrail audit,
            Deadlocks deadlocks,
            Duration recheck,
            Optional<IdempotencyKey> key) {
        this.queue = queue;
        this.locks = locks;
        this.files = files;
        this.audit = audit;
        this.deadlocks = deadlocks;
        this.recheck = recheck;
        this.key = key;
    }

    /** The same, for one acquire that carries a key or none ({@link LockQueue#once}). */
    public QueuedLocks once(Optional<IdempotencyKey> callsKey) {
        return callsKey.isEmpty() ? this : new QueuedLocks(queue, locks, files, audit, deadlocks, recheck, callsKey);
    }

    /**
     * Acquires a lock for the caller, and holds the call while the lock has to wait, up to {@link #MAX_HELD}. In open
     * mode an unknown path becomes known when somebody has a lock on it.
     *
     * @param wait how long the lock waits at most, 1 ms to 1 h
     * @param client whose lock, or place in the queue, is given back when it has left before the answer
     */
    public Uni<OnFile<WaitAnswer>> acquire(
            LockRights rights, FileRef ref, FileStream stream, LockSpec lock, Duration wait, Recipient client) {
        Predicate<Caller> isPermitted = caller -> LockRights.onFile(caller, ref).acquires();
        return files.acquire(
                rights,
                ref,
                stream,
                space -> acquire(rights, space, lock, wait, client, isPermitted),
                WaitAnswer::showsLock,
                client);
    }

    private Uni<WaitAnswer> acquire(
            LockRights rights,
            LockSpace space,
            LockSpec lock,
            Duration wait,
            Recipient client,
            Predicate<Caller> isPermitted) {
        LockQueue own = of(rights);
        return (key.isEmpty() ? own : own.once(key.get()))
                .acquire(space, rights.requireOwn(lock), wait)
                .chain(queueing -> switch (queueing) {
                    case Queueing.Decided(Acquisition outcome) -> {
                        if (outcome instanceof Acquisition.Granted granted) {
                            locks.rollBackIfGone(client, granted.request());
                        }
                        yield answer(new WaitAnswer.Decided(lock.protocol(), outcome));
                    }
                    case Queueing.Queued queued -> {
                        suspect(rights, lock.protocol(), queued.id());
                        yield hold(rights, queued.id(), wait, client, isPermitted);
                    }
                    case Queueing.TooManyOfPrincipal(long limit) -> answer(new WaitAnswer.TooManyOfPrincipal(limit));
                    case Queueing.TooManyInSpace(long limit) -> answer(new WaitAnswer.TooManyInSpace(limit));
                });
    }

    /** While the queue does not answer, a waiter is left to lose its turn: nobody polls it. */
    private Uni<WaitAnswer> hold(
            LockRights rights, WaiterId id, Duration wait, Recipient client, Predicate<Caller> isPermitted) {
        Optional<String> principal = Optional.of(rights.principal());
        if (key.isEmpty()) {
            client.ifGone(
                    "waiter " + id, () -> DetachedCall.finish(() -> of(rights).withdraw(id, principal), () -> true));
        }
        Duration atMost = wait.compareTo(MAX_HELD) < 0 ? wait : MAX_HELD;
        HeldCaller held = new HeldCaller(client, isPermitted, recheck);
        return of(rights)
                .await(id, rights.principal(), atMost, held::isOver)
                .call(outcome -> held.requirePermitted()
                        .onFailure()
                        .call(failure ->
                                of(rights).withdraw(id, principal).onFailure().recoverWithItem(false)))
                .chain(outcome -> told(rights, ofRepeat(outcome)));
    }

    /** A repeat under a key was told of a waiter that is gone by now, or of its lock. */
    private WaitOutcome ofRepeat(WaitOutcome outcome) {
        return key.isPresent() && outcome instanceof WaitOutcome.NoSuchWaiter ? new WaitOutcome.Lost() : outcome;
    }

    /**
     * Where a waiter of the caller's own stands.
     *
     * @param wait for how long the call is held while it stands in the queue, up to {@link #MAX_HELD}; zero: not at all
     */
    public Uni<WaitAnswer> poll(LockRights rights, WaiterId id, Duration wait, Recipient client) {
        locks.requireAcquire(rights);
        if (wait.isZero()) {
            return of(rights).poll(id, Optional.of(rights.principal())).chain(outcome -> told(rights, outcome));
        }
        HeldCaller held =
                new HeldCaller(client, caller -> LockRights.ofOwnLocks(caller).acquires(), recheck);
        return of(rights)
                .await(id, rights.principal(), wait, held::isOver)
                .call(outcome -> held.requirePermitted())
                .chain(outcome -> told(rights, outcome));
    }

    /**
     * Takes a waiter of the caller's own away, or gives its provisional grant back; anybody's, audited, when the caller
     * may break locks. A grant that was confirmed stays.
     *
     * @return whether there was one
     */
    public Uni<Boolean> withdraw(LockRights rights, WaiterId id) {
        locks.requireRelease(rights, false);
        Optional<String> principal = Optional.of(rights.principal());
        if (!rights.administers()) {
            return of(rights).withdraw(id, principal);
        }
        // An audit entry is for what is somebody else's.
        return of(rights).poll(id, Optional.empty()).chain(outcome -> {
            Optional<Grant> others = lockOf(outcome).filter(lock -> !rights.owns(lock));
            if (others.isEmpty()) {
                return of(rights).withdraw(id, principal);
            }
            Grant lock = others.get();
            return audit.record(new AuditTrail.Entry(
                            rights.principal(),
                            "withdraw-waiter",
                            id + " " + lock.range() + " of " + lock.space(),
                            "principal=" + lock.owner().principal() + " owner_id="
                                    + lock.owner().ownerId(),
                            Optional.empty()))
                    .chain(() ->
                            of(rights).withdraw(id, Optional.of(lock.owner().principal())));
        });
    }

    /** A page of waiters; without the permission to read, only when {@code filter} is bound to the rights. */
    public Uni<WaiterPage> list(LockRights rights, GrantFilter filter, Cursor after, int limit) {
        locks.requireList(rights, filter);
        return of(rights).list(filter, after, limit);
    }

    /** A further page of a list that one request answers; see {@link RangeLocks#listFurther}. */
    public Uni<WaiterPage> listFurther(LockRights rights, GrantFilter filter, Cursor after, int limit) {
        locks.requireList(rights, filter);
        return of(rights).continuing().list(filter, after, limit);
    }

    /** Waiters of a session that {@link io.lockgate.range.Sessions#find} has shown. */
    public Uni<WaiterPage> list(LockRights rights, Session session, Cursor after, int limit) {
        return of(rights).list(session.id(), after, limit);
    }

    /** The same, for a request that has listed something before. */
    public Uni<WaiterPage> listFurther(LockRights rights, Session session, Cursor after, int limit) {
        return of(rights).continuing().list(session.id(), after, limit);
    }

    private Uni<WaitAnswer> told(LockRights rights, WaitOutcome outcome) {
        return switch (outcome) {
            case WaitOutcome.Waiting waiting -> {
                Waiter waiter = waiting.waiter();
                suspect(rights, waiter.asked().protocol(), waiter.id());
                yield answer(new WaitAnswer.Waits(waiting));
            }
            case WaitOutcome.Granted(Grant grant) -> answer(new WaitAnswer.Granted(grant));
            case WaitOutcome.TimedOut(Waiter waiter) -> refused(rights, waiter.asked());
            case WaitOutcome.Deadlocked deadlock -> answer(new WaitAnswer.Deadlocked(deadlock));
            case WaitOutcome.SessionEnded(SessionId session) ->
                Uni.createFrom().failure(SessionGoneException.ended(session));
            case WaitOutcome.Lost() -> answer(new WaitAnswer.Lost());
            case WaitOutcome.NoSuchWaiter() -> answer(new WaitAnswer.NoSuchWaiter());
        };
    }

    /** What is in the way now: what a plain acquire in this moment would be told. Its lifetime does not count there. */
    private Uni<WaitAnswer> refused(LockRights rights, Grant asked) {
        LockSpec lock = new LockSpec(
                asked.protocol(),
                asked.modes(),
                asked.range(),
                asked.owner(),
                asked.ownerAddress(),
                asked.nodeAddress(),
                LockLifetime.UNTIL_RELEASED);
        return locks.testFurther(rights, asked.space(), lock)
                .map(conflict ->
                        new WaitAnswer.TimedOut(asked.protocol(), conflict.orElseGet(() -> Conflict.over(asked))));
    }

    private static Optional<Grant> lockOf(WaitOutcome outcome) {
        return switch (outcome) {
            case WaitOutcome.Waiting waiting -> Optional.of(waiting.waiter().asked());
            case WaitOutcome.Granted(Grant grant) -> Optional.of(grant);
            case WaitOutcome.TimedOut timedOut -> Optional.empty();
            case WaitOutcome.Deadlocked deadlock -> Optional.empty();
            case WaitOutcome.SessionEnded ended -> Optional.empty();
            case WaitOutcome.Lost lost -> Optional.empty();
            case WaitOutcome.NoSuchWaiter missing -> Optional.empty();
        };
    }

    private void suspect(LockRights rights, Protocol protocol, WaiterId id) {
        if (protocol.semantics() == LockSemantics.POSIX) {
            deadlocks.suspect(rights.principal(), id);
        }
    }

    private LockQueue of(LockRights rights) {
        return queue.onBehalfOf(rights.principal());
    }

    private static Uni<WaitAnswer> answer(WaitAnswer answer) {
        return Uni.createFrom().item(answer);
    }
}
