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
import org.junit.jupiter.api.DisplayName;
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

    @Test
    @DisplayName("Readiness checks Redis and Postgres and finds both up")
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

    @Test
    @DisplayName("Liveness checks no dependency: an outage of one must not restart the gateway")
    void livenessAsksNobody() {
        given().get(health + "/live")
                .then()
                .statusCode(200)
                .body("status", is("UP"))
                .body("checks.name", not(hasItems("neighbours")));
    }

    /** The number of labels is limited, and made-up ones would crowd out the real ones. */
    @Test
    @DisplayName("Unknown paths never become metric labels")
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

    @Test
    @DisplayName("The database schema exists when the gateway serves")
    void schemaIsMigratedAtStart() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM flyway_schema_history WHERE success")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getInt(1)).isPositive();
        }
    }
}
