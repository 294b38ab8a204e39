package io.lockgate.redis;

import io.lockgate.range.EngineDifferentialTest;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.TestCluster;
import java.util.Optional;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/**
 * The table on a Redis Cluster of three primaries agrees with the plain model; in short, for the scripts are those of
 * {@link RedisEngineDifferentialTest}.
 */
@Tag("cluster")
@PropertyDefaults(
        tries = 25,
        generation = GenerationMode.RANDOMIZED,
        edgeCases = EdgeCasesMode.NONE,
        shrinking = ShrinkingMode.BOUNDED)
@Tag("slow")
class ClusterEngineDifferentialTest extends EngineDifferentialTest {
    private static final RangeLockTable TABLE =
            RedisTables.table(TestCluster.shared().options(), Settings.DEFAULT);

    private static final RangeLockTable ENFORCED =
            RedisTables.table(TestCluster.enforced().options(), Settings.DEFAULT.enforced());

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(ENFORCED);
    }
}
