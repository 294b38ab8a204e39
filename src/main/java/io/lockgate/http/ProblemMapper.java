package io.lockgate.http;

import io.quarkus.arc.All;
import io.quarkus.security.AuthenticationFailedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Sends every failure to the door whose path was asked, so that an error never leaves in another door's shape. The
 * framework's own exceptions are named one by one: a mapper of {@code Throwable} alone loses to the framework's more
 * specific ones.
 */
@ApplicationScoped
public class ProblemMapper {
    private final List<Dialect> doors;

    ProblemMapper(@All List<Dialect> doors) {
        this.doors = doors;
    }

    @ServerExceptionMapper
    Response notFound(NotFoundException failure, RoutingContext exchange) {
        return answer(exchange, failure);
    }

    @ServerExceptionMapper
    Response framework(WebApplicationException failure, RoutingContext exchange) {
        return answer(exchange, failure);
    }

    @ServerExceptionMapper
    Response notAuthenticated(AuthenticationFailedException failure, RoutingContext exchange) {
        return answer(exchange, new WebApplicationException(failure, Response.Status.UNAUTHORIZED));
    }

    @ServerExceptionMapper
    Response anything(Throwable failure, RoutingContext exchange) {
        return answer(exchange, failure);
    }

    private Response answer(RoutingContext exchange, Throwable failure) {
        if (ClientFailures.isReadAfterReset(exchange, failure)) {
            // Written to nobody.
            return UnownedPathProblems.early(400, "the stream was reset");
        }
        String path = Objects.requireNonNullElse(exchange.request().path(), "");
        for (Dialect door : doors) {
            if (door.owns(path)) {
                return door.answer(exchange, failure);
            }
        }
        return UnownedPathProblems.answer(failure);
    }
}
