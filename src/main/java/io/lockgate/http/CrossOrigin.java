package io.lockgate.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/**
 * What pages of any origin may do with an API whose credentials are headers that no browser sends of its own accord
 * (W3C Fetch, CORS protocol). Each list is as the header has it, separated by commas.
 *
 * @param methods that a page may use
 * @param requestHeaders that a page may send
 * @param exposedHeaders of an answer that a page may read
 */
public record CrossOrigin(String methods, String requestHeaders, String exposedHeaders) {
    /** Headers of each answer, whoever gives it. */
    Map<String, String> headers() {
        return Map.of("Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", exposedHeaders);
    }

    /**
     * Lets the page read the answer. A preflight request is answered: it needs no credential, and its answer tells
     * nothing.
     *
     * @return whether the request has been answered
     */
    boolean share(RoutingContext context) {
        HttpServerRequest request = context.request();
        headers().forEach(context.response()::putHeader);
        boolean preflight = request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains("Access-Control-Request-Method");
        if (preflight) {
            UnreadBody.discard(request);
            context.response()
                    .putHeader("Access-Control-Allow-Methods", methods)
                    .putHeader("Access-Control-Allow-Headers", requestHeaders)
                    .putHeader("Access-Control-Max-Age", "86400")
                    .setStatusCode(204)
                    .end();
        }
        return preflight;
    }
}
