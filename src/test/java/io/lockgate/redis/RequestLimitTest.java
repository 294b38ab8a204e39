package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.BreakableRedis;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one user may have under way and hold, through HTTP, with a Redis that can be stopped. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@QuarkusTestResource(value = RequestLimitTest.OwnRedis.class, restrictToAnnotatedClass = true)
@Timeout(120)
@Tag("slow")
public class RequestLimitTest {
    private static final int REQUESTS = 3;
    private static final int GRANTS = 5;

    /** More than requests that may be under way: a call that is held counts for none of these. */
    private static final int WAITERS = 4;

    private static final int WAITERS_PER_SPACE = 5;

    @TestHTTPResource("/")
    URI base;

    public @Nullable BreakableRedis redis;

    /** Its limits are small. */
    public static final class OwnRedis implements QuarkusTestResourceLifecycleManager {
        private @Nullable BreakableRedis redis;

        @Override
        public Map<String, String> start() {
            EmbeddedRedis server = EmbeddedRedis.start();
            redis = BreakableRedis.of(server);
            return Map.of(
                    "quarkus.redis.hosts",
                    server.uri().toString(),
                    "lockgate.redis.attempt-timeout",
                    "1500ms",
                    // Another class of this run may have left it on cluster.
                    "quarkus.redis.client-type",
                    "standalone",
                    "lockgate.redis.call-timeout",
                    "1900ms",
                    "lockgate.limits.requests-per-principal",
                    Integer.toString(REQUESTS),
                    "lockgate.limits.grants-per-principal-and-bucket",
                    Integer.toString(GRANTS),
                    "lockgate.limits.waiters-per-principal",
                    Integer.toString(WAITERS),
                    "lockgate.limits.waiters-per-space",
                    Integer.toString(WAITERS_PER_SPACE));
        }

        @Override
        public void inject(Object test) {
            ((RequestLimitTest) test).redis = redis;
        }

        @Override
        public void stop() {
            if (redis != null) {
                redis.close();
            }
        }
    }

