package io.lockgate.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.RawHttp2;
import io.lockgate.testing.RawHttp2Frames;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stranger's connection may do, by raw sockets: HTTP libraries would not send what is sent here. */
@Tag("smoke")
@QuarkusTest
@QuarkusTestResource(Servers.class)
@TestProfile(ConnectionsTest.ShortDeadlines.class)
@Tag("slow")
class ConnectionsTest {
    private static final int ANONYMOUS = 40;
    private static final byte PROTOCOL_ERROR = 1;

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/q/health/live", management = true)
    URI live;

    RawHttp http;

    public static final class ShortDeadlines implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    // Another class of this run may have left it on.
                    "quarkus.http.proxy.proxy-address-forwarding", "false",
                    // Longer than the others: a timer set for it must be brought forward.
                    "lockgate.http.first-byte-timeout", "6s",
                    "lockgate.http.header-timeout", "2s",
                    "lockgate.http.body-timeout", "2s",
                    "lockgate.http.unread-timeout", "3s",
                    "lockgate.distribution.report-time", "1s",
                    "lockgate.http.anonymous-connections", Integer.toString(ANONYMOUS),
                    "lockgate.http.anonymous-memory", "2");
        }
    }

    @BeforeEach
    void client() {
        http = new RawHttp(base);
    }

    // ---------------------------------------------------------------- back-pressure

    @Test
    @DisplayName("Pipelined requests are answered in order, however many come at once")
    void pipelined() throws IOException {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            many.append("GET /v1/version?n=").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            many.append("POST /v1/session/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n")
                    .append("Content-Length: 2\r\n\r\n{}");
        }
        try (RawHttp.Connection connection = http.connect()) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    connection.write(many.toString());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            for (int i = 0; i < 500; i++) {
                assertThat(connection.read("GET").status()).isEqualTo(200);
                assertThat(connection.read("POST").status()).isEqualTo(400);
            }
            writer.interrupt();
        }
    }

    @Test
    @DisplayName("A pipelined request that the first one cuts into two slices is answered at once")
    void cutBySlices() throws IOException {
        for (int padding = 3_900; padding < 4_100; padding += 20) {
            String first = "GET /v1/version HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(padding) + "\r\n\r\n";
            String second = "GET /v1/session/who-am-i HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + http.token()
                    + "\r\n\r\n";
            try (RawHttp.Connection connection = http.connect()) {
                connection.write(first + second + second);
                assertThat(connection.read("GET").status()).isEqualTo(200);
                assertThat(connection.read("GET").status()).isEqualTo(200);
                assertThat(connection.read("GET").status()).isEqualTo(200);
            }
        }
    }

    @Test
    @DisplayName("An empty line behind a request is no header that must end")
    void emptyLine() throws IOException, InterruptedException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n\r\n");
            assertThat(connection.read("GET").status()).isEqualTo(200);
            Thread.sleep(3_500);
            connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(connection.read("GET").status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("A client that reads no answers is not read from, and others are served")
    void unreadAnswers() throws IOException, InterruptedException {
        byte[] request = "GET /q/openapi HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer requests = ByteBuffer.allocate(request.length * 4_000);
        for (int i = 0; i < 4_000; i++) {
            requests.put(request);
        }
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(base.getHost(), base.getPort()))) {
            channel.configureBlocking(false);
            long sent = 0;
            long stuck = 0;
            requests.flip();
            // What the kernels on both sides take, and no more.
            while (sent < 64 << 20 && stuck < 50) {
                if (!requests.hasRemaining()) {
                    requests.rewind();
                }
                long taken = channel.write(requests);
                sent += taken;
                stuck = taken == 0 ? stuck + 1 : 0;
                if (taken == 0) {
                    Thread.sleep(20);
                }
            }
            assertThat(sent).isLessThan(64 << 20);
            assertThat(http.get("/v1/version").status()).isEqualTo(200);
            assertThat(closedSoon(channel)).as("closed when nothing is read").isTrue();
        }
    }

    private static boolean closedSoon(SocketChannel channel) throws InterruptedException {
        ByteBuffer one = ByteBuffer.wrap(new byte[] {'\n'});
        for (int i = 0; i < 600; i++) {
            try {
                one.clear();
                channel.write(one);
                channel.socket().getPort();
                ByteBuffer in = ByteBuffer.allocate(1);
                // Nothing is read until the server must have given up.
                if (i > 200 && channel.read(in) < 0) {
                    return true;
                }
            } catch (IOException e) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    // ---------------------------------------------------------------- deadlines

    @ParameterizedTest(name = "\"{0}\"")
    @DisplayName("A connection that sends nothing, or a part of a header, is closed")
    @ValueSource(
            strings = {
                "",
                "G",
                "PRI * HT",
                "GET /v1/version HTTP/1.1",
                "GET /v1/version HTTP/1.1\r\nHost: a\r\n",
                "GET /v1/version HTTP/1.1\r\nHost: a\r\nX: "
            })
    void partsOfHeaders(String part) throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write(part);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @Test
    @DisplayName("A part of a second header is closed like one of a first")
    void partOfSecondHeader() throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/ver");
            assertThat(connection.read("GET").status()).isEqualTo(200);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @Test
    @DisplayName("A connection whose header trickles in is closed")
    void trickle() throws IOException, InterruptedException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n");
            boolean closed = false;
            for (int i = 0; i < 100 && !closed; i++) {
                try {
                    connection.write("X-" + i + ": 1\r\n");
                } catch (IOException e) {
                    closed = true;
                }
                Thread.sleep(100);
            }
            assertThat(closed).isTrue();
        }
    }

    @Test
    @DisplayName("A connection idle between two requests stays open")
    void keptAlive() throws IOException, InterruptedException {
        try (RawHttp.Connection connection = http.connect()) {
            for (int i = 0; i < 2; i++) {
                connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(connection.read("GET").status()).isEqualTo(200);
                Thread.sleep(3_500);
            }
            connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(connection.read("GET").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("A missing body is 408 in the API's format, and the connection is closed")
    @CsvSource(textBlock = """
                    POST, /v1/files/77/locks/nlm/byte-range/, "error_class":"http_request_timeout_error"
                    POST, /api/v1/session/login, "error_class":"http_request_timeout_error"
                    POST, /admin/lock, "code":408
                    POST, /auth/login, "code":408
                    POST, /locks, "error":408
                    PATCH, /data/9/distribution/p, "error":"badData"
                    PUT, /data/9/distribution/p, "error":"badData"
                    """)
    void lateBody(String method, String path, String part) throws IOException {
        String credential = path.equals("/locks") ? "SID: " + sid() : "Authorization: Bearer " + http.token();
        try (RawHttp.Connection connection = http.connect()) {
            connection.write(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + credential
                    + "\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n{");
            Answer answer = connection.read(method);
            // A body that says it is too long is told so at once.
            assertThat(answer.status()).isIn(408, 413);
            if (answer.status() == 408) {
                assertThat(answer.text()).contains(part);
            }
            assertThat(connection.isAtEnd()).isTrue();
        }
        try (RawHttp.Connection connection = http.connect()) {
            connection.write(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + credential
                    + "\r\nContent-Type: application/json\r\nContent-Length: 70\r\n\r\n{");
            Answer answer = connection.read(method);
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.text()).contains(part);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    private String sid() {
        return http.post("/admin/tokens", JsonText.object("kind", "sid", "username", "dev"))
                .json()
                .get("token")
                .textValue();
    }

    @Test
    @DisplayName("A part of an HTTP/2 frame or header block is closed")
    void partsOfFrames() throws IOException {
        byte[] whole = RawHttp2Frames.frame(
                RawHttp2Frames.HEADERS, RawHttp2Frames.END_STREAM, 1, RawHttp2Frames.headers(":method", "GET"));
        for (int length : new int[] {4, whole.length - 1, whole.length}) {
            try (RawHttp2Frames two = new RawHttp2Frames(base)) {
                byte[] part = new byte[length];
                System.arraycopy(whole, 0, part, 0, length);
                two.write(part);
                RawHttp2Frames.Frame last = two.read();
                assertThat(last == null || last.type() == RawHttp2Frames.GOAWAY).isTrue();
            }
        }
    }

    @Test
    @DisplayName("The nine bytes that begin an HTTP/2 frame have one deadline, however slowly they trickle in")
    void trickleOverTwo() throws IOException, InterruptedException {
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            boolean closed = false;
            // Each comes well before the deadline of a head that it would begin.
            for (int i = 0; i < 8 && !closed; i++) {
                Thread.sleep(800);
                try {
                    two.write(new byte[1]);
                } catch (IOException e) {
                    closed = true;
                }
            }
            assertThat(closed).isTrue();
        }
    }

    @Test
    @DisplayName("HTTP/2 allows 16 concurrent streams until a valid credential has arrived, then 100")
    void streams() throws IOException {
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            assertThat(statusOverTwo(two, 1)).isEqualTo(200);
            assertThat(two.maxStreams()).isEqualTo(16);
            assertThat(statusOverTwo(two, 3, "authorization", "Bearer access-v1:" + "a".repeat(43)))
                    .isEqualTo(401);
            assertThat(statusOverTwo(two, 5)).isEqualTo(200);
            assertThat(two.maxStreams()).isEqualTo(16);
            assertThat(statusOverTwo(two, 7, "authorization", "Bearer " + http.token()))
                    .isEqualTo(200);
            // Settings travel before the answers to what is asked from now on.
            assertThat(statusOverTwo(two, 9)).isEqualTo(200);
            assertThat(two.maxStreams()).isEqualTo(100);
        }
    }

    private static int statusOverTwo(RawHttp2Frames two, int stream, String... credential) throws IOException {
        String path = credential.length == 0 ? "/v1/version" : "/v1/session/who-am-i";
        two.write(RawHttp2Frames.request(stream, RawHttp2Frames.END_STREAM, "GET", path, credential));
        return two.read(RawHttp2Frames.HEADERS, stream).status();
    }

    @Test
    @DisplayName("A missing body over HTTP/2 is 408 in the API's format")
    void lateBodyOverTwo() throws IOException {
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            two.write(RawHttp2Frames.request(1, 0, "POST", "/v1/session/login", "content-type", "application/json"));
            assertThat(two.read(RawHttp2Frames.HEADERS, 1).status()).isEqualTo(408);
            assertThat(two.read(RawHttp2Frames.DATA, 1).text()).contains("http_request_timeout_error");
        }
    }

    // ---------------------------------------------------------------- memory

    private static final String LOGIN_IN_CHUNKS = """
            POST /v1/session/login HTTP/1.1\r
            Host: a\r
            Content-Type: application/json\r
            Transfer-Encoding: chunked\r
            \r
            """;

    /** Whether the gateway lives in this process, so that its heap can be looked at. */
    boolean isHere() {
        return true;
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** A connection whose request was refused for the size of its body, which goes on. */
    private RawHttp.Connection refused(byte[] chunk) throws IOException {
        RawHttp.Connection connection = http.connect();
        connection.write(LOGIN_IN_CHUNKS);
        for (int j = 0; j < 130; j++) {
            connection.write(chunk);
        }
        assertThat(connection.read("POST").status()).isEqualTo(413);
        return connection;
    }

    @Test
    @DisplayName("The rest of a refused request's body is discarded, and the connection goes on")
    void refusedBodies() throws IOException {
        byte[] chunk = ("10000\r\n" + "x".repeat(65_536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        long before = heapBytes();
        List<RawHttp.Connection> connections = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                connections.add(refused(chunk));
            }
            if (isHere()) {
                assertThat(heapBytes() - before).isLessThan(40 << 20);
            }
            // To look at the heap may take as long as a body may.
            RawHttp.Connection last = refused(chunk);
            connections.add(last);
            last.write("0\r\n\r\nGET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(last.read("GET").status()).isEqualTo(200);
        } finally {
            for (RawHttp.Connection connection : connections) {
                connection.close();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("Requests within their own limits are limited together as well, and others are served")
    @ValueSource(strings = {"part of a header", "fields without a value", "header and body", "references", "refused"})
    void boundedTogether(String what) throws IOException {
        double before = closedForMemory();
        List<AutoCloseable> held = new ArrayList<>();
        for (int i = 0; i < ANONYMOUS - 5; i++) {
            held.add(
                    switch (what) {
                        case "references" -> references();
                        case "refused" -> refused();
                        default -> asks(textOf(what));
                    });
        }
        if (what.equals("refused")) {
            assertThat(closedForMemory())
                    .as("what is thrown away takes nothing")
                    .isEqualTo(before);
        } else {
            await().untilAsserted(() -> assertThat(closedForMemory()).isGreaterThan(before + 10));
        }
        assertThat(http.get("/v1/session/who-am-i").status()).isEqualTo(200);
        held.forEach(ConnectionsTest::closeQuietly);
    }

    private static String textOf(String what) {
        String login = "POST /v1/session/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
        return switch (what) {
            case "part of a header" -> "GET /v1/version HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(60_000);
            case "fields without a value" -> "GET /v1/version HTTP/1.1\r\nHost: a\r\n" + "x:\r\n".repeat(6_000);
            case "header and body" ->
                login + "Content-Length: 65000\r\nX: " + "x".repeat(60_000) + "\r\n\r\n" + "{".repeat(64_999);
            default -> throw new IllegalArgumentException(what);
        };
    }

    /** Open requests over HTTP/2, each with many references to one entry of the header table. */
    private RawHttp2Frames references() throws IOException {
        RawHttp2Frames two = new RawHttp2Frames(base);
        for (int stream = 1; stream < 32; stream += 2) {
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.writeBytes(RawHttp2Frames.headers(
                    ":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/v1/session/login"));
            if (stream == 1) {
                // A literal that is added to the table (RFC 7541, 6.2.1): y with an empty value.
                block.writeBytes(new byte[] {0x40, 1, 'y', 0});
            }
            for (int i = 0; i < 1_500; i++) {
                block.write(0xBE);
            }
            try {
                two.write(RawHttp2Frames.frame(
                        RawHttp2Frames.HEADERS, RawHttp2Frames.END_HEADERS, stream, block.toByteArray()));
            } catch (IOException closed) {
                // The gateway was faster.
                return two;
            }
        }
        return two;
    }

    /** Has its answer before it sends the body. */
    private RawHttp.Connection refused() throws IOException {
        RawHttp.Connection connection = asks("POST /v1/version HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
        assertThat(connection.read("POST").status()).isEqualTo(405);
        connection.write("x".repeat(59_999));
        return connection;
    }

    private RawHttp.Connection asks(String text) throws IOException {
        RawHttp.Connection connection = http.connect();
        try {
            connection.write(text);
        } catch (IOException closed) {
            // The gateway was faster.
        }
        return connection;
    }

    private static void closeQuietly(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception closed) {
            // It was closed for memory.
        }
    }

    private double closedForMemory() {
        return RawHttp.anonymous(management())
                .get("/q/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("lockgate_http_connections_closed_for_memory_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    @DisplayName("A body may come byte by byte, over HTTP/1.1 and HTTP/2")
    void byteByByte() throws IOException {
        String body = JsonText.object("username", "nobody", "password", "wrong-wrong");
        try (RawHttp.Connection connection = http.connect()) {
            connection.write(LOGIN_IN_CHUNKS + body.replaceAll("(?s).", "1\r\n$0\r\n") + "0\r\n\r\n");
            assertThat(connection.read("POST").status()).isEqualTo(401);
        }
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            two.write(loginOverTwo(1));
            for (int i = 0; i < body.length(); i++) {
                two.write(RawHttp2Frames.frame(
                        RawHttp2Frames.DATA, i == body.length() - 1 ? RawHttp2Frames.END_STREAM : 0, 1, new byte[] {
                            (byte) body.charAt(i)
                        }));
            }
            assertThat(two.read(RawHttp2Frames.HEADERS, 1).status()).isEqualTo(401);
        }
    }

    @Test
    @DisplayName("Bodies of one-byte frames cost no more than others")
    void bytesOverTwo() throws IOException {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int stream = 1; stream < 32; stream += 2) {
            byte[] one = RawHttp2Frames.frame(RawHttp2Frames.DATA, 0, stream, new byte[] {' '});
            for (int i = 0; i < 20_000; i++) {
                many.writeBytes(one);
            }
        }
        long before = heapBytes();
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            for (int stream = 1; stream < 32; stream += 2) {
                two.write(loginOverTwo(stream));
            }
            two.write(many.toByteArray());
            if (isHere()) {
                assertThat(heapBytes() - before).isLessThan(12 << 20);
            }
        }
        assertThat(http.get("/v1/version").status()).isEqualTo(200);
    }

    private static byte[] loginOverTwo(int stream) {
        return RawHttp2Frames.request(stream, 0, "POST", "/v1/session/login", "content-type", "application/json");
    }

    // ---------------------------------------------------------------- what is no chunk, and who says nothing

    @ParameterizedTest(name = "{0}")
    @DisplayName("Malformed chunks are 400 in the API's format, and the connection is closed")
    @ValueSource(strings = {"zz", "-1", "0x5", "fffffffffffffffff", "5\r\nhelloX"})
    void badChunks(String chunk) throws IOException {
        for (String path : new String[] {"/v1/session/login", "/v1/files/4711/locks/nlm/byte-range/"}) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer " + http.token() + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
                        + "\r\n");
                Answer answer = connection.read("POST");
                assertThat(answer.status()).as(answer.text()).isEqualTo(400);
                assertThat(answer.text()).contains("error_class");
                assertThat(connection.isAtEnd()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("A trailer that is too long is 431")
    void longTrailer() throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write(LOGIN_IN_CHUNKS + "0\r\nX: " + "x".repeat(100_000));
            assertThat(connection.read("POST").status()).isEqualTo(431);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @Test
    @DisplayName("An empty line is no request: a connection that sends nothing else is closed")
    void emptyLineAlone() throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("\r\n");
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @ParameterizedTest(name = "{0} bytes")
    @DisplayName("After an upgrade to HTTP/2 the preface and the first frame have the deadline of a header")
    @ValueSource(ints = {0, 10, 24, 37})
    void halfUpgrade(int length) throws IOException {
        byte[] begin =
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\10\6".getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(20_000);
            ByteArrayOutputStream asked = new ByteArrayOutputStream();
            asked.writeBytes("""
                    GET /v1/version HTTP/1.1\r
                    Host: a\r
                    Connection: Upgrade, HTTP2-Settings\r
                    Upgrade: h2c\r
                    HTTP2-Settings: AAMAAABkAAQAAP__\r
                    \r
                    """.getBytes(StandardCharsets.US_ASCII));
            asked.write(begin, 0, length);
            socket.getOutputStream().write(asked.toByteArray());
            byte[] all = socket.getInputStream().readAllBytes();
            assertThat(new String(all, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    @DisplayName("A client that closes its HTTP/2 window before an answer is disconnected, although it sends pings")
    void shutWindow() throws IOException {
        try (RawHttp2Frames two = new RawHttp2Frames(base, 4, 0)) {
            two.write(RawHttp2Frames.request(1, RawHttp2Frames.END_STREAM, "GET", "/q/openapi"));
            assertThat(two.read(RawHttp2Frames.HEADERS, 1).status()).isEqualTo(200);
            two.write(RawHttp2Frames.frame(6, 0, 0, new byte[8]));
            RawHttp2Frames.Frame last = two.read();
            while (last != null && last.type() == RawHttp2Frames.GOAWAY) {
                last = two.read();
            }
            assertThat(last).isNull();
        }
    }

    // ---------------------------------------------------------------- sizes

    @ParameterizedTest(name = "{0}")
    @DisplayName("A header that is too long is 431 in the API's format, and the connection is closed")
    @CsvSource(textBlock = """
                    /v1/version, "error_class":"http_header_too_large_error"
                    /admin/locks, "code":431
                    /locks, "error":431
                    /data/9/distribution, "error":"badData"
                    /nowhere, "status":431
                    """)
    void longHeader(String path, String part) throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET " + path + " HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(1 << 20) + "\r\n\r\n");
            Answer answer = connection.read("GET");
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.text()).contains(part);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A token that is too long is 401 at the distribution API")
    @ValueSource(strings = {"X-Auth-Token: ", "Authorization: Bearer ", "Macaroon: "})
    void longToken(String field) throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /data/9/distribution HTTP/1.1\r\nHost: a\r\n" + field + "x".repeat(100_000)
                    + "\r\nX-Other: y\r\n\r\n");
            Answer answer = connection.read("GET");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.text()).contains("Provided token exceeds the allowed size.");
        }
    }

    @Test
    @DisplayName("A first line that is too long is 414")
    void longLine() throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/" + "x".repeat(40_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            Answer answer = connection.read("GET");
            assertThat(answer.status()).isEqualTo(414);
            assertThat(answer.header("content-type")).contains("application/problem+json");
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    // ---------------------------------------------------------------- framing and host

    @ParameterizedTest(name = "{0}")
    @DisplayName("A header that leaves the end of the body unclear is refused, and the bytes behind it are no request")
    @ValueSource(
            strings = {
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: gzip",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: \"chunked\"",
                "Transfer-Encoding: chunked;q=1",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 5",
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length: -1",
                "Content-Length: 5x",
            })
    void framing(String field) throws IOException {
        String body = "GET /q/openapi HTTP/1.1\r\nHost: a\r\n\r\n";
        for (String path : List.of("/v1/session/login", "/admin/lock", "/locks", "/data/9/distribution/p", "/x")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("POST " + path + " HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n" + body);
                Answer answer = connection.read("POST");
                assertThat(answer.status()).as(path).isIn(400, 501);
                assertFormat(path, answer);
                assertThat(connection.isAtEnd()).as(path).isTrue();
            }
        }
    }

    @Test
    @DisplayName("HTTP/1.0 has no transfer encoding, and no other version but 1.1 is accepted")
    void versions() throws IOException {
        for (String first : List.of(
                "GET /v1/version HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET /v1/version HTTP/1.2\r\nHost: a\r\n\r\n",
                "GET /v1/version HTTP/3.0\r\nHost: a\r\n\r\n")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write(first);
                Answer answer = connection.read("GET");
                assertThat(answer.status()).as(first).isIn(400, 505);
                assertFormat("/v1/version", answer);
                assertThat(connection.isAtEnd()).isTrue();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A missing, malformed or doubled Host is 400 in the API's format")
    @ValueSource(
            strings = {
                "X: y",
                "Host:",
                "Host: a b",
                "Host: a:99999999999",
                "Host: a:65536",
                "Host: a:x",
                "Host: a/b",
                "Host: u@a",
                "Host: [::1",
                "Host: []",
                "Host: a\r\nHost: a",
                "Host: a\r\nHost: b",
                "Host: a,b@c"
            })
    void host(String field) throws IOException {
        for (String path :
                List.of("/v1/version", "/admin/locks", "/locks", "/data/9/distribution", "/x", "/q/openapi")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("GET " + path + " HTTP/1.1\r\n" + field + "\r\n\r\n");
                Answer answer = connection.read("GET");
                assertThat(answer.status()).as(path).isEqualTo(400);
                assertThat(answer.text()).as(path).contains("Host");
                assertFormat(path, answer);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A valid Host is accepted")
    @ValueSource(strings = {"Host: a", "Host: A.b-c_d:80", "Host: a:", "Host: [::1]:8080", "Host: 127.0.0.1", "host:a"})
    void goodHost(String field) throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/version HTTP/1.1\r\n" + field + "\r\n\r\n");
            assertThat(connection.read("GET").status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("Over HTTP/2 a missing authority is 400 in the API's format, and a malformed one resets the stream")
    void authorityOverTwo() throws IOException {
        for (String path : List.of("/v1/version", "/admin/locks", "/locks", "/data/9/distribution")) {
            try (RawHttp2Frames two = new RawHttp2Frames(base)) {
                two.write(request(1, path));
                assertThat(two.read(RawHttp2Frames.HEADERS, 1).status())
                        .as(path)
                        .isEqualTo(400);
                assertThat(two.read(RawHttp2Frames.DATA, 1).text()).as(path).contains("authority");
                two.write(request(3, path, ":authority", "a b"));
                assertThat(two.read(RawHttp2Frames.RST_STREAM, 3).payload()).endsWith(PROTOCOL_ERROR);
                two.write(request(5, path, ":authority", "a:99999999999"));
                assertThat(two.read(RawHttp2Frames.RST_STREAM, 5).payload()).endsWith(PROTOCOL_ERROR);
            }
        }
    }

    @Test
    @DisplayName("Over HTTP/2 a doubled authority resets the stream, and a host in place of one is accepted")
    void doubledAuthorityOverTwo() throws IOException {
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            two.write(request(1, "/v1/version", ":authority", "a", ":authority", "a"));
            assertThat(two.read(RawHttp2Frames.RST_STREAM, 1).payload()).endsWith(PROTOCOL_ERROR);
            two.write(request(3, "/v1/version", "host", "a"));
            assertThat(two.read(RawHttp2Frames.HEADERS, 3).status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("Over HTTP/2 a doubled host is 400, and so is a value that would end a line in HTTP/1.1")
    void badFieldsOverTwo() throws IOException {
        String[][] bad = {
            {"host", "a", "host", "a"},
            {"host", "a", "host", "b"},
            {":authority", "a", "host", "a", "host", "a"},
            {":authority", "a", "x", "a\nb"},
            {":authority", "a", "x", "a\rb"},
            {":authority", "a", "x", "a\0b"},
            {":authority", "a", "authorization", "Bearer a\r\nx: y"},
        };
        for (String path : List.of("/v1/version", "/admin/locks", "/locks", "/data/9/distribution", "/x")) {
            for (String[] fields : bad) {
                try (RawHttp2Frames two = new RawHttp2Frames(base)) {
                    two.write(request(1, path, fields));
                    assertThat(two.read(RawHttp2Frames.HEADERS, 1).status())
                            .as(path)
                            .isEqualTo(400);
                    String named = fields[fields.length - 2].equals("host") ? ":authority" : fields[2];
                    assertThat(two.read(RawHttp2Frames.DATA, 1).text()).contains("field '" + named + "'");
                }
            }
        }
    }

    @Test
    @DisplayName("Over HTTP/2 an invalid method or name is 400, and other requests of the connection are answered")
    void badMethodsOverTwo() throws IOException {
        String[][] bad = {
            {":method", ""},
            {":method", "A B"},
            {":method", "POST\n"},
            {":method", "GET", "x y", "z"},
            {":method", "GET", "x\ny", "z"},
        };
        for (String path : List.of("/v1/version", "/admin/locks", "/locks", "/data/9/distribution", "/x")) {
            for (String[] fields : bad) {
                try (RawHttp2 two = new RawHttp2(base)) {
                    List<Integer> good = new ArrayList<>();
                    for (int i = 0; i < 4; i++) {
                        good.add(two.begin("GET", "/v1/version", null));
                    }
                    List<String> more = new ArrayList<>(List.of(":scheme: http", ":path: " + path, ":authority: a"));
                    for (int i = 0; i < fields.length; i += 2) {
                        more.add(i == 0 ? 0 : more.size(), fields[i] + ": " + fields[i + 1]);
                    }
                    Answer refused = two.read(two.begin(more, null));
                    if (fields[1].isEmpty()) {
                        assertThat(refused.status()).as("reset by Netty").isZero();
                    } else {
                        assertThat(refused.status()).as(path).isEqualTo(400);
                        assertThat(refused.text()).contains("holds a character that HTTP does not allow");
                        assertFormat(path, refused);
                    }
                    for (int stream : good) {
                        assertThat(two.read(stream).status()).isEqualTo(200);
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("A body over HTTP/2 that ends with a trailer is read to its end")
    void trailerOverTwo() throws IOException {
        byte[] login =
                JsonText.object("username", "nobody", "password", "wrong").getBytes(StandardCharsets.UTF_8);
        for (int pieces : new int[] {1, 7}) {
            try (RawHttp2Frames two = new RawHttp2Frames(base)) {
                two.write(
                        RawHttp2Frames.request(1, 0, "POST", "/v1/session/login", "content-type", "application/json"));
                for (int i = 0; i < pieces; i++) {
                    two.write(RawHttp2Frames.frame(
                            RawHttp2Frames.DATA,
                            0,
                            1,
                            Arrays.copyOfRange(login, i * login.length / pieces, (i + 1) * login.length / pieces)));
                }
                two.write(RawHttp2Frames.frame(
                        RawHttp2Frames.HEADERS,
                        RawHttp2Frames.END_HEADERS | RawHttp2Frames.END_STREAM,
                        1,
                        RawHttp2Frames.headers("x-sum", "1")));
                assertThat(two.read(RawHttp2Frames.HEADERS, 1).status())
                        .as("the credentials are wrong; a body that is cut would be 400")
                        .isEqualTo(401);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("An incomplete upgrade to HTTP/2 is no upgrade")
    @ValueSource(
            strings = {
                "1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c",
                "1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c",
                "1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
                "1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: ?",
                "1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket\r\nHTTP2-Settings: ?",
                "1.0\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
            })
    void noUpgrade(String header) throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/version HTTP/" + header + "\r\n\r\n");
            assertThat(connection.read("GET").status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("An answer to HEAD has no body, refused or not, over HTTP/1.1 and HTTP/2")
    void head() throws IOException {
        for (String path : List.of(
                "/v1/version",
                "/v1//locks",
                "/admin//locks",
                "/locks?a=%",
                "/data//distribution",
                "/v1/session/who-am-i",
                "/admin/locks",
                "/locks",
                "/data/9/distribution",
                "/x")) {
            try (RawHttp2 two = new RawHttp2(base)) {
                Answer answer = two.send("HEAD", path, null);
                assertThat(answer.body()).as(path).isEmpty();
                assertThat(answer.header("content-length")).as(path).isNotEqualTo(Optional.of("0"));
            }
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("HEAD " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                connection.read("HEAD");
                assertThat(connection.isAtEnd()).as(path).isTrue();
            }
        }
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("HEAD /v1/version HTTP/1.1\r\n\r\n");
            assertThat(connection.read("HEAD").status()).isEqualTo(400);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("An upgrade to HTTP/2 with invalid settings is 400 in the API's format")
    @ValueSource(strings = {"?", "AAMAAABk AAQA", "AAMA", "AAUAAAAB"})
    void badUpgrade(String settings) throws IOException {
        for (String path : List.of("/v1/version", "/admin/locks", "/locks", "/data/9/distribution", "/x")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                        + "Upgrade: h2c\r\nHTTP2-Settings: " + settings + "\r\n\r\n");
                Answer answer = connection.read("GET");
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.text()).contains("field 'HTTP2-Settings'");
                assertFormat(path, answer);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A body whose length exceeds 64 bits is 413 in the API's format")
    @ValueSource(strings = {"999999999999999999", "9223372036854775807", "0009223372036854775807"})
    void longestBody(String length) throws IOException {
        for (String path : List.of("/v1/session/login", "/admin/lock", "/locks", "/data/9/distribution/p")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + length + "\r\n\r\n");
                Answer answer = connection.read("POST");
                assertThat(answer.status()).as(path).isEqualTo(413);
                assertFormat(path, answer);
            }
        }
    }

    // ---------------------------------------------------------------- target

    @ParameterizedTest(name = "{0}")
    @DisplayName("A target without a path is 400, and its query is no path")
    @ValueSource(
            strings = {
                "?x",
                "?x=/v1/version",
                "?x=://a/v1/version",
                "v1/version",
                "*",
                "http://x",
                "http://x?q=/v1/version",
                "x?y=://a/v1/version"
            })
    void noPath(String target) throws IOException {
        for (URI server : List.of(base, management())) {
            try (RawHttp.Connection connection = RawHttp.anonymous(server).connect()) {
                connection.write("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
                Answer answer = connection.read("GET");
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.header("content-type")).contains("application/problem+json");
                assertThat(answer.text()).contains("the target of the request is not a path");
                assertThat(connection.isAtEnd()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("An absolute target has its path before its query, and OPTIONS and CONNECT need no path")
    void otherTargets() throws IOException {
        for (String first : List.of(
                "GET http://x/v1/version HTTP/1.1",
                "GET http://x/v1/version?q=/admin/locks HTTP/1.1",
                "GET /v1/version?q=http://x HTTP/1.1")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write(first + "\r\nHost: a\r\n\r\n");
                assertThat(connection.read("GET").status()).as(first).isEqualTo(200);
            }
        }
        for (String first : List.of("OPTIONS * HTTP/1.1", "CONNECT a:443 HTTP/1.1")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write(first + "\r\nHost: a\r\n\r\n");
                assertThat(connection.read("GET").status()).as(first).isEqualTo(404);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("Over HTTP/2 too a target without a path is 400")
    @ValueSource(strings = {"?x", "?x=/v1/version", "http://x?q=/v1/version"})
    void noPathOverTwo(String target) throws IOException {
        try (RawHttp2Frames two = new RawHttp2Frames(base)) {
            two.write(request(1, target, ":authority", "a"));
            assertThat(two.read(RawHttp2Frames.HEADERS, 1).status()).isEqualTo(400);
            assertThat(two.read(RawHttp2Frames.DATA, 1).text()).contains("the target of the request is not a path");
        }
    }

    private static byte[] request(int stream, String path, String... more) {
        List<String> fields = new ArrayList<>(List.of(":method", "GET", ":scheme", "http", ":path", path));
        fields.addAll(List.of(more));
        return RawHttp2Frames.frame(
                RawHttp2Frames.HEADERS,
                RawHttp2Frames.END_HEADERS | RawHttp2Frames.END_STREAM,
                stream,
                RawHttp2Frames.headers(fields.toArray(String[]::new)));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A malformed header is 400 in the API's format")
    @ValueSource(strings = {"Ho st: a", "Host: a\r\nX\u0001: y", "Host: a\r\nX: \u0000", "Host: a\r\n: y"})
    void malformed(String field) throws IOException {
        for (String path : List.of("/v1/version", "/admin/locks", "/locks", "/data/9/distribution")) {
            try (RawHttp.Connection connection = http.connect()) {
                connection.write("GET " + path + " HTTP/1.1\r\n" + field + "\r\n\r\n");
                Answer answer = connection.read("GET");
                assertThat(answer.status()).isEqualTo(400);
                assertFormat(path, answer);
            }
        }
    }

    private static void assertFormat(String path, Answer answer) {
        if (path.startsWith("/v1")) {
            assertThat(answer.json().has("error_class")).as(answer.text()).isTrue();
        } else if (path.startsWith("/admin")) {
            assertThat(answer.json().get("code").intValue()).isEqualTo(answer.status());
        } else if (path.startsWith("/locks")) {
            assertThat(answer.json().get("error").intValue()).isEqualTo(answer.status());
        } else if (path.startsWith("/data")) {
            assertThat(answer.json().has("error_description")).as(answer.text()).isTrue();
            assertThat(answer.header("access-control-allow-origin")).contains("*");
        } else {
            assertThat(answer.header("content-type")).contains("application/problem+json");
            assertThat(answer.json().get("status").intValue()).isEqualTo(answer.status());
        }
    }

    // ---------------------------------------------------------------- strangers

    /** The management interface. A packaged gateway has another port than the test's own settings say. */
    URI management() {
        return live;
    }

    @Test
    @DisplayName("A network has a bounded number of connections without a credential; others and operators are served")
    void anonymousConnections() throws IOException {
        String token = http.token();
        List<RawHttp.Connection> open = new ArrayList<>();
        try (RawHttp.Connection known = http.connect()) {
            known.write("GET /v1/session/who-am-i HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
            assertThat(known.read("GET").status()).isEqualTo(200);
            int refused = 0;
            for (int i = 0; i < 2 * ANONYMOUS; i++) {
                RawHttp.Connection connection = http.connect();
                open.add(connection);
                try {
                    connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\n");
                    connection.read("GET");
                } catch (IOException e) {
                    refused++;
                }
            }
            assertThat(refused).isBetween(ANONYMOUS / 2, ANONYMOUS + 2);
            known.write("GET /v1/session/who-am-i HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
            assertThat(known.read("GET").status()).isEqualTo(200);
            assertThat(RawHttp.anonymous(management()).get("/q/health/live").status())
                    .isEqualTo(200);
        } finally {
            for (RawHttp.Connection connection : open) {
                connection.close();
            }
        }
        // Until the gateway has noticed that those are closed.
        await().ignoreExceptions().until(() -> http.get("/v1/session/who-am-i").status() == 200);
        for (int i = 0; i < 100; i++) {
            // Connections with a credential leave their places at once.
            assertThat(Objects.requireNonNull(http.get("/v1/session/who-am-i")).status())
                    .isEqualTo(200);
        }
    }
}
