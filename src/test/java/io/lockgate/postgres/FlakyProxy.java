package io.lockgate.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server on this machine that can be cut in the ways a network is. */
public final class FlakyProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Connections with a number below this one carry nothing any more, and do not learn of it. */
    private volatile long silentBelow;

    private volatile boolean refusing;
    private volatile boolean silent;
    private long accepted;

    public FlakyProxy(int target) {
        this.target = target;
        try {
            this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("flaky-proxy").start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on new connections work. Those that were silenced stay so. */
    public synchronized void restore() {
        refusing = false;
        silent = false;
    }

    /** Closes all connections and every new one at once, as when the server process is gone. */
    public synchronized void refuse() {
        refusing = true;
        open.forEach(FlakyProxy::close);
    }

    /** Swallows every byte in both directions, new connections included, as when the network loses packets. */
    public synchronized void swallow() {
        silent = true;
        silentBelow = accepted;
    }

    @Override
    public void close() {
        refuse();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                join(listener.accept());
            } catch (IOException e) {
                // The listener is closed, or the target does not answer: the caller sees its connection closed.
            }
        }
    }

    private void join(Socket client) throws IOException {
        long number;
        synchronized (this) {
            number = accepted++;
            if (refusing) {
                close(client);
                return;
            }
            if (silent) {
                silentBelow = accepted;
            }
        }
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(client);
            open.add(server);
            pump(number, client, server);
            pump(number, server, client);
        } catch (IOException e) {
            close(client);
            throw e;
        }
    }

    private void pump(long number, Socket from, Socket to) {
        Thread.ofVirtual().start(() -> {
            byte[] buffer = new byte[8192];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (number >= silentBelow) {
                        out.write(buffer, 0, read);
                    }
                }
            } catch (IOException e) {
                // One side is gone, so both are.
                close(to);
            }
        });
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
