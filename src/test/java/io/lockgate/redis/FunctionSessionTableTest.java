package io.lockgate.redis;

import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.SessionTableContract;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import org.junit.jupiter.api.BeforeAll;

/** Sessions on a Redis with functions do what every table of sessions must do. */
class FunctionSessionTableTest extends SessionTableContract {
    @BeforeAll
    static void require() {
        Redis7.require();
    }

    private static RedisRangeLockTable table(Settings settings) {
        return RedisTables.table(Redis7.shared().uri(), settings);
    }

    private static final class Tables {
        private static final RedisRangeLockTable TABLE = table(Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable locks() {
        return Tables.TABLE;
    }

    @Override
    protected SessionTable sessions() {
        return Tables.TABLE.sessions();
    }

    @Override
    protected SessionTable sessionsWithLimit(int sessions) {
        return table(Settings.DEFAULT.withSessions(sessions)).sessions();
    }
}
