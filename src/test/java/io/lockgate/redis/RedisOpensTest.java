package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.OpensContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.redis.RedisTables.Settings;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;

/** The table on one Redis does with opens what every table must do. */
class RedisOpensTest extends OpensContract {
    private static final URI REDIS = RedisTables.database(8);
    private static final URI OTHER = RedisTables.database(7);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);
    private static final RedisRangeLockTable ENFORCED = RedisTables.table(OTHER, Settings.DEFAULT.enforced());
    private static final RedisRangeEventLog LOG =
            new RedisRangeEventLog(RedisTables.runner(REDIS, Settings.DEFAULT), Settings.DEFAULT);

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(REDIS, TABLE.queue());
    }

    @Override
    protected SessionTable sessions() {
        return TABLE.sessions();
    }

    @Override
    protected RangeEventLog log() {
        return LOG;
    }

    @Override
    protected LockQueueContract.Store enforced() {
        return new LockQueueContract.Store(ENFORCED, ENFORCED.queue());
    }

    @Override
    protected RangeLockTable tableWithLimit(int ranges) {
        return RedisTables.table(REDIS, Settings.DEFAULT.withRanges(ranges));
    }

    @Override
    protected RangeLockTable tableWithGrantLimit(int grants) {
        return RedisTables.table(REDIS, Settings.DEFAULT.withGrants(grants));
    }

    @AfterEach
    void indexesAgreeWithRows() {
        TableInvariants.hold(REDIS);
    }
}
