package io.lockgate.api.admin;

import io.lockgate.http.Dialect;
import io.lockgate.http.DialectFilter.Shaped;
import io.lockgate.http.LogText;
import io.lockgate.http.ShuttingDownException;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.route.RouteTableUnavailableException;
import io.quarkus.security.AuthenticationException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;

/** Failure to answer, the framework's own failures included: none leaves this door in another shape. */
@Singleton
public final class AdminDialect implements Dialect {
    private static final Logger LOG = Logger.getLogger(AdminDialect.class);

    @Override
    public boolean owns(String path) {
        return isOurs(path);
    }

    /** Whether {@code path} belongs to this door. */
    public static boolean isOurs(String path) {
        return Dialect.isUnder(path, "/admin") || Dialect.isUnder(path, "/auth");
    }

    @Override
    public Response answer(RoutingContext exchange, Throwable failure) {
        return shape(exchange, failure).response();
    }

    @Override
    public Response early(int status, String description) {
        AdminError error = status >= 500 ? AdminError.INTERNAL : AdminError.BAD_REQUEST;
        return new Shaped(status, new AdminBody(error.text() + ": " + description, status), null).response();
    }

    static Shaped shape(RoutingContext exchange, Throwable failure) {
        return switch (failure) {
            case AdminProblemException e -> shaped(e.error(), e.text());
            case NotPermittedException e -> shaped(AdminError.FORBIDDEN);
            case RouteTableUnavailableException e -> {
                LOG.debug("route locks unavailable", e);
                yield shaped(AdminError.UNAVAILABLE);
            }
            case IdentityUnavailableException e -> shaped(AdminError.UNAVAILABLE);
            case ShuttingDownException e -> shaped(AdminError.UNAVAILABLE);
            case AuthenticationException e -> shaped(AdminError.UNAUTHORIZED);
            case WebApplicationException e -> framework(e.getResponse().getStatus(), e);
            case HttpException e -> framework(e.getStatusCode(), e);
            default -> {
                LOG.errorf(failure, "%s failed", LogText.of(exchange));
                yield shaped(AdminError.INTERNAL);
            }
        };
    }

    /** A failure of which only the status is known. */
    static Shaped framework(int status, Throwable cause) {
        for (AdminError error : AdminError.values()) {
            if (error.status() == status && error != AdminError.MISSING) {
                if (status == 500) {
                    LOG.error("the framework failed a request", cause);
                }
                return shaped(error);
            }
        }
        AdminError error = status >= 500 ? AdminError.INTERNAL : AdminError.BAD_REQUEST;
        return new Shaped(status, new AdminBody(error.text(), status), null);
    }

    static Shaped shaped(AdminError error) {
        return shaped(error, error.text());
    }

    static Shaped shaped(AdminError error, String text) {
        return new Shaped(
                error.status(), new AdminBody(text, error.status()), error == AdminError.UNAVAILABLE ? 1L : null);
    }
}
