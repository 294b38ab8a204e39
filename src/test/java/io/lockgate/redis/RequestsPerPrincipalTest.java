package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.redis.topology.CallCost;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RequestsPerPrincipalTest {
    private final RequestsPerPrincipal requests = new RequestsPerPrincipal(2);
    private final CallCost asked = CallCost.asked("p", 1);

    @Test
    @DisplayName("Each principal has a limited number of requests, and one more for each that ends")
    void bound() {
        assertThat(requests.begin(asked)).isTrue();
        assertThat(requests.begin(asked)).isTrue();
        assertThat(requests.begin(asked)).isFalse();
        assertThat(requests.begin(CallCost.asked("q", 1))).isTrue();
        requests.end(asked);
        assertThat(requests.begin(asked)).isTrue();
        assertThat(requests.begin(asked)).isFalse();
    }

    @Test
    @DisplayName("A request that has begun is not refused half way, but counts")
    void continued() {
        CallCost next = asked.continuing(20);
        assertThat(requests.begin(asked)).isTrue();
        assertThat(requests.begin(asked)).isTrue();
        assertThat(requests.begin(next)).isTrue();
        requests.end(asked);
        assertThat(requests.begin(asked)).isFalse();
        requests.end(next);
        assertThat(requests.begin(asked)).isTrue();
    }

    @Test
    @DisplayName("Renewals, releases and the system's own calls neither count nor are refused")
    void uncounted() {
        for (int i = 0; i < 10; i++) {
            assertThat(requests.begin(CallCost.kept("p", 1))).isTrue();
            assertThat(requests.begin(CallCost.asked(CallCost.SYSTEM, 1))).isTrue();
        }
        assertThat(requests.principals()).isZero();
        assertThat(requests.begin(asked)).isTrue();
    }

    @Test
    @DisplayName("A principal without requests is forgotten")
    void forgotten() {
        for (int i = 0; i < 1_000; i++) {
            CallCost share = CallCost.asked("user " + i, 1);
            requests.begin(share);
            requests.begin(share);
            requests.begin(share);
            requests.end(share);
            requests.end(share);
        }
        assertThat(requests.principals()).isZero();
    }
}
