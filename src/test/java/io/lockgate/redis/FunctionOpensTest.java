package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.OpensContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import java.net.URI;
import org.junit.jupiter.api.BeforeAll;

/** The table on a Redis with functions does with opens what every table must do. */
class FunctionOpensTest extends OpensContract {
    @BeforeAll
    static void require() {
        Redis7.require();
    }

    private static RedisRangeLockTable table(Settings settings) {
        return RedisTables.table(Redis7.shared().uri(), settings);
    }

    private static final class Tables {
        private static final RedisRangeLockTable TABLE = table(Settings.DEFAULT);
        private static final RedisRangeLockTable ENFORCED =
                RedisTables.table(URI.create(Redis7.shared().uri() + "/5"), Settings.DEFAULT.enforced());
        private static final RedisRangeEventLog LOG =
                new RedisRangeEventLog(RedisTables.runner(Redis7.shared().uri(), Settings.DEFAULT), Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable table() {
        return Tables.TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(Redis7.shared().uri(), Tables.TABLE.queue());
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
