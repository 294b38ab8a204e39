package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.SwitchingProxy;
import io.lockgate.testing.redis.TestCluster;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole gateway at an address of Redis that leads to another server, while its connections to the demoted one
 * stay open.
 */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@QuarkusTestResource(value = AnotherServerGatewayTest.TwoServers.class, restrictToAnnotatedClass = true)
@Tag("slow")
public class AnotherServerGatewayTest {
    /** "503 for at most 5 s"; a machine that does much else gets more. */
    private static final Duration BACK = Duration.ofSeconds(20);

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/", management = true)
    URI managementBase;

    /** Copies, demotes, switches; see {@link TwoServers}. */
    @Nullable Consumer<String> redis;

    /** Two servers and an address that leads to one of them. */
    public static final class TwoServers implements QuarkusTestResourceLifecycleManager {
        private @Nullable BreakableRedis first;
        private @Nullable BreakableRedis second;
        private @Nullable SwitchingProxy proxy;

        @Override
        public Map<String, String> start() {
            String[] lines = {"repl-diskless-sync yes", "repl-diskless-sync-delay 0"};
            BreakableRedis one = BreakableRedis.start(lines);
            first = one;
            second = BreakableRedis.start(lines);
            SwitchingProxy way = new SwitchingProxy(one.uri());
            proxy = way;
            return Map.of("quarkus.redis.hosts", way.uri().toString());
        }

        /** A type of the JDK, which is the same class to every class loader. */
        @Override
        public void inject(Object test) {
            BreakableRedis one = Objects.requireNonNull(first);
            BreakableRedis two = Objects.requireNonNull(second);
            SwitchingProxy way = Objects.requireNonNull(proxy);
            Consumer<String> control = what -> {
                switch (what) {
                    case "copy" -> {
                        String port = Integer.toString(one.uri().getPort());
                        TestCluster.on(two, probe -> probe.send("REPLICAOF", "127.0.0.1", port));
                        await().until(() ->
                                TestCluster.info(two, "master_link_status").equals("up"));
                    }
                    case "demote" -> TestCluster.on(one, probe -> probe.send("REPLICAOF", "127.0.0.1", "1"));
                    case "switch" -> {
                        TestCluster.on(two, probe -> probe.send("REPLICAOF", "NO", "ONE"));
                        way.connectTo(two.uri());
                    }
                    default -> throw new IllegalArgumentException(what);
                }
            };
            for (Class<?> type = test.getClass(); type != null; type = type.getSuperclass()) {
                try {
                    type.getDeclaredField("redis").set(test, control);
                    return;
                } catch (NoSuchFieldException inSuperclass) {
                    // Of an integration test the superclass has it.
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void stop() {
            if (proxy != null) {
                proxy.close();
            }
            if (first != null) {
                first.close();
            }
            if (second != null) {
                second.close();
            }
        }
    }

    @Test
    @DisplayName("A demoted server gets 503 and not ready; after the switch the new server answers within 5 s")
    void demotedAndSwitched() {
        RawHttp http = new RawHttp(base);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> http.get("/v1/files/%2Fwarm/info/attributes").status() != 503);
        String file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        String locks = "/v1/files/" + file + "/locks/nlm/byte-range/";
        Answer granted = http.post(locks, lock("job-1", 0));
        assertThat(granted.status()).as(granted.text()).isEqualTo(200);
        String grant =
                "/v1/files/locks/nlm/grants/" + granted.json().get("grant_id").textValue();
        assertThat(http.get(locks).json().get("grants")).hasSize(1);

        Consumer<String> servers = Objects.requireNonNull(redis);
        servers.accept("copy");
        servers.accept("demote");
        assertThat(http.post(locks + "test", lock("job-2", 50)).status()).isEqualTo(503);
        assertThat(http.get(locks).status()).isEqualTo(503);
        assertThat(http.get(grant).status()).isEqualTo(503);
        assertThat(http.post(locks, lock("job-2", 0)).status())
                .as("a conflict out of old data")
                .isEqualTo(503);
        await().atMost(BACK)
                .untilAsserted(() -> assertThat(readiness().toString()).contains("is a replica"));

        servers.accept("switch");
        await().atMost(BACK).until(() -> http.get(locks).status() == 200);
        assertThat(http.get(locks).json().get("grants")).hasSize(1);
        assertThat(http.get(grant).status()).isEqualTo(200);
        assertThat(http.post(locks, lock("job-2", 0)).status()).isEqualTo(409);
        assertThat(http.post(locks, lock("job-2", 10)).status()).isEqualTo(200);
        assertThat(http.delete(locks + "?offset=0&size=10&owner_id=job-1").status())
                .isEqualTo(200);
        await().atMost(BACK)
                .untilAsserted(() -> assertThat(readiness().toString()).doesNotContain("is a replica"));
    }

    private JsonNode readiness() {
        return RawHttp.anonymous(management()).get("/q/health/ready").json();
    }

    /** Where {@code /q} is. */
    URI management() {
        return managementBase;
    }

    private static String lock(String owner, int offset) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                String.valueOf(offset),
                "size",
                "10",
                "owner_id",
                owner,
                "owner_name",
                "machine",
                "lease_ms",
                600000);
    }
}
