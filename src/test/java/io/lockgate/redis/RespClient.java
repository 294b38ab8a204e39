package io.lockgate.redis;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A plain blocking Redis client of a few lines, so that what a test looks at, and how it breaks a server, does not go the
 * way that is under test. One thread at a time.
 */
final class RespClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /** An error reply. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** @param redis {@code redis://host:port} or {@code redis://host:port/database} */
    RespClient(URI redis) {
        try {
            socket = new Socket(redis.getHost(), redis.getPort());
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (redis.getPath().length() > 1) {
            send("SELECT", redis.getPath().substring(1));
        }
    }

    /** Text, {@code Long}, a list of these, or null. */
    @Nullable Object send(String... words) {
        try {
            StringBuilder head = new StringBuilder("*" + words.length + "\r\n");
            for (String word : words) {
                head.append('$')
                        .append(word.getBytes(StandardCharsets.UTF_8).length)
                        .append("\r\n")
                        .append(word)
                        .append("\r\n");
            }
            out.write(head.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
            return reply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(String... words) {
        return String.valueOf(send(words));
    }

    long number(String... words) {
        return Long.parseLong(text(words));
    }

    List<String> list(String... words) {
        return send(words) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** What answers with names and values in turn, sorted by name. */
    Map<String, String> map(String... words) {
        List<String> flat = list(words);
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < flat.size(); i += 2) {
            map.put(flat.get(i), flat.get(i + 1));
        }
        return map;
    }

    /** A line of INFO. */
    String info(String name) {
        return text("INFO", "all")
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    /** Everything a database holds, as text, but for the time to live: for "nothing has changed". */
    Map<String, String> everything() {
        return list("KEYS", "*").stream()
                .collect(Collectors.toMap(
                        key -> key,
                        key -> switch (text("TYPE", key)) {
                            case "hash" -> map("HGETALL", key).toString();
                            case "zset" ->
                                list("ZRANGE", key, "0", "-1", "WITHSCORES").toString();
                            default -> text("GET", key);
                        },
                        (a, b) -> a,
                        TreeMap::new));
    }

    private @Nullable Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> throw new Refused(rest);
            case ':' -> Long.valueOf(rest);
            case '$' -> {
                int length = Integer.parseInt(rest);
                if (length < 0) {
                    yield null;
                }
                byte[] bytes = in.readNBytes(length);
                in.skipNBytes(2);
                yield new String(bytes, StandardCharsets.UTF_8);
            }
            case '*' -> {
                int length = Integer.parseInt(rest);
                List<@Nullable Object> parts = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    parts.add(reply());
                }
                yield parts;
            }
            default -> throw new IOException("not RESP: " + line);
        };
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException();
            }
            if (c == '\r') {
                in.skipNBytes(1);
                return line.toString();
            }
            line.append((char) c);
        }
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
