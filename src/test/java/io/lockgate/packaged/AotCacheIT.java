package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.bench.AotCache;
import io.lockgate.boot.EmbeddedPostgres;
import io.lockgate.boot.EmbeddedRedis;
import io.lockgate.testing.Packaged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The jar with an AOT cache, as {@code -Daot} makes it. */
class AotCacheIT {
    /** Java would start without a cache that does not fit; here it is told to end then. */
    @Test
    void servesWithIt() throws IOException {
        assumeTrue(Packaged.isJar(), "a native binary has no AOT cache");
        Path cache = Files.createDirectories(Path.of("target", "packaged")).resolve("lockgate.aot");
        try (EmbeddedRedis redis = EmbeddedRedis.start();
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Map<String, String> settings = AotCache.settings(redis, postgres);
            AotCache.make(cache, settings);
            try (Packaged gateway =
                    Packaged.launch(AotCache.java("-XX:AOTMode=on", "-XX:AOTCache=" + cache), settings)) {
                gateway.awaitReady();
                gateway.terminate();
                assertThat(gateway.awaitEnd(Duration.ofMinutes(1))).isEqualTo(143);
            }
        } finally {
            Files.deleteIfExists(cache);
        }
    }
}
