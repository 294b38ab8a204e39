package io.lockgate.http;

import io.vertx.core.http.HttpServerRequest;

/** The body of a request that is answered without it. */
public final class UnreadBody {
    private UnreadBody() {}

    /**
     * Lets it be read and thrown away, so that the connection can go on. Nothing happens when the request has ended
     * already, as that of a client does that has reset its HTTP/2 stream: {@code resume} would throw then.
     */
    public static void discard(HttpServerRequest request) {
        if (!request.isEnded()) {
            request.resume();
        }
    }
}
