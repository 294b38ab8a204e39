package io.lockgate.postgres;

import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Users;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Queues of further gateways, whose callers are looked at again ten times a second. */
@Singleton
final class TestQueues {
    private static final Duration RECHECK = Duration.ofMillis(100);

    private final Vertx vertx;
    private final PostgresLimits timeouts;
    private final PostgresBulkheads bulkheads;
    private final BoundedPool servers;
    private final LockQueueObserver observer;
    private final AgroalDataSource database;

    @Inject
    TestQueues(
            Vertx vertx,
            PostgresLimits timeouts,
            PostgresBulkheads bulkheads,
            BoundedPool servers,
            LockQueueObserver observer,
            AgroalDataSource database) {
        this.vertx = vertx;
        this.timeouts = timeouts;
        this.bulkheads = bulkheads;
        this.servers = servers;
        this.observer = observer;
        this.database = database;
    }

    PostgresLockQueue queue() {
        return queue(10_000, 10_000);
    }

    PostgresLockQueue queue(int total, int perUser) {
        return new PostgresLockQueue(
                vertx, timeouts, bulkheads, servers, new LockQueueLimits(total, perUser, RECHECK), observer);
    }

    PostgresRouteLockTable routes(PostgresLockQueue queue) {
        return new PostgresRouteLockTable(vertx, timeouts, bulkheads, queue);
    }

    PostgresCourseLockTable courses(PostgresLockQueue queue) {
        return new PostgresCourseLockTable(vertx, timeouts, bulkheads, queue);
    }

    /** Rows in the queue of a lock. */
    long waiting(String kind, String scope, String name) {
        return Users.number(
                database,
                "SELECT count(*) FROM lock_waiters WHERE kind = '" + kind + "' AND scope = '" + scope + "' AND name = '"
                        + name + "'");
    }
}
