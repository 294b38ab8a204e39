package io.lockgate.redis;

import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RangeLockTableContract;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestSentinels;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** The table on the primary that Sentinels name does what every table must do. */
@Tag("cluster")
@Tag("long")
@Tag("slow")
class SentinelRangeLockTableTest extends RangeLockTableContract {
    private static final RangeLockTable TABLE = table(Settings.DEFAULT);

    private static RangeLockTable table(Settings settings) {
        return RedisTables.table(TestSentinels.shared().options(), settings);
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
        return Optional.of(RedisTables.table(TestSentinels.shared().options(1), Settings.DEFAULT.enforced()));
    }
}
