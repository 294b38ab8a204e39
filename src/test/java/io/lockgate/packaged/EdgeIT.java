package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.GatewayProcess.Ended;
import io.lockgate.testing.GuardedPostgres;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is shipped at the edge of a network: TLS on all three sides with one certificate made here, set by nothing but
 * the environment, and clients behind a proxy. Needs openssl, a redis-server built with TLS on the PATH, and a Postgres
 * built with it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class EdgeIT {
    private static final String SECRET = "edge-secret";

    private Path certificate;
    private Path key;
    private int httpsPort;
    private EmbeddedRedis redis;
    private int redisPort;
    private GuardedPostgres postgres;
    private GatewayProcess gateway;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        certificate = directory.resolve("cert.pem");
        key = directory.resolve("key.pem");
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        redisPort = GatewayProcess.freePort();
        redis = startRedis();
        postgres = startPostgres();
        httpsPort = GatewayProcess.freePort();
        Map<String, String> settings = serving(httpsPort);
        settings.put("quarkus.http.proxy.proxy-address-forwarding", "true");
        settings.put("quarkus.http.proxy.trusted-proxies", "127.0.0.1");
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
        gateway = GatewayProcess.start(settings);
    }

    @AfterAll
    void stop() {
        for (AutoCloseable started : new AutoCloseable[] {gateway, postgres, redis}) {
            close(started);
        }
    }

    private static void close(@Nullable AutoCloseable started) {
        try {
            if (started != null) {
                started.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private EmbeddedRedis startRedis() {
        String before = System.getProperty(EmbeddedRedis.BINARY_PROPERTY, "");
        System.setProperty(EmbeddedRedis.BINARY_PROPERTY, "redis-server");
        try {
            return EmbeddedRedis.start(
                    "tls-port " + redisPort,
                    "tls-cert-file " + certificate,
                    "tls-key-file " + key,
                    "tls-ca-cert-file " + certificate,
                    "tls-auth-clients no");
        } catch (RuntimeException e) {
            assumeThat(e).as("a redis-server with TLS on the PATH").isNull();
            throw e;
        } finally {
            System.setProperty(EmbeddedRedis.BINARY_PROPERTY, before);
        }
    }

    private GuardedPostgres startPostgres() throws IOException {
        GuardedPostgres started = GuardedPostgres.start();
        assumeThat(started.answer("SHOW ssl_library")).as("a Postgres with TLS").isEqualTo("OpenSSL");
        Path data = Path.of(started.answer("SHOW data_directory"));
        Files.copy(certificate, data.resolve("server.crt"));
        Files.copy(key, data.resolve("server.key"));
        started.answer("ALTER SYSTEM SET ssl = on");
        started.allow("hostssl");
        started.makeDatabase("lockgate", SECRET);
        return started;
    }

    /** As the documentation has it. */
    private Map<String, String> trusting() {
        Map<String, String> settings = new HashMap<>(postgres.settings("lockgate", "lockgate", SECRET));
        settings.compute(
                "quarkus.datasource.jdbc.url", (name, url) -> url + "?sslmode=verify-full&sslrootcert=" + certificate);
        settings.put("quarkus.datasource.reactive.postgresql.ssl-mode", "verify-full");
        settings.put("quarkus.datasource.reactive.hostname-verification-algorithm", "HTTPS");
        settings.put("quarkus.datasource.reactive.trust-certificate-pem", "true");
        settings.put("quarkus.datasource.reactive.trust-certificate-pem.certs", certificate.toString());
        settings.put("quarkus.redis.hosts", "rediss://127.0.0.1:" + redisPort);
        settings.put("quarkus.redis.tls.hostname-verification-algorithm", "HTTPS");
        settings.put("quarkus.redis.tls.trust-certificate-pem", "true");
        settings.put("quarkus.redis.tls.trust-certificate-pem.certs", certificate.toString());
        return settings;
    }

    private Map<String, String> serving(int port) {
        Map<String, String> settings = trusting();
        settings.put("quarkus.http.ssl-port", Integer.toString(port));
        settings.put("quarkus.http.ssl.certificate.files", certificate.toString());
        settings.put("quarkus.http.ssl.certificate.key-files", key.toString());
        settings.put("quarkus.http.insecure-requests", "enabled");
        return settings;
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).as(List.of(command).toString()).isZero();
    }

    @Test
    @DisplayName("A client that trusts the certificate logs in over HTTPS and locks, with Redis and Postgres over TLS")
    void servesOverTls() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry(
                    "gateway", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        String token = new RawHttp(gateway.uri()).token();
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(
                                    URI.create("https://localhost:" + httpsPort + "/v1/files/5/locks/nlm/byte-range/"))
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(lock("tls", 0)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.sslSession()).isPresent();
        }
        assertThat(postgres.answer("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                        + " WHERE usename = 'lockgate'"))
                .isEqualTo("t");
    }

    @Test
    @DisplayName("Once readiness is up, both ports accept connections")
    void readyMeansListening() throws IOException {
        int port = GatewayProcess.freePort();
        try (GatewayProcess another = GatewayProcess.launch(serving(port))) {
            while (another.status("/q/health/ready") != 200) {
                assertThat(another.isAlive()).as(another.output()).isTrue();
            }
            new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close();
            new Socket(InetAddress.ofLiteral("127.0.0.1"), another.port()).close();
        }
    }

    @Test
    @DisplayName("An untrusted certificate of Redis or Postgres is named and ends the start at once")
    void trustsNoStranger() {
        Map<String, String> settings = trusting();
        settings.keySet().removeIf(name -> name.contains("trust-certificate-pem"));
        settings.put(
                "quarkus.datasource.jdbc.url",
                "jdbc:postgresql://" + postgres.place()
                        + "/lockgate?sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory");
        Ended ended = GatewayProcess.run(settings, "--check-config");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).doesNotContain("\tat ", SECRET);
        assertThat(ended.output().lines())
                .anySatisfy(line -> assertThat(line).startsWith("lockgate: Redis: no agreement on TLS"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("lockgate: Postgres: no agreement on TLS")
                        .endsWith("(QUARKUS_DATASOURCE_JDBC_URL)"));
    }

    @Test
    @DisplayName("The client address that a trusted proxy names is stored with the lock")
    void believesItsProxy() throws IOException {
        assertThat(ownerAddress("127.0.0.1", "proxied", 100)).isEqualTo("203.0.113.7");
    }

    @Test
    @DisplayName("Address headers of other senders are ignored")
    void believesNobodyElse() throws IOException {
        assertThat(ownerAddress("127.0.0.2", "direct", 200)).isEqualTo("127.0.0.2");
    }

    /**
     * The {@code owner_address} of a lock acquired from that address, by a sender who names another in every way there is.
     */
    private String ownerAddress(String sender, String owner, int offset) throws IOException {
        String token = new RawHttp(gateway.uri()).token();
        byte[] body = lock(owner, offset).getBytes(StandardCharsets.UTF_8);
        try (Socket socket =
                new Socket(InetAddress.ofLiteral("127.0.0.1"), gateway.port(), InetAddress.ofLiteral(sender), 0)) {
            socket.getOutputStream().write("""
                            POST /v1/files/5/locks/nlm/byte-range/ HTTP/1.1\r
                            Host: gateway\r
                            Connection: close\r
                            X-Forwarded-For: 203.0.113.7\r
                            Forwarded: for=203.0.113.8\r
                            Authorization: Bearer %s\r
                            Content-Type: application/json\r
                            Content-Length: %d\r
                            \r
                            """.formatted(token, body.length).getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body);
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200");
            JsonNode grant = new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
            return grant.get("owner_address").textValue();
        }
    }

    private static String lock(String owner, int offset) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                String.valueOf(offset),
                "size",
                "5",
                "owner_id",
                owner);
    }
}