    @Test
    @DisplayName("Over its limit a user gets 429 with Retry-After; its renewals and releases, and other users, go on")
    void requests() throws Exception {
        BreakableRedis server = Objects.requireNonNull(redis);
        Accounts accounts = new Accounts(new RawHttp(base));
        String ann = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "read-distribution"));
        String bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        String grant = take(41, "held", ann).json().get("grant_id").textValue();
        take(42, "held", ann);
        take(43, "warm", bob);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            server.freeze();
            List<Future<Answer>> waiting = new ArrayList<>();
            List<Future<Answer>> going = new ArrayList<>();
            List<Answer> refused = new ArrayList<>();
            try {
                for (int i = 0; i < 3 * REQUESTS; i++) {
                    long file = 100L + i;
                    waiting.add(threads.submit(() -> take(file, "flood", ann)));
                }
                // So many can only be refused while the others still wait.
                while (refused.size() < 2 * REQUESTS) {
                    for (Iterator<Future<Answer>> calls = waiting.iterator(); calls.hasNext(); ) {
                        Future<Answer> call = calls.next();
                        if (call.isDone()) {
                            refused.add(call.get());
                            calls.remove();
                        }
                    }
                    Thread.onSpinWait();
                }
                refused.add(http().get("/v1/files/100/locks/nlm/byte-range/?mine=true", ann));
                Answer report = http().get("/data/4000201/distribution", ann);
                assertThat(report.status()).as(report.text()).isEqualTo(429);
                assertThat(report.header("retry-after")).contains("1");
                assertThat(report.json().get("error").textValue()).isEqualTo("temporaryFailure");
                going.add(threads.submit(() -> http().post(
                                "/v1/files/locks/nlm/grants/" + grant + "/renew",
                                JsonText.object("lease_ms", 60000),
                                ann)));
                going.add(threads.submit(
                        () -> http().delete("/v1/files/42/locks/nlm/byte-range/?offset=0&size=10&owner_id=held", ann)));
                going.add(threads.submit(() -> http().get("/v1/files/locks/nlm/grants/" + grant, ann)));
                going.add(threads.submit(() -> take(44, "other", bob)));
            } finally {
                server.thaw();
            }
            for (Answer answer : refused) {
                assertThat(answer.status()).as(answer.text()).isEqualTo(429);
                assertThat(answer.header("retry-after")).contains("1");
                assertThat(answer.json().get("error_class").textValue()).isEqualTo("http_too_many_requests_error");
                assertThat(answer.json().get("description").textValue())
                        .contains("lockgate.limits.requests-per-principal");
            }
            for (Future<Answer> call : going) {
                assertThat(call.get().status()).as(call.get().text()).isEqualTo(200);
            }
            for (Future<Answer> call : waiting) {
                assertThat(call.get().status()).as(call.get().text()).isEqualTo(200);
            }
        }
        assertThat(take(45, "again", ann).status()).isEqualTo(200);
    }

    @Test
    @DisplayName(
            "With ever new owner ids a user acquires a limited number of a file's locks, then gets 429 naming the limit")
    void grants() {
        Accounts accounts = new Accounts(new RawHttp(base));
        String ann = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        String bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        for (int i = 0; i < GRANTS; i++) {
            assertThat(take(77, "owner-" + i, i, ann).status()).isEqualTo(200);
        }
        Answer single = take(77, "owner-n", GRANTS, ann);
        Answer batch = http().post(
                        "/v1/files/77/locks/nlm/byte-range/batch",
                        JsonText.object("locks", List.of(JsonText.raw(lock("owner-n", GRANTS)))),
                        ann);
        for (Answer answer : List.of(single, batch)) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(429);
            assertThat(answer.header("retry-after")).contains("1");
            assertThat(answer.json().get("error_class").textValue()).isEqualTo("fs_too_many_locks_error");
            assertThat(answer.json().get("description").textValue())
                    .contains("lockgate.limits.grants-per-principal-and-bucket");
        }
        assertThat(take(77, "owner-n", GRANTS, bob).status()).isEqualTo(200);
        assertThat(http().delete("/v1/files/77/locks/nlm/byte-range/?offset=0&size=1&owner_id=owner-0", ann)
                        .status())
                .isEqualTo(200);
        assertThat(take(77, "owner-m", 0, ann).status()).isEqualTo(200);
    }

    @Test
    @DisplayName(
            "A user may have so many waiting requests in a bucket, and a file so many of all; held calls are no others")
    void waiters() {
        Accounts accounts = new Accounts(new RawHttp(base));
        String ann = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        String bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_READ"));
        String locks = "/v1/files/79/locks/nlm/byte-range/";
        String grant = take(79, "holder", 0, bob).json().get("grant_id").textValue();
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            String body = waiting("waiter-" + i);
            calls.add(Background.run(() -> http().post(locks, body, ann)));
            int queued = i + 1;
            await().until(() -> waiters(locks, bob).size() == queued);
        }
        tooMany(http().post(locks, waiting("one-more"), ann), "lockgate.limits.waiters-per-principal");
        calls.add(Background.run(() -> http().post(locks, waiting("bobs"), bob)));
        await().until(() -> waiters(locks, bob).size() == WAITERS_PER_SPACE);
        tooMany(http().post(locks, waiting("one-more"), bob), "lockgate.limits.waiters-per-space");
        assertThat(take(80, "other", 0, ann).status()).isEqualTo(200);

        for (JsonNode waiter : waiters(locks, bob)) {
            String id = waiter.get("waiter_id").textValue();
            String owner = waiter.get("owner_id").textValue().equals("bobs") ? bob : ann;
            assertThat(http().delete("/v1/files/locks/waiters/" + id, owner).status())
                    .isEqualTo(200);
        }
        calls.forEach(call -> assertThat(call.join().status()).isEqualTo(404));
        assertThat(http().delete("/v1/files/locks/nlm/grants/" + grant, bob).status())
                .isEqualTo(200);
        assertThat(http().post(locks, waiting("one-more"), ann).status()).isEqualTo(200);
    }

    private static void tooMany(Answer answer, String setting) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(answer.header("retry-after")).contains("1");
        assertThat(answer.json().get("error_class").textValue()).isEqualTo("fs_too_many_waiters_error");
        assertThat(answer.json().get("description").textValue()).contains(setting);
    }

    private JsonNode waiters(String locks, String reader) {
        Answer list = http().get(locks + "waiters/", reader);
        assertThat(list.status()).as(list.text()).isEqualTo(200);
        return list.json().get("waiters");
    }

    private static String waiting(String owner) {
        return JsonText.with(lock(owner, 0), "wait_ms", 60_000);
    }

    private RawHttp http() {
        return new RawHttp(base);
    }

    private Answer take(long file, String owner, String credential) {
        return http().post("/v1/files/" + file + "/locks/nlm/byte-range/", leased(owner), credential);
    }

    private Answer take(long file, String owner, int offset, String credential) {
        return http().post("/v1/files/" + file + "/locks/nlm/byte-range/", lock(owner, offset), credential);
    }

    private static String leased(String owner) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                "0",
                "size",
                "10",
                "owner_id",
                owner,
                "lease_ms",
                600000);
    }

    private static String lock(String owner, int offset) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                String.valueOf(offset),
                "size",
                "1",
                "owner_id",
                owner);
    }
}
