package io.lockgate.redis;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.is;

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
        given().get(Servers.packagedManagement().resolve("health/ready"))
                .then()
                .statusCode(200)
                .body("checks.find { it.name == 'neighbours' }.data.redis", is("answers"));
    }
}
