package io.lockgate.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/**
 * An API whose answers a page of any origin may read: its credentials are headers that no browser sends of its own
 * accord (W3C Fetch, CORS protocol).
 */
final class AnyOrigin {
    /** Headers of each answer, whoever gives it. */
    static final Map<String, String> HEADERS =
            Map.of("Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "ETag, Retry-After");

    private AnyOrigin() {}

    /**
     * Lets the page read the answer. A preflight request is answered: it needs no credential, and its answer tells
     * nothing.
     *
     * @return whether the request has been answered
     */
    static boolean share(RoutingContext context) {
        HttpServerRequest request = context.request();
        HEADERS.forEach(context.response()::putHeader);
        boolean preflight = request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains("Access-Control-Request-Method");
        if (preflight) {
            UnreadBody.discard(request);
            context.response()
                    .putHeader("Access-Control-Allow-Methods", "GET, PUT, PATCH, DELETE")
                    .putHeader(
                            "Access-Control-Allow-Headers",
                            "X-Auth-Token, Authorization, Macaroon, Content-Type, If-Match, If-None-Match")
                    .putHeader("Access-Control-Max-Age", "86400")
                    .setStatusCode(204)
                    .end();
        }
        return preflight;
    }
}
