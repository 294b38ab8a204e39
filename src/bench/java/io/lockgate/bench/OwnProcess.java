package io.lockgate.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that is not ours, as a child of this JVM; it ends with it. */
final class OwnProcess implements AutoCloseable {
    private static final long START_SECONDS = 30;
    private static final long STOP_SECONDS = 10;
    private static final long LOOK_MILLIS = 50;

    private final Process process;

    private OwnProcess(Process process) {
        this.process = process;
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            // The parent ends first: nginx replaces a worker that dies before it.
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }));
    }

    /** An address on this machine where nobody listens. */
    static InetSocketAddress freePlace() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Gateway.freePort());
    }

    /** Where a program is, by the PATH; empty when it is not there. */
    static Optional<String> program(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /**
     * Starts it and returns when it accepts connections.
     *
     * @param directory where it runs, and its output is kept
     * @throws IOException when it ends instead, or takes too long; with the end of its log
     */
    static OwnProcess start(List<String> command, InetSocketAddress place, Path directory) throws IOException {
        Path log = directory.resolve("output.log").toAbsolutePath();
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        OwnProcess started = new OwnProcess(process);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!accepts(place)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                started.close();
                List<String> said = Files.readAllLines(log);
                throw new IOException(command.getFirst() + " does not start: "
                        + (said.isEmpty() ? "it says nothing" : said.getLast()));
            }
            pause();
        }
        return started;
    }

    /** It and its children. */
    List<ProcessHandle> handles() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    private static boolean accepts(InetSocketAddress place) {
        try (Socket socket = new Socket(place.getAddress(), place.getPort())) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
