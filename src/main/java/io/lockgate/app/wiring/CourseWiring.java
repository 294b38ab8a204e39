package io.lockgate.app.wiring;

import io.lockgate.app.settings.CourseSettings;
import io.lockgate.course.CourseLockTable;
import io.lockgate.course.CourseLocks;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresCourseLockTable;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.postgres.PostgresLockQueue;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the course locks to Postgres and to their API. */
@Singleton
final class CourseWiring {
    @Produces
    @Singleton
    CourseLockTable courseLockTable(
            Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads, PostgresLockQueue queue) {
        return new PostgresCourseLockTable(vertx, limits, bulkheads, queue);
    }

    @Produces
    @Singleton
    CourseLocks courseLocks(CourseLockTable table, CourseSettings settings) {
        return new CourseLocks(table, settings.lease());
    }
}
