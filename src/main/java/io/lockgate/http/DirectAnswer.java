package io.lockgate.http;

import io.lockgate.http.connection.EarlyProblems;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Answers a request at once, without Jakarta REST and without its body. */
public final class DirectAnswer {
    private DirectAnswer() {}

    /**
     * A client that has gone gets nothing: over HTTP/2 Vert.x 4.5 would close the connection, with all its other
     * streams.
     */
    public static void send(RoutingContext context, EarlyProblems.Answer answer) {
        if (HttpRecipient.of(context).isGone()) {
            return;
        }
        HttpServerResponse response = context.response().setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        response.putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
        UnreadBody.discard(context.request());
        if (context.request().method().equals(HttpMethod.HEAD)) {
            // RFC 9110, 9.3.2. Over HTTP/2 Vert.x would send the body.
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(answer.body().length))
                    .end();
        } else {
            response.end(Buffer.buffer(answer.body()));
        }
    }
}
