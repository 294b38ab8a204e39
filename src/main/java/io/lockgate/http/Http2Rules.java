package io.lockgate.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
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
            String path = RequestSequencer.pathOf(Objects.requireNonNullElse(request.uri(), ""));
            DirectAnswer.send(context, problems.answer(path, 400, fault.get()));
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
}
