package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.dependency.CheckResult;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RedisClientOptions;
import io.lockgate.testing.redis.TestCluster;
import io.vertx.redis.client.RedisOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StoreCheckTest {
    @Test
    @DisplayName("A replica is unfit for locks, but may become a primary, so that the start waits")
    void replicaIsNotFit() {
        try (BreakableRedis redis = BreakableRedis.start()) {
            TestCluster.on(redis, probe -> probe.send("REPLICAOF", "127.0.0.1", "1"));
            CheckResult found = check(redis).look();
            assertThat(found.isFit()).isFalse();
            assertThat(found.mayPass()).isTrue();
            assertThat(found.faults()).singleElement().asString().contains("is a replica");
            TestCluster.on(redis, probe -> probe.send("REPLICAOF", "NO", "ONE"));
            assertThat(check(redis).claim().isFit()).isTrue();
        }
    }

    @Test
    @DisplayName("Thousands of buckets are swept one after the other, without recursion")
    void sweepsThousandsOfBuckets() throws Exception {
        Settings settings = Settings.DEFAULT.withBuckets(16_384);
        ScriptRunner runner = RedisTables.runner(RedisTables.database(12), settings);
        Duration patience = Duration.ofMinutes(2);
        runner.stamps().stamp().toCompletionStage().toCompletableFuture().get(2, TimeUnit.MINUTES);
        assertThat(new RedisRangeLockTable(runner, settings).sweep().await().atMost(patience))
                .isZero();
        assertThat(new RedisDistributionMap(
                                runner, settings, new TestReportLimits(1_000, 10, Duration.ofMinutes(1)), 100)
                        .sweep()
                        .await()
                        .atMost(patience))
                .isZero();
    }

    @Test
    @DisplayName("A TLS handshake that is cut off is worth a retry; a server without TLS is not")
    void handshakeThatIsCutOffMayPass() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            AtomicReference<String> says = new AtomicReference<>("");
            Thread.ofVirtual().start(() -> {
                while (true) {
                    try (Socket socket = server.accept()) {
                        // The hello is read, so that what is said arrives before the end.
                        socket.getInputStream().read();
                        socket.getOutputStream().write(says.get().getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException closed) {
                        if (server.isClosed()) {
                            return;
                        }
                    }
                }
            });
            RedisOptions options = RedisClientOptions.of(URI.create("rediss://127.0.0.1:" + server.getLocalPort()));
            options.getNetClientOptions().setTrustAll(true).setHostnameVerificationAlgorithm("");
            StoreCheck check = new StoreCheck(RedisTables.runner(options, Settings.DEFAULT));
            CheckResult cutOff = check.look();
            assertThat(cutOff.isFit()).isFalse();
            assertThat(cutOff.mayPass()).as(cutOff.faults().toString()).isTrue();
            says.set("-ERR this is no TLS\r\n");
            CheckResult plain = check.look();
            assertThat(plain.mayPass()).as(plain.faults().toString()).isFalse();
        }
    }

    private static StoreCheck check(BreakableRedis redis) {
        return new StoreCheck(RedisTables.runner(redis.uri(), Settings.DEFAULT));
    }
}
