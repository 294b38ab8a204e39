package io.lockgate.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a request of a door before Jakarta REST sees it, because Jakarta REST would get it wrong or could not answer
 * in the door's shape: broken percent-encoding, dot segments, semicolons (which are part of names here), parameters given twice,
 * bodies that say they are too long, a body without a type (which is JSON, but where {@link CrossSiteRule} applies), {@code Accept}
 * (there is one form of answer, and never 406).
 */
public abstract class DialectFilter {
    /** Before authentication and everything else that may answer. */
    protected static final int PRIORITY = 1_000;

    /** The fault of a request without a valid authority. */
    public static final String BAD_AUTHORITY =
            "field ':authority', or 'Host' in its place, is missing, given twice, or not a host with an optional port";

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private final Dialect door;
    private final int bodyBytes;

    /**
     * @param bodyBytes the longest body this door takes
     */
    protected DialectFilter(Dialect door, int bodyBytes) {
        this.door = door;
        this.bodyBytes = bodyBytes;
    }

    /** The path by which this door's resources are found, when there are several. */
    protected String canonical(String path) {
        return path;
    }

    /** The longest body of that request. */
    protected int bodyBytes(HttpServerRequest request) {
        return bodyBytes;
    }

    /** Headers of an answer to a failure outside of Jakarta REST. */
    protected void beforeFailure(RoutingContext context) {}

    /** What is wrong with that call by {@link CrossSiteRule}, where it applies. */
    protected Optional<CrossSiteRule.Fault> crossSite(RoutingContext context, String path) {
        return Optional.empty();
    }

    /** The answer to a request that is wrong before anybody has looked at what it wants. */
    protected abstract Shaped fault(int status, String description);

    /** The answer to a failure outside of Jakarta REST: in the router, in authentication, in writing. */
    protected abstract Shaped failure(RoutingContext context, Throwable cause);

    /**
     * An answer in the door's shape.
     *
     * @param retryAfterSeconds for the header; {@code null} for none
     */
    public record Shaped(int status, Object body, @Nullable Long retryAfterSeconds) {
        /** The same for Jakarta REST; a 405 says which methods there are. */
        public Response response() {
            Response.ResponseBuilder answer =
                    Response.status(status).entity(Json.write(body)).type("application/json");
            if (status == 405) {
                answer.header("Allow", AllowedMethods.ofCurrentRequest());
            }
            if (retryAfterSeconds != null) {
                answer.header("Retry-After", Long.toString(retryAfterSeconds));
            }
            return answer.build();
        }
    }

    protected final void enter(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = Objects.requireNonNullElse(request.path(), "");
        if (!door.owns(path)) {
            if (door.owns(DotSegments.resolved(path))) {
                // The router would find this door behind it, and names at other places than they stand.
                context.addHeadersEndHandler(
                        ignored -> context.response().headers().set(HttpHeaders.CONTENT_TYPE, JSON));
                send(context, fault(400, "The path holds an empty or dot segment, or needless percent-encoding"));
            } else {
                context.next();
            }
            return;
        }
        String plain = canonical(path).replace(";", "%3B");
        if (!plain.equals(path)) {
            context.reroute(request.query() == null ? plain : plain + "?" + request.query());
            return;
        }
        context.addHeadersEndHandler(ignored -> context.response().headers().set(HttpHeaders.CONTENT_TYPE, JSON));
        Optional<Shaped> fault = faultOf(context, path);
        if (fault.isPresent()) {
            if (fault.get().status() == 413) {
                // The rest of the body will not be read, so the connection cannot be used again.
                context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
            send(context, fault.get());
            return;
        }
        MultiMap headers = request.headers();
        headers.remove(HttpHeaders.ACCEPT);
        if (!headers.contains(HttpHeaders.CONTENT_TYPE) && !request.method().equals(HttpMethod.GET)) {
            headers.set(HttpHeaders.CONTENT_TYPE, JSON);
        }
        context.next();
    }

    protected final void fail(RoutingContext context) {
        if (skipAnswered(context)) {
            return;
        }
        if (!hasValidAuthority(context)) {
            send(context, fault(400, BAD_AUTHORITY));
            return;
        }
        beforeFailure(context);
        Throwable cause = context.failure();
        send(
                context,
                cause == null ? fault(context.statusCode(), "The request cannot be taken") : failure(context, cause));
    }

    /**
     * Whether it is too late for another answer: then the next handler gets the failure, unless a late body was answered, or it is no
     * failure but a client that has left.
     */
    public static boolean skipAnswered(RoutingContext context) {
        if (ClientFailures.isReadAfterReset(context, context.failure())) {
            return true;
        }
        boolean answered = context.response().ended() || context.response().headWritten();
        if (answered && !BodyDeadline.hasAnswered(context)) {
            context.next();
        }
        return answered;
    }

    /** Whether the header says that the body is longer than {@code most} bytes. */
    public static boolean isLonger(HttpServerRequest request, int most) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length != null && Long.parseLong(length) > most;
        } catch (NumberFormatException e) {
            // The HTTP layer lets no such text through.
            return true;
        }
    }

    /** Whether the router leads {@code path} to {@code place}: it takes {@code %6C} for an l, and a slash at the end for none. */
    public static boolean isAt(RoutingContext context, String path, String place) {
        String plain = path.indexOf('%') < 0 ? path : context.normalizedPath();
        return plain.equals(place) || plain.equals(place + "/");
    }

    /** Vert.x refuses a request without one before any filter has run. Over HTTP/1.1 it has been looked at before. */
    public static boolean hasValidAuthority(RoutingContext context) {
        return context.request().version() != HttpVersion.HTTP_2
                || context.request().authority() != null;
    }

    /** Answers at once, without Jakarta REST. */
    public static void send(RoutingContext context, Shaped answer) {
        DirectAnswer.send(context, answer.status(), Json.write(answer.body()), answer.retryAfterSeconds());
    }

    private Optional<Shaped> faultOf(RoutingContext context, String path) {
        HttpServerRequest request = context.request();
        if (Percent.decode(path).isEmpty()) {
            return Optional.of(fault(400, "The path is not percent-encoded UTF-8"));
        }
        if (request.query() != null && Percent.decode(request.query()).isEmpty()) {
            return Optional.of(fault(400, "The query is not percent-encoded UTF-8"));
        }
        if (path.contains("//")) {
            return Optional.of(fault(400, "The path holds an empty segment"));
        }
        if (DotSegments.in(path)) {
            return Optional.of(fault(400, "The path holds a dot segment"));
        }
        Optional<String> repeated = QueryParameters.repeated(context);
        if (repeated.isPresent()) {
            return Optional.of(fault(400, "field '" + repeated.get() + "' is given twice"));
        }
        Optional<CrossSiteRule.Fault> crossSite = crossSite(context, path);
        if (crossSite.isPresent()) {
            return Optional.of(fault(crossSite.get().status(), crossSite.get().description()));
        }
        int most = bodyBytes(request);
        return isLonger(request, most)
                ? Optional.of(fault(413, "The body is longer than " + most + " bytes"))
                : Optional.empty();
    }
}
