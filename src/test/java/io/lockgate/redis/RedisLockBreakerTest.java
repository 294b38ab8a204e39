package io.lockgate.redis;

import io.lockgate.range.LockBreakerContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.redis.RedisTables.Settings;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;

/** Breaks on one Redis do what every store must do. */
class RedisLockBreakerTest extends LockBreakerContract {
    private static final URI REDIS = RedisTables.database(8);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);
    private static final RedisRangeEventLog LOG =
            new RedisRangeEventLog(RedisTables.runner(REDIS, Settings.DEFAULT), Settings.DEFAULT);

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected LockBreaker breaker() {
        return TABLE.breaker();
    }

    @Override
    protected LockQueue queue() {
        return TABLE.queue();
    }

    @Override
    protected SessionTable sessions() {
        return TABLE.sessions();
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
