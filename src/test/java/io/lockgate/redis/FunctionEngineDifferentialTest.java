package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.EngineDifferentialTest;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import java.util.Optional;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/** The table on a Redis with functions agrees with the plain model, answer by answer and state by state. */
@Tag("slow")
@PropertyDefaults(
        tries = 100,
        generation = GenerationMode.RANDOMIZED,
        edgeCases = EdgeCasesMode.NONE,
        shrinking = ShrinkingMode.BOUNDED)
class FunctionEngineDifferentialTest extends EngineDifferentialTest {
    private static final class Tables {
        private static final RedisRangeLockTable ISOLATED = table("/3", Settings.DEFAULT);
        private static final RangeLockTable ENFORCED = table("/4", Settings.DEFAULT.enforced());
        private static final RangeLockTable FEW_GRANTS = table("/3", Settings.DEFAULT.withGrants(GRANTS));

        private static RedisRangeLockTable table(String database, Settings settings) {
            return RedisTables.table(Redis7.shared().uri().resolve(database), settings);
        }
    }

    @Override
    protected Optional<RangeLockTable> tableWithGrantLimit() {
        Redis7.require();
        return Optional.of(Tables.FEW_GRANTS);
    }

    @Override
    protected Optional<DifferentialTest.Sessions> sessions() {
        Redis7.require();
        return Optional.of(new ExpiringSessions(Redis7.shared().uri().resolve("/3"), Tables.ISOLATED.sessions()));
    }

    @Override
    protected RangeLockTable table() {
        Redis7.require();
        return Tables.ISOLATED;
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        Redis7.require();
        return Optional.of(Tables.ENFORCED);
    }
}
