package io.lockgate.testing.redis;

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
 * A plain blocking Redis client of a few lines, so that what a test looks at, and how it breaks a server, does not go
 * the way that is under test. One thread at a time.
 */
public final class RespClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /** An error reply. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** Connects to {@code redis://host:port} or {@code redis://host:port/database} */
    public RespClient(URI redis) {
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
    public @Nullable Object send(String... words) {
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

    public String text(String... words) {
        return String.valueOf(send(words));
    }

    public long number(String... words) {
        return Long.parseLong(text(words));
    }

    public List<String> list(String... words) {
        return send(words) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** What answers with names and values in turn, sorted by name. */
    public Map<String, String> map(String... words) {
        List<String> flat = list(words);
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < flat.size(); i += 2) {
            map.put(flat.get(i), flat.get(i + 1));
        }
        return map;
    }

    /** A line of INFO. */
    public String info(String name) {
        return text("INFO", "all")
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    /** Everything a database holds, as text, but for the time to live: for "nothing has changed". */
    public Map<String, String> everything() {
        return list("KEYS", "*").stream()
                .collect(Collectors.toMap(
                        key -> key,
                        key -> switch (text("TYPE", key)) {
                            case "hash" -> map("HGETALL", key).toString();
                            case "zset" ->
                                list("ZRANGE", key, "0", "-1", "WITHSCORES").toString();
                            case "stream" -> list("XRANGE", key, "-", "+").toString();
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
