package io.lockgate.packaged;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;

import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
class GatewayProcessIT {

    private static final URI MANAGEMENT = Servers.packagedManagement();

    @Test
    @DisplayName("The packaged gateway starts on real servers, migrates them and becomes ready")
    void becomesReady() {
        given().get(MANAGEMENT.resolve("health")).then().statusCode(200).body("checks.status", everyItem(is("UP")));
    }

    @Test
    @DisplayName("The packaged gateway serves its metrics")
    void showsMetrics() {
        given().get(MANAGEMENT.resolve("metrics")).then().statusCode(200);
    }

    @Test
    @DisplayName("The package does not contain the embedded servers of dev mode")
    void shipsNoEmbeddedServers() throws IOException {
        Path libraries = Path.of("target", "quarkus-app", "lib");
        assumeThat(libraries).as("a native build has no libraries").isDirectory();

        try (Stream<Path> shipped = Files.walk(libraries)) {
            assertThat(shipped.map(library -> library.getFileName().toString()))
                    .isNotEmpty()
                    .noneMatch(name -> name.contains("embedded"));
        }
    }

    @Test
    @DisplayName("The package does not contain Swagger UI")
    void shipsNoSwaggerUi() {
        given().get("/q/swagger-ui").then().statusCode(404);
    }
}
