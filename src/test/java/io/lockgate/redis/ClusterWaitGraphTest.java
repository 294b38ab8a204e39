package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.WaitGraphContract;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestCluster;
import org.junit.jupiter.api.Tag;

/** The graph of waits on a Redis Cluster of three primaries does what every one must do. */
@Tag("cluster")
@Tag("slow")
class ClusterWaitGraphTest extends WaitGraphContract {
    private static final class Tables {
        private static final RedisRangeLockTable TABLE =
                RedisTables.table(TestCluster.shared().options(), Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable table() {
        return Tables.TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(key -> TestCluster.shared().ownerOf(key).uri(), Tables.TABLE.queue());
    }
}
