package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The images' files in their places, run by their command. */
@Tag("smoke")
class ImagesIT {
    private static final List<String> FILES = List.of("Dockerfile.jvm", "Dockerfile.native");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path directory;

    private record Replica(Process process, int port, int management, Path log) {}

    @Test
    @DisplayName("A jar or a binary is built")
    void somethingIsBuilt() throws IOException {
        boolean built = false;
        for (String file : FILES) {
            built |= Dockerfile.read(file).isBuilt();
        }
        assertThat(built).isTrue();
    }

    /** One migrates, the other waits. They write nothing into their own directory. */
    @ParameterizedTest
    @DisplayName("Two replicas that start together on an empty database both become ready, and stop when told to")
    @ValueSource(strings = {"Dockerfile.jvm", "Dockerfile.native"})
    void runsAsLaidOut(String file) throws IOException, InterruptedException {
        Dockerfile image = Dockerfile.read(file);
        assumeThat(image.isBuilt()).as("built").isTrue();
        Path work = image.layOut(directory.resolve("root"));
        List<String> before = listed(work);

        try (EmbeddedRedis redis = EmbeddedRedis.start();
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Map<String, String> settings = new java.util.HashMap<>(postgres.quarkusSettings());
            settings.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redis.port());
            settings.put("lockgate.bootstrap.admin.username", "admin");
            settings.put("lockgate.bootstrap.admin.password", "admin-password");
            List<Replica> replicas = new ArrayList<>();
            try {
                replicas.add(start(image, work, settings, "one"));
                replicas.add(start(image, work, settings, "two"));
                for (Replica replica : replicas) {
                    await().atMost(Duration.ofSeconds(90))
                            .pollInterval(Duration.ofMillis(100))
                            .until(() -> isReady(replica));
                }
                for (Replica replica : replicas) {
                    replica.process().destroy();
                    assertThat(replica.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
                }
            } finally {
                replicas.forEach(replica -> replica.process().destroyForcibly());
            }
        }
        assertThat(listed(work)).isEqualTo(before);
    }

    private Replica start(Dockerfile image, Path work, Map<String, String> settings, String name) throws IOException {
        List<String> command = new ArrayList<>(image.entryPoint());
        if (command.getFirst().equals("java")) {
            command.set(
                    0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        }
        Path log = directory.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        settings.forEach((setting, value) -> builder.environment().put(variable(setting), value));
        int port = freePort();
        int management = freePort();
        builder.environment().put("QUARKUS_HTTP_PORT", String.valueOf(port));
        builder.environment().put("QUARKUS_MANAGEMENT_PORT", String.valueOf(management));
        return new Replica(builder.start(), port, management, log);
    }

    private boolean isReady(Replica replica) throws IOException, InterruptedException {
        assertThat(replica.process().isAlive())
                .as(() -> {
                    try {
                        return Files.readString(replica.log());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .isTrue();
        try {
            return status(replica.management(), "/q/health/ready") == 200
                    && status(replica.port(), "/v1/version") == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private int status(int port, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    private static String variable(String setting) {
        return setting.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static List<String> listed(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.map(Path::toString).sorted().toList();
        }
    }
}
