package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks of this package, each by itself. */
class StartupCheckTest {
    private static Config config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .build();
    }

    @Test
    @DisplayName("A setting out of bounds is reported")
    void bounds() {
        assertThat(new BoundsCheck(config(Map.of("lockgate.redis.buckets", "0"))).faults())
                .containsExactly("lockgate.redis.buckets is 0, but must be between 1 and 16384");
        assertThat(new BoundsCheck(config(Map.of())).faults()).isEmpty();
    }

    @Test
    @DisplayName("Forwarding without a trusted proxy is refused, and so is trusting everybody")
    void proxies() {
        assertThat(new ProxyCheck(true, Optional.empty()).faults())
                .singleElement()
                .asString()
                .contains("no proxy is trusted");
        assertThat(new ProxyCheck(true, Optional.of(List.of("10.0.0.0/8", "::/0"))).faults())
                .singleElement()
                .asString()
                .contains("trusts everybody (::/0)");
        assertThat(new ProxyCheck(true, Optional.of(List.of("10.0.0.0/8"))).faults())
                .isEmpty();
        assertThat(new ProxyCheck(false, Optional.empty()).faults()).isEmpty();
    }

    @Test
    @DisplayName("The two ports must differ, unless both are any free port")
    void ports() {
        assertThat(new ListeningCheck(config(Map.of("quarkus.http.port", "80", "quarkus.management.port", "80")))
                        .faults())
                .containsExactly("quarkus.management.port is quarkus.http.port, 80: each wants its own");
        assertThat(new ListeningCheck(config(Map.of("quarkus.http.port", "0", "quarkus.management.port", "0")))
                        .faults())
                .isEmpty();
    }

    @Test
    @DisplayName("A certificate file that cannot be read is named")
    void certificates(@TempDir Path directory) throws IOException {
        Path there = Files.writeString(directory.resolve("cert.pem"), "");
        Path absent = directory.resolve("key.pem");
        assertThat(new ListeningCheck(config(Map.of(
                                "quarkus.http.ssl.certificate.files", there.toString(),
                                "quarkus.http.ssl.certificate.key-files", absent.toString())))
                        .faults())
                .containsExactly("quarkus.http.ssl.certificate.key-files: " + absent + " cannot be read");
    }
}
