package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.RangeEventLogContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestSentinels;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** The events of the primary that Sentinels name are what every log must have. */
@Tag("cluster")
@Tag("long")
@Tag("slow")
class SentinelRangeEventLogTest extends RangeEventLogContract {
    private static final class Tables {
        private static final RedisRangeLockTable TABLE =
                RedisTables.table(TestSentinels.shared().options(), Settings.DEFAULT);
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

    /** Those that expire are tested on one Redis. */
    @Override
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.empty();
    }

    @Override
    protected RangeEventLog log() {
        return Tables.LOG;
    }
}
