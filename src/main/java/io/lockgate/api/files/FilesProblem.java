package io.lockgate.api.files;

import io.lockgate.api.files.ErrorJson.ConflictBody;
import io.lockgate.api.files.ErrorJson.DeadlockBody;
import io.lockgate.api.files.ErrorJson.ErrorBody;
import io.lockgate.http.RenderedProblem;
import io.lockgate.range.SessionGoneException;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A problem in the words of this API.
 *
 * @param retryAfter for the header, or {@code null} for none
 */
public record FilesProblem(
        FilesError error,
        int status,
        ErrorBody body,
        @Nullable Duration retryAfter) {
    public static FilesProblem of(FilesError error, String description) {
        return withStatus(error, error.status(), description);
    }

    /** The session that a lock was asked for is not there. */
    static FilesProblem ofGone(SessionGoneException gone) {
        return gone.wasKnown()
                ? of(FilesError.SESSION_LOST, "the session has expired or was ended: " + gone.session())
                : of(FilesError.NO_SUCH_SESSION, "there is no such session: " + gone.session());
    }

    /** A failure whose status the framework chose. */
    public static FilesProblem withStatus(FilesError error, int status, String description) {
        ErrorBody body =
                new ErrorBody(error.module(), error.errorClass(), description, List.of(), true, null, null, null, null);
        return new FilesProblem(error, status, body, null);
    }

    public FilesProblem withConflict(ConflictBody conflict) {
        return with(body.with(conflict));
    }

    public FilesProblem withDeadlock(DeadlockBody deadlock) {
        return with(body.with(deadlock));
    }

    public FilesProblem withIndex(int index) {
        return with(body.with(index, body.outcome()));
    }

    public FilesProblem withOutcome(boolean known) {
        return with(body.with(body.index(), known ? "none" : "unknown"));
    }

    /** Says when to send the request again. */
    public FilesProblem retryAfter(Duration delay) {
        return new FilesProblem(error, status, body, delay);
    }

    public RenderedProblem rendered() {
        RenderedProblem rendered = RenderedProblem.json(status, body);
        return retryAfter == null ? rendered : rendered.retryAfter(retryAfter);
    }

    public Response response() {
        return rendered().response();
    }

    private FilesProblem with(ErrorBody changed) {
        return new FilesProblem(error, status, changed, retryAfter);
    }
}
