package io.lockgate.app.wiring;

import io.lockgate.app.settings.LimitSettings;
import io.lockgate.app.settings.LockSettings;
import io.lockgate.app.settings.RedisConnectionSettings;
import io.lockgate.app.start.StartupChecks;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.Deadlocks;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.redis.ClockWatch;
import io.lockgate.redis.RedisRangeEventLog;
import io.lockgate.redis.RedisRangeLockTable;
import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.ScriptObserver;
import io.lockgate.redis.ScriptRunner;
import io.lockgate.telemetry.ClockMetrics;
import io.lockgate.telemetry.MeteredLockBreaker;
import io.lockgate.telemetry.MeteredLockQueue;
import io.lockgate.telemetry.MeteredRangeLockTable;
import io.lockgate.telemetry.MeteredSessionTable;
import io.lockgate.telemetry.MeteredWaitGraph;
import io.lockgate.telemetry.ScriptMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Singleton;

/** Wires the range locks to Redis. Whether the store is fit is asked by {@link StartupChecks}. */
@Singleton
final class RedisWiring {
    /** The settings of three prefixes. */
    private record Parts(RedisConnectionSettings calls, LimitSettings limits, LockSettings locks)
            implements RedisSettings {}

    @Produces
    @Singleton
    RedisSettings settings(RedisConnectionSettings redis, LimitSettings limits, LockSettings locks) {
        return new Parts(redis, limits, locks);
    }

    @Produces
    @Singleton
    ScriptObserver scriptObserver(MeterRegistry meters) {
        return new ScriptMetrics(meters);
    }

    @Produces
    @Singleton
    ClockWatch clockWatch(ScriptRunner runner, RedisSettings settings, MeterRegistry meters) {
        ClockWatch clocks = new ClockWatch(runner, settings);
        ClockMetrics.register(meters, clocks);
        return clocks;
    }

    /** One table, of which the locks, their queues, their breaks and the sessions are four ports. */
    @Produces
    @Singleton
    @Typed(RedisRangeLockTable.class)
    RedisRangeLockTable redisTable(ScriptRunner runner, RedisSettings settings) {
        return new RedisRangeLockTable(runner, settings);
    }

    @Produces
    @Singleton
    RangeLockTable rangeLockTable(RedisRangeLockTable table, MeterRegistry meters) {
        return new MeteredRangeLockTable(table, meters);
    }

    @Produces
    @Singleton
    LockQueue lockQueue(RedisRangeLockTable table, MeterRegistry meters) {
        return new MeteredLockQueue(table.queue(), meters);
    }

    @Produces
    @Singleton
    LockBreaker lockBreaker(RedisRangeLockTable table, MeterRegistry meters) {
        return new MeteredLockBreaker(table.breaker(), meters);
    }

    /** For the job that has events written always, too. */
    @Produces
    @Singleton
    @Typed({RangeEventLog.class, RedisRangeEventLog.class})
    RedisRangeEventLog rangeEventLog(ScriptRunner runner, RedisSettings settings) {
        return new RedisRangeEventLog(runner, settings);
    }

    @Produces
    @Singleton
    Deadlocks deadlocks(RedisRangeLockTable table, MeterRegistry meters) {
        return new Deadlocks(
                new MeteredWaitGraph(table.queue().graph(), meters),
                Infrastructure.getDefaultWorkerPool(),
                System::nanoTime);
    }

    @Produces
    @Singleton
    SessionTable sessionTable(RedisRangeLockTable table, MeterRegistry meters) {
        return new MeteredSessionTable(table.sessions(), meters);
    }
}
