package io.lockgate.http;

import io.lockgate.http.connection.Connections;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Lets the requests of HTTP/2 begin in the turns of their event loop, renewals before others, as the connection does
 * those of HTTP/1.1.
 *
 * <p>Here and not in front of Vert.x, because Vert.x must know each stream: when a connection fails, it tells all active
 * ones and throws at one that it was not given (4.5). Quarkus has paused the request, so its body waits with it.
 */
@Singleton
final class Http2Turns {

    void register(@Observes Filters filters) {
        filters.register(Http2Turns::enter, FilterOrder.TURNS);
    }

    private static void enter(RoutingContext context) {
        ContextInternal stream = ContextInternal.current();
        if (Connections.tryBegin(context, () -> stream.dispatch(context::next))) {
            context.next();
        }
    }
}
