package io.lockgate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * What is shipped, as a process of its own: the jar, or the native binary when that is what was built. For integration
 * tests that start and stop it themselves; its settings are those given and nothing of the surroundings'.
 */
public final class GatewayProcess implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration START = Duration.ofMinutes(3);

    private final Process process;
    private final Path log;
    private final int port;
    private final int managementPort;

    private GatewayProcess(Process process, Path log, int port, int managementPort) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** How a run ended, and all that it said. */
    public record Ended(int code, String output) {}

    /** Of a run that soon ends: it would pay for a compiler and a collector of which it has nothing. */
    private static final List<String> SHORT_RUN = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    /** Runs it to its end. */
    public static Ended run(Map<String, String> settings, String... arguments) {
        try {
            List<String> command = new ArrayList<>(artifact());
            if (isJar()) {
                command.addAll(1, SHORT_RUN);
            }
            command.addAll(List.of(arguments));
            try (GatewayProcess packaged = launch(command, settings)) {
                return new Ended(packaged.awaitEnd(START), packaged.output());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it; returns at once. The ports are free ones, on 127.0.0.1. */
    public static GatewayProcess launch(Map<String, String> settings, String... arguments) {
        try {
            List<String> command = new ArrayList<>(artifact());
            command.addAll(List.of(arguments));
            return launch(command, settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same of another build, by its whole command line. */
    public static GatewayProcess launch(List<String> command, Map<String, String> settings) {
        try {
            int port = freePort();
            int managementPort = freePort();
            Path log = Files.createTempFile(Files.createDirectories(Path.of("target", "packaged")), "run-", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            Map<String, String> environment = builder.environment();
            environment.keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("LOCKGATE_"));
            Map<String, String> all = new HashMap<>(settings);
            all.putIfAbsent("quarkus.http.host", "127.0.0.1");
            all.putIfAbsent("quarkus.http.port", Integer.toString(port));
            all.putIfAbsent("quarkus.management.host", "127.0.0.1");
            all.putIfAbsent("quarkus.management.port", Integer.toString(managementPort));
            all.forEach((name, value) -> environment.put(variable(name), value));
            return new GatewayProcess(builder.start(), log, port, managementPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it and returns when it is ready. */
    public static GatewayProcess start(Map<String, String> settings) {
        GatewayProcess packaged = launch(settings);
        packaged.awaitReady();
        return packaged;
    }

    /** The same with at most that much heap. */
    public static GatewayProcess start(int heapMib, Map<String, String> settings) {
        try {
            List<String> command = new ArrayList<>(artifact());
            command.add(1, "-Xmx" + heapMib + "m");
            if (isJar()) {
                command.add(1, "-XX:+UseSerialGC");
            }
            GatewayProcess packaged = launch(command, settings);
            packaged.awaitReady();
            return packaged;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name by which the environment sets {@code name}. */
    public static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[.\"-]", "_");
    }

    /** Whether it is the jar that was built last. */
    public static boolean isJar() throws IOException {
        return !built().getProperty("type").equals("native");
    }

    private static Properties built() throws IOException {
        Properties built = new Properties();
        try (var in = Files.newInputStream(Path.of("target", "quarkus-artifact.properties"))) {
            built.load(in);
        }
        return built;
    }

    private static List<String> artifact() throws IOException {
        Properties built = built();
        String path = Path.of("target", built.getProperty("path")).toString();
        return built.getProperty("type").equals("native")
                ? List.of(path)
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", path);
    }

    public void awaitReady() {
        long end = System.nanoTime() + START.toNanos();
        while (status("/q/health/ready") != 200) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new IllegalStateException("not ready:\n" + output());
            }
            pause(LOOK);
        }
    }

    /** Waits until it has said {@code words}. */
    public void awaitWords(String words) {
        long end = System.nanoTime() + START.toNanos();
        while (!output().contains(words)) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new IllegalStateException("never said '" + words + "':\n" + output());
            }
            pause(LOOK);
        }
    }

    /** Status of a GET on the management port; 0 when there is no answer. */
    public int status(String path) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for the end and answers the exit code. */
    public int awaitEnd(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("still runs after " + patience + ":\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Where it serves. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public int port() {
        return port;
    }

    /** Where operators ask. */
    public int managementPort() {
        return managementPort;
    }

    /** Its process. */
    public long pid() {
        return process.pid();
    }

    /** All that it has said until now. */
    public String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port on 127.0.0.1 where nobody listens. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    public static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
