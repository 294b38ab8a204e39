package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.lockgate.course.Gadget;
import io.lockgate.identity.UserStore;
import io.lockgate.identity.UserStoreContract;
import io.lockgate.route.RouteLockId;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class PostgresUserStoreTest extends UserStoreContract {
    @Inject
    Vertx vertx;

    @Inject
    PostgresLimits limits;

    @Inject
    PostgresBulkheads bulkheads;

    @Inject
    AgroalDataSource database;

    @Inject
    PostgresLockQueue queue;

    @Override
    protected UserStore store() {
        return new PostgresUserStore(vertx, limits, bulkheads);
    }

    /** Nobody could release it. */
    @Test
    @DisplayName("A lock acquired while its user is deleted goes with the user or is refused")
    void deletedUsersLeaveNoLocks() {
        PostgresRouteLockTable routes = new PostgresRouteLockTable(vertx, limits, bulkheads, queue);
        PostgresCourseLockTable courses = new PostgresCourseLockTable(vertx, limits, bulkheads, queue);
        String course = "c" + System.nanoTime();
        wait(courses.putCourse(course));
        for (int round = 0; round < 100; round++) {
            long user = Users.make(database);
            RouteLockId what = new RouteLockId("deleted", Integer.toString(round));
            Gadget gadget = new Gadget(course, "g" + round);
            wait(courses.putGadget(gadget));
            wait(Uni.join()
                    .all(
                            routes.acquire(what, user).replaceWithVoid(),
                            courses.acquire(gadget, user, Duration.ofMinutes(5)).replaceWithVoid(),
                            store().delete(user).replaceWithVoid())
                    .andFailFast());
        }
        for (String held : List.of(
                "route_locks WHERE route = 'deleted' AND holder",
                "course_locks WHERE course_id = '" + course + "' AND owner")) {
            assertThat(Users.number(database, "SELECT count(*) FROM " + held + " NOT IN (SELECT id FROM users)"))
                    .as(held)
                    .isZero();
        }
    }

    private static void wait(Uni<?> work) {
        work.await().atMost(Duration.ofSeconds(10));
    }
}
