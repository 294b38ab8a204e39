package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
class GatewayProcessIT {

    private static final URI MANAGEMENT = Servers.packagedManagement();

    @TestHTTPResource("/")
    URI base;

    @Test
    @DisplayName("The packaged gateway starts on real servers, migrates them and becomes ready")
    void becomesReady() {
        Answer health = RawHttp.anonymous(MANAGEMENT).get("/q/health");
        assertThat(health.status()).as(health.text()).isEqualTo(200);
        assertThat(health.json().get("checks").findValuesAsText("status")).containsOnly("UP");
    }

    @Test
    @DisplayName("The packaged gateway serves its metrics")
    void showsMetrics() {
        assertThat(RawHttp.anonymous(MANAGEMENT).get("/q/metrics").status()).isEqualTo(200);
    }

    @Test
    @DisplayName("The packaged gateway has one event loop for two processors")
    void fewEventLoops() {
        String metrics = RawHttp.anonymous(MANAGEMENT).get("/q/metrics").text();
        Set<String> loops = new TreeSet<>();
        Matcher loop = Pattern.compile("vert\\.x-eventloop-thread-\\d+").matcher(metrics);
        while (loop.find()) {
            loops.add(loop.group());
        }
        assertThat(loops)
                .isNotEmpty()
                .hasSizeLessThanOrEqualTo(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
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
        assertThat(RawHttp.anonymous(base).get("/q/swagger-ui").status()).isEqualTo(404);
    }
}
