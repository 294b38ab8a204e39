package io.lockgate.redis;

import io.lockgate.range.RangeLockTable;
import io.lockgate.range.SessionTable;
import io.lockgate.range.SessionTableContract;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestCluster;
import org.junit.jupiter.api.Tag;

/** Sessions on a Redis Cluster of three primaries do what every table of sessions must do. */
@Tag("cluster")
@Tag("slow")
class ClusterSessionTableTest extends SessionTableContract {
    private static RedisRangeLockTable table(Settings settings) {
        return RedisTables.table(TestCluster.shared().options(), settings);
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
