package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp2;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many requests of one HTTP/2 connection that come at once. Their answers come in the order in which they began, since
 * all go over the same connection to Redis, and its queue is not full.
 */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
@Timeout(120)
class Http2TurnsTest {
    /** Fewer than a connection may have streams, and than Redis is sent at once. */
    private static final int OTHERS = 90;

    private static final String JSON = "content-type: application/json";

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/metrics", management = true)
    @Nullable URI metrics;

    private RawHttp http;
    private String bearer;
    private String file;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        bearer = "authorization: Bearer " + http.token();
        // The first calls of a fresh gateway may take longer than any other.
        await().atMost(Duration.ofMinutes(1))
                .until(() -> http.post(locks(newId()), new String(lock(0), StandardCharsets.UTF_8))
                                .status()
                        == 200);
        file = newId();
    }

    private static String newId() {
        return Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
    }

    @Test
    @DisplayName("Over HTTP/2 a renewal goes before the acquires that came before it and have not begun")
    void renewalFirst() throws Exception {
        int before;
        do {
            before = answersBeforeTheRenewal();
        } while (before < 0);
        assertThat(before).isLessThan(OTHERS * 2 / 3);
    }

    /** -1 when this machine had no time for the renewal. */
    private int answersBeforeTheRenewal() throws IOException {
        try (RawHttp2 connection = new RawHttp2(base)) {
            String renew = "/v1/files/locks/nlm/grants/" + held(connection) + "/renew";
            connection.hold();
            acquire(connection);
            int renewal = connection.begin("POST", renew, body(JsonText.object("lease_ms", 60_000)), bearer, JSON);
            connection.flush();
            int status = connection.read(renewal).status();
            assertThat(status).isIn(200, 503);
            return status == 200 ? connection.unread() : -1;
        }
    }

    @Test
    @DisplayName("A request that is taken back while it waits for its turn has asked for nothing")
    void takenBack() throws Exception {
        try (RawHttp2 connection = new RawHttp2(base)) {
            held(connection);
            double before = hangUps();
            connection.hold();
            List<Integer> others = acquire(connection);
            others.subList(OTHERS / 2, OTHERS).forEach(other -> reset(connection, other));
            connection.flush();
            for (int other : others.subList(0, OTHERS / 2)) {
                assertThat(connection.read(other).status()).isIn(200, 503);
            }
            // What was behind them has had its turn as well.
            TimeUnit.MILLISECONDS.sleep(300);
            JsonNode grants = http.get(locks(file) + "?limit=1000").json().get("grants");
            assertThat(grants).isNotEmpty().allMatch(grant -> offset(grant) <= 100 * (OTHERS / 2));
            assertThat(hangUps()).isEqualTo(before);
        }
    }

    /** The id of a grant; from then on the connection has shown a good credential. */
    private String held(RawHttp2 connection) throws IOException {
        RawHttp.Answer answer;
        do {
            answer = connection.send("POST", locks(file), lock(0), bearer, JSON);
        } while (answer.status() == 503);
        return answer.json().get("grant_id").textValue();
    }

    private static int offset(JsonNode grant) {
        return Integer.parseInt(grant.get("offset").textValue());
    }

    private List<Integer> acquire(RawHttp2 connection) throws IOException {
        List<Integer> streams = new ArrayList<>();
        for (int i = 1; i <= OTHERS; i++) {
            streams.add(connection.begin("POST", locks(file), lock(i), bearer, JSON));
        }
        return streams;
    }

    private static void reset(RawHttp2 connection, int stream) {
        try {
            connection.reset(stream);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private double hangUps() {
        URI page = Objects.requireNonNull(metrics);
        return new RawHttp(page)
                .get(page.getPath(), "Authorization: none")
                .text()
                .lines()
                .filter(line -> line.startsWith("lockgate_http_hangups_total{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static byte[] lock(int number) {
        return body(JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                Integer.toString(100 * number),
                "size",
                "10",
                "owner_id",
                "owner",
                "lease_ms",
                60_000));
    }

    private static byte[] body(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String locks(String file) {
        return "/v1/files/" + file + "/locks/nlm/byte-range/";
    }
}
