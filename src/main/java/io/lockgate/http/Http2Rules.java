package io.lockgate.http;

import io.lockgate.http.connection.EarlyProblems;
import io.lockgate.http.connection.Http2Listener;
import io.lockgate.http.connection.RequestRules;
import io.lockgate.http.connection.RequestSequencer;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@link RequestRules} are for HTTP/1.1, as far as Netty and Vert.x let it pass over HTTP/2 (RFC 9113, 8.2.1 and
 * 8.3.1).
 */
@Singleton
public final class Http2Rules {

    private static final int LONGEST_NAME_SHOWN = 64;

    private final EarlyProblems problems;

    Http2Rules(EarlyProblems problems) {
        this.problems = problems;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, FilterOrder.HTTP2_RULES);
    }

    void register(@Observes ManagementInterface management) {
        management.router().route().order(Integer.MIN_VALUE).handler(this::enter);
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
        String malformed = request.getHeader(Http2Listener.MALFORMED);
        if (malformed != null) {
            return badField(malformed.equals(":method") ? malformed : "");
        }
        // What would end a line or a text in HTTP/1.1, in a log or in C. Netty looks at the names alone.
        for (Map.Entry<String, String> field : request.headers()) {
            if (HttpHeaderValidationUtil.validateValidHeaderValue(field.getValue()) >= 0) {
                return badField(field.getKey());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> badField(String name) {
        String shown = name.isEmpty() || name.length() > LONGEST_NAME_SHOWN ? "(header)" : name;
        return Optional.of("field '" + shown + "' in the header holds a character that HTTP does not allow");
    }
}
