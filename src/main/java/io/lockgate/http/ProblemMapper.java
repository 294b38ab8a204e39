package io.lockgate.http;

import io.quarkus.security.AuthenticationFailedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Maps every exception of a resource, including the framework's, to the error format of the API that owns the path. The
 * framework's own exceptions are named one by one: a mapper of {@code Throwable} alone loses to the framework's more
 * specific ones.
 */
@ApplicationScoped
public class ProblemMapper {
    private final Dialects dialects;

    ProblemMapper(Dialects dialects) {
        this.dialects = dialects;
    }

    @ServerExceptionMapper
    Response notFound(NotFoundException failure, RoutingContext context) {
        return answer(context, failure);
    }

    @ServerExceptionMapper
    Response framework(WebApplicationException failure, RoutingContext context) {
        return answer(context, failure);
    }

    @ServerExceptionMapper
    Response notAuthenticated(AuthenticationFailedException failure, RoutingContext context) {
        return answer(context, failure);
    }

    @ServerExceptionMapper
    Response anything(Throwable failure, RoutingContext context) {
        return answer(context, failure);
    }

    private Response answer(RoutingContext context, Throwable failure) {
        if (ClientFailures.isReadAfterReset(context, failure)) {
            // No client is left to read it.
            return NoDialect.INSTANCE
                    .render(new Problem.BadRequest(400, "the stream was reset"))
                    .response();
        }
        Dialect dialect =
                dialects.of(Objects.requireNonNullElse(context.request().path(), ""));
        return dialect.render(ProblemFinder.find(dialect, context, failure)).response();
    }
}
