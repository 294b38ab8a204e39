package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a SIGTERM does to the clients of what is shipped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class DrainIT {
    private static final int CLIENTS = 4;

    private final List<GatewayProcess> started = new ArrayList<>();
    private EmbeddedRedis redis;
    private EmbeddedPostgres postgres;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    void stop() {
        started.forEach(GatewayProcess::close);
        redis.close();
        postgres.close();
    }

    private GatewayProcess gateway(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
        settings.put("quarkus.redis.hosts", redis.uri().toString());
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
        settings.putAll(more);
        GatewayProcess gateway = GatewayProcess.start(settings);
        started.add(gateway);
        return gateway;
    }

    /**
     * Readiness goes down while all are still served and told to close; then new requests are refused in their API's
     * format while one under way is finished; and one that never ends does not hold the end beyond 20 s, not even
     * where a setting would let it.
     */
    @Test
    @DisplayName("A stop has stages: unready but serving, then refusing new requests, then ending within 20 s")
    void stopsInStages() throws IOException {
        try (GatewayProcess gateway =
                gateway(Map.of("quarkus.shutdown.delay", "4s", "quarkus.shutdown.timeout", "60s"))) {
            RawHttp http = new RawHttp(gateway.uri());
            String token = http.token();
            try (HttpClient two = HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_2)
                            .build();
                    RawHttp.Connection finishing = http.connect();
                    RawHttp.Connection endless = http.connect()) {
                String body = lock("drain", 0);
                String head = head("/v1/files/77/locks/nlm/byte-range/", token, body.length());
                finishing.write(head + body.substring(0, 10));
                endless.write(head + body.substring(0, 10));
                // Both are under way once a later request has been answered.
                assertThat(http.get("/v1/version").status()).isEqualTo(200);
                assertThat(http.get("/v1/version").header("connection")).isEmpty();

                assertThat(overTwo(two, gateway).statusCode()).isEqualTo(200);

                long told = System.nanoTime();
                gateway.terminate();
                awaitUnready(gateway);
                // Quarkus sets the header a moment after readiness.
                Answer served = await().atMost(Duration.ofSeconds(3))
                        .until(
                                () -> http.get("/v1/version"),
                                answer -> answer.header("connection").isPresent());
                assertThat(served.status()).isEqualTo(200);
                assertThat(served.header("connection")).contains("close");

                // Over HTTP/2 that header would be a fault, and cost all answers that the connection still owes.
                HttpResponse<String> servedOverTwo = overTwo(two, gateway);
                assertThat(servedOverTwo.statusCode()).isEqualTo(200);
                assertThat(servedOverTwo.headers().firstValue("connection")).isEmpty();

                Answer refused = awaitRefusal(http);
                assertThat(refused.json().get("error_class").textValue()).isEqualTo("fs_gateway_stopping_error");
                assertThat(refused.json().get("outcome").textValue()).isEqualTo("none");
                assertRefusal(refused);
                Answer admin = http.post("/admin/lock", JsonText.object("route", "a", "id", "1"));
                assertThat(admin.json().get("code").intValue()).isEqualTo(503);
                assertRefusal(admin);
                Answer courses = http.get("/locks?subject.courseId=a", "SID: none");
                assertThat(courses.json().get("error").intValue()).isEqualTo(503);
                assertRefusal(courses);
                Answer distribution = http.get("/api/v3/oneprovider/data/a/distribution");
                assertThat(distribution.json().has("error_description")).isTrue();
                assertThat(distribution.header("access-control-allow-origin")).contains("*");
                assertRefusal(distribution);
                assertRefusal(http.get("/nowhere"));
                HttpResponse<String> overTwo = overTwo(two, gateway);
                assertThat(overTwo.statusCode()).isEqualTo(503);
                assertThat(overTwo.headers().firstValue("retry-after")).isPresent();
                assertThat(overTwo.headers().firstValue("connection")).isEmpty();

                finishing.write(body.substring(10));
                Answer finished = finishing.read("POST");
                assertThat(finished.status()).as(finished.text()).isEqualTo(200);

                assertThat(gateway.awaitEnd(Duration.ofSeconds(20))).isEqualTo(143);
                assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(20));
            }
        }
    }

    private static HttpResponse<String> overTwo(HttpClient client, GatewayProcess gateway) throws IOException {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(gateway.uri().resolve("/v1/version")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            return response;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void assertRefusal(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.header("retry-after")).isPresent();
        assertThat(answer.header("connection")).contains("close");
        assertThat(answer.header("content-type").orElse("")).contains("json");
    }

    private static void awaitUnready(GatewayProcess gateway) {
        int status = 200;
        for (int i = 0; i < 200 && status == 200; i++) {
            status = gateway.status("/q/health/ready");
        }
        assertThat(status).isEqualTo(503);
    }

    private static Answer awaitRefusal(RawHttp http) {
        Answer answer = http.get("/v1/version");
        while (answer.status() == 200) {
            pause();
            answer = http.get("/v1/version");
        }
        return answer;
    }

    /**
     * Clients go to the other replica when one refuses the connection, closes it or answers 503; they see no other
     * failure, and every lock that was confirmed to them is held.
     */
    @Test
    @DisplayName("Replacing two gateways one after the other under load causes no failure and loses no lock")
    void rollsUnderLoad() throws Exception {
        Map<String, String> settings = Map.of("quarkus.shutdown.delay", "1s", "lockgate.identity.password-cost", "10");
        GatewayProcess a = gateway(settings);
        GatewayProcess b = gateway(settings);
        String token = new RawHttp(a.uri()).token();
        Replicas replicas = new Replicas(a, b);
        AtomicBoolean over = new AtomicBoolean();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client(i, token, replicas, over));
        }
        List<Thread> threads = clients.stream()
                .map(client -> Thread.ofPlatform().start(client))
                .toList();
        try {
            for (int place = 0; place < 2; place++) {
                GatewayProcess fresh = gateway(settings);
                int before = replicas.granted.get();
                GatewayProcess old = replicas.places[place];
                old.terminate();
                assertThat(old.awaitEnd(Duration.ofSeconds(20))).isEqualTo(143);
                assertThat(old.output()).doesNotContain("ERROR", "\tat ");
                // As late as a load balancer may notice.
                replicas.replace(place, fresh);
                while (replicas.granted.get() < before + 100) {
                    pause();
                }
            }
        } finally {
            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        System.out.printf(
                "rolled: %d grants, retried on the other replica: %d x 503, %d x connection%n",
                replicas.granted.get(), replicas.refused.get(), replicas.unconnected.get());

        assertThat(replicas.failures).isEmpty();
        assertThat(replicas.refused.get() + replicas.unconnected.get())
                .as("somebody was told to go elsewhere")
                .isPositive();
        RawHttp http = new RawHttp(replicas.at(0));
        for (Client client : clients) {
            JsonNode counts = http.get(
                            "/v1/files/" + client.file + "/locks/nlm/byte-range/count?by=file",
                            "Authorization: Bearer " + token)
                    .json()
                    .get("counts");
            assertThat(counts.get(0).get("count").intValue())
                    .as("locks held on file " + client.file)
                    .isEqualTo(client.acknowledged);
        }
    }

    /** The service in front: who is asked next, and what came of it. */
    private static final class Replicas {
        private final GatewayProcess[] places;
        private final AtomicInteger granted = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicInteger unconnected = new AtomicInteger();
        private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

        Replicas(GatewayProcess... places) {
            this.places = places;
        }

        synchronized void replace(int place, GatewayProcess fresh) {
            places[place] = fresh;
        }

        synchronized URI at(int place) {
            return places[place % places.length].uri();
        }
    }

    /** Acquires one lock after the other on a file of its own, and now and then logs in, which takes long. */
    private static final class Client implements Runnable {
        private final int number;
        private final long file;
        private final String token;
        private final Replicas replicas;
        private final AtomicBoolean over;
        private final HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        private int acknowledged;

        Client(int number, String token, Replicas replicas, AtomicBoolean over) {
            this.number = number;
            this.file = 900_000L + number;
            this.token = token;
            this.replicas = replicas;
            this.over = over;
        }

        @Override
        public void run() {
            while (!over.get() && acknowledged < 4_000) {
                if (untilTaken(
                                "/v1/files/" + file + "/locks/nlm/byte-range/",
                                lock("client-" + number, acknowledged * 10))
                        == 200) {
                    acknowledged++;
                    replicas.granted.incrementAndGet();
                }
                // The machine has gateways to start meanwhile.
                pause();
                if (acknowledged % 20 == number) {
                    untilTaken("/v1/session/login", JsonText.object("username", "dev", "password", RawHttp.PASSWORD));
                }
            }
            http.close();
        }

        /** Asks one replica after the other until one takes the call. */
        private int untilTaken(String target, String body) {
            for (int attempt = 0; attempt < 200; attempt++) {
                @Nullable HttpResponse<String> answer = ask(replicas.at(number + attempt), target, body);
                if (answer == null) {
                    replicas.unconnected.incrementAndGet();
                } else if (answer.statusCode() == 503
                        && answer.headers().firstValue("retry-after").isPresent()) {
                    replicas.refused.incrementAndGet();
                } else {
                    if (answer.statusCode() != 200) {
                        replicas.failures.add(target + ": " + answer.statusCode() + " " + answer.body());
                    }
                    return answer.statusCode();
                }
                pause();
            }
            replicas.failures.add(target + ": no replica took it");
            return 0;
        }

        private @Nullable HttpResponse<String> ask(URI replica, String target, String body) {
            HttpRequest request = HttpRequest.newBuilder(replica.resolve(target))
                    .timeout(Duration.ofSeconds(10))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            try {
                return http.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                return null;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String lock(String owner, int offset) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                String.valueOf(offset),
                "size",
                "5",
                "owner_id",
                owner);
    }

    private static String head(String target, String token, int length) {
        return "POST " + target + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
