package io.lockgate.postgres;

import io.agroal.api.AgroalDataSource;
import io.lockgate.course.CourseLockTable;
import io.lockgate.course.CourseLockTableContract;
import io.lockgate.course.Gadget;
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
class PostgresCourseLockTableTest extends CourseLockTableContract {
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
    protected CourseLockTable table() {
        return queues.courses(queue);
    }

    @Override
    protected long waiting(Gadget gadget) {
        return queues.waiting("course", gadget.courseId(), gadget.gadgetId());
    }

    @Override
    protected long newUser() {
        return Users.make(database);
    }
}
