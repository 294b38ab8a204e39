package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.GuardedPostgres;
import io.lockgate.testing.RawHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is shipped, with little memory, and strangers that take much of it at one moment. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class SmallHeapIT {
    private static final int HEAP_MIB = 128;
    private static final int CONNECTIONS = 400;
    private static final String FIELDS = "a:\r\n".repeat(15_000);

    private EmbeddedRedis redis;
    private GuardedPostgres postgres;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = GuardedPostgres.start();
        postgres.makeDatabase("lockgate", "postgres-secret");
    }

    @AfterAll
    void stop() {
        redis.close();
        postgres.close();
    }

    @Test
    @DisplayName(
            "400 headers or trailers of 15,000 fields at once, on either port, stop nothing, and others are served")
    void survivesFields() throws IOException {
        Map<String, String> settings = postgres.settings("lockgate", "lockgate", "postgres-secret");
        settings.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redis.port());
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", "long enough");
        try (GatewayProcess gateway = GatewayProcess.start(HEAP_MIB, settings)) {
            RawHttp http = RawHttp.anonymous(gateway.uri());
            String token =
                    http.login("dev", "long enough").json().get("bearer_token").textValue();
            try (RawHttp.Connection known = http.connect()) {
                for (String begin : List.of(
                        "GET / HTTP/1.1\r\nHost: a\r\n",
                        "GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n",
                        "POST /v1/version HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")) {
                    for (int port : new int[] {gateway.port(), gateway.managementPort()}) {
                        List<SocketChannel> open = flood(port, begin + FIELDS);
                        known.write("GET /v1/session/who-am-i HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token
                                + "\r\n\r\n");
                        assertThat(known.read("GET").status()).isEqualTo(200);
                        if (port == gateway.port()) {
                            assertThat(gateway.status("/q/health/live"))
                                    .as(begin)
                                    .isEqualTo(200);
                        }
                        for (SocketChannel each : open) {
                            each.close();
                        }
                        // 400 connections are more than the management port takes.
                        await().untilAsserted(() -> assertThat(gateway.status("/q/health/live"))
                                .as(port + " " + begin)
                                .isEqualTo(200));
                    }
                }
            }
            assertThat(gateway.output()).doesNotContain("OutOfMemory", " ERROR ", " WARN ");
            assertThat(gateway.isAlive()).isTrue();
        }
    }

    /** All connect first; then each sends at once what its socket takes. */
    private static List<SocketChannel> flood(int port, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            open.add(channel);
        }
        for (SocketChannel channel : open) {
            try {
                channel.write(ByteBuffer.wrap(bytes));
            } catch (IOException closed) {
                // The gateway was faster.
            }
        }
        return open;
    }
}
