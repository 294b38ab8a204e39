package io.lockgate.app.jobs;

import io.lockgate.distribution.DistributionMap;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.queue.Deadlocks;
import io.lockgate.redis.ClockWatch;
import io.lockgate.redis.RedisLockQueue;
import io.lockgate.redis.RedisRangeLockTable;
import io.quarkus.arc.Arc;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.function.Supplier;

/**
 * Deletes expired locks, breaks those whose notice is over, deletes blocks of reports that nobody can still be reading, ends
 * deadlocks, and watches the servers' clocks. Every replica does; they do not disturb each other. While the application starts or ends, a trigger may find no
 * CDI container; so rounds are skipped then.
 */
@Singleton
public final class Sweeper {
    private final RangeLockTable table;
    private final RedisLockQueue queue;
    private final Deadlocks deadlocks;
    private final DistributionMap map;
    private final ClockWatch clocks;

    Sweeper(
            RangeLockTable table,
            RedisRangeLockTable redis,
            Deadlocks deadlocks,
            DistributionMap map,
            ClockWatch clocks) {
        this.table = table;
        this.queue = redis.queue();
        this.deadlocks = deadlocks;
        this.map = map;
        this.clocks = clocks;
    }

    /** A round that Redis could not serve is made up for by the next; the metrics tell. */
    @Scheduled(
            every = "${lockgate.locks.sweep-interval:1s}",
            delayed = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> sweep() {
        // A sweep by a clock that has just jumped would delete every leased lock, and end every notice.
        return round(() -> clocks.visit().chain(table::sweep));
    }

    /**
     * Looks whether the servers' clocks go as fast as this process', and whether every connection still leads to a
     * primary.
     */
    @Scheduled(
            every = "1s",
            delayed = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> watchClocks() {
        return round(clocks::visit);
    }

    /** Deletes blocks of reports that nobody can still be reading. */
    @Scheduled(
            every = "10s",
            delayed = "5s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> sweepReports() {
        return round(map::sweep);
    }

    /** Ends deadlocks; nearly always there is nobody to look at. */
    @Scheduled(
            every = "1s",
            delayed = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> refuseDeadlocked() {
        return round(deadlocks::round);
    }

    /** A SIGTERM: calls that wait are answered, and their clients may wait on at another replica. */
    void stopping(@Observes ShutdownDelayInitiatedEvent event) {
        queue.stop();
    }

    /** While the application ends, a round may find no CDI container, and then does nothing. */
    private static Uni<Void> round(Supplier<Uni<?>> work) {
        try {
            return work.get().replaceWithVoid().onFailure().recoverWithNull();
        } catch (IllegalStateException e) {
            if (Arc.container() == null || !Arc.container().isRunning()) {
                return Uni.createFrom().voidItem();
            }
            throw e;
        }
    }
}
