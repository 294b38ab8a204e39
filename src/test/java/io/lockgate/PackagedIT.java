package io.lockgate;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;

import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
class PackagedIT {

    @TestHTTPResource(value = "/health", management = true)
    URI health;

    /** What is shipped starts on real servers, migrates them and becomes ready. */
    @Test
    void becomesReady() {
        given().get(health).then().statusCode(200).body("checks.status", everyItem(is("UP")));
    }

    /** What is shipped answers operators' metrics. */
    @Test
    void showsMetrics() {
        given().get(health.resolve("/q/metrics")).then().statusCode(200);
    }

    /** Swagger UI is a tool of dev mode. */
    @Test
    void shipsNoSwaggerUi() {
        given().get("/q/swagger-ui").then().statusCode(404);
    }
}
