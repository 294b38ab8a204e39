package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.bench.AotCache;
import io.lockgate.testing.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The jar with an AOT cache, as {@code -Daot} makes it. */
class AotCacheIT {
    /** Java would start without a cache that does not fit; here it is told to end then. */
    @Test
    @DisplayName("The gateway serves with its AOT cache")
    void servesWithIt() throws IOException {
        assumeTrue(GatewayProcess.isJar(), "a native binary has no AOT cache");
        Path cache = Files.createDirectories(Path.of("target", "packaged")).resolve("lockgate.aot");
        try (EmbeddedRedis redis = EmbeddedRedis.start();
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Map<String, String> settings = AotCache.settings(redis, postgres);
            AotCache.make(cache, settings);
            try (GatewayProcess gateway =
                    GatewayProcess.launch(AotCache.java("-XX:AOTMode=on", "-XX:AOTCache=" + cache), settings)) {
                gateway.awaitReady();
                gateway.terminate();
                assertThat(gateway.awaitEnd(Duration.ofMinutes(1))).isEqualTo(143);
            }
        } finally {
            Files.deleteIfExists(cache);
        }
    }
}
