package io.lockgate.app.jobs;

import io.lockgate.app.settings.LimitSettings;
import io.lockgate.course.CourseLockTable;
import io.lockgate.event.LockEventLog;
import io.lockgate.postgres.PostgresLockQueue;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Deletes course locks that have expired, so that those who wait for them are served, what gateways that died have left of
 * their waiters, and old events. Every replica does; they skip each other's rows.
 */
@Singleton
final class LockQueueSweeper {
    private final CourseLockTable courses;
    private final PostgresLockQueue queue;
    private final LockEventLog events;
    private final LimitSettings limits;

    LockQueueSweeper(CourseLockTable courses, PostgresLockQueue queue, LockEventLog events, LimitSettings limits) {
        this.courses = courses;
        this.queue = queue;
        this.events = events;
        this.limits = limits;
    }

    @Scheduled(
            every = "1s",
            delayed = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> sweepCourseLocks() {
        return courses.sweep().onFailure().recoverWithNull();
    }

    @Scheduled(
            every = "1m",
            delayed = "1m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> sweepQueue() {
        return queue.sweep().onFailure().recoverWithNull();
    }

    @Scheduled(
            every = "10s",
            delayed = "10s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> pruneEvents() {
        return events.prune(limits.lockEvents()).onFailure().recoverWithNull();
    }

    /** A SIGTERM: calls that wait end with a refusal, and their clients may wait at another replica. */
    void stopping(@Observes ShutdownDelayInitiatedEvent event) {
        queue.stop();
    }
}
