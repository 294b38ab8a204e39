package io.lockgate.api.files;

import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.http.AllowedMethods;
import io.lockgate.http.Dialect;
import io.lockgate.http.LogText;
import io.lockgate.http.ShuttingDownException;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.TooManyRequestsException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Failure to answer, the framework's own failures included: none leaves this door in another shape. */
@Singleton
final class FilesDialect implements Dialect {
    private static final Logger LOG = Logger.getLogger(FilesDialect.class);

    @Override
    public boolean owns(String path) {
        return FilesDialectFilter.isOurs(path);
    }

    @Override
    public Response answer(RoutingContext exchange, Throwable failure) {
        FilesProblem told = failure(exchange, failure);
        Response response = told.response();
        if (told.error() == FilesError.METHOD_NOT_ALLOWED) {
            return Response.fromResponse(response)
                    .header("Allow", AllowedMethods.ofCurrentRequest())
                    .build();
        }
        return response;
    }

    @Override
    public Response early(int status, String description) {
        return FilesProblem.withStatus(
                        switch (status) {
                            case 408 -> FilesError.BODY_LATE;
                            case 413 -> FilesError.BODY_TOO_LARGE;
                            case 431 -> FilesError.HEADER_TOO_LARGE;
                            default -> FilesError.REQUEST;
                        },
                        status,
                        description)
                .response();
    }

    static FilesProblem failure(RoutingContext exchange, Throwable failure) {
        return known(failure).orElseGet(() -> internal(exchange, failure));
    }

    /** The failures that have an answer of their own; empty for what should not have happened. */
    static Optional<FilesProblem> known(Throwable failure) {
        return switch (failure) {
            case FilesProblemException e -> Optional.of(FilesProblem.of(e.error(), e.description()));
            case NotPermittedException e ->
                Optional.of(FilesProblem.of(FilesError.NOT_PERMITTED, "this needs " + e.permission()));
            case LockTableUnavailableException e -> Optional.of(unavailable(e));
            case TooManyRequestsException e -> Optional.of(tooManyRequests(e));
            case CatalogUnavailableException e -> Optional.of(catalogUnavailable(e));
            case IdentityUnavailableException e -> Optional.of(FilesAuthentication.unavailable());
            case ShuttingDownException e ->
                Optional.of(FilesProblem.of(FilesError.STOPPING, e.getMessage() + "; nothing was changed")
                        .withOutcome(true)
                        .retryAfter(Duration.ofSeconds(1)));
            case WebApplicationException e ->
                Optional.of(framework(e.getResponse().getStatus(), e));
            case HttpException e -> Optional.of(framework(e.getStatusCode(), e));
            default -> Optional.empty();
        };
    }

    /** A failure of which only the status is known. */
    static FilesProblem framework(int status, Throwable cause) {
        return switch (status) {
            case 404 -> FilesProblem.of(FilesError.NOT_FOUND, "there is no such path");
            case 405 -> FilesProblem.of(FilesError.METHOD_NOT_ALLOWED, "this path does not take that method");
            case 413 -> FilesProblem.of(FilesError.BODY_TOO_LARGE, "the body is too large");
            case 415 -> FilesProblem.of(FilesError.UNSUPPORTED_MEDIA_TYPE, "a body must be application/json");
            default -> {
                if (status >= 500) {
                    LOG.error("the framework failed a request", cause);
                    yield FilesProblem.withStatus(FilesError.INTERNAL, status, "the gateway failed");
                }
                yield FilesProblem.withStatus(FilesError.REQUEST, status, "the request cannot be taken");
            }
        };
    }

    private static FilesProblem unavailable(LockTableUnavailableException e) {
        String known = e.isUnderRepair() && e.outcomeKnown()
                ? "this part of the lock table is being repaired; nothing was changed"
                : e.outcomeKnown()
                        ? "the lock table cannot take the call; nothing was changed"
                        : "the lock table did not do all of the call in time; whether it, or a part of it, happened is unknown. Repeating"
                                + " it is safe, but in smb it may count twice";
        return FilesProblem.of(FilesError.UNAVAILABLE, known)
                .withOutcome(e.outcomeKnown())
                .retryAfter(Duration.ofSeconds(1));
    }

    private static FilesProblem tooManyRequests(TooManyRequestsException e) {
        return FilesProblem.of(
                        FilesError.TOO_MANY_REQUESTS,
                        "the caller has as many requests under way as one may have"
                                + " (lockgate.limits.requests-per-principal): " + e.limit() + "; nothing was changed")
                .withOutcome(true)
                .retryAfter(Duration.ofSeconds(1));
    }

    private static FilesProblem catalogUnavailable(CatalogUnavailableException e) {
        LOG.debug("file registry unavailable", e);
        return FilesProblem.of(
                        FilesError.CATALOG_UNAVAILABLE,
                        "the file registry does not answer; it is safe to repeat the call")
                .withOutcome(true)
                .retryAfter(Duration.ofSeconds(1));
    }

    private static FilesProblem internal(RoutingContext exchange, Throwable failure) {
        LOG.errorf(failure, "%s failed", LogText.of(exchange));
        return FilesProblem.of(FilesError.INTERNAL, "the gateway failed; its log says more");
    }
}
