package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.RangeEventLogContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/** The events of a Redis with functions are what every log must have. */
class FunctionRangeEventLogTest extends RangeEventLogContract {
    @BeforeAll
    static void require() {
        Redis7.require();
    }

    private static final class Tables {
        private static final RedisRangeLockTable TABLE =
                RedisTables.table(Redis7.shared().uri(), Settings.DEFAULT);
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
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new ExpiringSessions(Redis7.shared().uri(), Tables.TABLE.sessions()));
    }

    @Override
    protected RangeEventLog log() {
        return Tables.LOG;
    }
}
