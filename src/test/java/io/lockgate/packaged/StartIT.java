package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.GatewayProcess.Ended;
import io.lockgate.testing.GuardedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How the packaged gateway starts when Redis and Postgres are not there yet, or will never be usable. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class StartIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private GuardedPostgres postgres;

    @BeforeAll
    void start() {
        postgres = GuardedPostgres.start();
        postgres.makeDatabase("lockgate", "postgres-secret");
    }

    @AfterAll
    void stop() {
        postgres.close();
    }

    private Map<String, String> settings(int redisPort, String password) {
        Map<String, String> settings = new HashMap<>(postgres.settings("lockgate", "lockgate", password));
        settings.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redisPort);
        return settings;
    }

    @Test
    @DisplayName("The gateway waits for a late Redis, says so once, changes nothing meanwhile, and then serves")
    void waitsForItsNeighbours() throws IOException {
        int port = GatewayProcess.freePort();
        try (GatewayProcess gateway = GatewayProcess.launch(settings(port, "postgres-secret"))) {
            gateway.awaitWords("waiting: Redis does not answer: Connection refused");
            assertThat(postgres.answer("lockgate", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                    .isEqualTo("0");
            try (EmbeddedRedis late = EmbeddedRedis.startOn(port)) {
                gateway.awaitReady();
                assertThat(gateway.output())
                        .containsOnlyOnce("waiting: Redis")
                        .containsOnlyOnce("Redis answers")
                        .doesNotContain("\tat ");
                assertThat(late.port()).isEqualTo(port);
            }
        }
    }

    @Test
    @DisplayName("A wrong password ends the start at once with one line, although Redis alone is worth waiting for")
    void endsWhereWaitingIsNoHelp() throws IOException {
        Ended ended = GatewayProcess.run(settings(GatewayProcess.freePort(), "wrong-secret"));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output())
                .contains("lockgate: Postgres refuses the password of user 'lockgate'")
                .doesNotContain("\tat ", "wrong-secret", "gave up");
    }

    @Test
    @DisplayName("The wait for dependencies has a limit")
    void givesUp() throws IOException {
        Map<String, String> settings = settings(GatewayProcess.freePort(), "postgres-secret");
        settings.put("lockgate.start.patience", "1s");
        Ended ended = GatewayProcess.run(settings);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output())
                .contains("lockgate: Redis does not answer: Connection refused")
                .contains("lockgate: gave up after 1 s (lockgate.start.patience)")
                .doesNotContain("\tat ");
    }

    @Test
    @DisplayName("SIGTERM ends the wait")
    void canBeToldToStop() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.launch(settings(GatewayProcess.freePort(), "postgres-secret"))) {
            gateway.awaitWords("waiting: Redis does not answer");
            gateway.terminate();
            assertThat(gateway.awaitEnd(LONG)).isEqualTo(143);
            assertThat(gateway.output())
                    .contains("lockgate: told to stop before it had begun to serve")
                    .doesNotContain("\tat ", "stopping takes too long");
        }
    }

    @Test
    @DisplayName("SIGTERM ends the start at any moment")
    void canBeToldToStopAtOnce() throws IOException {
        for (int millis = 0; millis <= 1_000; millis += 125) {
            try (GatewayProcess gateway =
                    GatewayProcess.launch(settings(GatewayProcess.freePort(), "postgres-secret"))) {
                assertThat(gateway.isAlive()).isTrue();
                GatewayProcess.pause(Duration.ofMillis(millis));
                gateway.terminate();
                assertThat(gateway.awaitEnd(LONG)).isEqualTo(143);
                assertThat(gateway.output()).doesNotContain("\tat ", "stopping takes too long");
            }
        }
    }

    @Test
    @DisplayName("A port in use is reported in one line, the main and the management port alike")
    void namesAPortThatIsTaken() throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.start();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            postgres.makeDatabase("taken", "postgres-secret");
            for (String name : List.of("quarkus.http.port", "quarkus.management.port")) {
                Map<String, String> settings = settings(redis.port(), "postgres-secret");
                settings.putAll(postgres.settings("taken", "taken", "postgres-secret"));
                settings.put(name, Integer.toString(taken.getLocalPort()));
                Ended ended = GatewayProcess.run(settings);
                assertThat(ended.code()).isEqualTo(1);
                assertThat(ended.output()).contains("_PORT)").doesNotContain("\tat ");
            }
        }
    }

    /** Anybody could claim an address, and addresses count failed logins and are stored with locks. */
    @Test
    @DisplayName("Trusting proxies at every address is refused")
    void refusesToTrustEverybody() throws IOException {
        Map<String, String> settings = settings(GatewayProcess.freePort(), "postgres-secret");
        settings.put("quarkus.http.proxy.proxy-address-forwarding", "true");
        Ended ended = GatewayProcess.run(settings);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output())
                .contains("lockgate: quarkus.http.proxy.proxy-address-forwarding is on, but no proxy is trusted")
                .doesNotContain("\tat ");
        settings.put("quarkus.http.proxy.trusted-proxies", "10.0.0.1,::/0");
        assertThat(GatewayProcess.run(settings).output())
                .contains("lockgate: quarkus.http.proxy.trusted-proxies trusts everybody (::/0)")
                .doesNotContain("\tat ");
    }
}
