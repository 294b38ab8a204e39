package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.deploy.Dockerfile;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.redis.TestCluster;
import io.vertx.redis.client.RedisClientType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
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
    /** The packaged one. */
    static final String JAR =
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
        return start(command(file, List.of(), List.of()), log(name));
    }

    /** The options of Java that the image gives the jar. */
    static List<String> imageOptions() {
        try {
            List<String> command = Dockerfile.read("Dockerfile.jvm").entryPoint();
            return command.subList(1, command.indexOf("-jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * As its image runs it.
     *
     * @param ofJar further options of Java
     * @param ofBinary options of the binary
     */
    private static List<String> command(String file, List<String> ofJar, List<String> ofBinary) {
        List<String> command = new ArrayList<>();
        if (file.endsWith(".jar")) {
            command.add(JAVA);
            command.addAll(imageOptions());
            command.addAll(ofJar);
            command.add("-jar");
        }
        command.add(file);
        if (!file.endsWith(".jar")) {
            command.addAll(ofBinary);
        }
        return command;
    }

    private static Path log(String name) {
        return Path.of("target", "bench-" + name + ".log");
    }

    /** A build of the gateway within that much memory, run as its image runs it: a jar, or a binary. */
    static Gateway bounded(long memoryMib, String file) {
        return start(command(memoryMib, file), log("gateway"));
    }

    private static List<String> command(long memoryMib, String file) {
        return command(file, List.of("-XX:MaxRAM=" + memoryMib + "m"), List.of("-Xmx" + memoryMib / 2 + "m"));
    }

    /** So many packaged gateways, each within that much memory, on one Redis and one Postgres. */
    static List<Gateway> several(int count, long memoryMib) {
        List<Gateway> started = new ArrayList<>();
        Stores stores = Stores.start();
        for (int i = 1; i <= count; i++) {
            // The stores end with the first one, which is to be closed last.
            Stores its = i == 1 ? stores : stores.borrowed();
            started.add(start(command(memoryMib, JAR), log("gateway-" + i), its));
        }
        return started;
    }

    /** The packaged gateway on a Redis Cluster, which ends with it. */
    static Gateway onCluster(TestCluster cluster, String name) {
        return start(List.of(JAVA, "-jar", JAR), log(name), Stores.start(cluster));
    }

    /** The binary in target. */
    static String binary() throws IOException {
        return binaryInTarget()
                .map(Path::toString)
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
        return start(command, log, Stores.start());
    }

    /**
     * A Redis and a Postgres of our own.
     *
     * @param stops what ends them
     * @param processes theirs, as far as they count for a gateway
     */
    private record Stores(
            URI redis,
            RedisClientType type,
            EmbeddedPostgres postgres,
            List<Runnable> stops,
            List<ProcessHandle> processes) {
        static Stores start() {
            Set<ProcessHandle> others = descendants().collect(Collectors.toSet());
            EmbeddedRedis redis = OwnRedis.start(Optional.empty());
            EmbeddedPostgres postgres = EmbeddedPostgres.start();
            return new Stores(
                    redis.uri(),
                    RedisClientType.STANDALONE,
                    postgres,
                    List.of(postgres::close, redis::close),
                    descendants().filter(each -> !others.contains(each)).toList());
        }

        /** A cluster that runs. */
        static Stores start(TestCluster cluster) {
            Set<ProcessHandle> others = descendants().collect(Collectors.toSet());
            EmbeddedPostgres postgres = EmbeddedPostgres.start();
            List<ProcessHandle> primaries = cluster.masters().stream()
                    .flatMap(primary -> ProcessHandle.of(ScriptStore.pid(primary.uri())).stream())
                    .toList();
            return new Stores(
                    cluster.uri(),
                    RedisClientType.CLUSTER,
                    postgres,
                    List.of(postgres::close, cluster::close),
                    Stream.concat(primaries.stream(), descendants().filter(each -> !others.contains(each)))
                            .toList());
        }

        /** The same for one that shares them. */
        Stores borrowed() {
            return new Stores(redis, type, postgres, List.of(), List.of());
        }
    }

    private static Stream<ProcessHandle> descendants() {
        return ProcessHandle.current().descendants();
    }

    private static Gateway start(List<String> command, Path log, Stores stores) {
        int port = freePort();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        stores.postgres
                .quarkusSettings()
                .forEach((name, value) ->
                        environment.put(name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value));
        environment.put("QUARKUS_REDIS_HOSTS", stores.redis.toString());
        environment.put("QUARKUS_REDIS_CLIENT_TYPE", stores.type.name().toLowerCase(Locale.ROOT));
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
            List<ProcessHandle> processes = Stream.concat(stores.processes.stream(), Stream.of(process.toHandle()))
                    .toList();
            return new Gateway(uri, Optional.of(stores.redis), process, log, stores.stops, processes);
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

    /** The processes of its Redis and its Postgres, when they are ours; the primaries of a cluster come first. */
    List<ProcessHandle> stores() {
        return processes.stream()
                .filter(each -> !handle().equals(Optional.of(each)))
                .toList();
    }

    /** Its resident memory in KiB; it must be ours. */
    long residentKib() throws IOException {
        return Files.readAllLines(proc("status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** How many files it may have open; it must be ours. */
    long fileLimit() throws IOException {
        return FileLimits.of(proc("limits"));
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(pid().orElseThrow()), file);
    }

    /** The credential of a new user with that permission. */
    List<String> newUser(List<String> administrator, String permission) throws IOException {
        String name = "bench-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
        try (HttpLine line = new HttpLine(uri, administrator)) {
            HttpLine.Answer made = line.post(
                    "/admin/users",
                    "{\"username\":\"" + name + "\",\"password\":\"" + name + "\",\"email\":\"" + name
                            + "@example.org\",\"permissions\":[\"" + permission + "\"]}");
            HttpLine.Answer token = line.post("/admin/tokens", "{\"username\":\"" + name + "\",\"kind\":\"bearer\"}");
            if (made.status() != 201 || !token.json().has("token")) {
                throw new IllegalStateException("no user: " + made + ", " + token);
            }
            return List.of("Authorization: Bearer " + token.json().get("token").textValue());
        }
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
