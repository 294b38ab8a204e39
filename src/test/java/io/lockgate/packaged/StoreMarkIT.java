package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients and operators see of a store that another gateway has claimed after it was emptied. */
@Tag("smoke")
@Timeout(600)
class StoreMarkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    @DisplayName("A gateway refuses a store that another gateway has claimed, and serves again once it is emptied")
    void anotherGatewaysStoreIsRefused() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start();
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
            settings.put("quarkus.redis.hosts", redis.uri().toString());
            settings.put("lockgate.bootstrap.admin.username", "dev");
            settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
            try (GatewayProcess gateway = GatewayProcess.start(settings)) {
                RawHttp http = new RawHttp(gateway.uri());
                await().atMost(PATIENCE).until(() -> acquire(http).status() == 200);

                // An emptied store belongs to those who served it, and not to one that is set otherwise and starts
                // later.
                tell(redis, "FLUSHALL");
                await().atMost(PATIENCE).until(() -> acquire(http).status() == 200);
                settings.put("lockgate.redis.buckets", "32");
                GatewayProcess.Ended other = GatewayProcess.run(settings);
                assertThat(other.code()).isEqualTo(1);
                assertThat(other.output()).contains("made with lockgate.redis.buckets=64, not 32");
                await().atMost(PATIENCE).until(() -> acquire(http).status() == 200);

                // One that was quicker has claimed it.
                tell(redis, "MULTI", "FLUSHALL", "HSET lg:1:store buckets 32 cross-protocol isolated", "EXEC");
                await().atMost(PATIENCE).until(() -> readiness(gateway).contains("buckets=32"));
                assertRefuses(gateway, http);
                for (int i = 0; i < 50; i++) {
                    assertThat(acquire(http).status()).isEqualTo(503);
                }
                await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
                assertThat(gateway.output()
                                .lines()
                                .filter(line -> line.contains("made with lockgate.redis.buckets=32")))
                        .as("said once, by every call and every sweep together")
                        .singleElement()
                        .asString()
                        .contains(" ERROR ", "not 64", "get 503");
                assertThat(gateway.output().lines().filter(line -> line.contains(" ERROR ") || line.contains(" WARN ")))
                        .as("a busy machine may have warned of something else")
                        .hasSizeLessThan(10);

                tell(redis, "FLUSHALL");
                await().atMost(PATIENCE).until(() -> acquire(http).status() == 200);
                await().atMost(PATIENCE).until(() -> readiness(gateway).contains("\"redis\": \"answers\""));
            }
        }
    }

    private static void assertRefuses(GatewayProcess gateway, RawHttp http) throws Exception {
        Answer locks = acquire(http);
        assertThat(locks.status()).isEqualTo(503);
        assertThat(locks.json().has("error_class")).isTrue();
        assertThat(locks.json().get("outcome").textValue()).isEqualTo("none");
        assertThat(locks.header("retry-after")).isPresent();
        assertThat(http.get("/v1/files/7/locks/nlm/byte-range/").status()).isEqualTo(503);
        assertThat(http.delete("/v1/files/7/locks/nlm/byte-range/?offset=0&size=10&owner_id=a")
                        .status())
                .isEqualTo(503);
        Answer reports = http.get("/data/marks/distribution");
        assertThat(reports.status()).isEqualTo(503);
        assertThat(reports.json().has("error_description")).isTrue();
        // What lies in Postgres goes on.
        assertThat(http.post("/admin/lock", JsonText.object("route", "marks", "id", "1"))
                        .status())
                .isEqualTo(200);
        assertThat(readiness(gateway)).contains("lockgate.redis.buckets=32, not 64");
    }

    private static Answer acquire(RawHttp http) {
        return http.post("/v1/files/7/locks/nlm/byte-range/", """
                {"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"10","owner_id":"a"}""");
    }

    private static String readiness(GatewayProcess gateway) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(
                                            "http://127.0.0.1:" + gateway.managementPort() + "/q/health/ready"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void tell(EmbeddedRedis redis, String... commands) {
        try (RespClient client = new RespClient(redis.uri())) {
            for (String command : commands) {
                client.send(command.split(" ", -1));
            }
        }
    }
}
