package io.lockgate.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 by hand: sends targets, headers and bodies exactly as given, where every library would tidy them up. Only a
 * request without any credential gets one, the demo user's, unless this is an {@link #anonymous} client. Each answer to
 * a whole request must be one that the OpenAPI document promises ({@link Contract}); those that a {@link Connection}
 * reads by itself are not checked.
 */
public final class RawHttp {
    /** The demo user's password where a test sets it: what is shipped takes none as short as that of dev mode. */
    public static final String PASSWORD = "dev-password";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<URI, String> TOKENS = new ConcurrentHashMap<>();
    private static final Map<URI, String> SIDS = new ConcurrentHashMap<>();
    private static final Pattern CREDENTIAL =
            Pattern.compile("(?i)(authorization|cookie|sid|x-auth-token|macaroon):.*", Pattern.DOTALL);

    private final URI base;
    private final String host;
    private final int port;
    private final boolean named;

    public RawHttp(URI base) {
        this(base, true);
    }

    private RawHttp(URI base, boolean named) {
        this.base = base;
        this.host = base.getHost();
        this.port = base.getPort();
        this.named = named;
    }

    /** A client that sends no credential of its own accord. */
    public static RawHttp anonymous(URI base) {
        return new RawHttp(base, false);
    }

    /** A bearer token of the demo user, who may do everything. */
    public String token() {
        return TOKENS.computeIfAbsent(base, gateway -> {
            RawHttp anonymous = anonymous(gateway);
            Answer answer = anonymous.login("dev", PASSWORD);
            // The first calls of a fresh Postgres connection may take longer than any call may.
            for (int i = 0; i < 10 && answer.status() == 503; i++) {
                answer = anonymous.login("dev", PASSWORD);
            }
            if (answer.status() == 401) {
                answer = anonymous.login("dev", "dev");
            }
            return answer.json().get("bearer_token").textValue();
        });
    }

    /** The demo user's credential for {@code target}: in the courses API a session, elsewhere a bearer token. */
    private String credential(String target) {
        if (!target.startsWith("/locks")) {
            return "Authorization: Bearer " + token();
        }
        return "SID: "
                + SIDS.computeIfAbsent(
                        base,
                        gateway -> anonymous(gateway)
                                .post(
                                        "/admin/tokens",
                                        JsonText.object("username", "dev", "kind", "sid"),
                                        "Authorization: Bearer " + token())
                                .json()
                                .get("token")
                                .textValue());
    }

    /** Logs in to the files API. */
    public Answer login(String username, String password) {
        return post("/v1/session/login", JsonText.object("username", username, "password", password));
    }

    /** An answer; header names in lower case. */
    public record Answer(int status, List<String[]> headers, byte[] body) {
        public Optional<String> header(String name) {
            return headers.stream()
                    .filter(h -> h[0].equals(name.toLowerCase(Locale.ROOT)))
                    .map(h -> h[1])
                    .findFirst();
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(text(), e);
            }
        }

        @Override
        public String toString() {
            return status + " " + text();
        }
    }

    public Answer get(String target, String... headers) {
        return send("GET", target, null, headers);
    }

    public Answer delete(String target, String... headers) {
        return send("DELETE", target, null, headers);
    }

    /** Posts {@code body} as JSON. */
    public Answer post(String target, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Content-Type: application/json");
        return send("POST", target, body.getBytes(StandardCharsets.UTF_8), all.toArray(String[]::new));
    }

    /** One request on a connection of its own. */
    public Answer send(String method, String target, byte @Nullable [] body, String... headers) {
        StringBuilder head =
                new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        if (named
                && Stream.of(headers)
                        .noneMatch(header -> CREDENTIAL.matcher(header).matches())) {
            head.append(credential(target)).append("\r\n");
        }
        if (body != null) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        try (Connection connection = connect()) {
            connection.write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
            if (body != null) {
                connection.write(body);
            }
            Answer answer = connection.read(method);
            Contract.get().check(method, target, answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Connection connect() throws IOException {
        return new Connection(new Socket(host, port));
    }

    /** A connection that may carry several requests. */
    public static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(20_000);
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        public void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Whether the server has closed its side. */
        public boolean isAtEnd() throws IOException {
            return in.read() < 0;
        }

        public Answer read(String method) throws IOException {
            String line = line();
            int status = Integer.parseInt(line.split(" ", 3)[1]);
            List<String[]> headers = new ArrayList<>();
            for (String field = line(); !field.isEmpty(); field = line()) {
                int colon = field.indexOf(':');
                headers.add(new String[] {
                    field.substring(0, colon).toLowerCase(Locale.ROOT),
                    field.substring(colon + 1).trim()
                });
            }
            Answer bare = new Answer(status, headers, new byte[0]);
            if (method.equals("HEAD") || status == 204 || status == 304 || status < 200) {
                return bare;
            }
            if (bare.header("transfer-encoding").isPresent()) {
                return new Answer(status, headers, chunks());
            }
            Optional<String> length = bare.header("content-length");
            byte[] body = length.isPresent() ? in.readNBytes(Integer.parseInt(length.get())) : in.readAllBytes();
            return new Answer(status, headers, body);
        }

        private byte[] chunks() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (true) {
                int length = Integer.parseInt(line().strip(), 16);
                all.writeBytes(in.readNBytes(length));
                line();
                if (length == 0) {
                    return all.toByteArray();
                }
            }
        }

        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int b;
            while ((b = in.read()) != '\n') {
                if (b < 0) {
                    throw new EOFException("closed after: " + line);
                }
                if (b != '\r') {
                    line.write(b);
                }
            }
            return line.toString(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
