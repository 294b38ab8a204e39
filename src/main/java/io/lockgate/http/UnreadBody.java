package io.lockgate.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/** The body of a request that is answered without it. */
public final class UnreadBody {
    private UnreadBody() {}

    /**
     * Lets it be read and thrown away, so that the connection can go on. Nothing happens when the request has ended
     * already, for example because the client has reset its HTTP/2 stream: {@code resume} would throw then.
     */
    public static void discard(HttpServerRequest request) {
        if (!request.isEnded()) {
            request.resume();
        }
    }

    /**
     * Says that the connection ends with the answer, because the rest of the body will not be read. Over HTTP/2 nothing is
     * said: the header has no meaning there, and clients that see it give up the connection with all answers that it owes.
     */
    static void endConnection(RoutingContext context) {
        if (context.request().version() != HttpVersion.HTTP_2) {
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }
}
