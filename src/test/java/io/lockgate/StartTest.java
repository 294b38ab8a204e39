package io.lockgate;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.agroal.api.AgroalDataSource;
import io.lockgate.app.start.StartupCheck;
import io.lockgate.testing.Servers;
import io.quarkus.arc.All;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
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

    @Inject
    @All
    List<StartupCheck> checks;

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

    /** A check is asked at start because its bean is there: none needs to be listed. */
    @Test
    void everyCheckIsAsked() {
        List<String> classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.lockgate.app").stream()
                        .filter(type -> type.isAssignableTo(StartupCheck.class) && !type.isInterface())
                        .map(JavaClass::getName)
                        .toList();
        assertThat(classes).hasSizeGreaterThan(5);
        assertThat(checks.stream().map(check -> check.getClass().getName()).toList())
                .containsExactlyInAnyOrderElementsOf(classes);
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
