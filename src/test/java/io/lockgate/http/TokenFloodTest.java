package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.LockedTable;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One machine sends bad tokens as fast as it can, and others work beside it. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@QuarkusTestResource(value = TokenFloodTest.Tight.class, restrictToAnnotatedClass = true)
@Tag("slow")
class TokenFloodTest {
    /** Requests at once, and at most in a tenth of a second: no more than a shared machine bears. */
    private static final int IN_FLIGHT = 200;

    private static final int BURST = 100;

    /** lockgate.identity.cache, and what a busy machine that runs tests adds. */
    private static final Duration PROMISED = Duration.ofSeconds(5 + 2);

    /** For what a gateway that is busy with a flood does at once otherwise. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Small bounds, and a proxy in front that names the clients' addresses. */
    public static final class Tight implements QuarkusTestResourceLifecycleManager {
        @Override
        public Map<String, String> start() {
            return Map.of(
                    "lockgate.identity.unknown-per-network",
                    "8",
                    "quarkus.http.proxy.proxy-address-forwarding",
                    "true",
                    "quarkus.http.proxy.trusted-proxies",
                    "127.0.0.1");
        }

        @Override
        public void stop() {}
    }

    @TestHTTPResource("/")
    URI base;

    private final Queue<String> loud = new ConcurrentLinkedQueue<>();
    private final Handler ears = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() > Level.WARNING.intValue() || entry.getThrown() != null) {
                loud.add(entry.getLoggerName() + ": " + entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private RawHttp http;
    private Accounts accounts;

    @BeforeEach
    void listen() {
        http = new RawHttp(base);
        accounts = new Accounts(http);
        untilServed();
        Logger.getLogger("").addHandler(ears);
    }

    /** What is left of the flood before holds places of this network, and our own token is looked up again by now. */
    private void untilServed() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Answer answer = http.get("/v1/session/who-am-i");
        while (answer.status() == 429 && System.nanoTime() - end < 0) {
            answer = http.get("/v1/session/who-am-i");
        }
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @AfterEach
    void listenNoMore() {
        Logger.getLogger("").removeHandler(ears);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    @DisplayName("During a flood of bad tokens known users are served and a token revoked elsewhere ends in time")
    void knownUsersAreServed(HttpClient.Version version) throws Exception {
        String ann = accounts.user("PRIVILEGE_FS_LOCK_ACQUIRE");
        String known = accounts.token(ann, "bearer");
        String revoked = accounts.token(ann, "bearer");
        assertThat(statusFor(known)).isEqualTo(200);
        assertThat(statusFor(revoked)).isEqualTo(200);

        String one = invented();
        AtomicInteger turn = new AtomicInteger();
        try (Flood flood = new Flood(version, () -> turn.getAndIncrement() % 2 == 0 ? one : invented())) {
            serve(Duration.ofSeconds(1), known);
            LockedTable.execute(
                    "UPDATE tokens SET revoked_at = now() WHERE hash = decode('" + hash(revoked) + "', 'hex')");
            long asOf = System.nanoTime();
            while (statusFor(revoked) == 200) {
                assertThat(Duration.ofNanos(System.nanoTime() - asOf)).isLessThan(PROMISED);
                serve(Duration.ofMillis(50), known);
            }
            // More than the life of what is remembered of the known user.
            serve(Duration.ofSeconds(6), known);
            flood.isAnsweredOnlyBy(Set.of(401, 429, 503));
            assertThat(flood.statuses.get(401)).as("the one bad token").isGreaterThan(IN_FLIGHT);
        }
        assertThat(loud).as("errors and stack traces").isEmpty();
    }

    @Test
    @DisplayName("Calls beyond the limit get 429 with Retry-After, in the format of each API")
    void beyondTheBound() throws Exception {
        RawHttp anonymous = RawHttp.anonymous(base);
        try (LockedTable _ = new LockedTable("tokens");
                Flood flood = new Flood(HttpClient.Version.HTTP_1_1, TokenFloodTest::invented)) {
            Answer files = refused(() -> anonymous.get("/v1/session/who-am-i", "Authorization: Bearer " + invented()));
            assertThat(files.json().get("error_class").textValue()).isEqualTo("auth_too_many_attempts_error");
            Answer admin = refused(() -> anonymous.get("/admin/locks", "Authorization: Bearer " + invented()));
            assertThat(admin.text()).isEqualTo(JsonText.object("data", "Too many requests.", "code", 429));
            Answer courses = refused(() -> anonymous.get("/locks?subject.courseId=abcdef", "SID: " + invented()));
            assertThat(courses.text()).isEqualTo(JsonText.object("error", 429, "message", "Too many requests."));
            Answer distribution =
                    refused(() -> anonymous.get("/data/0000/distribution", "X-Auth-Token: " + invented()));
            assertThat(distribution.text()).contains("temporaryFailure");
            flood.isAnsweredOnlyBy(Set.of(401, 429, 503));
        }
    }

    /** Which of a flood's calls take the places and which are refused is open: the first answer that is a refusal. */
    private static Answer refused(Supplier<Answer> call) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Answer answer = call.get();
        while (answer.status() != 429 && System.nanoTime() - end < 0) {
            answer = call.get();
        }
        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(answer.header("retry-after")).contains("1");
        return answer;
    }

    @Test
    @DisplayName("Failed logins of one IPv6 /64 are counted together, whatever the address; another network logs in")
    void oneNetworkIsOneAddress() {
        String name = accounts.user();
        RawHttp anonymous = RawHttp.anonymous(base);
        String network =
                "2001:db8:" + Integer.toHexString(ThreadLocalRandom.current().nextInt(1, 0xFFFF)) + ":7";
        for (int i = 1; i <= 10; i++) {
            assertThat(loginFrom(anonymous, network + "::" + i, name, "wrong").status())
                    .isEqualTo(401);
        }
        assertThat(loginFrom(anonymous, network + ":a:b:c:d", name, name).status())
                .isEqualTo(429);
        assertThat(loginFrom(anonymous, network.substring(0, network.length() - 1) + "8::1", name, name)
                        .status())
                .isEqualTo(200);
    }

    private static Answer loginFrom(RawHttp client, String address, String name, String password) {
        return client.post(
                "/v1/session/login",
                JsonText.object("username", name, "password", password),
                "X-Forwarded-For: " + address);
    }

    private void serve(Duration time, String token) {
        long end = System.nanoTime() + time.toNanos();
        do {
            assertThat(statusFor(token)).isEqualTo(200);
        } while (System.nanoTime() - end < 0);
    }

    /** Of a call that needs to know who asks, and nothing else. */
    private int statusFor(String token) {
        return http.get("/v1/session/who-am-i", "Authorization: Bearer " + token)
                .status();
    }

    private HttpRequest request(String token) {
        return HttpRequest.newBuilder(base.resolve("/v1/session/who-am-i"))
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    /** Looks like one of ours. */
    private static String invented() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return "session-v1:" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String hash(String token) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    }

    /** Always as many requests in flight, until it is closed. */
    private final class Flood implements AutoCloseable {
        private final HttpClient client;
        private final Semaphore places = new Semaphore(IN_FLIGHT);
        private final Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
        private final Thread thread;
        private volatile boolean over;

        Flood(HttpClient.Version version, Supplier<String> tokens) {
            client = HttpClient.newBuilder().version(version).build();
            // The first one alone, so that HTTP/2 is agreed on and the others share its connection.
            client.sendAsync(request(tokens.get()), HttpResponse.BodyHandlers.discarding())
                    .join();
            thread = new Thread(() -> {
                for (int i = 1; !over; i++) {
                    send(tokens.get());
                    if (i % BURST == 0) {
                        pause();
                    }
                }
            });
            thread.start();
        }

        private static void pause() {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void send(String token) {
            places.acquireUninterruptibly();
            var _ = client.sendAsync(request(token), HttpResponse.BodyHandlers.discarding())
                    .whenComplete((answer, failure) -> {
                        places.release();
                        if (answer != null) {
                            statuses.merge(answer.statusCode(), 1, Integer::sum);
                        }
                    });
        }

        void isAnsweredOnlyBy(Set<Integer> expected) {
            assertThat(expected).containsAll(statuses.keySet());
        }

        @Override
        public void close() {
            over = true;
            try {
                thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            client.shutdownNow();
        }
    }
}
