package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.OpensContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestSentinels;
import org.junit.jupiter.api.Tag;

/** The table on the primary that Sentinels name does with opens what every table must do. */
@Tag("cluster")
@Tag("long")
@Tag("slow")
class SentinelOpensTest extends OpensContract {
    private static RedisRangeLockTable table(Settings settings) {
        return RedisTables.table(TestSentinels.shared().options(), settings);
    }

    private static final class Tables {
        private static final RedisRangeLockTable TABLE = table(Settings.DEFAULT);
        private static final RedisRangeLockTable ENFORCED =
                RedisTables.table(TestSentinels.shared().options(1), Settings.DEFAULT.enforced());
        private static final RedisRangeEventLog LOG = new RedisRangeEventLog(
                RedisTables.runner(TestSentinels.shared().options(), Settings.DEFAULT), Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable table() {
        return Tables.TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(key -> TestSentinels.shared().master().uri(), Tables.TABLE.queue());
    }

    @Override
    protected SessionTable sessions() {
        return Tables.TABLE.sessions();
    }

    @Override
    protected RangeEventLog log() {
        return Tables.LOG;
    }

    @Override
    protected LockQueueContract.Store enforced() {
        return new LockQueueContract.Store(Tables.ENFORCED, Tables.ENFORCED.queue());
    }

    @Override
    protected RangeLockTable tableWithLimit(int ranges) {
        return table(Settings.DEFAULT.withRanges(ranges));
    }

    @Override
    protected RangeLockTable tableWithGrantLimit(int grants) {
        return table(Settings.DEFAULT.withGrants(grants));
    }
}
