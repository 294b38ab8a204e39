package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.LoudLog;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.RawHttp2Frames;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What fails outside of Jakarta REST: the clients' faults are told to them and not to the log, our own are logged. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class UnownedPathsTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    /** RFC 9113, section 7. */
    private static final int CANCEL = 8;

    private static final int LATER_MILLIS = 500;

    private static final int PING = 6;

    private static final String OUR_FAULT = "a fault of our own";

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/", management = true)
    URI management;

    /** Paths that fail. */
    @Singleton
    static class Failing {
        void register(@Observes ManagementInterface management) {
            management.router().route("/test-fault").handler(context -> {
                throw new IllegalStateException(OUR_FAULT);
            });
        }

        void register(@Observes Router router) {
            // On paths of the APIs, and on one that no API owns.
            for (String root : List.of("/v1", "/admin")) {
                router.route(root + "/test-reads-later")
                        .order(-1)
                        .handler(context -> context.vertx().setTimer(LATER_MILLIS, timer -> {
                            try {
                                context.request().pause();
                            } catch (IllegalStateException e) {
                                context.fail(e);
                            }
                        }));
                router.route(root + "/test-fails-later")
                        .order(-1)
                        .handler(context -> context.vertx()
                                .setTimer(LATER_MILLIS, timer -> context.fail(new IllegalStateException(OUR_FAULT))));
            }
        }
    }

    // ---------------------------------------------------------------- HTTP/2

    @Test
    @DisplayName("Over HTTP/2 a target that is no path, and CONNECT, are answered in problem+json, and not logged")
    void noPath() throws IOException {
        try (LoudLog log = new LoudLog()) {
            for (URI server : List.of(base, management)) {
                try (RawHttp2Frames two = new RawHttp2Frames(server)) {
                    two.write(request(1, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "?x"));
                    assertProblem(two, 1, 400);
                    two.write(request(3, ":method", "CONNECT", ":authority", "a:443"));
                    assertProblem(two, 3, 400);
                    two.write(request(5, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "*"));
                    assertProblem(two, 5, 404);
                    two.write(request(7, ":method", "GET", ":scheme", "http", ":path", "/nowhere"));
                    assertProblem(two, 7, 400);
                }
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    private static void assertProblem(RawHttp2Frames two, int stream, int status) throws IOException {
        RawHttp2Frames.Frame head = two.read(RawHttp2Frames.HEADERS, stream);
        assertThat(head.status()).isEqualTo(status);
        assertThat(two.read(RawHttp2Frames.DATA, stream).text())
                .startsWith("{\"type\":\"about:blank\",")
                .contains("\"status\":" + status, "\"detail\":");
    }

    @Test
    @DisplayName("Broken percent-encoding is answered in problem+json on the management port too, and not logged")
    void badEncoding() throws IOException {
        try (LoudLog log = new LoudLog()) {
            for (URI server : List.of(base, management)) {
                for (String path : List.of("/%%", "/x%zz", "/q/health/group/%zz")) {
                    Answer answer = RawHttp.anonymous(server).get(path);
                    assertThat(answer.status()).as(path).isEqualTo(400);
                    assertThat(answer.text()).startsWith("{\"type\":\"about:blank\",");
                }
                try (RawHttp2Frames two = new RawHttp2Frames(server)) {
                    two.write(request(1, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/q/%"));
                    assertProblem(two, 1, 400);
                }
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    @DisplayName("An invalid method and a broken frame behind it are not logged, however many answers are pending")
    void brokenBehindOthers() throws IOException {
        try (LoudLog log = new LoudLog()) {
            for (URI server : List.of(base, management)) {
                for (byte[] last : new byte[][] {
                    request(31, ":method", "A B", ":scheme", "http", ":authority", "a", ":path", "/x"),
                    request(31, ":method", "GET", ":scheme", "http", ":authority", "a"),
                    RawHttp2Frames.frame(PING, 0, 0, new byte[3]),
                }) {
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    for (int stream = 1; stream < 31; stream += 2) {
                        all.writeBytes(request(
                                stream, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/q/openapi"));
                    }
                    all.writeBytes(last);
                    all.writeBytes(RawHttp2Frames.frame(PING, 0, 0, new byte[3]));
                    try (RawHttp2Frames two = new RawHttp2Frames(server)) {
                        two.write(all.toByteArray());
                        while (two.read() != null) {
                            // To its end.
                        }
                    }
                }
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    @DisplayName("A connection that begins like HTTP/2 and goes on otherwise is not logged")
    void noSettings() throws IOException {
        try (LoudLog log = new LoudLog()) {
            for (URI server : List.of(base, management)) {
                try (RawHttp.Connection connection = RawHttp.anonymous(server).connect()) {
                    connection.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0".repeat(9));
                    while (!connection.isAtEnd()) {
                        // What the server has to say.
                    }
                }
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    @DisplayName("A stream that is reset while its credential is looked up is not logged")
    void reset() throws Exception {
        RawHttp http = new RawHttp(base);
        try (LoudLog log = new LoudLog()) {
            for (String[] call : new String[][] {
                {"POST", "/v1/files/5/locks/nlm/byte-range/"},
                {"GET", "/v1/files/locks/nlm/byte-range/"},
                {"PUT", "/data/5/distribution/p"},
                {"POST", "/admin/lock"},
                {"POST", "/locks"},
                {"GET", "/nowhere"}
            }) {
                // One that has not been asked about yet.
                String token = http.post(
                                "/admin/tokens",
                                JsonText.object(
                                        "username", "dev", "kind", (call[1].equals("/locks") ? "sid" : "bearer")))
                        .json()
                        .get("token")
                        .textValue();
                boolean courses = call[1].equals("/locks");
                byte[] head = RawHttp2Frames.headers(
                        ":method",
                        call[0],
                        ":scheme",
                        "http",
                        ":authority",
                        "a",
                        ":path",
                        call[1],
                        "content-type",
                        "application/json",
                        courses ? "sid" : "authorization",
                        courses ? token : "Bearer " + token);
                ByteBuffer all = ByteBuffer.allocate(1_000);
                boolean body = !call[0].equals("GET");
                all.put(RawHttp2Frames.frame(
                        RawHttp2Frames.HEADERS,
                        RawHttp2Frames.END_HEADERS | (body ? 0 : RawHttp2Frames.END_STREAM),
                        1,
                        head));
                if (body) {
                    all.put(RawHttp2Frames.frame(RawHttp2Frames.DATA, 0, 1, "{".getBytes(StandardCharsets.US_ASCII)));
                }
                all.put(reset(1));
                try (RawHttp2Frames two = new RawHttp2Frames(base)) {
                    two.write(Arrays.copyOf(all.array(), all.position()));
                    Thread.sleep(500);
                }
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    @DisplayName("Reading the request of a reset stream is not logged as a failure; other failures are logged")
    void faultAfterReset() throws IOException {
        String bearer = "Bearer " + new RawHttp(base).token();
        for (String root : List.of("/v1", "/admin")) {
            try (LoudLog log = new LoudLog();
                    RawHttp2Frames two = new RawHttp2Frames(base)) {
                two.write(call(1, root + "/test-reads-later", bearer));
                two.write(reset(1));
                two.write(call(3, root + "/test-fails-later", bearer));
                two.write(reset(3));
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(log.lines()).as(root).hasSize(1));
                assertThat(log.lines().getFirst()).contains(OUR_FAULT);
            }
        }
    }

    private static byte[] call(int stream, String path, String bearer) {
        return request(
                stream, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", path, "authorization", bearer);
    }

    private static byte[] request(int stream, String... fields) {
        return RawHttp2Frames.frame(
                RawHttp2Frames.HEADERS,
                RawHttp2Frames.END_HEADERS | RawHttp2Frames.END_STREAM,
                stream,
                RawHttp2Frames.headers(fields));
    }

    private static byte[] reset(int stream) {
        return RawHttp2Frames.frame(
                RawHttp2Frames.RST_STREAM,
                0,
                stream,
                ByteBuffer.allocate(4).putInt(CANCEL).array());
    }

    // ---------------------------------------------------------------- management port

    @Test
    @DisplayName("On the management port a bad chunk is 400 in problem+json, and not logged")
    void badChunk() throws IOException {
        try (LoudLog log = new LoudLog()) {
            for (String body : List.of("zz\r\n", "1\r\nxzz\r\n", "-1\r\n")) {
                Answer answer = ask("Transfer-Encoding: chunked\r\n\r\n" + body);
                assertThat(answer.status()).as(body).isEqualTo(400);
                assertProblem(answer);
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    @DisplayName("On the management port a body of more than 1 KB is 413 in problem+json, and not logged")
    void longBody() throws IOException {
        try (LoudLog log = new LoudLog()) {
            for (String rest : List.of(
                    "Content-Length: 1025\r\n\r\n",
                    "Transfer-Encoding: chunked\r\n\r\n800\r\n" + "x".repeat(0x800) + "\r\n")) {
                Answer answer = ask(rest);
                assertThat(answer.status()).as(rest).isEqualTo(413);
                assertProblem(answer);
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    /** Asks on a connection that the answer ends. */
    private Answer ask(String rest) throws IOException {
        try (RawHttp.Connection connection = RawHttp.anonymous(management).connect()) {
            connection.write("POST /q/health HTTP/1.1\r\nHost: a\r\n" + rest);
            Answer answer = connection.read("POST");
            assertThat(connection.isAtEnd()).isTrue();
            return answer;
        }
    }

    private static void assertProblem(Answer answer) {
        assertThat(answer.header("content-type")).contains("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.get("status").intValue()).isEqualTo(answer.status());
    }

    @Test
    @DisplayName("On the management port a client that hangs up within a body is not logged, and a fault of our own is")
    void hangUp() throws Exception {
        try (LoudLog log = new LoudLog()) {
            for (String path : List.of("/q/health", "/q/metrics", "/nowhere")) {
                try (RawHttp.Connection connection =
                        RawHttp.anonymous(management).connect()) {
                    connection.write("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12");
                    Thread.sleep(200);
                }
            }
            Thread.sleep(300);
            assertThat(log.lines()).isEmpty();
            RawHttp operator = RawHttp.anonymous(management);
            assertThat(operator.get("/test-fault").status()).isEqualTo(500);
            assertThat(operator.post("/test-fault", "{}").status()).isEqualTo(500);
            assertThat(log.lines()).hasSize(2).allMatch(line -> line.contains(OUR_FAULT));
        }
    }
}
