package io.lockgate.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.app.settings.FileSettings;
import io.lockgate.app.settings.PostgresSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.file.CatalogMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingBoundsTest {

    @Test
    @DisplayName("The defaults are open mode, ten thousand files, 1.5 s and 10 s")
    void defaultsAreInBounds() {
        SmallRyeConfig config = config(Map.of());

        assertThat(config.getConfigMapping(FileSettings.class).catalog()).isEqualTo(CatalogMode.OPEN);
        assertThat(config.getConfigMapping(FileSettings.class).cacheSize()).isEqualTo(10_000);
        assertThat(new PostgresWiring()
                        .limits(config.getConfigMapping(PostgresSettings.class))
                        .timeout())
                .isEqualTo(Duration.ofMillis(1_500));
    }

    @Test
    @DisplayName("A mode is written in lower case")
    void namesStrict() {
        SmallRyeConfig config = config(Map.of("lockgate.files.catalog", "strict"));

        assertThat(config.getConfigMapping(FileSettings.class).catalog()).isEqualTo(CatalogMode.STRICT);
    }

    @ParameterizedTest
    @DisplayName("A duration out of bounds stops the start with a line that names setting, value and bounds")
    @CsvSource({
        "lockgate.postgres.timeout, 99ms",
        "lockgate.postgres.timeout, 1901ms",
        "lockgate.postgres.timeout, 0s",
        "lockgate.postgres.dead-after, 2999ms",
        "lockgate.postgres.dead-after, 11m"
    })
    void refusesDurations(String name, String value) {
        PostgresSettings settings = config(Map.of(name, value)).getConfigMapping(PostgresSettings.class);

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> new PostgresWiring().limits(settings))
                .withMessageMatching(name + " is \\d+ ms, but must be between \\d+ ms and \\d+ ms");
    }

    @ParameterizedTest
    @DisplayName("A number out of bounds stops the start with a line that names setting, value and bounds")
    @CsvSource({"-1, false", "0, true", "10, true", "11, false"})
    void refusesNumbers(int value, boolean fits) {
        if (fits) {
            assertThat(SettingBounds.within("lockgate.x", value, 0, 10)).isEqualTo(value);
        } else {
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> SettingBounds.within("lockgate.x", value, 0, 10))
                    .withMessage("lockgate.x is " + value + ", but must be between 0 and 10");
        }
    }

    @Test
    @DisplayName("When problems are collected, each is noted once and the nearest bound is used")
    void collects() {
        List<String> faults = new ArrayList<>();
        SettingBounds.collecting(faults, () -> {
            assertThat(SettingBounds.within("lockgate.x", 11, 0, 10)).isEqualTo(10);
            assertThat(SettingBounds.within("lockgate.x", 11, 0, 10)).isEqualTo(10);
            assertThat(SettingBounds.within("lockgate.y", Duration.ZERO, Duration.ofMillis(5), Duration.ofMillis(9)))
                    .isEqualTo(Duration.ofMillis(5));
            assertThat(SettingBounds.within("lockgate.z", 7, 0, 10)).isEqualTo(7);
        });
        assertThat(faults)
                .containsExactly(
                        "lockgate.x is 11, but must be between 0 and 10",
                        "lockgate.y is 0 ms, but must be between 5 ms and 9 ms");
    }

    private static SmallRyeConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withMapping(FileSettings.class)
                .withMapping(PostgresSettings.class)
                // "10s": Quarkus' own spelling of durations.
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValues(settings)
                .build();
    }
}
