package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesProblem;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.locks.LockJson.BatchDone;
import io.lockgate.api.files.locks.LockJson.BlockersBody;
import io.lockgate.api.files.locks.LockJson.FenceAnswer;
import io.lockgate.api.files.locks.LockJson.GrantBody;
import io.lockgate.api.files.locks.LockJson.GrantRenewed;
import io.lockgate.api.files.locks.LockJson.LeftGrants;
import io.lockgate.api.files.locks.LockJson.SessionOpened;
import io.lockgate.api.files.locks.LockJson.SessionRenewed;
import io.lockgate.file.FileRef;
import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.ChangedGrants;
import io.lockgate.range.Conflict;
import io.lockgate.range.FenceCheck;
import io.lockgate.range.Grant;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockType;
import io.lockgate.range.Notice;
import io.lockgate.range.OnFile;
import io.lockgate.range.Protocol;
import io.lockgate.range.Release;
import io.lockgate.range.Renewal;
import io.lockgate.range.Session;
import io.lockgate.range.SessionEnding;
import io.lockgate.range.SessionOpening;
import io.lockgate.range.SessionRenewal;
import io.lockgate.range.queue.WaitAnswer;
import io.lockgate.range.queue.WaitOutcome;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Outcome to answer: one exhaustive switch for each kind of outcome. */
@Singleton
final class LockAnswers {
    /** When to ask again if an owner holds too many ranges: long enough to release some. */
    private static final Duration TOO_MANY_RETRY = Duration.ofSeconds(1);

    private static final String NO_SUCH_WAITER =
            "there is no such waiter: it was withdrawn, was not polled in time, or ended long ago";

    private final GrantView grants;

    LockAnswers(GrantView grants) {
        this.grants = grants;
    }

    /**
     * The outcome of a call on a file.
     *
     * @throws FilesProblemException when locks cannot be on that file
     */
    static <T> T outcome(OnFile<T> answer) {
        return switch (answer) {
            case OnFile.Done<T>(T outcome) -> outcome;
            case OnFile.NoSuchFile<T>(FileRef file) -> throw FilesProblemException.unknownFile(file);
            case OnFile.NotAFile<T>(FileRef file) ->
                throw new FilesProblemException(FilesError.NOT_A_FILE, "field 'ref' names a directory: " + file);
        };
    }

    Response of(LockRights rights, Protocol protocol, Acquisition outcome) {
        return switch (outcome) {
            case Acquisition.Granted granted ->
                FilesReplies.ok(grants.show(rights, granted.grant()).with(changed(rights, granted.changed())));
            case Acquisition.Refused(Conflict conflict) -> refused(rights, protocol.semantics(), conflict, null);
            case Acquisition.TooManyRanges(long limit) -> tooManyRanges(limit, null);
            case Acquisition.TooManyGrants(long limit) -> tooManyGrants(limit, null);
        };
    }

    /**
     * @param elsewhere rights to locks of any file: a deadlock is not about one file
     * @param prefix what the client puts in front of the paths of this API
     */
    Response of(LockRights rights, LockRights elsewhere, WaitAnswer answer, String prefix) {
        return switch (answer) {
            case WaitAnswer.Decided(Protocol protocol, Acquisition outcome) -> of(rights, protocol, outcome);
            case WaitAnswer.Waits(WaitOutcome.Waiting where) ->
                FilesReplies.accepted(
                        grants.show(rights, where),
                        prefix + WaitersResource.PATH + "/" + where.waiter().id());
            case WaitAnswer.Granted(Grant grant) -> FilesReplies.ok(grants.show(rights, grant));
            case WaitAnswer.TimedOut(Protocol protocol, Conflict conflict) -> timedOut(rights, protocol, conflict);
            case WaitAnswer.Deadlocked(WaitOutcome.Deadlocked deadlock) ->
                FilesProblem.of(
                                FilesError.LOCK_DEADLOCK,
                                "the request was part of a deadlock of " + deadlock.length()
                                        + ", and the last of them to come; release what others wait for, and ask again")
                        .withDeadlock(grants.show(elsewhere, deadlock))
                        .response();
            case WaitAnswer.Lost() ->
                FilesProblem.of(
                                FilesError.LOCK_LOST,
                                "the lock was granted from the queue, and was not confirmed in time or has ended since;"
                                        + " others may have had it")
                        .response();
            case WaitAnswer.NoSuchWaiter() -> noSuchWaiter();
            case WaitAnswer.TooManyOfPrincipal(long limit) ->
                tooManyWaiters("the caller has as many waiting requests in the bucket of this file as one caller may"
                        + " (lockgate.limits.waiters-per-principal): " + limit);
            case WaitAnswer.TooManyInSpace(long limit) ->
                tooManyWaiters(
                        "as many requests wait for locks of this file as may (lockgate.limits.waiters-per-space): "
                                + limit);
        };
    }

