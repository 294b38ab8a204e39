package io.lockgate.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One blocking connection to Redis that pipelines: commands are collected with {@link #add} and sent with {@link
 * #exchange}. It costs next to nothing on the client's side, which matters when client and server share the machine.
 */
final class Resp implements AutoCloseable {
    private static final byte[] CRLF = {'\r', '\n'};

    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 20);
    private int pending;

    Resp(URI redis) {
        try {
            socket = new Socket(redis.getHost(), redis.getPort());
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        } catch (IOException e) {
            throw new UncheckedIOException("no Redis at " + redis, e);
        }
    }

    Resp add(List<String> command) {
        number('*', command.size());
        command.forEach(this::text);
        pending++;
        return this;
    }

    /**
     * {@code EVALSHA} or {@code FCALL}, without a list in between.
     *
     * @param name of the script or of the function
     */
    Resp addScript(String command, String name, List<String> keys, List<String> arguments) {
        number('*', 3 + keys.size() + arguments.size());
        text(command);
        text(name);
        text(Integer.toString(keys.size()));
        keys.forEach(this::text);
        arguments.forEach(this::text);
        pending++;
        return this;
    }

    /** Sends what was added and answers the replies: String, Long, null, or a List of these. */
    List<@Nullable Object> exchange() {
        List<@Nullable Object> replies = new ArrayList<>(pending);
        try {
            out.writeTo(socket.getOutputStream());
            out.reset();
            for (; pending > 0; pending--) {
                replies.add(reply());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return replies;
    }

    /** One command, one reply as text. */
    String call(String... command) {
        return String.valueOf(add(List.of(command)).exchange().getFirst());
    }

    private void number(char kind, int value) {
        out.write(kind);
        out.writeBytes(Integer.toString(value).getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(CRLF);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number('$', bytes.length);
        out.writeBytes(bytes);
        out.writeBytes(CRLF);
    }

    private @Nullable Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> throw new IllegalStateException("Redis: " + rest);
            case ':' -> Long.valueOf(rest);
            case '$' -> text(Integer.parseInt(rest));
            case '*' -> array(Integer.parseInt(rest));
            default -> throw new IllegalStateException("not RESP: " + line);
        };
    }

    private @Nullable String text(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length);
        in.skipNBytes(CRLF.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private List<@Nullable Object> array(int size) throws IOException {
        List<@Nullable Object> parts = new ArrayList<>(Math.max(0, size));
        for (int i = 0; i < size; i++) {
            parts.add(reply());
        }
        return parts;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(32);
        int b;
        while ((b = in.read()) != '\r') {
            if (b < 0) {
                throw new EOFException("Redis closed the connection");
            }
            line.append((char) b);
        }
        in.skipNBytes(1);
        return line.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
