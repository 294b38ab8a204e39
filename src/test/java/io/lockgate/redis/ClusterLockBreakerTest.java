package io.lockgate.redis;

import io.lockgate.range.LockBreakerContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestCluster;
import org.junit.jupiter.api.Tag;

/** Breaks on a Redis Cluster of three primaries do what every store must do. */
@Tag("cluster")
@Tag("slow")
class ClusterLockBreakerTest extends LockBreakerContract {
    private static final class Tables {
        private static final RedisRangeLockTable TABLE =
                RedisTables.table(TestCluster.shared().options(), Settings.DEFAULT);
        private static final RedisRangeEventLog LOG = new RedisRangeEventLog(
                RedisTables.runner(TestCluster.shared().options(), Settings.DEFAULT), Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable table() {
        return Tables.TABLE;
    }

    @Override
    protected LockBreaker breaker() {
        return Tables.TABLE.breaker();
    }

    @Override
    protected LockQueue queue() {
        return Tables.TABLE.queue();
    }

    @Override
    protected SessionTable sessions() {
        return Tables.TABLE.sessions();
    }

    @Override
    protected RangeEventLog log() {
        return Tables.LOG;
    }
}
