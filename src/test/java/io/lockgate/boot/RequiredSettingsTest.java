package io.lockgate.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;

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

    /** With all of them nothing is said. */
    @Test
    void complete() {
        assertThat(RequiredSettings.fault(config(ALL))).isEmpty();
    }

    /** What is missing is named in one line, as the variable that sets it. */
    @Test
    void namesWhatIsMissing() {
        Map<String, String> some = new HashMap<>(ALL);
        some.remove("quarkus.redis.hosts");
        some.remove("quarkus.datasource.username");
        assertThat(RequiredSettings.fault(config(some)).orElseThrow())
                .contains("not set: QUARKUS_DATASOURCE_USERNAME, QUARKUS_REDIS_HOSTS")
                .doesNotContain("\n", "REACTIVE_URL");
    }

    /** What cannot be an address is named, not tried. */
    @Test
    void namesWhatIsMalformed() {
        Map<String, String> some = new HashMap<>(ALL);
        some.put("quarkus.redis.hosts", "nonsense");
        assertThat(RequiredSettings.fault(config(some)).orElseThrow())
                .contains("malformed: QUARKUS_REDIS_HOSTS")
                .doesNotContain("\n", "not set");
    }
}
