package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LoginLimiterTest {
    private long nanos;
    private final LoginLimiter limiter = new LoginLimiter(3, 5, Duration.ofMinutes(5), () -> nanos);

    @Test
    @DisplayName("After too many failures of a name from an address there is a wait, until the window ends")
    void limitsNameAndAddress() {
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.enter("a", "10.0.0.1")).isEmpty();
        }
        nanos += Duration.ofMinutes(1).toNanos();
        assertThat(limiter.enter("a", "10.0.0.1")).contains(Duration.ofMinutes(4));
        assertThat(limiter.enter("a", "10.0.0.2")).isEmpty();
        assertThat(limiter.enter("b", "10.0.0.1")).isEmpty();
        nanos += Duration.ofMinutes(4).toNanos();
        assertThat(limiter.enter("a", "10.0.0.1")).isEmpty();
    }

    @Test
    @DisplayName("Many names from one address are limited too")
    void limitsAddress() {
        for (int i = 0; i < 5; i++) {
            assertThat(limiter.enter("name-" + i, "10.0.0.1")).isEmpty();
        }
        assertThat(limiter.enter("another", "10.0.0.1")).isPresent();
    }

    @Test
    @DisplayName("Successful and undecided logins do not count")
    void goodOnesDoNotCount() {
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.enter("a", "10.0.0.1")).isEmpty();
            limiter.succeeded("a", "10.0.0.1");
            assertThat(limiter.enter("b", "10.0.0.1")).isEmpty();
            limiter.undecided("b", "10.0.0.1");
        }
    }

    @Test
    @DisplayName("Memory is bounded, whatever is sent")
    void isBounded() {
        for (int i = 0; i < 120_000; i++) {
            limiter.enter("name-" + i, "address-" + i);
        }
        assertThat(limiter.size()).isLessThanOrEqualTo(100_000);
    }
}
