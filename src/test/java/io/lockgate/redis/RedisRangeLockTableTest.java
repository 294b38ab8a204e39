package io.lockgate.redis;

import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RangeLockTableContract;
import io.lockgate.redis.RedisTables.Settings;
import java.util.Optional;

/** The table on Redis does what every table must do. */
class RedisRangeLockTableTest extends RangeLockTableContract {
    private static final RangeLockTable TABLE = RedisTables.table(RedisTables.database(1), Settings.DEFAULT);

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected Optional<RangeLockTable> tableWithGrantLimit(int grants) {
        return Optional.of(RedisTables.table(RedisTables.database(1), Settings.DEFAULT.withGrants(grants)));
    }

    @Override
    protected Optional<RangeLockTable> tableWithLimit(int ranges) {
        return Optional.of(RedisTables.table(RedisTables.database(1), Settings.DEFAULT.withRanges(ranges)));
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(RedisTables.table(RedisTables.database(2), Settings.DEFAULT.enforced()));
    }
}
