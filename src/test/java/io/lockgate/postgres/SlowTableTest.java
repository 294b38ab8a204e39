package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.LockedTable;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One table is locked by somebody, and many calls wait for it. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class SlowTableTest {
    /** The two seconds of docs/failures.md, and what a busy machine that runs tests adds. */
    private static final Duration PROMISED = Duration.ofSeconds(4);

    private static final int CROWD = 40;

    @TestHTTPResource("/")
    URI base;

    @Inject
    MeterRegistry meters;

    @Inject
    PostgresBulkheads bulkheads;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private RawHttp http;
    private String bearer;
    private String sid;

    @BeforeEach
    void callers() {
        http = new RawHttp(base);
        Accounts accounts = new Accounts(http);
        Accounts.Account ann = accounts.make(
                "manage-locks", "edit-course", "manage-catalog", "read-audit", "PRIVILEGE_FS_LOCK_ACQUIRE");
        bearer = accounts.bearer(ann);
        sid = accounts.sid(ann);
        assertThat(send("catalogue").status()).isEqualTo(200);
        assertThat(send("courses").status()).isEqualTo(200);
    }

    @AfterEach
    void close() {
        client.shutdownNow();
        await().atMost(Duration.ofSeconds(20)).until(() -> bulkheads.running() == 0);
    }

    @ParameterizedTest
    @CsvSource({
        "course_locks, courses, admin files login audit",
        "route_locks, admin, courses files login audit catalogue",
        "files, files, courses admin login audit catalogue",
        "courses, catalogue, admin files login audit",
        "audit, audit, courses admin files login catalogue"
    })
    @DisplayName("Forty calls on a locked table get 503 in time and do not slow down other APIs")
    void othersGoOn(String table, String slow, String others) {
        try (LockedTable _ = new LockedTable(table)) {
            List<CompletableFuture<Long>> crowd = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                crowd.add(timed(request(slow)));
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> bulkheads.running() > 1);
            for (String other : others.split(" ", -1)) {
                long began = System.nanoTime();
                Answer answer = send(other);
                assertThat(answer.status()).as(other + ": " + answer.text()).isEqualTo(200);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMISED);
            }
            assertThat(crowd)
                    .allSatisfy(one -> assertThat(Duration.ofNanos(one.join())).isLessThan(PROMISED));
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> send(slow).status() == 200);
    }

    @Test
    @DisplayName(
            "After a locked table no call counts as running or waiting, and the drifting gauge of the pool is left out")
    void countsComeDown() {
        try (LockedTable _ = new LockedTable("course_locks")) {
            List<CompletableFuture<Long>> crowd = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                crowd.add(timed(request("courses")));
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> bulkheads.waiting(PostgresUse.COURSE_LOCKS) > 0);
            assertThat(bulkheads.running(PostgresUse.COURSE_LOCKS)).isPositive();
            crowd.forEach(CompletableFuture::join);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> bulkheads.running(PostgresUse.COURSE_LOCKS) == 0
                        && bulkheads.waiting(PostgresUse.COURSE_LOCKS) == 0);
        assertThat(bulkheads.refused(PostgresUse.COURSE_LOCKS)).isPositive();
        assertThat(bulkheads.late(PostgresUse.COURSE_LOCKS)).isPositive();
        assertThat(meters.find("sql.pool.queue.size").meters()).isEmpty();
        assertThat(meters.find("lockgate.postgres.running").meters()).hasSize(PostgresUse.values().length);
    }

    /** Nanoseconds until the 503. */
    private CompletableFuture<Long> timed(HttpRequest request) {
        long began = System.nanoTime();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(answer -> {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(answer.headers().firstValue("retry-after")).contains("1");
            return System.nanoTime() - began;
        });
    }

    private record Call(String method, String target, String body) {}

    private static Call call(String api) {
        return switch (api) {
            case "courses" -> new Call("GET", "/locks?subject.courseId=abcdef", "");
            case "catalogue" -> new Call("PUT", "/courses/abcdef", "");
            case "admin" -> new Call("GET", "/admin/locks", "");
            case "audit" -> new Call("GET", "/admin/audit?limit=1", "");
            case "login" ->
                new Call("POST", "/v1/session/login", JsonText.object("username", "dev", "password", "dev-password"));
            case "files" -> new Call("POST", "/v1/files/%2Fslow-" + UUID.randomUUID() + "/locks/nlm/byte-range/", """
                {"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"50","owner_id":"o",\
                "lease_ms":1000}""");
            default -> throw new IllegalArgumentException(api);
        };
    }

    private String[] credential(String api) {
        return (api.equals("courses") || api.equals("catalogue") ? sid : bearer).split(": ", 2);
    }

    private HttpRequest request(String api) {
        Call call = call(api);
        String[] credential = credential(api);
        return HttpRequest.newBuilder(base.resolve(call.target()))
                .method(call.method(), HttpRequest.BodyPublishers.ofString(call.body()))
                .header("Content-Type", "application/json")
                .header(credential[0], credential[1])
                .build();
    }

    private Answer send(String api) {
        try {
            HttpResponse<String> answer = client.send(request(api), HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(), List.of(), answer.body().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
