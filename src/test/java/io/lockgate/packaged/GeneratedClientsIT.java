package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that generators make of the OpenAPI document. Where they lie is said by {@code -Dlockgate.clients}; {@code
 * .ci/run} makes them, and without it this is skipped. The programs that use them are in {@code .ci/contract}.
 */
@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@Timeout(120)
class GeneratedClientsIT {
    private static final String CLIENTS = "lockgate.clients";
    private static final List<String> DONE =
            List.of("acquired 0 4096", "refused fs_lock_conflict_error 4096", "listed true", "released 0");

    @TestHTTPResource("/")
    URI base;

    @DisplayName("The Java client of openapi-generator acquires, lists and releases a lock")
    @Test
    void javaClient(@TempDir Path classes) throws Exception {
        List<String> compile = new ArrayList<>(List.of("-nowarn", "-cp", classpath(), "-d", classes.toString()));
        compile.add(Path.of(".ci", "contract", "JavaClient.java").toString());
        try (Stream<Path> sources = Files.walk(clients().resolve("java/src/main/java"))) {
            sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(compile::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, compile.toArray(String[]::new)))
                .isZero();

        assertThat(output(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classes + ":" + classpath(),
                        "JavaClient"))
                .isEqualTo(DONE);
    }

    @DisplayName("A program with the types of openapi-typescript acquires, lists and releases a lock")
    @Test
    void typescriptClient() throws Exception {
        assertThat(output("node", clients().resolve("typescript/client.js").toString()))
                .isEqualTo(DONE);
    }

    private static Path clients() {
        String path = System.getProperty(CLIENTS, "");
        assumeTrue(!path.isEmpty(), "no generated clients: -D" + CLIENTS);
        return Path.of(path);
    }

    /** Of this JVM, whose own may be a jar that only names the others. */
    private static String classpath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** The lines that a program prints, which gets the gateway's URL and a user. */
    private List<String> output(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(base.toString().replaceFirst("/$", ""), "dev", RawHttp.PASSWORD));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().toList();
    }
}
