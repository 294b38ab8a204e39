package io.lockgate.redis;

import io.lockgate.range.OnceContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestCluster;
import org.junit.jupiter.api.Tag;

/** Calls with a key, on a Redis Cluster: the claim of a key and the record of the call lie on different primaries. */
@Tag("cluster")
@Tag("slow")
class ClusterOnceTest extends OnceContract {
    private static final RangeLockTable TABLE = table(Settings.DEFAULT);

    private static RangeLockTable table(Settings settings) {
        return RedisTables.table(TestCluster.shared().options(), settings);
    }

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected RangeLockTable tableWithKeys(int keys) {
        return table(Settings.DEFAULT.withKeys(keys));
    }
}
