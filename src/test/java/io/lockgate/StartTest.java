package io.lockgate;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Servers.class)
class StartTest {

    @TestHTTPResource(value = "/health", management = true)
    URI health;

    @TestHTTPResource("/")
    URI base;

    @Inject
    AgroalDataSource database;

    /** Readiness asks both neighbours and finds them up. */
    @Test
    void readinessAsksRedisAndPostgres() {
        given().get(health + "/ready")
                .then()
                .statusCode(200)
                .body("status", is("UP"))
                .body("checks.status", everyItem(is("UP")))
                .body("checks.name", hasItems("neighbours", "listening"))
                .body(
                        "checks.find { it.name == 'neighbours' }.data",
                        is(Map.of("redis", "answers", "postgres", "answers")));
    }

    /** Liveness asks nobody: a neighbour's outage must not restart the gateway. */
    @Test
    void livenessAsksNobody() {
        given().get(health + "/live")
                .then()
                .statusCode(200)
                .body("status", is("UP"))
                .body("checks.name", not(hasItems("neighbours")));
    }

    /** Paths that strangers make up never become labels: there is a limit to those, and good paths would be left out. */
    @Test
    void madeUpPathsAreNoLabels() {
        String madeUp = "made-up-" + System.nanoTime();
        given().get(base + madeUp);
        given().get(base + "v1/" + madeUp);
        given().get(base + "v1/files/" + madeUp + "/locks/nlm/byte-range/");
        given().post(base + "v1/files/" + madeUp + "/locks/nlm/" + madeUp);

        String metrics = given().get(URI.create(health.toString().replace("/health", "/metrics")))
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertThat(metrics).contains("http_server_requests_seconds_count").doesNotContain(madeUp);
    }

    /** The schema is there when the gateway serves. */
    @Test
    void schemaIsMigratedAtStart() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM flyway_schema_history WHERE success")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getInt(1)).isPositive();
        }
    }
}
