package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.TestCluster;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole gateway on a cluster that wants a password, told by Quarkus' own names. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@QuarkusTestResource(value = ClusterGatewayTest.Cluster.class, restrictToAnnotatedClass = true)
@Tag("cluster")
@Tag("slow")
public class ClusterGatewayTest {
    @TestHTTPResource("/")
    URI base;

    /** Three primaries, of which the settings name one. */
    public static final class Cluster implements QuarkusTestResourceLifecycleManager {
        private @Nullable TestCluster cluster;

        @Override
        public Map<String, String> start() {
            TestCluster started = TestCluster.start(3, 0, "cluster-node-timeout 15000");
            cluster = started;
            started.setPassword("secret");
            return Map.of(
                    "quarkus.redis.client-type", "cluster",
                    "quarkus.redis.hosts", started.uri().toString(),
                    "quarkus.redis.password", "secret");
        }

        @Override
        public void stop() {
            if (cluster != null) {
                cluster.close();
            }
        }
    }

    @Test
    @DisplayName(
            "Locks of many files on all primaries are acquired, listed across buckets, refused to others and released")
    void servesLocks() {
        RawHttp http = new RawHttp(base);
        await().until(() -> http.get("/v1/files/%2Fwarm/info/attributes").status() != 503);
        String machine = "machine-" + UUID.randomUUID();
        List<String> files = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            files.add(Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61)));
        }
        for (String file : files) {
            assertThat(http.post(locks(file), lock("job-1", machine)).status()).isEqualTo(200);
            assertThat(http.post(locks(file), lock("job-2", machine)).status()).isEqualTo(409);
        }
        Answer first = http.get("/v1/files/locks/nlm/byte-range/?owner_name=" + machine + "&limit=30");
        assertThat(first.status()).as(first.text()).isEqualTo(200);
        Answer second = http.get(first.json().get("paging").get("next").textValue());
        List<String> listed = new ArrayList<>();
        for (Answer page : List.of(first, second)) {
            for (JsonNode grant : page.json().get("grants")) {
                listed.add(grant.get("file_id").textValue());
            }
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(files);
        for (String file : files) {
            assertThat(http.delete(locks(file) + "?offset=0&size=0&owner_id=job-1")
                            .status())
                    .isEqualTo(200);
            assertThat(http.post(locks(file), lock("job-2", machine)).status()).isEqualTo(200);
        }
    }

    private static String locks(String file) {
        return "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    private static String lock(String owner, String machine) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                "0",
                "size",
                "10",
                "owner_id",
                owner,
                "owner_name",
                machine,
                "lease_ms",
                600000);
    }
}
