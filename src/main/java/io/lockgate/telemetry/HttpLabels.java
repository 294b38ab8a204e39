package io.lockgate.telemetry;

import io.lockgate.http.FilterOrder;
import io.micrometer.core.instrument.Tags;
import io.quarkus.micrometer.runtime.HttpServerMetricsTagsContributor;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Labels of {@code http_server_requests} that no client can make up. A method that HTTP does not name is {@code OTHER};
 * a path is shown as the template of the resource that was found, or else as {@code UNKNOWN}.
 *
 * <p>Micrometer keeps an id for good before any filter of meters sees it ({@code MeterRegistry.preFilterIdToMeterMap},
 * 1.16), so the labels are made right before the id is. What is counted for a request whose client went away takes no
 * such labels ({@code VertxHttpServerMetrics.requestReset}, Quarkus 3.34.1): its path is right all the same, by the
 * template that each request begins with; its method is judged by {@link BoundedMeters}.
 */
@Singleton
final class HttpLabels implements HttpServerMetricsTagsContributor {
    static final String OTHER = "OTHER";

    /** RFC 9110 section 9, RFC 5789. */
    static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    /** Where Quarkus looks for the template of a resource; Jakarta REST puts its own there. */
    private static final String TEMPLATE = "UrlPathTemplate";

    private static final String NO_TEMPLATE = "/UNKNOWN";

    private static final Set<String> OPERATIONS = Set.of(
            "/q/openapi",
            "/q/metrics",
            "/q/health",
            "/q/health/live",
            "/q/health/ready",
            "/q/health/started",
            "/q/health/well");

    void register(@Observes Filters filters) {
        filters.register(HttpLabels::begin, FilterOrder.METRICS);
    }

    private static void begin(RoutingContext routing) {
        if (routing.request() instanceof HttpServerRequestInternal request) {
            String path = Objects.requireNonNullElse(request.path(), "");
            request.context().putLocal(TEMPLATE, OPERATIONS.contains(path) ? path : NO_TEMPLATE);
        }
        routing.next();
    }

    @Override
    public Tags contribute(Context context) {
        HttpServerRequest request = context.request();
        Tags tags = METHODS.contains(request.method().name()) ? Tags.empty() : Tags.of("method", OTHER);
        int status = request.response().getStatusCode();
        // Quarkus' own words for the others: NOT_FOUND, REDIRECTION, and UNKNOWN by suppress4xx-errors.
        return hasTemplate(request)
                ? tags
                : tags.and("uri", status == 404 ? "NOT_FOUND" : status / 100 == 3 ? "REDIRECTION" : "UNKNOWN");
    }

    private static boolean hasTemplate(HttpServerRequest request) {
        if (request instanceof HttpServerRequestInternal internal) {
            @Nullable String template = internal.context().getLocal(TEMPLATE);
            // The management port has no filters of ours.
            return template == null
                    ? OPERATIONS.contains(Objects.requireNonNullElse(request.path(), ""))
                    : !template.equals(NO_TEMPLATE);
        }
        return false;
    }
}
