package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.EventReader;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Calls that wait for a route or course lock at two gateways on one Postgres, and what becomes of them when one ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class WaitingIT {
    private static final int WAIT_MS = 25_000;
    private static final String JSON = "Content-Type: application/json";

    private final List<GatewayProcess> started = new ArrayList<>();
    private EmbeddedRedis redis;
    private EmbeddedPostgres postgres;
    private GatewayProcess one;
    private GatewayProcess two;
    private String ann;
    private String bob;
    private String carl;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = EmbeddedPostgres.start();
        one = gateway();
        two = gateway();
        Accounts accounts = new Accounts(new RawHttp(one.uri()));
        ann = accounts.bearer(accounts.make("manage-locks"));
        bob = accounts.bearer(accounts.make("manage-locks"));
        carl = accounts.bearer(accounts.make("manage-locks"));
    }

    @AfterAll
    void stop() {
        started.forEach(GatewayProcess::close);
        redis.close();
        postgres.close();
    }

    private GatewayProcess gateway() {
        Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
        settings.put("quarkus.redis.hosts", redis.uri().toString());
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
        GatewayProcess gateway = GatewayProcess.start(settings);
        started.add(gateway);
        return gateway;
    }

    @Test
    @DisplayName("A release at one gateway serves the call that waits at the other")
    void releaseElsewhere() {
        String body = JsonText.object("route", "elsewhere", "id", 1);
        assertThat(lock(one, ann, body).status()).isEqualTo(200);
        CompletableFuture<Answer> bobs = waiting(two, bob, "elsewhere");
        CompletableFuture<Answer> carls = waiting(one, carl, "elsewhere");
        assertThat(unlock(one, ann, body).status()).isEqualTo(200);
        assertThat(bobs.join().status()).isEqualTo(200);
        assertThat(carls).isNotDone();
        assertThat(unlock(one, bob, body).status()).isEqualTo(200);
        assertThat(carls.join().status()).isEqualTo(200);
    }

    @Test
    @DisplayName(
            "A SIGTERM ends held calls with a refusal and streams at once, and a SIGKILL blocks the queue for seconds")
    void ends() {
        String body = JsonText.object("route", "ends", "id", 1);
        GatewayProcess stopping = gateway();
        GatewayProcess dying = gateway();
        assertThat(lock(one, ann, body).status()).isEqualTo(200);
        CompletableFuture<Answer> refused = waiting(stopping, bob, "ends");
        CompletableFuture<Answer> lost = waiting(dying, bob, "ends");
        CompletableFuture<Answer> carls = waiting(two, carl, "ends");
        try (EventReader stream = EventReader.open(stopping.uri().resolve("/admin/locks/events"), ann)) {
            assertThat(stream.status()).isEqualTo(200);
            stopping.terminate();
            assertThat(refused.join().status()).isEqualTo(409);
            await().atMost(Duration.ofSeconds(5)).until(stream::hasEnded);
        }
        dying.close();
        assertThat(unlock(one, ann, body).status()).isEqualTo(200);
        assertThat(carls.join().status()).isEqualTo(200);
        assertThat(lost.handle((answer, failure) -> failure != null).join()).isTrue();
    }

    private static Answer lock(GatewayProcess gateway, String caller, String body) {
        return new RawHttp(gateway.uri()).post("/admin/lock", body, caller);
    }

    private static Answer unlock(GatewayProcess gateway, String caller, String body) {
        return new RawHttp(gateway.uri())
                .send("DELETE", "/admin/remove-lock", body.getBytes(StandardCharsets.UTF_8), JSON, caller);
    }

    /** A call that has its place when this returns. */
    private CompletableFuture<Answer> waiting(GatewayProcess gateway, String caller, String route) {
        long before = queued(route);
        CompletableFuture<Answer> answer = Background.run(
                () -> lock(gateway, caller, JsonText.object("route", route, "id", 1, "wait_ms", WAIT_MS)));
        await().atMost(Duration.ofSeconds(20)).until(() -> queued(route) == before + 1);
        return answer;
    }

    private long queued(String route) {
        Map<String, String> settings = postgres.quarkusSettings();
        try (Connection connection = DriverManager.getConnection(
                        settings.get("quarkus.datasource.jdbc.url"),
                        settings.get("quarkus.datasource.username"),
                        settings.get("quarkus.datasource.password"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM lock_waiters WHERE scope = '" + route + "'")) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
