package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.Report;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Without Redis every call of the map fails with the exception of its domain. */
class DistributionWithoutRedisTest {
    private final RedisDistributionMap map = new RedisDistributionMap(
            RedisTables.runner(
                    URI.create("redis://127.0.0.1:1"),
                    RedisTables.Settings.DEFAULT.withTimeouts(Duration.ofMillis(100), Duration.ofMillis(200))),
            RedisTables.Settings.DEFAULT,
            new TestReportLimits(1_000, 10, Duration.ofMinutes(1)),
            100);

    @Test
    @DisplayName("Without Redis every call of the distribution map fails as MapUnavailableException")
    void isUnavailable() {
        fails(map.reports("f"));
        fails(map.report("f", "p"));
        fails(map.page("f", new Report("p", "0".repeat(16), "0".repeat(24) + ":0"), Optional.empty()));
        fails(map.replace("f", "p", BlockSet.EMPTY, new Precondition.Always()));
        fails(map.patch("f", "p", List.of(), List.of(), new Precondition.Always()));
        fails(map.withdraw("f", "p", new Precondition.Always()));
        fails(map.sweep());
    }

    private static void fails(Uni<?> call) {
        assertThatThrownBy(() -> call.await().atMost(Duration.ofSeconds(20)))
                .isInstanceOf(MapUnavailableException.class);
    }
}
