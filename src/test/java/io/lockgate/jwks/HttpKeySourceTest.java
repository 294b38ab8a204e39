package io.lockgate.jwks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lockgate.testing.JsonText;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As against an API server: TLS of its own authority, a bearer token, discovery. */
@Tag("slow")
class HttpKeySourceTest {
    private static final String KEYS = JsonText.object("keys", List.of());
    private static final char[] SECRET = "changeit".toCharArray();

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, String> authorizations = new ConcurrentHashMap<>();
    private final Map<String, String> pages = new ConcurrentHashMap<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = serve(HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0));
    }

    private HttpServer serve(HttpServer made) {
        made.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            authorizations.put(path, String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            @Nullable String page = pages.get(path);
            try (exchange) {
                if (page == null) {
                    exchange.getResponseHeaders().add("Location", "/keys");
                    exchange.sendResponseHeaders(path.equals("/moved") ? 302 : 404, -1);
                } else {
                    byte[] body = page.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                }
            }
        });
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        server.stop(0);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    @DisplayName("The keys are fetched from their configured URL, or from the URL that the issuer publishes")
    void keys() {
        pages.put("/keys", KEYS);
        assertThat(fetch(at(Optional.of("/keys")))).isEqualTo(KEYS);
        for (String issuer : new String[] {base(), base() + "/"}) {
            pages.put(
                    "/.well-known/openid-configuration",
                    JsonText.object("issuer", issuer, "jwks_uri", base() + "/keys"));
            assertThat(fetch(new IssuerAddress(issuer, Optional.empty(), Optional.empty(), Optional.empty())))
                    .isEqualTo(KEYS);
        }
    }

    @ParameterizedTest
    @DisplayName("A description of another issuer, or one that leads to an open network, is refused")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {}
                    []
                    no JSON
                    {"issuer":"https://another.example.org","jwks_uri":"BASE/keys"}
                    {"issuer":"BASE"}
                    {"issuer":"BASE","jwks_uri":"http://issuer.example.org/keys"}
                    {"issuer":"BASE","jwks_uri":"file:///keys"}
                    """)
    void strangeDescription(String document) {
        pages.put("/keys", KEYS);
        pages.put("/.well-known/openid-configuration", document.replace("BASE", base()));
        assertThatThrownBy(() -> fetch(at(Optional.empty()))).isNotNull();
        assertThat(authorizations).doesNotContainKey("/keys");
    }

    @Test
    @DisplayName("Missing, redirected and oversized key sets are failures")
    void noKeys() {
        pages.put("/keys", KEYS);
        pages.put("/large", "x".repeat(HttpKeySource.MAX_BODY + 1));
        assertThatThrownBy(() -> fetch(at(Optional.of("/nothing")))).hasMessageContaining("404");
        assertThatThrownBy(() -> fetch(at(Optional.of("/moved")))).hasMessageContaining("302");
        assertThatThrownBy(() -> fetch(at(Optional.of("/large")))).hasMessageContaining("bytes");
        assertThat(authorizations).doesNotContainKey("/keys");
    }

    @Test
    @DisplayName("The credential is read from its file for each fetch, because it is rotated while the gateway runs")
    void credential() throws IOException {
        pages.put("/keys", KEYS);
        Path token = Files.writeString(directory.resolve("token"), "one\n");
        IssuerAddress address = new IssuerAddress(
                base(), Optional.of(URI.create(base() + "/keys")), Optional.empty(), Optional.of(token));
        fetch(address);
        assertThat(authorizations).containsEntry("/keys", "Bearer one");
        Files.writeString(token, "two\n");
        fetch(address);
        assertThat(authorizations).containsEntry("/keys", "Bearer two");
        Files.delete(token);
        assertThatThrownBy(() -> fetch(address)).isNotNull();
    }

    @Test
    @DisplayName("A fetch from a silent server times out")
    void silence() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            URI where = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/keys");
            IssuerAddress address = new IssuerAddress(base(), Optional.of(where), Optional.empty(), Optional.empty());
            assertThatThrownBy(() -> new HttpKeySource(vertx, address, Duration.ofMillis(200))
                            .fetch()
                            .await()
                            .atMost(Duration.ofSeconds(20)))
                    .hasMessageContaining("200");
        }
    }

    @Test
    @DisplayName("A TLS server is trusted with the CA's certificate only, and under its own name only")
    void authority() throws IOException, InterruptedException, GeneralSecurityException {
        pages.put("/keys", KEYS);
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=issuer",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(SECRET))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, SECRET);
        }
        Path ca = Files.writeString(
                directory.resolve("ca.crt"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(keys.getCertificate("server").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, SECRET);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(tls));
        serve(secure);
        try {
            String there = ":" + secure.getAddress().getPort() + "/keys";
            assertThat(fetch(new IssuerAddress(
                            "i",
                            Optional.of(URI.create("https://127.0.0.1" + there)),
                            Optional.of(ca),
                            Optional.empty())))
                    .isEqualTo(KEYS);
            authorizations.clear();
            assertThatThrownBy(() -> fetch(new IssuerAddress(
                            "i",
                            Optional.of(URI.create("https://127.0.0.1" + there)),
                            Optional.empty(),
                            Optional.empty())))
                    .isNotNull();
            assertThatThrownBy(() -> fetch(new IssuerAddress(
                            "i",
                            Optional.of(URI.create("https://localhost" + there)),
                            Optional.of(ca),
                            Optional.empty())))
                    .isNotNull();
            assertThat(authorizations).isEmpty();
        } finally {
            secure.stop(0);
        }
    }

    @Test
    @DisplayName("Keys are accepted over TLS or from this machine")
    void trustworthy() {
        for (String good :
                new String[] {"https://a.example.org/x", "http://localhost:1/", "http://127.0.0.1", "http://[::1]:8"}) {
            assertThat(IssuerAddress.isTrustworthy(URI.create(good))).as(good).isTrue();
        }
        for (String bad : new String[] {
            "http://a.example.org",
            "http://localhost.example.org",
            "ftp://localhost",
            "file:///x",
            "x",
            "https:///x",
            ""
        }) {
            assertThat(IssuerAddress.isTrustworthy(URI.create(bad))).as(bad).isFalse();
        }
    }

    private String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private IssuerAddress at(Optional<String> path) {
        return new IssuerAddress(base(), path.map(p -> URI.create(base() + p)), Optional.empty(), Optional.empty());
    }

    private String fetch(IssuerAddress address) {
        return new HttpKeySource(vertx, address, Duration.ofSeconds(10))
                .fetch()
                .await()
                .atMost(Duration.ofSeconds(20));
    }
}
