package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.BadEdge;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.LoudLog;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whoever sends bad input does not fill the log. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class QuietTest {
    private static final String LOCKS = "/v1/files/78/locks/nlm/byte-range/";

    @TestHTTPResource("/")
    URI base;

    @Test
    @DisplayName("Bad input of every kind logs nothing above INFO")
    void badInputIsNotLogged() throws IOException {
        try (LoudLog log = new LoudLog()) {
            sendBadInput();
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    @DisplayName("A connection that is reset within its first header logs nothing above INFO")
    void resetInTheFirstHeader() throws Exception {
        try (LoudLog log = new LoudLog()) {
            for (int i = 0; i < 5; i++) {
                try (Socket socket = new Socket(base.getHost(), base.getPort())) {
                    socket.getOutputStream().write("POST /v1".getBytes(StandardCharsets.US_ASCII));
                    // So that the gateway has read it when the reset comes.
                    assertThat(new RawHttp(base).get("/v1/version").status()).isEqualTo(200);
                    socket.setSoLinger(true, 0);
                }
            }
            assertThat(new RawHttp(base).get("/v1/version").status()).isEqualTo(200);
            assertThat(log.lines()).isEmpty();
        }
    }

    private void sendBadInput() throws IOException {
        BadEdge.send(base, new RawHttp(base).token());
        RawHttp http = new RawHttp(base);
        for (String body : List.of(
                "",
                "{",
                "[]",
                "null",
                "\uFEFF{}",
                "[".repeat(5_000),
                JsonText.object("offset", -1),
                JsonText.object("mode", List.of(), "offset", "0", "size", "1", "owner_id", "o"),
                """
                {"mode":["API_BYTE_RANGE_SHARED"],"offset":"18446744073709551615","size":"2",\
                "owner_id":"o"}""",
                "x".repeat(70_000))) {
            assertThat(http.post(LOCKS, body).status()).as(body).isBetween(400, 499);
        }
        for (String target : List.of(
                "/v1/nothing",
                "/v1/files/%zz/locks/nlm/byte-range/",
                "/v1/files/%2Fa%2F..%2Fb/locks/nlm/byte-range/",
                "/v1/files/%ff/locks/nlm/byte-range/",
                LOCKS + "?limit=0",
                LOCKS + "?after=%00")) {
            assertThat(http.get(target).status()).as(target).isBetween(400, 499);
        }
        assertThat(http.send("PATCH", LOCKS, null).status()).isEqualTo(405);
    }
}
