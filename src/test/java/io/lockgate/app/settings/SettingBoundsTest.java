package io.lockgate.app.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.app.settings.SettingBounds.Fault;
import io.lockgate.file.CatalogMode;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SettingBoundsTest {

    @Test
    @DisplayName("Every default is in its bounds, and an adapter can read the mapping itself")
    void defaultsAreInBounds() {
        SmallRyeConfig config = config(Map.of());

        assertThat(SettingBounds.faults(config)).isEmpty();
        assertThat(config.getConfigMapping(FileSettings.class).catalog()).isEqualTo(CatalogMode.OPEN);
        assertThat(config.getConfigMapping(FileSettings.class).cacheSize()).isEqualTo(10_000);
        assertThat(config.getConfigMapping(PostgresSettings.class).timeout()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(config.getConfigMapping(DistributionSettings.class).readTime())
                .isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    @DisplayName("A mode is named in lower case")
    void namesStrict() {
        SmallRyeConfig config = config(Map.of("lockgate.files.catalog", "strict"));

        assertThat(config.getConfigMapping(FileSettings.class).catalog()).isEqualTo(CatalogMode.STRICT);
    }

    @ParameterizedTest
    @DisplayName("A duration out of bounds is reported in one line with the setting, its value and its bounds")
    @CsvSource({
        "lockgate.postgres.timeout, 99ms",
        "lockgate.postgres.timeout, 1901ms",
        "lockgate.postgres.timeout, 0s",
        "lockgate.postgres.dead-after, 2999ms",
        "lockgate.postgres.dead-after, 11m"
    })
    void refusesDurations(String name, String value) {
        assertThat(lines(Map.of(name, value)))
                .singleElement()
                .asString()
                .matches(name + " is \\d+ ms, but must be between \\d+ ms and \\d+ ms");
    }

    @ParameterizedTest
    @DisplayName("A number out of bounds is reported, and the bounds themselves are accepted")
    @CsvSource({"-1, false", "0, true", "10, true", "11, false"})
    void refusesNumbers(int value, boolean fits) {
        List<Fault> faults =
                SettingBounds.faults(config(Map.of("lockgate.x", Integer.toString(value))), List.of(Sample.class));
        if (fits) {
            assertThat(faults).isEmpty();
        } else {
            assertThat(faults)
                    .extracting(Fault::line)
                    .containsExactly("lockgate.x is " + value + ", but must be between 0 and 10");
        }
    }

    @Test
    @DisplayName("All settings out of bounds are found, once each, with the nearest bound")
    void findsAll() {
        assertThat(SettingBounds.faults(
                        config(Map.of("lockgate.x", "11", "lockgate.y", "0s", "lockgate.z", "7")),
                        List.of(Sample.class)))
                .containsExactly(
                        new Fault("lockgate.x", "lockgate.x is 11, but must be between 0 and 10", "10"),
                        new Fault("lockgate.y", "lockgate.y is 0 ms, but must be between 5 ms and 9 ms", "5ms"));
    }

    @ParameterizedTest
    @DisplayName(
            "Of every setting both bounds are accepted, and a value beyond them is reported with the nearest bound")
    @MethodSource("bounded")
    void holdsEveryBound(String name, String min, String max, String below, String above) {
        assertThat(SettingBounds.faults(config(Map.of(name, min)), SettingsCatalog.MAPPINGS))
                .isEmpty();
        assertThat(SettingBounds.faults(config(Map.of(name, max)), SettingsCatalog.MAPPINGS))
                .isEmpty();
        assertThat(SettingBounds.faults(config(Map.of(name, below)), SettingsCatalog.MAPPINGS))
                .singleElement()
                .returns(name, Fault::setting)
                .returns(min, Fault::nearest);
        assertThat(SettingBounds.faults(config(Map.of(name, above)), SettingsCatalog.MAPPINGS))
                .singleElement()
                .returns(name, Fault::setting)
                .returns(max, Fault::nearest);
    }

    static Stream<Arguments> bounded() {
        List<Arguments> all = new ArrayList<>();
        for (Class<?> mapping : SettingsCatalog.MAPPINGS) {
            for (Method setting : mapping.getDeclaredMethods()) {
                String name = SettingsCatalog.name(mapping, setting);
                Within number = setting.getAnnotation(Within.class);
                WithinTime time = setting.getAnnotation(WithinTime.class);
                if (number != null) {
                    all.add(Arguments.of(
                            name,
                            Long.toString(number.min()),
                            Long.toString(number.max()),
                            Long.toString(number.min() - 1),
                            Long.toString(number.max() + 1)));
                } else if (time != null) {
                    long min = DurationConverter.parseDuration(time.min()).toMillis();
                    long max = DurationConverter.parseDuration(time.max()).toMillis();
                    all.add(Arguments.of(
                            name, min + "ms", max + "ms", min == 0 ? "-PT1S" : min - 1 + "ms", max + 1 + "ms"));
                }
            }
        }
        return all.stream();
    }

    @Test
    @DisplayName("Every setting that is a number or a duration has a bound")
    void everyNumberAndTimeHasABound() {
        for (Class<?> mapping : SettingsCatalog.MAPPINGS) {
            for (Method setting : mapping.getDeclaredMethods()) {
                Class<?> type = setting.getReturnType();
                assertThat(setting.isAnnotationPresent(Within.class))
                        .as(setting.toString())
                        .isEqualTo(type == int.class || type == long.class);
                assertThat(setting.isAnnotationPresent(WithinTime.class))
                        .as(setting.toString())
                        .isEqualTo(type == Duration.class);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("A bound that is another setting is checked")
    @CsvSource({
        "lockgate.admin.page-default, 11, lockgate.admin.page-max, 10, 10",
        "lockgate.files.page-default, 2001, lockgate.files.page-max, 2000, 2000",
        "lockgate.identity.unknown-per-network, 17, lockgate.identity.unknown-waiting, 16, 16",
        "lockgate.postgres.dead-after, 2s, lockgate.postgres.timeout, 1200ms, 2400ms"
    })
    void holdsBoundsThatAreSettings(String name, String value, String other, String otherValue, String nearest) {
        assertThat(SettingBounds.faults(config(Map.of(name, value, other, otherValue))))
                .singleElement()
                .returns(name, Fault::setting)
                .returns(nearest, Fault::nearest);
        assertThat(SettingBounds.faults(config(Map.of(name, nearest, other, otherValue))))
                .isEmpty();
    }

    @Test
    @DisplayName("Ports, pool size and shutdown delay of Quarkus are checked, too")
    void holdsBoundsOfQuarkus() {
        assertThat(lines(Map.of(
                        "quarkus.http.port", "65536",
                        "quarkus.management.port", "-1",
                        "quarkus.datasource.reactive.max-size", "1001",
                        "quarkus.shutdown.delay", "16s")))
                .containsExactly(
                        "quarkus.http.port is 65536, but must be between 0 and 65535",
                        "quarkus.management.port is -1, but must be between 0 and 65535",
                        "quarkus.datasource.reactive.max-size is 1001, but must be between 10 and 1000",
                        "quarkus.shutdown.delay is 16000 ms, but must be between 0 ms and 15000 ms");
    }

    @Test
    @DisplayName("The greatest node id is named as 2^53-1")
    void namesTheBoundOfJson() {
        assertThat(lines(Map.of("lockgate.node.id", "0")))
                .containsExactly("lockgate.node.id is 0, but must be between 1 and 2^53-1");
    }

    @Test
    @DisplayName("A value that is no number or duration is left to the mapping, which reports it")
    void leavesWhatIsUnreadable() {
        assertThat(lines(Map.of("lockgate.redis.buckets", "many", "lockgate.postgres.timeout", "soon")))
                .isEmpty();
    }

    private static List<String> lines(Map<String, String> settings) {
        return SettingBounds.faults(config(settings)).stream().map(Fault::line).toList();
    }

    @ConfigMapping(prefix = "lockgate")
    interface Sample {
        @WithDefault("5")
        @Within(min = 0, max = 10)
        int x();

        @WithDefault("5ms")
        @WithinTime(min = "5ms", max = "9ms")
        Duration y();

        @WithDefault("7")
        @Within(min = 0, max = 10)
        int z();
    }

    /** With all mappings, but for those whose values a test makes unreadable. */
    private static SmallRyeConfig config(Map<String, String> settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                // "10s": Quarkus' own spelling of durations.
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValues(settings);
        if (settings.isEmpty() || settings.containsKey("lockgate.files.catalog")) {
            SettingsCatalog.MAPPINGS.forEach(builder::withMapping);
        }
        return builder.build();
    }
}
