package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind a trusted proxy, which is this test: whatever it forwards, each request gets its answer. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@TestProfile(ForwardedTest.BehindProxy.class)
@Timeout(60)
@Tag("slow")
class ForwardedTest {
    private static final String METRIC = "lockgate_http_forwarded_unusable_total ";

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/metrics", management = true)
    URI metrics;

    RawHttp http;

    public static final class BehindProxy implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.proxy.proxy-address-forwarding", "true",
                    "quarkus.http.proxy.trusted-proxies", "127.0.0.1",
                    "quarkus.http.proxy.allow-x-forwarded", "true",
                    "quarkus.http.proxy.allow-forwarded", "true",
                    "lockgate.identity.logins-per-name", "100",
                    "lockgate.identity.logins-per-address", "5");
        }
    }

    @BeforeEach
    void client() {
        http = new RawHttp(base);
    }

    URI metrics() {
        return metrics;
    }

    @DisplayName("The address that the proxy names is stored with the lock, in its canonical text")
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    X-Forwarded-For: 203.0.113.7|203.0.113.7
                    X-Forwarded-For: 203.0.113.7 , 10.0.0.1|203.0.113.7
                    X-Forwarded-For: 203.0.113.7:4711|203.0.113.7
                    X-Forwarded-For: [2001:DB8::7]:443|2001:db8::7
                    X-Forwarded-For: 2001:DB8:0:0:0:0:0:7|2001:db8::7
                    X-Forwarded-For: ::ffff:203.0.113.7|203.0.113.7
                    Forwarded: for=203.0.113.7;proto=https|203.0.113.7
                    Forwarded: For="[2001:DB8::7]:4711", for=10.0.0.1|2001:db8::7
                    X-Other: 1|127.0.0.1
                    """)
    void named(String header, String address) {
        double before = unusable();

        assertThat(ownerAddress(header)).isEqualTo(address);
        assertThat(unusable()).isEqualTo(before);
    }

    @DisplayName("A call with an invalid address is answered, limited as the proxy's own, and counted")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For:",
                "X-Forwarded-For: :443",
                "X-Forwarded-For: ,203.0.113.7",
                "X-Forwarded-For: unknown",
                "X-Forwarded-For: [2001:db8::7",
                "X-Forwarded-For: gateway",
                "X-Forwarded-For: 010.0.0.1",
                "X-Forwarded-For: fe80::1%eth0",
                "X-Forwarded-For: 0.0.0.0",
                "X-Forwarded-For: 203.0.113.7:99999",
                "Forwarded:",
                "Forwarded: for=",
                "Forwarded: for=_hidden",
                "Forwarded: for=\"",
                "Forwarded: for=unknown;proto=https",
                "Forwarded: ;"
            })
    void unnamed(String header) {
        double before = unusable();

        assertThat(ownerAddress(header)).isEqualTo("127.0.0.1");
        assertThat(unusable()).isEqualTo(before + 1);
    }

    @DisplayName("Over HTTP/2 the address that the proxy names is stored with the lock too")
    @ParameterizedTest
    @CsvSource({"'', 127.0.0.1", ":443, 127.0.0.1", "[2001:DB8::7]:443, 2001:db8::7"})
    void overHttp2(String header, String address) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            // The first request of a connection in the clear only asks for HTTP/2.
            client.send(request("/v1/version", "GET", "").build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> answer = client.send(
                    request(file(), "POST", lock())
                            .header("X-Forwarded-For", header)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.body()).contains("\"owner_address\":\"" + address + "\"");
        }
    }

    @DisplayName(
            "Callers may name their own address in any spelling, behind a proxy too, but another only by permission")
    @Test
    void ownAddress() {
        Accounts accounts = new Accounts(http);
        String me = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        String client = "X-Forwarded-For: 2001:db8::7";

        assertThat(http.post(file(), lock("owner_address", "2001:DB8:0:0:0:0:0:7"), client, me)
                        .status())
                .isEqualTo(200);
        assertThat(http.post(file(), lock("owner_address", "2001:db8::8"), client, me)
                        .status())
                .isEqualTo(403);
    }

    @DisplayName(
            "Calls without a client address share no login limit with clients that have one, and a /64 counts as one")
    @Test
    void loginLimits() {
        assertThat(wrong("X-Forwarded-For: unknown", 6)).isEqualTo(429);
        assertThat(wrong("X-Forwarded-For: :443", 1)).isEqualTo(429);
        assertThat(wrong("Forwarded: for=_hidden", 1)).isEqualTo(429);
        assertThat(wrong("X-Forwarded-For: 127.0.0.1", 1)).isEqualTo(401);
        assertThat(wrong("X-Forwarded-For: 203.0.113.200", 1)).isEqualTo(401);
        for (int i = 0; i < 5; i++) {
            assertThat(wrong("X-Forwarded-For: 2001:db8:64:64::" + i, 1)).isEqualTo(401);
        }
        assertThat(wrong("X-Forwarded-For: 2001:db8:64:64:ffff::1", 1)).isEqualTo(429);
        assertThat(wrong("X-Forwarded-For: 2001:db8:64:65::1", 1)).isEqualTo(401);
    }

    /** The last status of so many wrong logins, in both APIs in turn. */
    private int wrong(String header, int times) {
        int status = 0;
        for (int i = 0; i < times; i++) {
            status = RawHttp.anonymous(base)
                    .post(
                            i % 2 == 0 ? "/v1/session/login" : "/auth/login",
                            JsonText.object("username", "nobody-" + UUID.randomUUID(), "password", "wrong"),
                            header)
                    .status();
        }
        return status;
    }

    private String ownerAddress(String header) {
        Answer answer = http.post(file(), lock(), header);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().get("owner_address").textValue();
    }

    private HttpRequest.Builder request(String target, String method, String body) {
        return HttpRequest.newBuilder(base.resolve(target))
                .header("Authorization", "Bearer " + http.token())
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
    }

    private double unusable() {
        return RawHttp.anonymous(metrics())
                .get(metrics().getPath())
                .text()
                .lines()
                .filter(line -> line.startsWith(METRIC))
                .mapToDouble(line -> Double.parseDouble(line.substring(METRIC.length())))
                .findFirst()
                .orElseThrow();
    }

    private static String file() {
        return "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
    }

    private static String lock(Object... more) {
        return JsonText.with(
                JsonText.object(
                        "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", "0", "size", "5", "owner_id", "o"),
                more);
    }
}
