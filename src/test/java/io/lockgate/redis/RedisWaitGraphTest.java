package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.WaitGraphContract;
import io.lockgate.redis.RedisTables.Settings;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;

/** The graph of waits on one Redis does what every one must do. */
class RedisWaitGraphTest extends WaitGraphContract {
    private static final URI REDIS = RedisTables.database(8);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(REDIS, TABLE.queue());
    }

    @AfterEach
    void indexesAgreeWithRows() {
        TableInvariants.hold(REDIS);
    }
}
