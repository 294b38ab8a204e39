package io.lockgate.testing.redis;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between clients and a Redis and copies bytes both ways; a subclass changes what passes. */
abstract class RedisProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile URI server;

    protected RedisProxy(URI server) {
        this.server = server;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public final URI uri() {
        return URI.create("redis://127.0.0.1:" + listening.getLocalPort() + server.getPath());
    }

    /** New connections go to another server; those that are open stay where they are. */
    public final void connectTo(URI other) {
        server = other;
    }

    /** A client has connected. */
    protected void accepted() {}

    /** Copies what a client sends, until its end. */
    protected void requests(InputStream client, OutputStream redis) throws IOException {
        client.transferTo(redis);
    }

    /** Copies what Redis answers, until its end. */
    protected void replies(InputStream redis, OutputStream client) throws IOException {
        redis.transferTo(client);
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                accepted();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        URI to = server;
        try {
            Socket redis = new Socket(to.getHost(), to.getPort());
            sockets.add(client);
            sockets.add(redis);
            Thread.ofVirtual().start(() -> copy(client, redis, this::requests));
            copy(redis, client, this::replies);
        } catch (IOException gone) {
            close(client);
        }
    }

    @FunctionalInterface
    private interface Copy {
        void run(InputStream from, OutputStream to) throws IOException;
    }

    private static void copy(Socket from, Socket to, Copy copy) {
        try (from;
                to) {
            copy.run(from.getInputStream(), to.getOutputStream());
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    /** Breaks every open connection; new ones are accepted. */
    public final void closeConnections() {
        sockets.forEach(RedisProxy::close);
        sockets.clear();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            // It is closed either way.
        }
    }

    @Override
    public final void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeConnections();
    }

    // ---------------------------------------------------------------- RESP

    /**
     * Reads one command, an array of bulk strings.
     *
     * @throws EOFException when the client has ended
     */
    protected static byte[][] readCommand(InputStream in) throws IOException {
        byte[][] words = new byte[number(in)][];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.readNBytes(number(in));
            in.skipNBytes(2);
        }
        return words;
    }

    protected static void writeCommand(OutputStream out, byte[][] words) throws IOException {
        out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : words) {
            out.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(word);
            out.write('\r');
            out.write('\n');
        }
        out.flush();
    }

    /** The number in a line such as {@code *3} or {@code $12}. */
    private static int number(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            line.append((char) c);
        }
        return Integer.parseInt(line.substring(1).strip());
    }
}
