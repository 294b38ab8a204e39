package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.redis.topology.Outage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OutageTest {
    private long nanos;
    private final Outage outage = new Outage(() -> nanos);

    @Test
    @DisplayName("An outage begins once, and ends when no call has failed for five seconds")
    void beginsAndEndsOnce() {
        assertThat(outage.answered()).isFalse();
        assertThat(outage.failed()).isTrue();
        for (int i = 0; i < 100; i++) {
            nanos += TimeUnit.SECONDS.toNanos(1);
            assertThat(outage.answered()).isFalse();
            assertThat(outage.failed()).isFalse();
        }
        nanos += TimeUnit.SECONDS.toNanos(6);
        assertThat(outage.answered()).isTrue();
        assertThat(outage.answered()).isFalse();
        assertThat(outage.failed()).isTrue();
    }
}
