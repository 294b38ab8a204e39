package io.lockgate.api.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockgate.api.files.locks.CountAnswers;
import io.lockgate.api.files.locks.GrantLists;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Long lists are read and written slice by slice. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
@Tag("slow")
class LongListsTest {
    private static final int FILES = 100;
    private static final int ROWS = FILES * 100;
    private static final int SLICES = ROWS / GrantLists.SLICE;

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/metrics", management = true)
    URI metrics;

    private final String machine = ("machine-" + UUID.randomUUID() + "-").repeat(5);
    private final String owner = "o".repeat(250);
    private final String list = "/v1/files/locks/nlm/byte-range/?owner_name=" + machine;
    private final long firstFile = ThreadLocalRandom.current().nextLong(1, 1L << 60);

    URI metrics() {
        return metrics;
    }

    @BeforeAll
    void takeLocks() {
        RawHttp http = new RawHttp(base);
        for (int file = 0; file < FILES; file++) {
            List<JsonText.Raw> locks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                locks.add(lock(10 * i, owner, machine));
            }
            Answer answer = http.post(
                    "/v1/files/" + (firstFile + file) + "/locks/nlm/byte-range/batch", JsonText.object("locks", locks));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        }
    }

    @DisplayName("A client that does not read its list stops the gateway from reading on, and later gets each row once")
    @Test
    void readsAsTheClientDoes() throws Exception {
        double before = listCalls();
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4_096);
            socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
            socket.setSoTimeout(60_000);
            send(socket, "GET " + list + "&limit=10000 HTTP/1.1");
            double asked = settled(before);

            // The kernel takes some 4 MB of the 11 on its way.
            assertThat(asked - before).isBetween(1.0, SLICES * 0.7);
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200").containsIgnoringCase("transfer-encoding: chunked");
            assertThat(answer).endsWith("0\r\n\r\n");
            assertThat(listCalls() - before).isEqualTo(SLICES);
        }
    }

    @DisplayName(
            "A page of 10,000, an odd page size and a walk by pages show each row once, in one order, ending with next")
    @Test
    void exactlyOnce() {
        List<String> all = ids(get(list + "&limit=10000").json());
        assertThat(all).hasSize(ROWS).doesNotHaveDuplicates();
        assertThat(ids(get(list + "&limit=1234").json())).isEqualTo(all.subList(0, 1_234));
        assertThat(ids(get(list + "&limit=501").json())).isEqualTo(all.subList(0, 501));
        List<String> walked = new ArrayList<>();
        String target = list + "&limit=3000";
        JsonNode page;
        do {
            page = get(target).json();
            walked.addAll(ids(page));
            target = page.get("paging").get("next").textValue();
        } while (page.get("grants").size() == 3_000);
        assertThat(walked).isEqualTo(all);
        assertThat(get(target).json().get("grants")).isEmpty();
    }

    @DisplayName("A long answer has the same head, fields and order as a short one, but no Content-Length")
    @Test
    void sameForm() {
        Answer small = get(list + "&limit=500");
        Answer large = get(list + "&limit=501");

        assertThat(small.header("content-length")).hasValue(Integer.toString(small.body().length));
        assertThat(large.header("transfer-encoding")).hasValue("chunked");
        assertThat(large.header("content-type")).isEqualTo(small.header("content-type"));
        assertThat(large.status()).isEqualTo(small.status());
        int rows = small.text().indexOf("],\"paging\":{\"next\":\"");
        assertThat(large.text()).startsWith(small.text().substring(0, rows) + ",{\"file_id\":");
        assertThat(large.text()).endsWith("\"}}");
        assertThat(large.text().substring(large.text().lastIndexOf("],\"paging\":")))
                .startsWith("],\"paging\":{\"next\":\"/v1/files/locks/nlm/byte-range/?limit=501&owner_name=");
    }

    @DisplayName("HTTP/1.0 clients, HEAD and HTTP/2 get long lists too")
    @Test
    void otherVersions() throws Exception {
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            send(socket, "GET " + list + "&limit=2000 HTTP/1.0");
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.0 200").doesNotContainIgnoringCase("chunked");
            assertThat(ids(new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4))))
                    .hasSize(2_000);
        }
        Answer head = new RawHttp(base).send("HEAD", list + "&limit=2000", null);
        assertThat(head.status()).isEqualTo(200);
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder().header("Authorization", "Bearer " + new RawHttp(base).token());
            client.send(request.uri(base.resolve("/v1/version")).build(), HttpResponse.BodyHandlers.discarding());
            HttpResponse<String> answer = client.send(
                    request.uri(base.resolve(list + "&limit=10000")).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(ids(new ObjectMapper().readTree(answer.body())))
                    .hasSize(ROWS)
                    .doesNotHaveDuplicates();
        }
    }

    @DisplayName(
            "A failure after the first slice ends the connection without the last chunk; before it is the API's error")
    @Test
    void failsInTheMiddle() throws IOException {
        List<String> all = ids(get(list + "&limit=10000").json());
        String last = all.getLast();
        setProtocol(last, "x");
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(60_000);
            send(socket, "GET " + list + "&limit=10000 HTTP/1.1");
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200").contains(all.getFirst());
            assertThat(answer).doesNotContain("\"paging\"").doesNotEndWith("0\r\n\r\n");

            Answer whole = new RawHttp(base).get("/v1/files/locks/nlm/grants/" + last);
            assertThat(whole.status()).isEqualTo(500);
            FilesApiTest.assertErrorShape(whole);
        } finally {
            setProtocol(last, "n");
        }
        assertThat(ids(get(list + "&limit=10000").json())).isEqualTo(all);
    }

    /** Breaks a row in a way that only the gateway notices, and puts it right again. */
    private static void setProtocol(String grantId, String letter) throws IOException {
        int dash = grantId.indexOf('-');
        List<String> words = List.of(
                "EVAL",
                "local row = redis.call('HGET', KEYS[1], ARGV[1]);"
                        + " return redis.call('HSET', KEYS[1], ARGV[1], row:sub(1, 33) .. ARGV[2] .. row:sub(35))",
                "1",
                "lg:1:{b" + grantId.substring(0, dash) + "}:rows",
                grantId.substring(dash + 1),
                letter);
        StringBuilder command = new StringBuilder("*" + words.size() + "\r\n");
        words.forEach(word -> command.append('$')
                .append(word.length())
                .append("\r\n")
                .append(word)
                .append("\r\n"));
        URI redis = Servers.redisUri();
        try (Socket socket = new Socket(redis.getHost(), redis.getPort())) {
            socket.getOutputStream().write(command.toString().getBytes(UTF_8));
            assertThat((char) socket.getInputStream().read()).isEqualTo(':');
        }
    }

    @DisplayName("Counts of many values are written in slices too, the most frequent first, each value once")
    @Test
    void longCounts() {
        RawHttp http = new RawHttp(base);
        String name = "counted-" + UUID.randomUUID();
        for (int batch = 0; batch < 11; batch++) {
            List<JsonText.Raw> locks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                locks.add(lock(10 * i, "o", name, "owner_address", "10.1.%d.%d".formatted(batch, i)));
            }
            http.post(
                    "/v1/files/" + (firstFile + FILES + batch) + "/locks/nlm/byte-range/batch",
                    JsonText.object("locks", locks));
        }
        http.post(
                "/v1/files/" + (firstFile + FILES + 11) + "/locks/nlm/byte-range/",
                JsonText.object(
                        "mode",
                        List.of("API_BYTE_RANGE_SHARED"),
                        "offset",
                        "0",
                        "size",
                        "1",
                        "owner_id",
                        "o",
                        "owner_name",
                        name,
                        "owner_address",
                        "10.1.7.7"));
        String target = "/v1/files/locks/nlm/byte-range/count?by=owner_address&owner_name=" + name;

        // More often than there are places for large answers: each gives its place back.
        for (int i = 0; i < CountAnswers.LARGE_ONES + 2; i++) {
            Answer answer = get(target);
            assertThat(answer.header("transfer-encoding")).hasValue("chunked");
            assertThat(answer.text())
                    .startsWith("{\"by\":\"owner_address\",\"counts\":[{\"key\":\"10.1.7.7\",\"count\":2},")
                    .endsWith("}]}");
            List<String> keys = new ArrayList<>();
            answer.json().get("counts").forEach(row -> keys.add(row.get("key").textValue()));
            assertThat(keys).hasSize(1_100).doesNotHaveDuplicates();
            assertThat(keys.subList(1, 1_100)).isSorted();
            assertThat(new RawHttp(base).send("HEAD", target, null).status()).isEqualTo(200);
        }
    }

    @DisplayName("An error before the first row is the API's error")
    @Test
    void errorsBeforeTheFirstByte() {
        Answer answer = get(list + "&limit=10000&after=nonsense");

        assertThat(answer.status()).isEqualTo(400);
        FilesApiTest.assertErrorShape(answer);
    }

    private Answer get(String target) {
        Answer answer = new RawHttp(base).get(target);
        assertThat(answer.status()).isIn(200, 400);
        return answer;
    }

    private void send(Socket socket, String line) throws IOException {
        socket.getOutputStream()
                .write((line + "\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer "
                                + new RawHttp(base).token() + "\r\n\r\n")
                        .getBytes(UTF_8));
    }

    private static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.get("grants").forEach(row -> ids.add(row.get("grant_id").textValue()));
        assertThat(page.get("paging").get("next").textValue()).startsWith("/v1/");
        return ids;
    }

    /** The calls once there have been some, and no further one for two seconds. */
    private double settled(double before) throws IOException, InterruptedException {
        double last = before;
        for (int quiet = 0; quiet < 4; ) {
            Thread.sleep(500);
            double now = listCalls();
            quiet = now == last && now > before ? quiet + 1 : 0;
            last = now;
        }
        return last;
    }

    private double listCalls() {
        return RawHttp.anonymous(metrics())
                .get(metrics().getPath())
                .text()
                .lines()
                .filter(line -> line.startsWith("lockgate_list_seconds_count"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static JsonText.Raw lock(int offset, String owner, String machine, Object... more) {
        return JsonText.raw(JsonText.with(
                JsonText.object(
                        "mode",
                        List.of("API_BYTE_RANGE_SHARED"),
                        "offset",
                        Integer.toString(offset),
                        "size",
                        "1",
                        "owner_id",
                        owner,
                        "owner_name",
                        machine),
                more));
    }
}
