package io.lockgate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Servers;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The load tool of {@code bench/compare}: what it takes for an answer, sends and counts. */
@Timeout(60)
class ClosedLoopTest {
    private static final String ID = "beefbeef0000000000000001";

    @Test
    @DisplayName("An answer of HTTP ends where its length or its last chunk says")
    void http() {
        endsWhole(Framing.HTTP, "HTTP/1.1 200 OK\r\nA: b\r\ncontent-length: 3\r\n\r\nabc");
        endsWhole(Framing.HTTP, "HTTP/1.1 204 No Content\r\n\r\n");
        endsWhole(
                Framing.HTTP,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n");
    }

    @Test
    @DisplayName("An answer of Redis ends with its last part")
    void resp() {
        endsWhole(Framing.RESP, "+OK\r\n");
        endsWhole(Framing.RESP, "$-1\r\n");
        endsWhole(Framing.RESP, "*3\r\n$7\r\ngran\r\nd\r\n:12\r\n*2\r\n$0\r\n\r\n$1\r\nx\r\n");
    }

    private static void endsWhole(Framing framing, String answer) {
        byte[] bytes = (answer + "HTTP").getBytes(StandardCharsets.US_ASCII);
        for (int there = 0; there < answer.length(); there++) {
            assertThat(framing.end(bytes, there))
                    .as("the first %d bytes", there)
                    .isEqualTo(Framing.INCOMPLETE);
        }
        assertThat(framing.end(bytes, bytes.length)).isEqualTo(answer.length());
    }

    @Test
    @DisplayName("An answer is good when it is one of success and says what is wanted")
    void good() {
        Request request = Request.of("x", "", "granted");
        assertThat(answered(request, Framing.HTTP, "HTTP/1.1 200 OK\r\n\r\ngranted"))
                .isTrue();
        assertThat(answered(request, Framing.HTTP, "HTTP/1.1 200 OK\r\n\r\nrefused"))
                .isFalse();
        assertThat(answered(request, Framing.HTTP, "HTTP/1.1 503 No\r\n\r\ngranted"))
                .isFalse();
        assertThat(answered(request, Framing.RESP, "-granted\r\n")).isFalse();
    }

    private static boolean answered(Request request, Framing framing, String answer) {
        return request.answeredBy(framing, answer.getBytes(StandardCharsets.US_ASCII), answer.length());
    }

    @Test
    @DisplayName("Each request has an id of its own, the same in every place, and is otherwise the same")
    void ids() {
        Request request = Request.of("ä{b1}:" + ID + " " + ID + "!", ID, "");
        String first = new String(request.next(), StandardCharsets.UTF_8);
        String second = new String(request.next(), StandardCharsets.UTF_8);
        assertThat(first).matches("ä\\{b1}:([0-9a-f]{24}) \\1!").isNotEqualTo(second);
        assertThat(second).matches("ä\\{b1}:([0-9a-f]{24}) \\1!");
    }

    @Test
    @DisplayName("Every answer of a run is counted, and one that is not as it should be fails it")
    void counts() throws Exception {
        assertThat(run("PONG")).satisfies(report -> {
            assertThat(report.failures()).isZero();
            assertThat(report.latencies().size()).isPositive();
        });
        assertThat(run("DONG")).satisfies(report -> {
            assertThat(report.latencies().size()).isZero();
            assertThat(report.firstFailure()).isEqualTo("acquire: +PONG\r\n");
        });
    }

    private static ClosedLoop.Report run(String wanted) throws Exception {
        URI redis = Servers.redisUri();
        Request ping = Request.of("PING\r\n", "", wanted);
        ClosedLoop.Client client = new ClosedLoop.Client(ping, ping);
        return ClosedLoop.run(new ClosedLoop.Plan(
                new InetSocketAddress(redis.getHost(), redis.getPort()),
                Framing.RESP,
                List.of(client, client),
                Duration.ZERO,
                Duration.ofMillis(200),
                List.of(ProcessHandle.current())));
    }

    @Test
    @DisplayName("The interval of nine ratios leaves one out at each end")
    void ratios() {
        Ratios nine = Ratios.of(List.of(9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0));
        assertThat(nine.median()).isEqualTo(5);
        assertThat(nine.low()).isEqualTo(2);
        assertThat(nine.high()).isEqualTo(8);
        assertThat(Ratios.of(List.of(1.0, 2.0, 4.0))).hasToString("2.00 (1.00 to 4.00)");
    }
}
