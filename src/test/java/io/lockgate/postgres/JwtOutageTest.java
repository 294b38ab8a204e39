package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.Issuer;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.SigningKey;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who came with a signed token is known for a while without Postgres, as who came with one of ours is. */
@QuarkusTest
@QuarkusTestResource(value = PostgresOutageTest.CutOffPostgres.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = Issuer.class, restrictToAnnotatedClass = true)
@Tag("slow")
class JwtOutageTest {
    private static final SigningKey KEY = SigningKey.make("first", "ES256");

    /** Longer than lockgate.identity.cache. */
    private static final Duration STALE = Duration.ofMillis(5_200);

    @TestHTTPResource("/")
    URI base;

    @Nullable Consumer<String> network;

    @Nullable Consumer<String> issuer;

    @AfterEach
    void mendTheNetwork() {
        Objects.requireNonNull(network).accept("restore");
        RawHttp http = new RawHttp(base);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> http.get("/v1/session/who-am-i").status() == 200);
    }

    @Test
    @DisplayName("Without Postgres renew goes on, also with a new signed token; acquire and unknown users get 503")
    void keepingGoesOn() throws InterruptedException {
        Objects.requireNonNull(issuer).accept(SigningKey.jwks(KEY));
        RawHttp http = new RawHttp(base);
        Accounts accounts = new Accounts(http);
        String pod = accounts.user("PRIVILEGE_FS_LOCK_ACQUIRE");
        String stranger = accounts.user("PRIVILEGE_FS_LOCK_ACQUIRE");
        String bearer = "Authorization: Bearer " + KEY.token(pod);
        String locks = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        String lock = """
                {"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"50","owner_id":"o",\
                "lease_ms":60000}""";
        Answer taken = http.post(locks, lock, bearer);
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        String renew =
                "/v1/files/locks/nlm/grants/" + taken.json().get("grant_id").textValue() + "/renew";

        Objects.requireNonNull(network).accept("refuse");
        Thread.sleep(STALE);

        String next = "Authorization: Bearer " + KEY.token(pod, claims -> claims.setJwtId("next"));
        assertThat(http.post(renew, JsonText.object("lease_ms", 60000), bearer).status())
                .isEqualTo(200);
        assertThat(http.post(renew, JsonText.object("lease_ms", 60000), next).status())
                .isEqualTo(200);
        assertThat(http.post(locks, lock, bearer).status()).isEqualTo(503);
        assertThat(http.post(renew, JsonText.object("lease_ms", 60000), "Authorization: Bearer " + KEY.token(stranger))
                        .status())
                .isEqualTo(503);
    }
}
