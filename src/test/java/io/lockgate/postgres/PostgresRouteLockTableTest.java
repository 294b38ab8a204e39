package io.lockgate.postgres;

import io.agroal.api.AgroalDataSource;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockTable;
import io.lockgate.route.RouteLockTableContract;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class PostgresRouteLockTableTest extends RouteLockTableContract {
    @Inject
    AgroalDataSource database;

    @Inject
    TestQueues queues;

    private PostgresLockQueue queue;

    @BeforeEach
    void makeQueue() {
        queue = queues.queue();
    }

    @AfterEach
    void endQueue() {
        queue.close();
    }

    @Override
    protected RouteLockTable table() {
        return queues.routes(queue);
    }

    @Override
    protected long waiting(RouteLockId what) {
        return queues.waiting("route", what.route(), what.id());
    }

    @Override
    protected long newUser() {
        return Users.make(database);
    }
}
