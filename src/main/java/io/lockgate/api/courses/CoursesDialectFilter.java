package io.lockgate.api.courses;

import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.Dialect;
import io.lockgate.http.DialectFilter;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What this door does before Jakarta REST, and for failures outside of it: see {@link DialectFilter}. */
@Singleton
final class CoursesDialectFilter extends DialectFilter {
    private final CrossSiteRule crossSite;

    CoursesDialectFilter(CoursesDialect door, CoursesLimits limits, CrossSiteRule crossSite) {
        super(door, limits.bodyBytes());
        this.crossSite = crossSite;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, PRIORITY);
    }

    void register(@Observes Router router) {
        for (String root : new String[] {"/locks", "/locks/*", "/sessions", "/sessions/*", "/courses", "/courses/*"}) {
            router.route(root).order(Integer.MIN_VALUE).failureHandler(this::fail);
        }
    }

    @Override
    protected Optional<CrossSiteRule.Fault> crossSite(RoutingContext context, String path) {
        return Dialect.isUnder(path, "/sessions") ? crossSite.check(context) : Optional.empty();
    }

    @Override
    protected Shaped fault(int status, String description) {
        return switch (status) {
            case 400 -> saying(CoursesError.BAD_REQUEST, description);
            case 403 -> saying(CoursesError.NOT_PERMITTED, description);
            case 415 -> saying(CoursesError.NOT_JSON, description);
            default -> CoursesDialect.framework(status, new IllegalStateException(description));
        };
    }

    private static Shaped saying(CoursesError error, String description) {
        return CoursesDialect.shaped(error, error.message() + ": " + description);
    }

    @Override
    protected Shaped failure(RoutingContext context, Throwable cause) {
        return CoursesDialect.shape(context, cause);
    }
}
