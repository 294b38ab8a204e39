package io.lockgate.http;

import io.lockgate.http.connection.ConnectionLimits;
import io.lockgate.http.connection.Connections;
import io.lockgate.http.connection.EarlyProblems;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers 408 (RFC 9110, 15.5.9) to a request whose body takes too long to arrive, in the format of its API. Over
 * HTTP/1.1 the connection tells, and a body that came with its header costs nothing; over HTTP/2 each request with a
 * body has a timer.
 */
@Singleton
public final class BodyDeadline {
    private static final String LATE = "lockgate.body-late";

    private static final String TIMER = "lockgate.body-deadline";

    /** RFC 9113, 7. */
    private static final long NO_ERROR = 0;

    private static final long CANCEL = 8;

    private final Vertx vertx;
    private final Duration time;
    private final EarlyProblems problems;

    BodyDeadline(Vertx vertx, ConnectionLimits limits, EarlyProblems problems) {
        this.vertx = vertx;
        this.time = limits.bodyTimeout();
        this.problems = problems;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, FilterOrder.BODY_DEADLINE);
    }

    private void enter(RoutingContext context) {
        if (mayHaveBody(context.request())) {
            start(context, time);
        }
        context.next();
    }

    /** Gives the body of that request another time than the usual one. */
    public void extend(RoutingContext context, Duration other) {
        start(context, other);
    }

    /** Whether the request has been answered for its late body: what fails afterwards has been told. */
    public static boolean hasAnswered(RoutingContext context) {
        return context.get(LATE) != null;
    }

    private static boolean mayHaveBody(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return !request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD);
        }
        return request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private void start(RoutingContext context, Duration allowed) {
        if (context.request().version() != HttpVersion.HTTP_2) {
            Connections.expectsBody(context, allowed, () -> late(context, allowed));
            return;
        }
        if (context.get(TIMER) == null) {
            context.addEndHandler(ended -> cancel(context));
        } else {
            cancel(context);
        }
        context.put(TIMER, vertx.setTimer(allowed.toMillis(), fired -> {
            if (!context.request().isEnded()) {
                late(context, allowed);
            }
        }));
    }

    private void cancel(RoutingContext context) {
        @Nullable Long timer = context.get(TIMER);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void late(RoutingContext context, Duration allowed) {
        HttpServerResponse response = context.response();
        boolean two = context.request().version() == HttpVersion.HTTP_2;
        if (response.closed() || response.ended()) {
            return;
        }
        if (response.headWritten()) {
            response.reset(CANCEL);
            return;
        }
        context.put(LATE, true);
        String path = Objects.requireNonNullElse(context.request().path(), "");
        EarlyProblems.Answer answer =
                problems.answer(path, 408, "the body took longer than " + allowed.toSeconds() + " s to arrive");
        answer.headers().forEach(response::putHeader);
        response.setStatusCode(answer.status()).putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
        if (!two) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        response.end(Buffer.buffer(answer.body()));
        if (two) {
            // RFC 9113, 8.1: the rest of the body is not wanted.
            response.reset(NO_ERROR);
        }
    }
}
