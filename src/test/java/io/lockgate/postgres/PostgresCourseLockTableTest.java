package io.lockgate.postgres;

import io.agroal.api.AgroalDataSource;
import io.lockgate.course.CourseLockTable;
import io.lockgate.course.CourseLockTableContract;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Tag;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class PostgresCourseLockTableTest extends CourseLockTableContract {
    @Inject
    Vertx vertx;

    @Inject
    PostgresLimits limits;

    @Inject
    PostgresBulkheads bulkheads;

    @Inject
    AgroalDataSource database;

    @Override
    protected CourseLockTable table() {
        return new PostgresCourseLockTable(vertx, limits, bulkheads);
    }

    @Override
    protected long newUser() {
        return Users.make(database);
    }
}
