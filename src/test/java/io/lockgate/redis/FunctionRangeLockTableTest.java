package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RangeLockTableContract;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The table on a Redis with functions does what every table must do. */
class FunctionRangeLockTableTest extends RangeLockTableContract {
    @BeforeAll
    static void require() {
        Redis7.require();
    }

    @AfterAll
    static void functionsWereCalled() {
        assertThat(Redis7.functionCalls(Redis7.shared())).isGreaterThan(10 * Redis7.scriptCalls(Redis7.shared()));
    }

    private static RangeLockTable table(Settings settings) {
        return RedisTables.table(Redis7.shared().uri(), settings);
    }

    private static final class Tables {
        private static final RangeLockTable ISOLATED = table(Settings.DEFAULT);
    }

    @Override
    protected RangeLockTable table() {
        return Tables.ISOLATED;
    }

    @Override
    protected Optional<RangeLockTable> tableWithGrantLimit(int grants) {
        return Optional.of(table(Settings.DEFAULT.withGrants(grants)));
    }

    @Override
    protected Optional<RangeLockTable> tableWithLimit(int ranges) {
        return Optional.of(table(Settings.DEFAULT.withRanges(ranges)));
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(RedisTables.table(Redis7.shared().uri().resolve("/2"), Settings.DEFAULT.enforced()));
    }
}
