package io.lockgate.api.files;

import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.DialectFilter;
import io.lockgate.http.DirectAnswer;
import io.lockgate.http.DotSegments;
import io.lockgate.http.Percent;
import io.lockgate.http.QueryParameters;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a request of this door before Jakarta REST sees it, because Jakarta REST would get it wrong or
 * could not answer in this door's shape:
 *
 * <ul>
 *   <li>{@code /api/v1} becomes {@code /v1}, and is remembered for {@code paging.next};
 *   <li>a semicolon in the path stays part of a name: Jakarta REST would cut it off as a matrix parameter;
 *   <li>broken percent-encoding and dot segments are refused before the router normalises or replaces them;
 *   <li>a parameter given twice is refused: Jakarta REST would take the first;
 *   <li>a body without a type is JSON, but at the login ({@link CrossSiteRule}); one that says it is too long is refused unread;
 *   <li>{@code Accept} is dropped: there is one form of answer, and never 406;
 *   <li>the answer says {@code application/json} and nothing else, which the 2019 client insists on
 *       (docs/api-files.md, "Headers").
 * </ul>
 */
@Singleton
final class FilesDialectFilter {
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    /** Before authentication and everything else that may answer. */
    private static final int PRIORITY = 1_000;

    private static final String LOGIN = "/v1/session/login";

    private final int bodyBytes;
    private final CrossSiteRule crossSite;

