package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.Issuer;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.SigningKey;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jose4j.jwt.NumericDate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tokens of another issuer, as a Kubernetes cluster gives them to its pods, in every API. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@QuarkusTestResource(value = Issuer.class, restrictToAnnotatedClass = true)
@Tag("slow")
class JwtTest {
    private static final SigningKey FIRST = SigningKey.make("first", "RS256");
    private static final SigningKey SECOND = SigningKey.make("second", "ES256");
    private static final SigningKey INVENTED = SigningKey.make("invented", "ES256");

    @TestHTTPResource("/")
    URI base;

    @Nullable Consumer<String> issuer;

    @Nullable IntSupplier fetches;

    RawHttp http;
    RawHttp anonymous;
    Accounts accounts;
    String pod;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
        anonymous = RawHttp.anonymous(base);
        accounts = new Accounts(http);
        pod = "system:serviceaccount:default:" + UUID.randomUUID();
        issuer("up");
        issuer(SigningKey.jwks(FIRST));
        String id = accounts.create("warm:" + pod);
        eventually(200, FIRST.token("warm:" + pod));
        // Once the issuer is known to be up again.
        eventually(401, INVENTED.token("warm:" + pod));
        http.delete("/admin/users/" + id);
    }

    @Test
    @DisplayName("A signed token works like an opaque bearer token in every API, with its user's permissions only")
    void everyDoor() {
        accounts.create(pod, "PRIVILEGE_FS_LOCK_ACQUIRE", "read-distribution", "manage-locks", "manage-catalog");
        String bearer = "Authorization: Bearer " + FIRST.token(pod);

        assertThat(who(FIRST.token(pod)).text()).contains(pod);
        String locks = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        Answer taken = anonymous.post(locks, """
                {"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"50","owner_id":"o",\
                "lease_ms":60000}""", bearer);
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        assertThat(anonymous.get(locks, bearer).status()).isEqualTo(403);

        for (String header : List.of("X-Auth-Token: ", "Authorization: Bearer ", "Macaroon: ")) {
            assertThat(anonymous
                            .get("/data/ab12/distribution", header + FIRST.token(pod))
                            .status())
                    .as(header)
                    .isNotEqualTo(401);
        }

        Answer me = anonymous.get("/auth/me", bearer);
        assertThat(me.status()).as(me.text()).isEqualTo(200);
        assertThat(me.json().get("user").get("username").textValue()).isEqualTo(pod);
        Answer locked = anonymous.post(
                "/admin/lock",
                JsonText.object("route", "r", "id", UUID.randomUUID().toString()),
                bearer);
        assertThat(locked.status()).as(locked.text()).isEqualTo(200);
        assertThat(anonymous.get("/admin/users", bearer).status()).isEqualTo(403);

        Answer course = anonymous.send(
                "PUT",
                "/courses/c" + UUID.randomUUID().toString().replace("-", ""),
                "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                bearer,
                "Content-Type: application/json");
        assertThat(course.status()).as(course.text()).isBetween(200, 201);
    }

    @Test
    @DisplayName("A signed token is no refresh cookie and no session")
    void otherCarriers() {
        accounts.create(pod);
        String token = FIRST.token(pod);
        assertThat(who(token).status()).isEqualTo(200);
        assertThat(anonymous.get("/auth/me", "Cookie: refreshToken=" + token).text())
                .isEqualTo(JsonText.object("data", "Unauthorized", "code", 401));
        for (String target : List.of("/locks?subject.courseId=a", "/courses/a")) {
            assertThat(anonymous.get(target, "SID: " + token).text())
                    .isEqualTo(JsonText.object("error", 401, "message", "Invalid credentials"));
        }
        assertThat(anonymous.post("/sessions", "{}", "SID: " + token).status()).isEqualTo(401);
        assertThat(anonymous
                        .get("/v1/session/who-am-i", "X-Auth-Token: " + token)
                        .status())
                .isEqualTo(401);
    }

    @Test
    @DisplayName("A signed token for others, expired, not yet valid, unsigned or forged gets 401 in each API's format")
    void notGood() {
        accounts.create(pod);
        long now = System.currentTimeMillis() / 1000;
        assertThat(who(FIRST.token(pod, c -> c.setExpirationTime(NumericDate.fromSeconds(now - 5))))
                        .status())
                .isEqualTo(200);
        assertThat(who(FIRST.token(pod, c -> c.setNotBefore(NumericDate.fromSeconds(now + 20))))
                        .status())
                .isEqualTo(200);
        for (String token : List.of(
                FIRST.token(pod, c -> c.setAudience("another")),
                FIRST.token(pod, c -> c.setIssuer("https://another.example.org")),
                FIRST.token(pod, c -> c.setExpirationTime(NumericDate.fromSeconds(now - 60))),
                FIRST.token(pod, c -> c.setNotBefore(NumericDate.fromSeconds(now + 600))),
                FIRST.token("nobody:" + pod),
                FIRST.unsigned(SigningKey.claims(pod, now)),
                FIRST.signedWithPublicKey(SigningKey.claims(pod, now)).getFirst(),
                INVENTED.token(pod))) {
            Answer files = who(token);
            assertThat(files.status()).as(token).isEqualTo(401);
            assertThat(files.json().get("error_class").textValue()).isEqualTo("auth_invalid_credentials_error");
            assertThat(anonymous
                            .get("/admin/users", "Authorization: Bearer " + token)
                            .text())
                    .isEqualTo(JsonText.object("data", "Unauthorized", "code", 401));
            assertThat(anonymous
                            .get("/data/ab12/distribution", "X-Auth-Token: " + token)
                            .text())
                    .isEqualTo(JsonText.object(
                            "error", "unauthorized", "error_description", "Provided token is not valid."));
        }
    }

    @Test
    @DisplayName("A token that is too long is not accepted, and one far beyond the limit is too large")
    void tooLong() {
        String[] parts = FIRST.token(pod).split("\\.", -1);
        String header = "X-Auth-Token: " + parts[0] + "." + parts[1] + ".";
        assertThat(anonymous
                        .get("/data/ab12/distribution", header + "x".repeat(1 << 15))
                        .text())
                .contains("could not be understood");
        assertThat(anonymous
                        .get("/data/ab12/distribution", header + "x".repeat(1 << 20))
                        .text())
                .contains("exceeds the allowed size");
        assertThat(who(parts[0] + "." + parts[1] + "." + "x".repeat(1 << 15)).status())
                .isEqualTo(401);
    }

    @Test
    @DisplayName("A new key is accepted and a removed one dropped within the configured seconds")
    void rotation() {
        accounts.create(pod);
        assertThat(who(FIRST.token(pod)).status()).isEqualTo(200);
        issuer(SigningKey.jwks(FIRST, SECOND));
        eventually(200, SECOND.token(pod));
        assertThat(who(FIRST.token(pod)).status()).isEqualTo(200);
        issuer(SigningKey.jwks(SECOND));
        eventually(401, FIRST.token(pod));
        assertThat(who(SECOND.token(pod)).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("Every documented algorithm works")
    void everyAlgorithm() {
        accounts.create(pod);
        SigningKey[] keys = Stream.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
                .map(algorithm -> SigningKey.make(algorithm, algorithm))
                .toArray(SigningKey[]::new);
        issuer(SigningKey.jwks(keys));
        for (SigningKey key : keys) {
            eventually(200, key.token(pod));
        }
    }

    @Test
    @DisplayName("While the issuer is down a known key works, and an unknown key gets 503 in each API's format")
    void issuerDown() {
        accounts.create(pod);
        assertThat(who(FIRST.token(pod)).status()).isEqualTo(200);
        issuer("down");
        eventually(503, INVENTED.token(pod));
        Answer files = who(INVENTED.token(pod));
        assertThat(files.json().get("error_class").textValue()).isEqualTo("auth_identity_unavailable_error");
        assertThat(files.header("retry-after")).contains("1");
        assertThat(anonymous
                        .get("/admin/users", "Authorization: Bearer " + INVENTED.token(pod))
                        .text())
                .isEqualTo(JsonText.object("data", "Service unavailable", "code", 503));
        assertThat(anonymous
                        .get("/data/ab12/distribution", "Macaroon: " + INVENTED.token(pod))
                        .status())
                .isEqualTo(503);
        assertThat(who(FIRST.token(pod)).status()).isEqualTo(200);
        assertThat(who(FIRST.token(pod, c -> c.setJwtId("new"))).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("Many unknown key ids reach the issuer at most once a second")
    void inventedKeys() {
        accounts.create(pod);
        int before = Objects.requireNonNull(fetches).getAsInt();
        long began = System.nanoTime();
        for (int i = 0; i < 200; i++) {
            assertThat(who(INVENTED.token(pod)).status()).isEqualTo(401);
        }
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        assertThat((long) Objects.requireNonNull(fetches).getAsInt() - before).isLessThanOrEqualTo(seconds + 2);
    }

    @Test
    @DisplayName("A deleted user is refused at once on this gateway, and a revoked permission is gone")
    void userChanges() {
        String id = accounts.create(pod, "manage-users");
        String bearer = "Authorization: Bearer " + FIRST.token(pod);
        assertThat(anonymous.get("/admin/users", bearer).status()).isEqualTo(200);
        Answer changed = http.send(
                "PATCH",
                "/admin/users/" + id,
                JsonText.object("permissions", List.of()).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "Content-Type: application/json");
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(anonymous.get("/admin/users", bearer).status()).isEqualTo(403);
        http.delete("/admin/users/" + id);
        assertThat(anonymous.get("/admin/users", bearer).status()).isEqualTo(401);
        assertThat(who(FIRST.token(pod)).status()).isEqualTo(401);
        accounts.create(pod);
        assertThat(who(FIRST.token(pod)).status()).isEqualTo(200);
    }

    private Answer who(String token) {
        return anonymous.get("/v1/session/who-am-i", "Authorization: Bearer " + token);
    }

    private void eventually(int status, String token) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> who(token).status() == status);
    }

    private void issuer(String order) {
        Objects.requireNonNull(issuer).accept(order);
    }
}