    Response ofWithdrawn(boolean done) {
        return done ? FilesReplies.empty() : noSuchWaiter();
    }

    static FilesProblemException unknownWaiter() {
        return new FilesProblemException(FilesError.NO_SUCH_WAITER, NO_SUCH_WAITER);
    }

    private static Response noSuchWaiter() {
        return FilesProblem.of(FilesError.NO_SUCH_WAITER, NO_SUCH_WAITER).response();
    }

    private Response timedOut(LockRights rights, Protocol protocol, Conflict conflict) {
        if (!conflict.blockers().isEmpty()) {
            return refused(rights, protocol.semantics(), conflict, null);
        }
        return conflict(
                        rights,
                        protocol.semantics(),
                        conflict,
                        "the time to wait ran out; nothing is in the way of the lock any more")
                .response();
    }

    private static Response tooManyWaiters(String description) {
        return FilesProblem.of(FilesError.TOO_MANY_WAITERS, description)
                .retryAfter(TOO_MANY_RETRY)
                .response();
    }

    Response of(LockRights rights, Protocol protocol, BatchOutcome outcome) {
        return switch (outcome) {
            case BatchOutcome.Done done ->
                FilesReplies.ok(new BatchDone(
                        grants.show(rights, done.grants()),
                        done.released(),
                        changed(rights, done.changed().grants()),
                        more(done.changed())));
            case BatchOutcome.Refused(int index, Conflict conflict) ->
                refused(rights, protocol.semantics(), conflict, index);
            case BatchOutcome.UnlockMissing(int index) ->
                FilesProblem.of(
                                FilesError.NO_SUCH_LOCK,
                                "unlocks[" + index + "] matches no lock; those before it were released and stay so")
                        .withIndex(index)
                        .response();
            case BatchOutcome.TooManyRanges(int index, long limit) -> tooManyRanges(limit, index);
            case BatchOutcome.TooManyGrants(int index, long limit) -> tooManyGrants(limit, index);
        };
    }

    Response ofTest(LockRights rights, Optional<Conflict> conflict) {
        return FilesReplies.ok(new BlockersBody(
                conflict.map(c -> grants.show(rights, c.blockers())).orElse(List.of())));
    }

    /**
     * @param returnsGrants whether the answer names what is left of the grants that were cut: those that the caller may
     *     see, as in a list
     */
    Response of(LockRights rights, Release outcome, boolean returnsGrants) {
        return switch (outcome) {
            case Release.Released released when returnsGrants -> FilesReplies.ok(left(rights, released.left()));
            case Release.Released ignored -> FilesReplies.empty();
            case Release.NoSuchLock() -> noSuchLock();
        };
    }

    private LeftGrants left(LockRights rights, ChangedGrants left) {
        return new LeftGrants(
                grants.show(
                        rights, left.grants().stream().filter(rights::maySee).toList()),
                more(left));
    }

    /** Absent when there are none. */
    private @Nullable List<GrantBody> changed(LockRights rights, List<Grant> changed) {
        return changed.isEmpty() ? null : grants.show(rights, changed);
    }

    private static @Nullable Boolean more(ChangedGrants changed) {
        return changed.more() ? true : null;
    }

    private static Response noSuchLock() {
        return FilesProblem.of(FilesError.NO_SUCH_LOCK, "there is no such lock").response();
    }

    Response of(LockRights rights, Renewal outcome) {
        return switch (outcome) {
            case Renewal.Renewed(Grant grant, List<Grant> lost, List<Notice> notices, boolean more) ->
                FilesReplies.ok(new GrantRenewed(
                        grants.show(rights, grant),
                        grants.show(rights, lost),
                        grants.showNotices(rights, notices),
                        more));
            case Renewal.Lost() ->
                FilesProblem.of(
                                FilesError.LOCK_LOST,
                                "the lock ended before it was renewed or confirmed: its time was over, or its owner"
                                        + " or an administrator released all of it; others may have had it since")
                        .response();
            case Renewal.NoSuchLock() -> noSuchLock();
            case Renewal.NotLeased() ->
                FilesProblem.of(FilesError.LOCK_NOT_LEASED, "the lock does not expire, so it takes no lease")
                        .response();
        };
    }

