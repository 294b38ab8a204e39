package io.lockgate.redis;

import io.lockgate.range.OnceContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;

/** Calls with a key, on Redis and in small steps. */
class RedisOnceTest extends OnceContract {
    private static final Settings SETTINGS = Settings.DEFAULT.withMaxSteps(10);
    private static final RangeLockTable TABLE = RedisTables.table(RedisTables.database(1), SETTINGS);

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected RangeLockTable tableWithKeys(int keys) {
        return RedisTables.table(RedisTables.database(1), SETTINGS.withKeys(keys));
    }
}
