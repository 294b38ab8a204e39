package io.lockgate.door.courses;

import io.lockgate.door.Threshold;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** What this door does before Jakarta REST, and for failures outside of it: see {@link Threshold}. */
@Singleton
final class CoursesThreshold extends Threshold {
    CoursesThreshold(CoursesDoor door, CoursesLimits limits) {
        super(door, limits.bodyBytes());
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
    protected Shaped fault(int status, String description) {
        return status == 400
                ? CoursesDoor.shaped(CoursesError.BAD_REQUEST, CoursesError.BAD_REQUEST.message() + ": " + description)
                : CoursesDoor.framework(status, new IllegalStateException(description));
    }

    @Override
    protected Shaped failure(RoutingContext context, Throwable cause) {
        return CoursesDoor.shape(context, cause);
    }
}
