package io.lockgate.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
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
import java.util.regex.Pattern;

/**
 * Stands before a Redis whose clock seems to be moved: the answers to TIME are, and so is what scripts read of it.
 * (libfaketime does not get on with Redis' allocator.) Scripts are sent on in another text, so Redis never knows the
 * sha and is always sent the text.
 */
final class MovedClockProxy implements AutoCloseable {
    private static final Pattern TIME = Pattern.compile("\\*2\r\n\\$10\r\n(\\d{10})\r\n");

    private final ServerSocket listening;
    private final URI redis;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile long seconds;

    MovedClockProxy(URI redis) {
        this.redis = redis;
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

    /** From now on the clock is ahead by so much. */
    void ahead(long by) {
        seconds = by;
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket(redis.getHost(), redis.getPort());
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> requests(client, server));
                Thread.ofVirtual().start(() -> replies(server, client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /** Commands are arrays of bulk strings. */
    private void requests(Socket client, Socket server) {
        try (client;
                server) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = server.getOutputStream();
            for (int words = number(in); words >= 0; words = number(in)) {
                ByteArrayOutputStream command = new ByteArrayOutputStream();
                command.writeBytes(("*" + words + "\r\n").getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < words; i++) {
                    byte[] word = in.readNBytes(number(in));
                    in.skipNBytes(2);
                    byte[] sent =
                            moved(new String(word, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
                    command.writeBytes(("$" + sent.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    command.writeBytes(sent);
                    command.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                out.write(command.toByteArray());
            }
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    private String moved(String word) {
        return word.replace("= call('TIME')", "= call('TIME') time[1] = format('%d', time[1] + " + seconds + ")");
    }

    /** What stands behind the first character of a line; -1 at the end. */
    private static int number(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return Integer.parseInt(line.substring(1).strip());
            }
            line.append((char) c);
        }
        return -1;
    }

    private void replies(Socket server, Socket client) {
        byte[] buffer = new byte[1 << 16];
        try (server;
                client) {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                String told = TIME.matcher(text).replaceAll(time -> {
                    long moved = Long.parseLong(time.group(1)) + seconds;
                    return "*2\r\n\\$10\r\n" + moved + "\r\n";
                });
                out.write(told.getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
