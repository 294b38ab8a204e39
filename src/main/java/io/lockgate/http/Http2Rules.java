package io.lockgate.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.Optional;

/** What {@link RequestRules} are for HTTP/1.1, as far as Netty and Vert.x let it pass over HTTP/2 (RFC 9113, 8.3.1). */
@Singleton
final class Http2Rules {
    /** Before whatever looks at the path. */
    private static final int PRIORITY = 1_600;

    private final EarlyProblems problems;

    Http2Rules(EarlyProblems problems) {
        this.problems = problems;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, PRIORITY);
    }

    private void enter(RoutingContext context) {
        HttpServerRequest request = context.request();
        Optional<String> fault = request.version() == HttpVersion.HTTP_2 ? faultOf(request) : Optional.empty();
        if (fault.isPresent()) {
            refuse(context, fault.get());
        } else {
            context.next();
        }
    }

    private static Optional<String> faultOf(HttpServerRequest request) {
        String target = Objects.requireNonNullElse(request.uri(), "");
        if (!target.startsWith("/") && RequestSequencer.pathOf(target).isEmpty()) {
            // Vert.x would look for the path of an absolute URI in its query.
            return Optional.of(RequestRules.NO_PATH);
        }
        return Optional.empty();
    }

    private void refuse(RoutingContext context, String fault) {
        if (Recipient.of(context).isGone()) {
            return;
        }
        HttpServerRequest request = context.request();
        EarlyProblems.Answer answer =
                problems.answer(RequestSequencer.pathOf(Objects.requireNonNullElse(request.uri(), "")), 400, fault);
        HttpServerResponse response = context.response().setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        response.putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
        UnreadBody.discard(request);
        response.end(Buffer.buffer(answer.body()));
    }
}