    FilesDialectFilter(FilesLimits limits, CrossSiteRule crossSite) {
        this.bodyBytes = limits.bodyBytes();
        this.crossSite = crossSite;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, PRIORITY);
    }

    /** Failures outside of Jakarta REST: in the router, in authentication, in writing. */
    void register(@Observes Router router) {
        router.route("/v1/*").order(Integer.MIN_VALUE).failureHandler(FilesDialectFilter::fail);
    }

    /** Whether {@code path}, with or without the {@code /api} prefix, belongs to this door. */
    static boolean isOurs(String path) {
        return path.startsWith("/v1/") || path.startsWith("/api/v1/");
    }

    static FilesProblemException tooLarge(int limit) {
        return new FilesProblemException(FilesError.BODY_TOO_LARGE, "the body is longer than " + limit + " bytes");
    }

    private void enter(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = Objects.requireNonNullElse(request.path(), "");
        if (!isOurs(path)) {
            if (isDisguised(path)) {
                context.addHeadersEndHandler(ignored -> setContentType(context.response()));
                refuse(context, new FilesProblemException(FilesError.NOT_FOUND, "there is no such path"));
            } else {
                context.next();
            }
            return;
        }
        boolean api = path.startsWith(FilesRequest.API_PREFIX);
        if (api || path.indexOf(';') >= 0) {
            if (api) {
                FilesRequest.markApi(context);
            }
            context.reroute(canonical(request, path, api));
            return;
        }
        context.addHeadersEndHandler(ignored -> setContentType(context.response()));
        Optional<FilesProblemException> fault = faultOf(context, path);
        if (fault.isPresent()) {
            refuse(context, fault.get());
            return;
        }
        MultiMap headers = request.headers();
        headers.remove(HttpHeaders.ACCEPT);
        if (!headers.contains(HttpHeaders.CONTENT_TYPE) && takesBody(request.method())) {
            headers.set(HttpHeaders.CONTENT_TYPE, JSON);
        }
        context.next();
    }

    /**
     * Path and query without {@code /api}, and with semicolons encoded: they are part of names, not matrix
     * parameters.
     */
    private static String canonical(HttpServerRequest request, String path, boolean api) {
        String plain = (api ? path.substring(FilesRequest.API_PREFIX.length()) : path).replace(";", "%3B");
        return request.query() == null ? plain : plain + "?" + request.query();
    }

    /**
     * Whether the router would find this door behind a path that does not begin like one of its own: with empty or dot segments,
     * matrix parameters or needless percent-encoding before it.
     */
    private static boolean isDisguised(String path) {
        return isOurs(DotSegments.resolved(path));
    }

    private Optional<FilesProblemException> faultOf(RoutingContext context, String path) {
        HttpServerRequest request = context.request();
        String uri = request.uri();
        if (!Percent.isPlain(uri)) {
            Optional<FilesProblemException> fault = faultOfEncoding(path, request.query());
            if (fault.isPresent()) {
                return fault;
            }
        }
        if (path.contains("//")) {
            // The router would take a path with an empty ref for the path without one: another resource.
            return Optional.of(
                    new FilesProblemException(FilesError.NOT_FOUND, "there is no such path: a segment is empty"));
        }
        if (DotSegments.in(path)) {
            return Optional.of(new FilesProblemException(
                    FilesError.INVALID_PATH, "field 'ref' or another part of the path is a dot segment"));
        }
        Optional<String> repeated = QueryParameters.repeated(context);
        if (repeated.isPresent()) {
            return Optional.of(FilesProblemException.field(repeated.get(), "is given twice"));
        }
        Optional<CrossSiteRule.Fault> foreign =
                DialectFilter.isAt(context, path, LOGIN) ? crossSite.check(context) : Optional.empty();
        if (foreign.isPresent()) {
            return Optional.of(refused(foreign.get()));
        }
        return DialectFilter.isLonger(request, bodyBytes) ? Optional.of(tooLarge(bodyBytes)) : Optional.empty();
    }

    private static FilesProblemException refused(CrossSiteRule.Fault fault) {
        return new FilesProblemException(
                switch (fault) {
                    case FOREIGN -> FilesError.NOT_PERMITTED;
                    case NOT_JSON -> FilesError.UNSUPPORTED_MEDIA_TYPE;
                },
                fault.description());
    }

    private static Optional<FilesProblemException> faultOfEncoding(String path, @Nullable String query) {
        if (Percent.decode(path).isEmpty()) {
            return Optional.of(new FilesProblemException(
                    FilesError.DECODE, "field 'ref' or another part of the path is not percent-encoded UTF-8"));
        }
        if (query == null) {
            return Optional.empty();
        }
        for (String pair : query.split("&", -1)) {
            if (Percent.decode(pair).isEmpty()) {
                String name = pair.indexOf('=') < 0 ? pair : pair.substring(0, pair.indexOf('='));
                String shown = name.chars().allMatch(c -> c == '_' || (c >= 'a' && c <= 'z')) ? name : "(query)";
                return Optional.of(FilesProblemException.field(shown, "is not percent-encoded UTF-8"));
            }
        }
        return Optional.empty();
    }

    private static boolean takesBody(HttpMethod method) {
        return method.equals(HttpMethod.POST) || method.equals(HttpMethod.PUT) || method.equals(HttpMethod.PATCH);
    }

    private static void refuse(RoutingContext context, FilesProblemException fault) {
        if (fault.error() == FilesError.BODY_TOO_LARGE) {
            // The rest of the body will not be read, so the connection cannot be used again.
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        send(context, FilesProblem.of(fault.error(), fault.description()));
    }

    private static void fail(RoutingContext context) {
        if (DialectFilter.skipAnswered(context)) {
            return;
        }
        if (!DialectFilter.hasValidAuthority(context)) {
            refuse(context, new FilesProblemException(FilesError.REQUEST, DialectFilter.BAD_AUTHORITY));
            return;
        }
        Throwable cause = context.failure();
        send(
                context,
                cause == null
                        ? FilesDialect.framework(context.statusCode(), new IllegalStateException("no cause"))
                        : FilesDialect.failure(context, cause));
    }

    static void send(RoutingContext context, FilesProblem failure) {
        DirectAnswer.send(context, failure.status(), FilesJson.write(failure.body()), failure.retryAfterSeconds());
    }

    private static void setContentType(HttpServerResponse response) {
        MultiMap headers = response.headers();
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.equals("0")) {
            headers.remove(HttpHeaders.CONTENT_TYPE);
        } else {
            headers.set(HttpHeaders.CONTENT_TYPE, JSON);
        }
    }
}
