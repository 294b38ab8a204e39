package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.neighbour.Findings;
import io.lockgate.redis.RedisTables.Settings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StoreCheckTest {
    /** A replica answers every look and takes no lock; a failover may make it a master, so waiting for it is right. */
    @Test
    void replicaIsNotFit() {
        try (BreakableRedis redis = BreakableRedis.start()) {
            TestCluster.on(redis, probe -> probe.send("REPLICAOF", "127.0.0.1", "1"));
            Findings found = check(redis).look();
            assertThat(found.isFit()).isFalse();
            assertThat(found.mayPass()).isTrue();
            assertThat(found.faults()).singleElement().asString().contains("is a replica");
            TestCluster.on(redis, probe -> probe.send("REPLICAOF", "NO", "ONE"));
            assertThat(check(redis).claim().isFit()).isTrue();
        }
    }

    /** As many buckets as there may be are visited one after the other, not one within the other. */
    @Test
    void sweepsThousandsOfBuckets() {
        Settings settings =
                new Settings(16_384, 500, Duration.ofMillis(700), Duration.ofMillis(1_500), 64, 64, 64, false);
        ScriptRunner runner = RedisTables.runner(RedisTables.database(12), settings);
        Duration patience = Duration.ofMinutes(2);
        assertThat(new RedisRangeLockTable(runner, settings).sweep().await().atMost(patience))
                .isZero();
        assertThat(new RedisDistributionMap(runner, settings, new ReportLimits(1_000, 10, Duration.ofMinutes(1), 100))
                        .sweep()
                        .await()
                        .atMost(patience))
                .isZero();
    }

    private static StoreCheck check(BreakableRedis redis) {
        return new StoreCheck(RedisTables.runner(redis.uri(), Settings.DEFAULT), Settings.DEFAULT);
    }
}
