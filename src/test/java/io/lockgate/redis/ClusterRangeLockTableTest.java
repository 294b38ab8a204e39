package io.lockgate.redis;

import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RangeLockTableContract;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestCluster;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** The table on a Redis Cluster of three primaries does what every table must do. */
@Tag("cluster")
@Tag("slow")
class ClusterRangeLockTableTest extends RangeLockTableContract {
    private static final RangeLockTable TABLE = table(Settings.DEFAULT);

    private static RangeLockTable table(Settings settings) {
        return RedisTables.table(TestCluster.shared().options(), settings);
    }

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected Optional<RangeLockTable> tableWithLimit(int ranges) {
        return Optional.of(table(Settings.DEFAULT.withRanges(ranges)));
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(RedisTables.table(TestCluster.enforced().options(), Settings.DEFAULT.enforced()));
    }
}
