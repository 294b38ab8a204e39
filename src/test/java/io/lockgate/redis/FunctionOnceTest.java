package io.lockgate.redis;

import io.lockgate.range.OnceContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import org.junit.jupiter.api.BeforeAll;

/** Calls with a key, on a Redis with functions. */
class FunctionOnceTest extends OnceContract {
    @BeforeAll
    static void require() {
        Redis7.require();
    }

    private static RangeLockTable table(Settings settings) {
        return RedisTables.table(Redis7.shared().uri(), settings);
    }

    private static final class Tables {
        private static final RangeLockTable DEFAULT = table(Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable table() {
        return Tables.DEFAULT;
    }

    @Override
    protected RangeLockTable tableWithKeys(int keys) {
        return table(Settings.DEFAULT.withKeys(keys));
    }
}
