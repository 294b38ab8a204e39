package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The gateway to measure: one that runs already, or the packaged one with Redis and Postgres of its own. */
final class Gateway implements AutoCloseable {
    private static final long START_SECONDS = 60;

    /** Name and password of the user in a gateway of our own. */
    private static final String USER = "bench-bench";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String JAR =
            Path.of("target", "quarkus-app", "quarkus-run.jar").toString();

    private static final String PASSWORD = "bench-password";

    private final URI uri;
    private final Optional<URI> redis;
    private final @Nullable Process process;
    private final Path log;
    /** Stop the Redis and the Postgres that are ours. */
    private final List<Runnable> stops;
    /** The gateway, its Redis and its Postgres, when they are ours. */
    private final List<ProcessHandle> processes;

    private Gateway(
            URI uri,
            Optional<URI> redis,
            @Nullable Process process,
            Path log,
            List<Runnable> stops,
            List<ProcessHandle> processes) {
        this.uri = uri;
        this.redis = redis;
        this.process = process;
        this.log = log;
        this.stops = stops;
        this.processes = processes;
    }

    /** {@code --url}, with {@code --redis} when scripts are to be flushed; without them starts what is needed. */
    static Gateway of(Options options) {
        Optional<URI> redis = options.text("redis").map(URI::create);
        return options.text("url")
                .map(url -> new Gateway(URI.create(url), redis, null, log("gateway"), List.of(), List.of()))
                .orElseGet(Gateway::start);
    }

    /** Another build of the gateway: a jar, or a binary. The name tells its log from that of others. */
    static Gateway build(String file, String name) {
        return start(file.endsWith(".jar") ? List.of(JAVA, "-jar", file) : List.of(file), log(name));
    }

    private static Path log(String name) {
        return Path.of("target", "bench-" + name + ".log");
    }

    /** The packaged gateway within that much memory, run as its image runs it: the jar, or the binary. */
    static Gateway bounded(long memoryMib, boolean binary) {
        try {
            return start(
                    binary
                            ? List.of(binary().toString(), "-Xmx" + memoryMib / 2 + "m")
                            : List.of(
                                    JAVA,
                                    "-XX:MaxRAM=" + memoryMib + "m",
                                    "-XX:MaxRAMPercentage=30",
                                    "-XX:+UseSerialGC",
                                    "-XX:+ExitOnOutOfMemoryError",
                                    "-jar",
                                    JAR),
                    log("gateway"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path binary() throws IOException {
        return binaryInTarget()
                .orElseThrow(() -> new IllegalStateException("there is no binary in target; see docs/running.md"));
    }

    /** The native binary that was built last, if any was. */
    static Optional<Path> binaryInTarget() throws IOException {
        try (Stream<Path> built = Files.list(Path.of("target"))) {
            return built.filter(file -> file.getFileName().toString().endsWith("-runner"))
                    .findFirst();
        }
    }

    /** How much it has logged. */
    long logBytes() throws IOException {
        return Files.size(log);
    }

    /** Processor time that its process, its Redis and its Postgres have used, when they are ours. */
    Duration processorTime() {
        return total(processes.stream());
    }

    /** Processor time that its process alone has used, when it is ours. */
    Duration ownProcessorTime() {
        return total(handle().stream());
    }

    private static Duration total(Stream<ProcessHandle> processes) {
        return processes
                .flatMap(each -> each.info().totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static Gateway start() {
        return build(JAR, "gateway");
    }

    private static Gateway start(List<String> command, Path log) {
        Set<ProcessHandle> others = ProcessHandle.current().descendants().collect(Collectors.toSet());
        EmbeddedRedis redis = OwnRedis.start(Optional.empty());
        EmbeddedPostgres postgres = EmbeddedPostgres.start();
        int port = freePort();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        postgres.quarkusSettings()
                .forEach((name, value) ->
                        environment.put(name.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"), value));
        environment.put("QUARKUS_REDIS_HOSTS", redis.uri().toString());
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(freePort()));
        environment.put("LOCKGATE_BOOTSTRAP_ADMIN_USERNAME", USER);
        environment.put("LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD);
        try {
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            URI uri = URI.create("http://127.0.0.1:" + port);
            awaitAnswer(uri, process, log);
            List<ProcessHandle> processes = ProcessHandle.current()
                    .descendants()
                    .filter(each -> !others.contains(each))
                    .toList();
            return new Gateway(
                    uri, Optional.of(redis.uri()), process, log, List.of(postgres::close, redis::close), processes);
        } catch (IOException e) {
            throw new UncheckedIOException("the gateway does not start", e);
        }
    }

    private static void awaitAnswer(URI uri, Process process, Path log) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            try {
                HttpURLConnection connection =
                        (HttpURLConnection) uri.resolve("/v1/version").toURL().openConnection();
                if (connection.getResponseCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                pause();
            }
        }
        process.destroyForcibly();
        throw new IllegalStateException("the gateway did not answer in time; see " + log);
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** {@code given}, and a credential when the gateway is ours and none is given. */
    List<String> headers(List<String> given) {
        if (process == null || !given.isEmpty()) {
            return given;
        }
        String token = RawHttp.anonymous(uri)
                .login(USER, PASSWORD)
                .json()
                .get("bearer_token")
                .textValue();
        return List.of("Authorization: Bearer " + token);
    }

    URI uri() {
        return uri;
    }

    Optional<URI> redis() {
        return redis;
    }

    /** Process id, when it is ours. */
    Optional<Long> pid() {
        return Optional.ofNullable(process).map(Process::pid);
    }

    /** Its process, when it is ours. */
    Optional<ProcessHandle> handle() {
        return Optional.ofNullable(process).map(Process::toHandle);
    }

    /** The processes of its Redis and its Postgres, when they are ours. */
    List<ProcessHandle> stores() {
        return processes.stream()
                .filter(each -> !handle().equals(Optional.of(each)))
                .toList();
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            stop(process);
        }
        stops.forEach(Runnable::run);
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
