package io.lockgate.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address that leads to one server and later to another, as a Kubernetes service does: connections that are open
 * stay where they are, new ones go to the new server.
 */
final class SwitchingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile URI server;

    SwitchingProxy(URI server) {
        this.server = server;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + listening.getLocalPort());
    }

    void leadTo(URI other) {
        server = other;
    }

    /** How many connections there have been. */
    int accepted() {
        return accepted.get();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> lead(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void lead(Socket client) {
        URI to = server;
        try {
            Socket upstream = new Socket(to.getHost(), to.getPort());
            sockets.add(client);
            sockets.add(upstream);
            Thread.ofVirtual().start(() -> copy(client, upstream));
            copy(upstream, client);
        } catch (IOException gone) {
            close(client);
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            // Closed it was to be.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(SwitchingProxy::close);
    }
}
