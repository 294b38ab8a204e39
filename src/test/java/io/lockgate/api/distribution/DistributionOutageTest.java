package io.lockgate.api.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What clients see when an answer cannot be given, or cannot be given to its end. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@TestProfile(DistributionOutageTest.Impatient.class)
@Tag("slow")
class DistributionOutageTest {
    @TestHTTPResource("/")
    URI base;

    public static final class Impatient implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("lockgate.distribution.read-time", "1s");
        }
    }

    @Test
    @DisplayName("A reader that takes too long is disconnected before the last chunk, and so can tell")
    void slowReaderIsCutOff() throws Exception {
        RawHttp http = new RawHttp(base);
        String target = "/data/slow/distribution";
        report(http, target);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(16_384);
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + http.token()
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).endsWith("200");
            Thread.sleep(1_500);
            assertThat(rest(in)).doesNotContain("totalBlocksSize");
        }
        // Nothing is left of it. So few blocks that reading them in time is no matter of the machine.
        assertThat(put(http, target, JsonText.object("blocks", JsonText.raw("[[0,4]]"))))
                .isEqualTo(204);
        assertThat(http.get(target).text()).isEqualTo("""
                [{"providerId":"p","blocks":[[0,4]],"totalBlocksSize":4}]""");
    }

    @Test
    @DisplayName("Over HTTP/2 only the slow reader's stream ends, and the connection goes on")
    void slowReaderIsCutOffAlone() throws Exception {
        RawHttp http = new RawHttp(base);
        String target = "/data/slow2/distribution";
        report(http, target);
        Vertx vertx = Vertx.vertx();
        HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setDefaultHost(base.getHost())
                .setDefaultPort(base.getPort()));
        try {
            CompletableFuture<Throwable> cutOff = new CompletableFuture<>();
            AtomicBoolean closed = new AtomicBoolean();
            HttpClientResponse slow = client.request(HttpMethod.GET, target)
                    .compose(request -> request.putHeader("Authorization", "Bearer " + http.token())
                            .send())
                    .onSuccess(response -> {
                        response.pause();
                        response.exceptionHandler(cutOff::complete);
                        response.request().connection().closeHandler(gone -> closed.set(true));
                    })
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
            assertThat(slow.statusCode()).isEqualTo(200);
            assertThat(slow.version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(cutOff.get(20, TimeUnit.SECONDS)).isInstanceOf(StreamResetException.class);
            HttpClientResponse next = client.request(HttpMethod.GET, "/v1/version")
                    .compose(request -> {
                        assertThat(request.connection()).isSameAs(slow.request().connection());
                        return request.send();
                    })
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
            assertThat(next.statusCode()).isEqualTo(200);
            assertThat(closed).isFalse();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    private static void report(RawHttp http, String target) {
        String blocks = LongStream.range(0, 300_000)
                .mapToObj(i -> "[" + ((1L << 62) + 2 * i) + ",1]")
                .collect(Collectors.joining(",", "{\"blocks\":[", "]}"));
        assertThat(put(http, target, blocks)).isEqualTo(201);
    }

    private static int put(RawHttp http, String target, String report) {
        return http.send("PUT", target + "/p", report.getBytes(StandardCharsets.US_ASCII))
                .status();
    }

    private static String rest(InputStream in) {
        StringBuilder text = new StringBuilder();
        byte[] some = new byte[65_536];
        try {
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                text.append(new String(some, 0, n, StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // Reset in the middle, which is what a cut-off connection looks like.
            assertThat(e.getMessage()).isNotNull();
        }
        return text.toString();
    }
}
