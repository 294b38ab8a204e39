package io.lockgate.http;

import io.lockgate.http.Problem.Dependency;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Passwords;
import io.lockgate.identity.TooManyUnknownException;
import io.quarkus.security.AuthenticationException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.ws.rs.WebApplicationException;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Finds the {@link Problem} behind an exception. Logs what is a fault of the gateway. */
final class ProblemFinder {
    private static final Logger LOG = Logger.getLogger(ProblemFinder.class);

    private ProblemFinder() {}

    static Problem find(Dialect dialect, RoutingContext context, Throwable failure) {
        Problem problem = dialect.problemOf(failure).orElseGet(() -> ofShared(context, failure));
        if (problem instanceof Problem.Unavailable unavailable) {
            LOG.debugf(failure, "%s is not available", unavailable.dependency());
        }
        return problem;
    }

    private static Problem ofShared(RoutingContext context, Throwable failure) {
        return switch (failure) {
            case ProblemException e -> e.problem();
            case UnreadableBodyException e -> new Problem.UnreadableBody(e.description());
            case NotPermittedException e -> new Problem.Forbidden(e.permission());
            case IdentityUnavailableException e -> Problem.Unavailable.of(Dependency.IDENTITY);
            case Passwords.BusyException e -> Problem.Unavailable.of(Dependency.PASSWORD_HASHING);
            case TooManyUnknownException e -> new Problem.TooManyUnknownCredentials();
            case AuthenticationException e -> new Problem.NotAuthenticated(Optional.empty());
            case WebApplicationException e -> ofStatus(context, e.getResponse().getStatus(), e);
            case HttpException e -> ofStatus(context, e.getStatusCode(), e);
            default -> {
                LOG.errorf(failure, "%s failed", LogText.of(context));
                yield new Problem.Internal();
            }
        };
    }

    private static Problem ofStatus(RoutingContext context, int status, Throwable failure) {
        if (status >= 500 && status != 503) {
            LOG.errorf(failure, "%s failed in the framework", LogText.of(context));
        }
        return new Problem.OfStatus(status);
    }
}
