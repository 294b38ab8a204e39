package io.lockgate.door.courses;

import io.lockgate.door.Door;
import io.lockgate.door.Threshold;
import io.lockgate.http.CrossSiteRule;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What this door does before Jakarta REST, and for failures outside of it: see {@link Threshold}. */
@Singleton
final class CoursesThreshold extends Threshold {
    private final CrossSiteRule crossSite;

    CoursesThreshold(CoursesDoor door, CoursesLimits limits, CrossSiteRule crossSite) {
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
        return Door.isUnder(path, "/sessions") ? crossSite.check(context) : Optional.empty();
    }

    @Override
    protected Shaped fault(int status, String description) {
        return switch (status) {
            case 400 -> saying(CoursesError.BAD_REQUEST, description);
            case 403 -> saying(CoursesError.NOT_PERMITTED, description);
            case 415 -> saying(CoursesError.NOT_JSON, description);
            default -> CoursesDoor.framework(status, new IllegalStateException(description));
        };
    }

    private static Shaped saying(CoursesError error, String description) {
        return CoursesDoor.shaped(error, error.message() + ": " + description);
    }

    @Override
    protected Shaped failure(RoutingContext context, Throwable cause) {
        return CoursesDoor.shape(context, cause);
    }
}
