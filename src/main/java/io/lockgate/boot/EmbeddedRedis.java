package io.lockgate.boot;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

    private final RedisServer server;
    private final int port;
    private final Path directory;

    private EmbeddedRedis(RedisServer server, int port, Path directory) {
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
        @Nullable IOException last = null;
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            try {
                return launch(freePort(), configLines);
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
        RedisServer server = builder.build();
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
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
            return socket.getLocalPort();
        }
    }

    private static void deleteTree(Path root) throws IOException {
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
