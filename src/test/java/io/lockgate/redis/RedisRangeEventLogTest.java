package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.RangeEventLogContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.redis.RedisTables.Settings;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The events of one Redis are what every log must have. */
class RedisRangeEventLogTest extends RangeEventLogContract {
    private static final URI REDIS = RedisTables.database(6);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);
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
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new ExpiringSessions(REDIS, TABLE.sessions()));
    }

    @Override
    protected RangeEventLog log() {
        return LOG;
    }

    @AfterEach
    void indexesAgreeWithRows() {
        TableInvariants.hold(REDIS);
    }
}
