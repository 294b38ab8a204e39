package io.lockgate.redis;

import io.lockgate.range.LockBreakerContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import org.junit.jupiter.api.BeforeAll;

/** Breaks on a Redis with functions do what every store must do. */
class FunctionLockBreakerTest extends LockBreakerContract {
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