    static Response of(SessionOpening outcome) {
        return switch (outcome) {
            case SessionOpening.Opened(Session session) ->
                FilesReplies.created(new SessionOpened(
                        session.id().toString(),
                        session.ttl().toMillis(),
                        session.expiresIn().toMillis()));
            case SessionOpening.TooManySessions(int limit) ->
                FilesProblem.of(
                                FilesError.TOO_MANY_SESSIONS,
                                "the caller has as many sessions as one caller may"
                                        + " (lockgate.limits.sessions-per-principal): " + limit)
                        .retryAfter(TOO_MANY_RETRY)
                        .response();
        };
    }

    Response of(LockRights rights, SessionRenewal outcome) {
        return switch (outcome) {
            case SessionRenewal.Renewed(Session session, List<Grant> lost, List<Notice> notices, boolean more) ->
                FilesReplies.ok(new SessionRenewed(
                        session.id().toString(),
                        session.ttl().toMillis(),
                        session.expiresIn().toMillis(),
                        grants.show(rights, lost),
                        grants.showNotices(rights, notices),
                        more));
            case SessionRenewal.Lost() ->
                FilesProblem.of(
                                FilesError.SESSION_LOST,
                                "the session ended before it was renewed, and all its locks with it;"
                                        + " others may have had them since")
                        .response();
            case SessionRenewal.NoSuchSession() -> noSuchSession();
        };
    }

    static Response of(SessionEnding outcome) {
        return switch (outcome) {
            case SessionEnding.Ended() -> FilesReplies.empty();
            case SessionEnding.NoSuchSession() -> noSuchSession();
        };
    }

    static Response noSuchSession() {
        return FilesProblem.of(FilesError.NO_SUCH_SESSION, "there is no such session, or it has ended")
                .response();
    }

    Response of(LockRights rights, FenceCheck outcome) {
        return switch (outcome) {
            case FenceCheck.Valid(Grant grant) ->
                FilesReplies.ok(new FenceAnswer(true, rights.maySee(grant) ? grants.show(rights, grant) : null));
            case FenceCheck.Invalid() -> FilesReplies.ok(new FenceAnswer(false, null));
        };
    }

    Response ofFound(LockRights rights, Optional<Grant> found) {
        return found.map(grant -> FilesReplies.ok(grants.show(rights, grant))).orElseGet(LockAnswers::noSuchLock);
    }

    private Response refused(LockRights rights, LockSemantics semantics, Conflict conflict, @Nullable Integer index) {
        FilesProblem failure = conflict(rights, semantics, conflict, describe(semantics, conflict, index));
        if (index != null) {
            failure = failure.withIndex(index);
        }
        return failure.response();
    }

    /** Opens conflict with opens alone. */
    private static String describe(LockSemantics semantics, Conflict conflict, @Nullable Integer index) {
        if (conflict.blockers().stream().anyMatch(blocker -> blocker.modes().type() == LockType.SHARE_MODE)) {
            return "the open conflicts with an open that stands";
        }
        String where = index == null ? "the range" : "locks[" + index + "]";
        return where
                + (semantics == LockSemantics.SMB
                        ? " conflicts with a lock that stands"
                        : " conflicts with a lock of another owner");
    }

    private FilesProblem conflict(LockRights rights, LockSemantics semantics, Conflict conflict, String description) {
        FilesProblem failure = FilesProblem.of(FilesError.LOCK_CONFLICT, description)
                .withConflict(grants.show(rights, semantics, conflict));
        return conflict.retryAfter() == null ? failure : failure.retryAfter(conflict.retryAfter());
    }

    private static Response tooManyRanges(long limit, @Nullable Integer index) {
        return tooMany(
                "the owner holds as many ranges and opens of this file as one owner may"
                        + " (lockgate.limits.ranges-per-owner-and-space): " + limit,
                index);
    }

    private static Response tooManyGrants(long limit, @Nullable Integer index) {
        return tooMany(
                "the caller holds as many locks in the bucket of this file as one caller may"
                        + " (lockgate.limits.grants-per-principal-and-bucket): " + limit,
                index);
    }

    private static Response tooMany(String description, @Nullable Integer index) {
        FilesProblem failure =
                FilesProblem.of(FilesError.TOO_MANY_LOCKS, description).retryAfter(TOO_MANY_RETRY);
        return (index == null ? failure : failure.withIndex(index)).response();
    }
}
