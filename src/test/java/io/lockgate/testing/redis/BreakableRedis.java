package io.lockgate.testing.redis;

import io.lockgate.app.dev.EmbeddedRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;

/** A Redis of its own for tests that stop, kill, restart or misconfigure it. */
public final class BreakableRedis implements AutoCloseable {
    private final int port;
    private EmbeddedRedis server;
    private long pid;

    private BreakableRedis(EmbeddedRedis server) {
        this.server = server;
        this.port = server.port();
        this.pid = pidOf(server);
    }

    public static BreakableRedis start(String... configLines) {
        return new BreakableRedis(EmbeddedRedis.start(configLines));
    }

    /** Breaks a server that somebody else has configured; it cannot be {@linkplain #startAgain started again}. */
    public static BreakableRedis of(EmbeddedRedis server) {
        return new BreakableRedis(server);
    }

    private static long pidOf(EmbeddedRedis server) {
        try (RespClient probe = new RespClient(server.uri())) {
            return Long.parseLong(probe.info("process_id"));
        }
    }

    public URI uri() {
        return server.uri();
    }

    public RespClient probe() {
        return new RespClient(uri());
    }

    /** It still accepts connections (the kernel does), and answers nothing. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    public void kill() {
        signal("KILL");
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
        server.close();
    }

    public boolean isAlive() {
        return ProcessHandle.of(pid).isPresent();
    }

    public void startAgain() {
        server = EmbeddedRedis.startOn(port);
        pid = pidOf(server);
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (ProcessHandle.of(pid).isPresent()) {
            thaw();
        }
        server.close();
    }
}
