package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.EngineDifferentialTest;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import java.util.Optional;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/** The table on Redis agrees with the plain model, answer by answer and state by state. */
@Tag("slow")
@PropertyDefaults(
        tries = 250,
        generation = GenerationMode.RANDOMIZED,
        edgeCases = EdgeCasesMode.NONE,
        shrinking = ShrinkingMode.BOUNDED)
class RedisEngineDifferentialTest extends EngineDifferentialTest {
    private static final RedisRangeLockTable TABLE = RedisTables.table(RedisTables.database(3), Settings.DEFAULT);
    private static final RedisRangeLockTable ENFORCED =
            RedisTables.table(RedisTables.database(4), Settings.DEFAULT.enforced());

    private static final RangeLockTable FEW_GRANTS =
            RedisTables.table(RedisTables.database(3), Settings.DEFAULT.withGrants(GRANTS));

    @Override
    protected Optional<RangeLockTable> tableWithGrantLimit() {
        return Optional.of(FEW_GRANTS);
    }

    @Override
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new ExpiringSessions(RedisTables.database(3), TABLE.sessions()));
    }

    @Override
    protected Optional<DifferentialTest.Queues> queues() {
        return Optional.of(new AgingQueues(RedisTables.database(3), TABLE.queue()));
    }

    @Override
    protected Optional<DifferentialTest.Queues> enforcedQueues() {
        return Optional.of(new AgingQueues(RedisTables.database(4), ENFORCED.queue()));
    }

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(ENFORCED);
    }
}
