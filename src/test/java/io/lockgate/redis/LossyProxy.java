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

/** Stands between a client and its Redis; while it is deaf, commands arrive and are done, and their answers are lost. */
final class LossyProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final URI redis;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean losing;

    LossyProxy(URI redis) {
        this.redis = redis;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + listening.getLocalPort() + redis.getPath());
    }

    void loseAnswers() {
        losing = true;
    }

    /** Connections whose answers were lost break, as they would; new ones are good. */
    void heal() {
        losing = false;
        closeSockets();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket(redis.getHost(), redis.getPort());
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> copy(client, server, false));
                Thread.ofVirtual().start(() -> copy(server, client, true));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void copy(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!answers || !losing) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    private void closeSockets() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException gone) {
                // Closed it was to be.
            }
        }
        sockets.clear();
    }

    @Override
    public void close() {
        try {
            listening.close();
            closeSockets();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
