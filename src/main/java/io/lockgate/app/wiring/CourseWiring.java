package io.lockgate.app.wiring;

import io.lockgate.api.courses.CoursesLimits;
import io.lockgate.app.settings.CourseSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.course.CourseLockTable;
import io.lockgate.course.CourseLocks;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresCourseLockTable;
import io.lockgate.postgres.PostgresLimits;
import io.quarkus.runtime.Startup;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the course locks to Postgres and to their door, and checks their settings. */
@Singleton
final class CourseWiring {
    @Produces
    @Singleton
    CourseLockTable courseLockTable(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        return new PostgresCourseLockTable(vertx, limits, bulkheads);
    }

    /** Made at start, so that a setting out of bounds is found then and not by the first request. */
    @Produces
    @Singleton
    @Startup
    CourseLocks courseLocks(CourseLockTable table, CourseSettings settings) {
        return new CourseLocks(
                table,
                SettingBounds.within(
                        "lockgate.courses.lease",
                        settings.lease(),
                        CourseSettings.MIN_LEASE,
                        CourseSettings.MAX_LEASE));
    }

    @Produces
    @Singleton
    @Startup
    CoursesLimits coursesLimits(CourseSettings settings) {
        return new CoursesLimits(
                SettingBounds.within("lockgate.courses.body-limit", settings.bodyLimit(), 1_024, 65_536));
    }
}
