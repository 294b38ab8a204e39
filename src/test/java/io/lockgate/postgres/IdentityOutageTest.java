package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes on, and what is refused how, while Postgres does not answer (docs/identity.md). */
@QuarkusTest
@QuarkusTestResource(value = PostgresOutageTest.CutOffPostgres.class, restrictToAnnotatedClass = true)
@Tag("slow")
class IdentityOutageTest {
    private static final Duration PROMISED = Duration.ofSeconds(2);

    /** Longer than lockgate.identity.cache. */
    private static final Duration STALE = Duration.ofMillis(5_200);

    @TestHTTPResource("/")
    URI base;

    @Nullable Consumer<String> network;

    @AfterEach
    void mendTheNetwork() {
        Objects.requireNonNull(network).accept("restore");
        RawHttp http = new RawHttp(base);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> http.get("/v1/session/who-am-i").status() == 200);
    }

    @ParameterizedTest
    @DisplayName(
            "Without Postgres renew, own release and polling go on, acquire while cached; other calls get 503 in time")
    @ValueSource(strings = {"refuse", "swallow"})
    void keepingGoesOn(String how) throws InterruptedException {
        RawHttp http = new RawHttp(base);
        String locks = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        Answer taken = http.post(locks, lock(0));
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        String grant =
                "/v1/files/locks/nlm/grants/" + taken.json().get("grant_id").textValue();

        Accounts accounts = new Accounts(http);
        String stranger = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        String others = "/v1/files/locks/nlm/grants/"
                + http.post(locks, lock(300), stranger).json().get("grant_id").textValue();

        Objects.requireNonNull(network).accept(how);
        expect(200, () -> http.post(locks, lock(100)));
        Thread.sleep(STALE);

        for (int i = 0; i < 3; i++) {
            expect(200, () -> http.post(grant + "/renew", JsonText.object("lease_ms", 60000)));
            expect(200, () -> http.get(grant));
            expect(200, () -> http.delete(locks + "?offset=0&size=1&owner_id=o"));
            Answer acquire = expect(503, () -> http.post(locks, lock(200)));
            assertThat(acquire.json().get("error_class").textValue()).isEqualTo("auth_identity_unavailable_error");
            assertThat(acquire.header("retry-after")).contains("1");
            expect(503, () -> http.get(locks));
            expect(200, () -> http.delete("/v1/files/locks/nlm/byte-range/?owner_name=nobody"));
            expect(503, () -> http.delete("/v1/files/locks/nlm/byte-range/?owner_name=nobody&any_owner=true"));
            expect(503, () -> http.delete(locks + "?offset=0&size=1&owner_id=o&any_owner=true"));
            expect(503, () -> http.get(others));
            expect(503, () -> http.delete(others));
            expect(503, () -> http.get(grant, "Authorization: Bearer " + "x".repeat(43)));
            expect(503, () -> http.login("dev", "dev"));
            expect(503, () -> http.get("/v1/session/who-am-i"));
            assertThat(expect(503, () -> http.get("/admin/users")).text())
                    .isEqualTo(JsonText.object("data", "Service unavailable", "code", 503));
            assertThat(expect(503, () -> http.get("/locks", "SID: " + "x".repeat(43)))
                            .text())
                    .isEqualTo(JsonText.object("error", 503, "message", "Service unavailable"));
        }
    }

    private static Answer expect(int status, Supplier<Answer> call) {
        long began = System.nanoTime();
        Answer answer = call.get();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMISED);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    private static String lock(int offset) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                String.valueOf(offset),
                "size",
                "50",
                "owner_id",
                "o",
                "lease_ms",
                60000);
    }
}
