package io.lockgate.redis;

import io.lockgate.distribution.DistributionMap;
import io.lockgate.distribution.DistributionMapContract;
import java.time.Duration;

/** On Redis, with scripts that may change so few rows that patches and replacements take several. */
class RedisDistributionMapTest extends DistributionMapContract {
    @Override
    protected DistributionMap map(int blocksPerReport, int reportsPerFile, int pageBlocks) {
        return new RedisDistributionMap(
                RedisTables.runner(RedisTables.database(10), RedisTables.Settings.DEFAULT),
                RedisTables.Settings.DEFAULT.withMaxSteps(10),
                new TestReportLimits(blocksPerReport, reportsPerFile, Duration.ofMinutes(1)),
                pageBlocks);
    }
}
