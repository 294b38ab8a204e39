package io.lockgate.app.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.app.settings.LockSettings;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SweepIntervalCheckTest {
    private static List<String> faults(String interval) {
        return new SweepIntervalCheck(new SmallRyeConfigBuilder()
                        .withSources(new PropertiesConfigSource(
                                Map.of("lockgate.locks.sweep-interval", interval), "test", 100))
                        .withMapping(LockSettings.class)
                        .build()
                        .getConfigMapping(LockSettings.class))
                .faults();
    }

    @Test
    @DisplayName("An interval that the scheduler would refuse is reported")
    void refusesWhatTheSchedulerWould() {
        assertThat(faults("1s")).isEmpty();
        assertThat(faults("0s")).containsExactly("lockgate.locks.sweep-interval is '0s', but must be more than 0 s");
        assertThat(faults("often"))
                .containsExactly("lockgate.locks.sweep-interval is 'often', but must be a duration such as 1s");
    }
}
