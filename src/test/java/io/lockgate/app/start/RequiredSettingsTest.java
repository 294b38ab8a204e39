package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequiredSettingsTest {
    private static final Map<String, String> ALL = Map.of(
            "quarkus.redis.hosts", "redis://localhost",
            "quarkus.datasource.reactive.url", "postgresql://localhost/lockgate",
            "quarkus.datasource.jdbc.url", "jdbc:postgresql://localhost/lockgate",
            "quarkus.datasource.username", "lockgate");

    private static Config config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .build();
    }

    @Test
    @DisplayName("No error is reported when all required settings are set")
    void complete() {
        assertThat(RequiredSettings.faults(config(ALL))).isEmpty();
    }

    @Test
    @DisplayName("Each missing setting is reported on its own line, as its environment variable")
    void namesWhatIsMissing() {
        Map<String, String> some = new HashMap<>(ALL);
        some.remove("quarkus.redis.hosts");
        some.remove("quarkus.datasource.username");
        assertThat(RequiredSettings.faults(config(some)))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("QUARKUS_DATASOURCE_USERNAME is not set"),
                        line -> assertThat(line).startsWith("QUARKUS_REDIS_HOSTS is not set"));
    }

    @ParameterizedTest
    @DisplayName("A malformed address is named but not repeated, because it may hold a password")
    @ValueSource(strings = {"nonsense", "redis://:nonsense pass@localhost", "redis://localhost,redis://:non^sense@b"})
    void namesWhatIsMalformed(String value) {
        Map<String, String> some = new HashMap<>(ALL);
        some.put("quarkus.redis.hosts", value);
        assertThat(RequiredSettings.faults(config(some)))
                .singleElement()
                .asString()
                .startsWith("QUARKUS_REDIS_HOSTS is malformed")
                .doesNotContain("sense");
    }

    @ParameterizedTest
    @DisplayName("The Redis topology and its addresses must match")
    @CsvSource({
        "standalone, 'redis://a,redis://b', QUARKUS_REDIS_HOSTS",
        "cluster, unix:///redis.sock, QUARKUS_REDIS_HOSTS",
        "sentinel, unix:///redis.sock, QUARKUS_REDIS_HOSTS",
        "replication, redis://a, QUARKUS_REDIS_CLIENT_TYPE",
        "cluster, 'redis://a,redis://b',",
        "sentinel, 'redis://a,redis://b',"
    })
    void redisForm(String form, String hosts, @Nullable String malformed) {
        Map<String, String> some = new HashMap<>(ALL);
        some.put("quarkus.redis.client-type", form);
        some.put("quarkus.redis.hosts", hosts);
        assertThat(RequiredSettings.faults(config(some)))
                .allMatch(fault -> fault.startsWith(malformed + " is malformed"))
                .hasSize(malformed == null ? 0 : 1);
    }
}
