package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestSentinels;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** The queues on the primary that Sentinels name do what every queue must do. */
@Tag("cluster")
@Tag("long")
@Tag("slow")
class SentinelLockQueueTest extends LockQueueContract {
    private static RedisRangeLockTable table(Settings settings) {
        return RedisTables.table(TestSentinels.shared().options(), settings);
    }

    private static final class Tables {
        private static final RedisRangeLockTable TABLE = table(Settings.DEFAULT);
        private static final RedisRangeLockTable ENFORCED =
                RedisTables.table(TestSentinels.shared().options(1), Settings.DEFAULT.enforced());
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
    protected Store enforced() {
        return new Store(Tables.ENFORCED, Tables.ENFORCED.queue());
    }

    @Override
    protected Store withWaiters(int perPrincipal, int perSpace) {
        RedisRangeLockTable table = table(Settings.DEFAULT.withWaiters(perPrincipal, perSpace));
        return new Store(table, table.queue());
    }
}
