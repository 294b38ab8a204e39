package io.lockgate.http;

import io.lockgate.http.connection.Connections;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Objects;

/**
 * Failures of requests that no API owns, outside of Jakarta REST, and those on the management port: what the client has
 * caused is answered 4xx, and not logged. All else is left to Quarkus, which logs it at ERROR.
 */
@Singleton
final class UnownedPathFailures {
    /** Behind all others but that of Quarkus, which is the last. */
    private static final int ORDER = Integer.MAX_VALUE - 1;

    void register(@Observes Router router) {
        router.route().order(ORDER).failureHandler(context -> fail(context, ClientFailures.isRefused(context)));
    }

    /** There, bodies are read before anything else happens: what fails within one is the body. */
    void register(@Observes ManagementInterface management) {
        management.router().route().order(Integer.MIN_VALUE).handler(UriCheck::check);
        management
                .router()
                .route()
                .order(ORDER)
                .failureHandler(context -> fail(
                        context, ClientFailures.isRefused(context) || ClientFailures.isWithinBody(context.request())));
    }

    private static void fail(RoutingContext context, boolean refused) {
        HttpServerResponse response = context.response();
        if (!refused
                && !ClientFailures.isLeaving(context.failure())
                && !ClientFailures.isReadAfterReset(context, context.failure())) {
            context.next();
        } else if (!response.ended() && !response.headWritten()) {
            if (!context.request().isEnded()) {
                UnreadBody.endConnection(context);
            }
            NoDialect.INSTANCE
                    .render(new Problem.BadRequest(
                            ClientFailures.isRefused(context) ? context.statusCode() : 400, description(context)))
                    .send(context);
            // Of a body that cannot be decoded Vert.x closes the connection, whatever is still to be sent.
            Connections.flush(context);
        }
    }

    private static String description(RoutingContext context) {
        // First of all: a CONNECT has no path, and no scheme either, without which Vert.x cannot tell its authority.
        if (!Objects.requireNonNullElse(context.request().path(), "").startsWith("/")) {
            return "the target of the request is not a path";
        }
        return DialectFilter.hasValidAuthority(context) ? "the request cannot be taken" : DialectFilter.BAD_AUTHORITY;
    }
}
