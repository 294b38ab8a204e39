package io.lockgate.http;

import io.lockgate.http.Problem.PathFault;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a request of an API before Jakarta REST sees it, because Jakarta REST would get it wrong or could not
 * answer in the API's format:
 *
 * <ul>
 *   <li>a path that has several forms is routed by its {@linkplain Dialect#canonical canonical} one;
 *   <li>a semicolon in the path stays part of a name: Jakarta REST would cut it off as a matrix parameter;
 *   <li>broken percent-encoding, empty and dot segments are refused before the router normalises or replaces them;
 *   <li>a parameter given twice is refused: Jakarta REST would take the first;
 *   <li>a body without a type is JSON, but where {@link CrossSiteRule} applies; one that says it is too long is refused
 *       unread;
 *   <li>{@code Accept} is dropped: there is one form of answer, and never 406;
 *   <li>the answer says {@code application/json} and nothing else.
 * </ul>
 *
 * <p>Failures outside of Jakarta REST (in the router, in authentication, in writing) are answered here too.
 */
@Singleton
final class DialectFilter {
    /** The fault of a request without a valid authority. */
    static final String BAD_AUTHORITY =
            "field ':authority', or 'Host' in its place, is missing, given twice, or not a host with an optional port";

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private final Dialects dialects;
    private final CrossSiteRule crossSite;
    private final BodyDeadline deadline;

    DialectFilter(Dialects dialects, CrossSiteRule crossSite, BodyDeadline deadline) {
        this.dialects = dialects;
        this.crossSite = crossSite;
        this.deadline = deadline;
    }

    void register(@Observes Filters filters) {
        filters.register(this::share, FilterOrder.ANY_ORIGIN);
        filters.register(this::enter, FilterOrder.DIALECT);
    }

    void register(@Observes Router router) {
        for (Dialect dialect : dialects.all()) {
            for (String root : dialect.roots()) {
                router.route(root).order(Integer.MIN_VALUE).failureHandler(context -> fail(dialect, context));
                router.route(root + "/*").order(Integer.MIN_VALUE).failureHandler(context -> fail(dialect, context));
            }
        }
    }

    /** Vert.x refuses a request without one before any filter has run. Over HTTP/1.1 the connection has checked it. */
    static boolean hasValidAuthority(RoutingContext context) {
        return context.request().version() != HttpVersion.HTTP_2
                || context.request().authority() != null;
    }

    private void share(RoutingContext context) {
        boolean answered = dialects.owner(pathOf(context))
                .flatMap(Dialect::crossOrigin)
                .map(rule -> rule.share(context))
                .orElse(false);
        if (!answered) {
            context.next();
        }
    }

    private void enter(RoutingContext context) {
        String path = pathOf(context);
        @Nullable Dialect dialect = dialects.owner(path).orElse(null);
        if (dialect == null) {
            refuseDisguised(context, path);
            return;
        }
        HttpServerRequest request = context.request();
        String canonical = dialect.canonical(path).replace(";", "%3B");
        if (!canonical.equals(path)) {
            dialect.rerouted(context, path);
            context.reroute(request.query() == null ? canonical : canonical + "?" + request.query());
            return;
        }
        @Nullable Duration bodyTime = dialect.bodyTime(request.method()).orElse(null);
        if (bodyTime != null) {
            deadline.extend(context, bodyTime);
        }
        typeAnswer(dialect, context);
        @Nullable Problem problem = problemOf(dialect, context, path).orElse(null);
        if (problem != null) {
            if (problem instanceof Problem.BodyTooLarge) {
                UnreadBody.endConnection(context);
            }
            dialect.render(problem).send(context);
            return;
        }
        MultiMap headers = request.headers();
        headers.remove(HttpHeaders.ACCEPT);
        if (!headers.contains(HttpHeaders.CONTENT_TYPE) && !request.method().equals(HttpMethod.GET)) {
            headers.set(HttpHeaders.CONTENT_TYPE, JSON);
        }
        context.next();
    }

    /** The router would find an API behind such a path, and names at other places than they stand. */
    private void refuseDisguised(RoutingContext context, String path) {
        @Nullable Dialect dialect = dialects.owner(DotSegments.resolved(path)).orElse(null);
        if (dialect == null) {
            context.next();
        } else {
            typeAnswer(dialect, context);
            dialect.render(new Problem.MalformedPath(PathFault.DISGUISED)).send(context);
        }
    }

    private Optional<Problem> problemOf(Dialect dialect, RoutingContext context, String path) {
        HttpServerRequest request = context.request();
        if (!Percent.isPlain(request.uri())) {
            Optional<Problem> fault = problemOfEncoding(path, request.query());
            if (fault.isPresent()) {
                return fault;
            }
        }
        if (path.contains("//")) {
            return Optional.of(new Problem.MalformedPath(PathFault.EMPTY_SEGMENT));
        }
        if (DotSegments.in(path)) {
            return Optional.of(new Problem.MalformedPath(PathFault.DOT_SEGMENT));
        }
        Optional<String> repeated = QueryParameters.repeated(context);
        if (repeated.isPresent()) {
            return Optional.of(new Problem.RepeatedParameter(repeated.get()));
        }
        Optional<CrossSiteRule.Fault> foreign =
                dialect.isProtectedFromOtherSites(context, path) ? crossSite.check(context) : Optional.empty();
        if (foreign.isPresent()) {
            return Optional.of(new Problem.CrossSite(foreign.get()));
        }
        int most = dialect.maxBodyBytes(request.method());
        return isLonger(request, most) ? Optional.of(new Problem.BodyTooLarge(most)) : Optional.empty();
    }

    private static Optional<Problem> problemOfEncoding(String path, @Nullable String query) {
        if (Percent.decode(path).isEmpty()) {
            return Optional.of(new Problem.MalformedPath(PathFault.NOT_UTF8));
        }
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                if (Percent.decode(pair).isEmpty()) {
                    String name = pair.indexOf('=') < 0 ? pair : pair.substring(0, pair.indexOf('='));
                    boolean shown = name.chars().allMatch(c -> c == '_' || (c >= 'a' && c <= 'z'));
                    return Optional.of(new Problem.MalformedQuery(shown ? name : "(query)"));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether the header says that the body is longer than {@code most} bytes. */
    private static boolean isLonger(HttpServerRequest request, int most) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length != null && Long.parseLong(length) > most;
        } catch (NumberFormatException e) {
            // The connection lets no such text through.
            return true;
        }
    }

    /** The 2019 client of the files API insists on exactly this type (docs/api-files.md, "Headers"). */
    private static void typeAnswer(Dialect dialect, RoutingContext context) {
        context.addHeadersEndHandler(ignored -> {
            MultiMap headers = context.response().headers();
            if (!dialect.typesEmptyAnswers() && "0".equals(headers.get(HttpHeaders.CONTENT_LENGTH))) {
                headers.remove(HttpHeaders.CONTENT_TYPE);
            } else if (!MediaType.SERVER_SENT_EVENTS.equals(headers.get(HttpHeaders.CONTENT_TYPE))) {
                headers.set(HttpHeaders.CONTENT_TYPE, JSON);
            }
        });
    }

    private static void fail(Dialect dialect, RoutingContext context) {
        if (skipAnswered(context)) {
            return;
        }
        // No filter has run when the router has refused the request.
        dialect.crossOrigin().ifPresent(rule -> rule.headers().forEach(context.response()::putHeader));
        dialect.render(failureOf(dialect, context)).send(context);
    }

    private static Problem failureOf(Dialect dialect, RoutingContext context) {
        if (!hasValidAuthority(context)) {
            return new Problem.BadRequest(400, BAD_AUTHORITY);
        }
        Throwable cause = context.failure();
        return cause == null ? new Problem.OfStatus(context.statusCode()) : ProblemFinder.find(dialect, context, cause);
    }

    /**
     * Whether it is too late for another answer: then the next handler gets the failure, unless a late body was
     * answered, or it is no failure but a client that has left.
     */
    private static boolean skipAnswered(RoutingContext context) {
        if (ClientFailures.isReadAfterReset(context, context.failure())) {
            return true;
        }
        boolean answered = context.response().ended() || context.response().headWritten();
        if (answered && !BodyDeadline.hasAnswered(context)) {
            context.next();
        }
        return answered;
    }

    private static String pathOf(RoutingContext context) {
        return Objects.requireNonNullElse(context.request().path(), "");
    }
}
