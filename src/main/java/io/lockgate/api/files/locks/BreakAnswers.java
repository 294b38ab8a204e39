package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesProblem;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.locks.BreakJson.BreakAllDone;
import io.lockgate.api.files.locks.BreakJson.BreakDone;
import io.lockgate.api.files.locks.BreakJson.BrokenLock;
import io.lockgate.api.files.locks.BreakJson.BrokenOne;
import io.lockgate.range.Conflict;
import io.lockgate.range.Grant;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
import io.lockgate.range.breaks.Breaking;
import io.lockgate.range.breaks.Breaks;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Undoing;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Outcomes of breaks to answers. Whose a broken lock is, is shown to everybody who may break it. */
@Singleton
final class BreakAnswers {
    private final GrantView grants;

    BreakAnswers(GrantView grants) {
        this.grants = grants;
    }

    Response of(LockRights rights, boolean dryRun, Optional<Breaking> outcome) {
        if (outcome.isEmpty()) {
            return noSuchLock("there is no such lock, or it is not confirmed");
        }
        Breaking done = outcome.get();
        return FilesReplies.ok(new BreakDone(
                dryRun,
                done.broken(),
                done.breaksIn().map(Duration::toMillis).orElse(null),
                done.broken() ? LockBreaker.UNDO_WITHIN.toMillis() : null,
                lock(rights, done),
                grants.showWaiters(rights, done.lock().next()),
                more(done)));
    }

    Response of(LockRights rights, BreakRequest request, Breaks.Page page) {
        List<BrokenOne> locks = page.locks().stream()
                .map(done -> new BrokenOne(
                        lock(rights, done),
                        grants.showWaiters(rights, done.lock().next()),
                        more(done)))
                .toList();
        return FilesReplies.ok(new BreakAllDone(
                request.order().dryRun(),
                (int) page.locks().stream().filter(Breaking::broken).count(),
                locks,
                page.next().isPresent(),
                page.next().map(request::text).orElse(null)));
    }

    static Response ofCancelled(boolean done) {
        return done ? FilesReplies.empty() : noSuchLock("there is no such lock, or nobody has announced its break");
    }

    Response of(LockRights rights, Protocol protocol, Undoing outcome) {
        return switch (outcome) {
            case Undoing.Restored(Grant grant) -> FilesReplies.ok(grants.show(rights.forShowingBroken(), grant));
            case Undoing.InTheWay(Conflict conflict) ->
                conflict(rights, protocol, conflict, "somebody has some of the bytes again, or waits for them");
            case Undoing.Waited() ->
                conflict(
                        rights,
                        protocol,
                        new Conflict(List.of(), List.of(), false, null),
                        "somebody waited for some of the bytes when the lock was broken, and may have had them since");
            case Undoing.Expired() ->
                FilesProblem.of(
                                FilesError.LOCK_LOST,
                                "the lock would have ended by now: its lease or its session is over")
                        .response();
            case Undoing.NothingBroken() ->
                noSuchLock("no lock of this id was broken in the last " + LockBreaker.UNDO_WITHIN.toSeconds()
                        + " s, or that was taken back already");
        };
    }

    private BrokenLock lock(LockRights rights, Breaking done) {
        return new BrokenLock(
                grants.show(rights.forShowingBroken(), done.lock().grant()),
                done.lock().since().toString(),
                done.lastHeartbeat().map(Instant::toString).orElse(null));
    }

    private static @Nullable Boolean more(Breaking done) {
        return done.lock().more() ? true : null;
    }

    private Response conflict(LockRights rights, Protocol protocol, Conflict conflict, String description) {
        FilesProblem problem = FilesProblem.of(FilesError.LOCK_CONFLICT, description)
                .withConflict(grants.show(rights, protocol.semantics(), conflict));
        return (conflict.retryAfter() == null ? problem : problem.retryAfter(conflict.retryAfter())).response();
    }

    private static Response noSuchLock(String description) {
        return FilesProblem.of(FilesError.NO_SUCH_LOCK, description).response();
    }
}
