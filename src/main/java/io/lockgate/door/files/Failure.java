package io.lockgate.door.files;

import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A failure as this door tells it.
 *
 * @param retryAfterSeconds for the header, or {@code null} for none
 */
record Failure(
        FilesError error,
        int status,
        ErrorBody body,
        @Nullable Long retryAfterSeconds) {
    static Failure of(FilesError error, String description) {
        return withStatus(error, error.status(), description);
    }

    /** A failure whose status the framework chose. */
    static Failure withStatus(FilesError error, int status, String description) {
        ErrorBody body =
                new ErrorBody(error.module(), error.errorClass(), description, List.of(), true, null, null, null);
        return new Failure(error, status, body, null);
    }

    Failure withConflict(ConflictBody conflict) {
        return with(new ErrorBody(
                body.module(),
                body.errorClass(),
                body.description(),
                body.stack(),
                body.userVisible(),
                conflict,
                body.index(),
                body.outcome()));
    }

    Failure withIndex(int index) {
        return with(new ErrorBody(
                body.module(),
                body.errorClass(),
                body.description(),
                body.stack(),
                body.userVisible(),
                body.conflict(),
                index,
                body.outcome()));
    }

    Failure withOutcome(boolean known) {
        return with(new ErrorBody(
                body.module(),
                body.errorClass(),
                body.description(),
                body.stack(),
                body.userVisible(),
                body.conflict(),
                body.index(),
                known ? "none" : "unknown"));
    }

    /** Says when to ask again, in whole seconds, rounded up and never 0. */
    Failure retryAfter(Duration delay) {
        return new Failure(
                error, status, body, Math.max(1, delay.plusMillis(999).toSeconds()));
    }

    Response response() {
        Response.ResponseBuilder response = Response.status(status).entity(body);
        return retryAfterSeconds == null
                ? response.build()
                : response.header("Retry-After", Long.toString(retryAfterSeconds))
                        .build();
    }

    private Failure with(ErrorBody changed) {
        return new Failure(error, status, changed, retryAfterSeconds);
    }
}
