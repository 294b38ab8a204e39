package io.lockgate.door.accounts;

import io.lockgate.door.AllowedMethods;
import io.lockgate.door.Door;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.Passwords;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Failure to answer under {@code /admin}, {@code /auth} and {@code /sessions}, where no other door has claimed the path. */
@Singleton
@Priority(-1)
final class AccountsFailures implements Door {
    private static final Logger LOG = Logger.getLogger(AccountsFailures.class);

    @Override
    public boolean owns(String path) {
        return ShapedGuard.isUnder(path, "/admin")
                || ShapedGuard.isUnder(path, "/auth")
                || ShapedGuard.isUnder(path, "/sessions");
    }

    @Override
    public Response answer(RoutingContext exchange, Throwable failure) {
        return answer(
                ShapedGuard.isUnder(exchange.normalizedPath(), "/sessions") ? Shape.COURSES : Shape.ADMIN, failure);
    }

    static Response answer(Shape shape, Throwable failure) {
        return switch (failure) {
            case BadInput e -> shape.failure(e.status(), e.message());
            case IdentityUnavailableException e -> shape.failure(503, Duration.ofSeconds(1));
            case Passwords.BusyException e -> shape.failure(503, Duration.ofSeconds(1));
            case WebApplicationException e -> framework(shape, e);
            default -> {
                LOG.error("a request failed", failure);
                yield shape.failure(500);
            }
        };
    }

    private static Response framework(Shape shape, WebApplicationException failure) {
        int status = failure.getResponse().getStatus();
        if (status >= 500) {
            LOG.error("the framework failed a request", failure);
        }
        Response response = shape.failure(status);
        return status == 405
                ? Response.fromResponse(response)
                        .header("Allow", AllowedMethods.ofCurrentRequest())
                        .build()
                : response;
    }
}
