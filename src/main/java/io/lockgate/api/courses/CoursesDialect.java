package io.lockgate.api.courses;

import io.lockgate.course.CourseTableUnavailableException;
import io.lockgate.course.NotAUserException;
import io.lockgate.http.Dialect;
import io.lockgate.http.DialectFilter.Shaped;
import io.lockgate.http.LogText;
import io.lockgate.http.ShuttingDownException;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.quarkus.security.AuthenticationException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;

/** Failure to answer, the framework's own failures included: none leaves this door in another shape. */
@Singleton
public final class CoursesDialect implements Dialect {
    private static final Logger LOG = Logger.getLogger(CoursesDialect.class);

    @Override
    public boolean owns(String path) {
        return isOurs(path);
    }

    /** Whether {@code path} belongs to this door. */
    public static boolean isOurs(String path) {
        return Dialect.isUnder(path, "/locks")
                || Dialect.isUnder(path, "/sessions")
                || Dialect.isUnder(path, "/courses");
    }

    @Override
    public Response answer(RoutingContext exchange, Throwable failure) {
        return shape(exchange, failure).response();
    }

    @Override
    public Response early(int status, String description) {
        CoursesError error = status >= 500 ? CoursesError.INTERNAL : CoursesError.BAD_REQUEST;
        return new Shaped(status, new CourseErrorBody(status, error.message() + ": " + description), null).response();
    }

    static Shaped shape(RoutingContext exchange, Throwable failure) {
        return switch (failure) {
            case CoursesProblemException e -> shaped(e.error(), e.message());
            case NotPermittedException e -> shaped(CoursesError.NOT_PERMITTED);
            case NotAUserException e -> shaped(CoursesError.INVALID_CREDENTIALS);
            case CourseTableUnavailableException e -> {
                LOG.debug("course locks unavailable", e);
                yield shaped(CoursesError.UNAVAILABLE);
            }
            case IdentityUnavailableException e -> shaped(CoursesError.UNAVAILABLE);
            case ShuttingDownException e -> shaped(CoursesError.UNAVAILABLE);
            case AuthenticationException e -> shaped(CoursesError.INVALID_CREDENTIALS);
            case WebApplicationException e -> framework(e.getResponse().getStatus(), e);
            case HttpException e -> framework(e.getStatusCode(), e);
            default -> {
                LOG.errorf(failure, "%s failed", LogText.of(exchange));
                yield shaped(CoursesError.INTERNAL);
            }
        };
    }

    /** A failure of which only the status is known. */
    static Shaped framework(int status, Throwable cause) {
        return switch (status) {
            case 400 -> shaped(CoursesError.BAD_REQUEST);
            case 401 -> shaped(CoursesError.INVALID_CREDENTIALS);
            case 403 -> shaped(CoursesError.NOT_PERMITTED);
            case 404 -> shaped(CoursesError.NOT_FOUND);
            case 405 -> shaped(CoursesError.METHOD_NOT_ALLOWED);
            case 413 -> shaped(CoursesError.TOO_LARGE);
            case 415 -> shaped(CoursesError.NOT_JSON);
            case 503 -> shaped(CoursesError.UNAVAILABLE);
            default -> {
                CoursesError error = status >= 500 ? CoursesError.INTERNAL : CoursesError.BAD_REQUEST;
                if (status >= 500) {
                    LOG.error("the framework failed a request", cause);
                }
                yield new Shaped(status, new CourseErrorBody(status, error.message()), null);
            }
        };
    }

    static Shaped shaped(CoursesError error) {
        return shaped(error, error.message());
    }

    static Shaped shaped(CoursesError error, String message) {
        return new Shaped(
                error.status(),
                new CourseErrorBody(error.status(), message),
                error == CoursesError.UNAVAILABLE ? 1L : null);
    }
}
