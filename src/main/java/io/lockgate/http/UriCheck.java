package io.lockgate.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Refuses URIs with broken percent-encoding, or with characters that must be encoded, where no API has done so in
 * its own format. It takes the place of Quarkus' own check, which would come before the filters of the APIs.
 */
@Singleton
public final class UriCheck {
    void register(@Observes Filters filters) {
        filters.register(UriCheck::check, FilterOrder.URI_CHECK);
    }

    static void check(RoutingContext context) {
        String uri = context.request().uri();
        if (uri == null || Percent.isPlain(uri) || Percent.decode(uri).isPresent()) {
            context.next();
        } else {
            NoDialect.INSTANCE
                    .render(new Problem.BadRequest(400, "the URI is not percent-encoded UTF-8"))
                    .send(context);
        }
    }
}
