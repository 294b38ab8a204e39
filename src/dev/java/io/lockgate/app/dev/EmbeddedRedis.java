package io.lockgate.app.dev;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisInstance;
import redis.embedded.RedisSentinel;
import redis.embedded.RedisServer;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server as a child process of this JVM, for dev mode and tests. It listens on 127.0.0.1 alone, keeps nothing
 * on disk unless told to, and ends with the JVM. Not guaranteed: a JVM that is killed with SIGKILL leaves it running.
 *
 * <p>The binary is the one inside the library's jar (Redis 6.2). The system property {@value #BINARY_PROPERTY} names
 * another: a path, or a bare name such as {@code redis-server} to be found on the PATH.
 */
public final class EmbeddedRedis implements AutoCloseable {

    /** System property: the redis-server to run in place of the one that the library brings. */
    public static final String BINARY_PROPERTY = "lockgate.embedded.redis-server";

    private static final String LOOPBACK = "127.0.0.1";

    /** A free port may be taken by another process between our look and Redis' own bind. */
    private static final int PORT_ATTEMPTS = 3;

    /** A node of a cluster talks to the others on its port plus this. */
    private static final int BUS = 10_000;

    private final RedisInstance server;
    private final int port;
    private final Path directory;

    private EmbeddedRedis(RedisInstance server, int port, Path directory) {
        this.server = server;
        this.port = port;
        this.directory = directory;
    }

    /**
     * Starts a server on a free port and returns when it accepts connections.
     *
     * @param configLines further lines of redis.conf, for example {@code "appendonly yes"}; the last of two wins
     * @throws UncheckedIOException when it does not start
     */
    public static EmbeddedRedis start(String... configLines) {
        return anywhere(() -> launch(freePort(), configLines));
    }

    /** As {@link #start}, a node of a cluster that is still to be made. */
    public static EmbeddedRedis startClusterNode(String... configLines) {
        String[] lines = Stream.concat(Stream.of("cluster-enabled yes"), Stream.of(configLines))
                .toArray(String[]::new);
        return anywhere(() -> launch(freePortWithBus(), lines));
    }

    /**
     * As {@link #start}, a Sentinel.
     *
     * @param configLines what it is to watch: {@code "sentinel monitor NAME 127.0.0.1 PORT QUORUM"}, …
     */
    public static EmbeddedRedis startSentinel(String... configLines) {
        return anywhere(() -> launchSentinel(freePort(), configLines));
    }

    /** Makes a server on a port that was free when it was looked for. */
    private interface Launch {
        EmbeddedRedis run() throws IOException;
    }

    private static EmbeddedRedis anywhere(Launch launch) {
        @Nullable IOException last = null;
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            try {
                return launch.run();
            } catch (IOException e) {
                last = e;
            }
        }
        throw new UncheckedIOException("embedded Redis does not start", last);
    }

    /**
     * As {@link #start}, but on a given port: for a test that restarts a server under its clients.
     *
     * @throws UncheckedIOException when it does not start, for example because the port is taken
     */
    public static EmbeddedRedis startOn(int port, String... configLines) {
        try {
            return launch(port, configLines);
        } catch (IOException e) {
            throw new UncheckedIOException("embedded Redis does not start on port " + port, e);
        }
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** What {@code quarkus.redis.hosts} takes. */
    public URI uri() {
        return URI.create("redis://" + LOOPBACK + ":" + port);
    }

    /** The working directory of the server, where its files go if the configuration asks for any; gone after close. */
    public Path directory() {
        return directory;
    }

    /** Ends the server; does nothing when it has ended already. */
    @Override
    public void close() {
        try {
            server.stop();
            deleteTree(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("embedded Redis on port " + port + " does not stop", e);
        }
    }

    private static EmbeddedRedis launch(int port, String... configLines) throws IOException {
        Path directory = Files.createTempDirectory("lockgate-redis-");
        var builder = RedisServer.newRedisServer()
                .executableProvider(binary())
                .port(port)
                .bind(LOOPBACK)
                .setting("dir " + directory)
                // No snapshot on exit or after n writes: what dev mode and tests hold may vanish.
                .setting("save \"\"")
                // The shutdown hook kills it, since an orderly shutdown waits for clients that are still connected.
                .onShutdownForceStop(true);
        for (String line : configLines) {
            builder.setting(line);
        }
        return started(builder.build(), port, directory);
    }

    private static EmbeddedRedis launchSentinel(int port, String... configLines) throws IOException {
        Path directory = Files.createTempDirectory("lockgate-sentinel-");
        // A Sentinel keeps what it learns in its own configuration file.
        Path file = directory.resolve("sentinel.conf");
        List<String> own = List.of("port " + port, "bind " + LOOPBACK, "dir " + directory);
        Files.write(file, Stream.concat(own.stream(), Stream.of(configLines)).toList());
        List<String> command = List.of(binary().get().getPath(), file.toString(), "--sentinel");
        return started(new RedisSentinel(port, command, true), port, directory);
    }

    private static EmbeddedRedis started(RedisInstance server, int port, Path directory) throws IOException {
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            deleteTree(directory);
            throw e;
        }
        EmbeddedRedis started = new EmbeddedRedis(server, port, directory);
        Runtime.getRuntime().addShutdownHook(new Thread(started::close, "embedded-redis-" + port));
        return started;
    }

    private static ExecutableProvider binary() throws IOException {
        String named = System.getProperty(BINARY_PROPERTY, "");
        if (named.isBlank()) {
            return ExecutableProvider.newJarResourceProvider();
        }
        File file = new File(named);
        return named.contains(File.separator) ? () -> file : ExecutableProvider.newExecutableInPath(named);
    }

    private static int freePort() throws IOException {
        return free(0);
    }

    /** Below the ports that the kernel gives to those who connect: of these, the bus port would often be too high. */
    private static int freePortWithBus() throws IOException {
        int port = ThreadLocalRandom.current().nextInt(11_000, 21_000);
        free(port + BUS);
        return free(port);
    }

    /** @param port 0 for any */
    private static int free(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral(LOOPBACK))) {
            return socket.getLocalPort();
        }
    }

    /** Deletes a directory and all in it, if it is there. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
