package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same, from what is shipped. */
@QuarkusIntegrationTest
@Tag("smoke")
class ClusterGatewayIT extends ClusterGatewayTest {
    @Test
    @DisplayName("The packaged gateway is ready on a cluster, and readiness has checked all primaries")
    void isReady() {
        Answer ready = RawHttp.anonymous(Servers.packagedManagement()).get("/q/health/ready");
        assertThat(ready.status()).as(ready.text()).isEqualTo(200);
        assertThat(ready.json().get("checks"))
                .filteredOn(check -> check.get("name").textValue().equals("dependencies"))
                .singleElement()
                .satisfies(
                        check -> assertThat(check.at("/data/redis").textValue()).isEqualTo("answers"));
    }
}
