package io.lockgate.api.distribution;

import io.lockgate.http.AnyOrigin;
import io.lockgate.http.BodyDeadline;
import io.lockgate.http.DialectFilter;
import io.lockgate.http.UnreadBody;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;

/**
 * What this door does before Jakarta REST, and for failures outside of it: see {@link DialectFilter}. The short form of its paths is led to
 * the long one, and everybody's scripts may read its answers, whatever they are.
 */
@Singleton
final class DistributionDialectFilter extends DialectFilter {
    /** Before everything that may answer, {@code Drain} among it. */
    private static final int SHARING = 3_000;

    private static final String SHORT = "/data/";
    private static final String LONG = "/api/v3/oneprovider/data/";

    /** The reader of reports keeps its own time, and answers first. */
    private static final Duration AFTER_READER = Duration.ofSeconds(2);

    private final DistributionDialect door;
    private final BodyDeadline deadline;
    private final Duration reportTime;
    private final int reportBytes;

    DistributionDialectFilter(DistributionDialect door, DistributionLimits limits, BodyDeadline deadline) {
        super(door, limits.patchBytes());
        this.door = door;
        this.deadline = deadline;
        this.reportTime = limits.reportTime().plus(AFTER_READER);
        this.reportBytes = limits.reportBytes();
    }

    void register(@Observes Filters filters) {
        filters.register(DistributionDialectFilter::share, SHARING);
        filters.register(this::enterReport, PRIORITY);
    }

    void register(@Observes Router router) {
        for (String root : new String[] {"/data", "/data/*", "/api/v3", "/api/v3/*"}) {
            router.route(root).order(Integer.MIN_VALUE).failureHandler(this::fail);
        }
    }

    /** Lets a page of any origin read the answer; what a browser asks beforehand needs no credential, and tells nothing. */
    private static void share(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (DistributionDialect.isOurs(Objects.requireNonNullElse(request.path(), ""))) {
            AnyOrigin.HEADERS.forEach(context.response()::putHeader);
            if (request.method().equals(HttpMethod.OPTIONS)
                    && request.headers().contains("Access-Control-Request-Method")) {
                UnreadBody.discard(request);
                context.response()
                        .putHeader("Access-Control-Allow-Methods", "GET, PUT, PATCH, DELETE")
                        .putHeader(
                                "Access-Control-Allow-Headers",
                                "X-Auth-Token, Authorization, Macaroon, Content-Type, If-Match, If-None-Match")
                        .putHeader("Access-Control-Max-Age", "86400")
                        .setStatusCode(204)
                        .end();
                return;
            }
        }
        context.next();
    }

    /** Where no filter has run: the router has refused the request before. */
    @Override
    protected void beforeFailure(RoutingContext context) {
        AnyOrigin.HEADERS.forEach(context.response()::putHeader);
    }

    private void enterReport(RoutingContext context) {
        if (context.request().method().equals(HttpMethod.PUT)
                && DistributionDialect.isOurs(
                        Objects.requireNonNullElse(context.request().path(), ""))) {
            deadline.extend(context, reportTime);
        }
        enter(context);
    }

    @Override
    protected String canonical(String path) {
        return path.startsWith(SHORT) ? LONG + path.substring(SHORT.length()) : path;
    }

    @Override
    protected int bodyBytes(HttpServerRequest request) {
        return request.method().equals(HttpMethod.PUT) ? reportBytes : super.bodyBytes(request);
    }

    @Override
    protected Shaped fault(int status, String description) {
        return door.shaped(
                status == 400 ? DistributionProblem.badRequest(description) : DistributionProblem.ofStatus(status));
    }

    @Override
    protected Shaped failure(RoutingContext context, Throwable cause) {
        return door.shaped(DistributionDialect.fault(context, cause));
    }
}
