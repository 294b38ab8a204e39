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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
class GatewayProcessIT {

    private static final URI MANAGEMENT = Servers.packagedManagement();

    /** What is shipped starts on real servers, migrates them and becomes ready. */
    @Test
    void becomesReady() {
        given().get(MANAGEMENT.resolve("health")).then().statusCode(200).body("checks.status", everyItem(is("UP")));
    }

    /** What is shipped answers operators' metrics. */
    @Test
    void showsMetrics() {
        given().get(MANAGEMENT.resolve("metrics")).then().statusCode(200);
    }

    /** The embedded servers of dev mode stay at home. */
    @Test
    void shipsNoEmbeddedServers() throws IOException {
        Path libraries = Path.of("target", "quarkus-app", "lib");
        assumeThat(libraries).as("a native build has no libraries").isDirectory();

        try (Stream<Path> shipped = Files.walk(libraries)) {
            assertThat(shipped.map(library -> library.getFileName().toString()))
                    .isNotEmpty()
                    .noneMatch(name -> name.contains("embedded"));
        }
    }

    /** Swagger UI is a tool of dev mode. */
    @Test
    void shipsNoSwaggerUi() {
        given().get("/q/swagger-ui").then().statusCode(404);
    }
}
