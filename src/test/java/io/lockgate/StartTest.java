package io.lockgate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.agroal.api.AgroalDataSource;
import io.lockgate.app.start.StartupCheck;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.arc.All;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
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

    @Inject
    @All
    List<StartupCheck> checks;

    @Test
    @DisplayName("Readiness checks Redis and Postgres and finds both up")
    void readinessAsksRedisAndPostgres() {
        JsonNode ready = health("/ready");
        JsonNode checks = ready.get("checks");
        assertThat(ready.get("status").textValue()).isEqualTo("UP");
        assertThat(checks.findValuesAsText("status")).containsOnly("UP");
        assertThat(checks.findValuesAsText("name")).contains("dependencies", "listening");
        assertThat(checks)
                .filteredOn(check -> check.get("name").textValue().equals("dependencies"))
                .singleElement()
                .satisfies(check -> assertThat(check.get("data").toString())
                        .isEqualTo(JsonText.object("redis", "answers", "postgres", "answers")));
    }

    @Test
    @DisplayName("Liveness checks no dependency: an outage of one must not restart the gateway")
    void livenessAsksNobody() {
        JsonNode live = health("/live");
        assertThat(live.get("status").textValue()).isEqualTo("UP");
        assertThat(live.get("checks").findValuesAsText("name")).doesNotContain("dependencies");
    }

    private JsonNode health(String which) {
        Answer answer = RawHttp.anonymous(health).get(health.getPath() + which);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    /** The number of labels is limited, and made-up ones would crowd out the real ones. */
    @Test
    @DisplayName("Unknown paths never become metric labels")
    void madeUpPathsAreNoLabels() {
        String madeUp = "made-up-" + System.nanoTime();
        RawHttp anonymous = RawHttp.anonymous(base);
        anonymous.get("/" + madeUp);
        anonymous.get("/v1/" + madeUp);
        anonymous.get("/v1/files/" + madeUp + "/locks/nlm/byte-range/");
        anonymous.send("POST", "/v1/files/" + madeUp + "/locks/nlm/" + madeUp, new byte[0]);

        Answer metrics = RawHttp.anonymous(health).get(health.getPath().replace("/health", "/metrics"));

        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.text())
                .contains("http_server_requests_seconds_count")
                .doesNotContain(madeUp);
    }

    @Test
    @DisplayName("Every startup check is run because its bean exists: none needs to be listed")
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
