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

/**
 * {@code --migrate} of what is shipped, and a gateway that leaves the schema to it: the two containers of the
 * manifests' pod.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class MigrateIT {
    private static final String PASSWORD = "postgres-secret";

    private EmbeddedRedis redis;
    private GuardedPostgres postgres;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = GuardedPostgres.start();
    }

    @AfterAll
    void stop() {
        redis.close();
        postgres.close();
    }

    private Map<String, String> settings(String database) {
        postgres.makeDatabase(database, PASSWORD);
        Map<String, String> settings = new HashMap<>(postgres.settings(database, database, PASSWORD));
        settings.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redis.port());
        // As the manifests have it for the gateway; for --migrate it makes no difference.
        settings.put("quarkus.flyway.migrate-at-start", "false");
        return settings;
    }

    private String migrations(String database) {
        return postgres.answer(database, "SELECT count(*) FROM flyway_schema_history WHERE success");
    }

    @Test
    @DisplayName("--migrate creates the schema, exits with 0 and opens no port; a second run changes nothing")
    void migratesAndEnds() throws IOException {
        Map<String, String> settings = settings("once");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            settings.put("quarkus.http.port", Integer.toString(taken.getLocalPort()));
            Ended first = GatewayProcess.run(settings, "--migrate");
            assertThat(first.output())
                    .contains("Migrating schema", "lockgate: the schema is up to date")
                    .doesNotContain("\tat ", PASSWORD);
            assertThat(first.code()).isZero();
            String made = migrations("once");
            assertThat(Integer.parseInt(made)).isPositive();

            Ended second = GatewayProcess.run(settings, "--migrate");
            assertThat(second.output())
                    .contains("lockgate: the schema is up to date")
                    .doesNotContain("Migrating schema");
            assertThat(second.code()).isZero();
            assertThat(migrations("once")).isEqualTo(made);
        }
    }

    @Test
    @DisplayName("A failed migration is reported by the exit code, so that the pod's gateway is not started")
    void failsWhereItCannot() {
        Map<String, String> settings = settings("refused");
        settings.put("quarkus.datasource.password", "wrong");
        Ended ended = GatewayProcess.run(settings, "--migrate");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output())
                .contains("lockgate: Postgres refuses the password")
                .doesNotContain("\tat ");
    }

    @Test
    @DisplayName("A gateway that does not migrate waits for the schema, changes nothing meanwhile, and then serves")
    void gatewayWaitsForTheSchema() {
        Map<String, String> settings = settings("later");
        try (GatewayProcess gateway = GatewayProcess.launch(settings)) {
            gateway.awaitWords("waiting: Postgres: ");
            assertThat(gateway.output()).contains("migrations are to be made, which this gateway leaves to others");
            assertThat(postgres.answer("later", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                    .isEqualTo("0");
            assertThat(GatewayProcess.run(settings, "--migrate").code()).isZero();
            gateway.awaitReady();
            assertThat(gateway.output()).contains("Postgres answers").doesNotContain("Migrating schema", "\tat ");
        }
    }

    @Test
    @DisplayName("A replica of the previous version can start on a later schema and migrates nothing")
    void startsOnALaterSchema() {
        Map<String, String> settings = settings("ahead");
        settings.put("quarkus.flyway.migrate-at-start", "true");
        assertThat(GatewayProcess.run(settings, "--migrate").code()).isZero();
        postgres.answer(
                "ahead",
                "INSERT INTO flyway_schema_history SELECT installed_rank + 100, '99', 'later', type, 'V99__later.sql', 1,"
                        + " installed_by, installed_on, execution_time, true FROM flyway_schema_history"
                        + " ORDER BY installed_rank DESC LIMIT 1");
        assertThat(GatewayProcess.run(settings, "--check-config").code()).isZero();
        try (GatewayProcess gateway = GatewayProcess.start(settings)) {
            assertThat(gateway.output()).doesNotContain("\tat ");
        }
    }

    @Test
    @DisplayName("Replicas that start together migrate one after the other")
    void severalMayMigrateAtOnce() {
        Map<String, String> settings = settings("crowded");
        List<GatewayProcess> all =
                List.of(GatewayProcess.launch(settings, "--migrate"), GatewayProcess.launch(settings, "--migrate"));
        try {
            for (GatewayProcess one : all) {
                assertThat(one.awaitEnd(Duration.ofSeconds(60)))
                        .as(one.output())
                        .isZero();
            }
        } finally {
            all.forEach(GatewayProcess::close);
        }
        assertThat(all.stream().filter(one -> one.output().contains("Migrating schema")))
                .hasSize(1);
    }
}
