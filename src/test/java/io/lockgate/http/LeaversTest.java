package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.Leaver;
import io.lockgate.testing.LockedTable;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.RedisPause;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients that hang up before their answer, while Redis or Postgres keeps everybody waiting: what they asked for is
 * rolled back or finished within 30 s, never half (docs/failures.md).
 */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
public class LeaversTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Longer than an attempt, shorter than a call. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Longer than any call may take. */
    private static final Duration OUTAGE = Duration.ofSeconds(3);

    private static final Duration STAY = Duration.ofMillis(300);

    /** RFC 9113, section 7. */
    private static final long CANCEL = 8;

    private static final String SOME_OWNER = "some-owner";

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/metrics", management = true)
    @Nullable URI metrics;

    private RawHttp http;
    private String bearer;
    private String file;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        // The first call of a fresh gateway may take longer than any other.
        await().atMost(PATIENCE.multipliedBy(2))
                .until(() -> http.get("/v1/files/%2Fwarm/info/attributes").status() != 503);
        bearer = "Authorization: Bearer " + http.token();
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        // So that Redis knows the scripts and Postgres the statements.
        String warm = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        assertThat(http.post(locks(warm), lock(0)).status()).isEqualTo(200);
    }

    protected URI metrics() {
        return Objects.requireNonNull(metrics);
    }

    // ------------------------------------------------------------------------------------------------ range locks

    @Test
    @DisplayName("Fifty locks of clients that closed the connection are rolled back, and counted")
    void closed() throws Exception {
        double before = hangUps();
        double rolledBack = hangUps("outcome=\"rolled-back\"");
        leave(50, Leaver::leaves);
        counted(before + 50);
        assertThat(hangUps("outcome=\"rolled-back\"")).isEqualTo(rolledBack + 50);
        noLock(file);
    }

    @Test
    @DisplayName("Locks of clients that reset the connection are rolled back, and counted")
    void reset() throws Exception {
        double before = hangUps();
        double rolledBack = hangUps("outcome=\"rolled-back\"");
        leave(10, Leaver::breaksOff);
        counted(before + 10);
        assertThat(hangUps("outcome=\"rolled-back\"")).isEqualTo(rolledBack + 10);
        noLock(file);
    }

    @Test
    @DisplayName("Of two pipelined requests the first is rolled back and the second is not started")
    void pipelined() throws Exception {
        String behind = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        double before = hangUps();
        List<Leaver> leavers = new ArrayList<>();
        RedisPause.begin(Servers.redisUri(), PAUSE);
        for (int i = 0; i < 10; i++) {
            leavers.add(new Leaver(base)
                    .asks("POST", locks(file), lock(i), bearer)
                    .asks("POST", locks(behind), lock(i), bearer));
        }
        Thread.sleep(STAY.toMillis());
        leavers.forEach(Leaver::leaves);
        counted(before + 10);
        noLock(file);
        noLock(behind);
    }

    @Test
    @DisplayName("Over HTTP/2 a reset stream is a hang-up: its lock goes, and those of other streams stay")
    void resetStream() throws Exception {
        double before = hangUps();
        overHttp2(requests -> {
            for (int i = 0; i < requests.size(); i += 2) {
                requests.get(i).reset(CANCEL);
            }
            return IntStream.of(1, 3, 5, 7, 9).boxed().toList();
        });
        counted(before + 5);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(offsets(file)).containsExactlyInAnyOrder("100", "300", "500", "700", "900"));
    }

    @Test
    @DisplayName("Over HTTP/2 a closed connection is a hang-up of each of its streams")
    void closedHttp2() throws Exception {
        double before = hangUps();
        overHttp2(requests -> {
            requests.getFirst().connection().close();
            return List.of();
        });
        counted(before + 10);
        noLock(file);
    }

    @Test
    @DisplayName(
            "Under an Idempotency-Key a lock of a client that left is rolled back too, and the repeat acquires again")
    void underAKey() throws Exception {
        double before = hangUps();
        String key = "Idempotency-Key: " + UUID.randomUUID();
        leave(PAUSE, "POST", locks(file), lock(0), bearer + "\r\n" + key);
        counted(before + 1);
        noLock(file);
        Answer again = http.post(locks(file), lock(0), bearer, key);
        assertThat(again.status()).as(again.text()).isEqualTo(200);
        assertThat(http.post(locks(file), lock(0), bearer, key).text()).isEqualTo(again.text());
    }

    @Test
    @DisplayName("A lock whose client left stays when the same call, repeated under its key, was answered meanwhile")
    void underAKeyToldAgain() throws Exception {
        double before = hangUps();
        String key = "Idempotency-Key: " + UUID.randomUUID();
        RedisPause.begin(Servers.redisUri(), PAUSE);
        Leaver leaver = new Leaver(base).asks("POST", locks(file), lock(0), bearer + "\r\n" + key);
        Thread.sleep(STAY.toMillis());
        leaver.leaves();
        Answer told = http.post(locks(file), lock(0), bearer, key);
        assertThat(told.status()).as(told.text()).isEqualTo(200);
        counted(before + 1);
        await().during(Duration.ofSeconds(1))
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(offsets(file)).containsExactly("0"));
    }

    @Test
    @DisplayName("A batch of a client that left is rolled back")
    void batch() throws Exception {
        double before = hangUps();
        String body = JsonText.object(
                "locks",
                List.of(JsonText.raw(lock(0)), JsonText.raw(lock(1)), JsonText.raw(lock(2))),
                "unlocks",
                List.of());
        leave(PAUSE, "POST", locks(file) + "batch", body.replace(SOME_OWNER, "o"), bearer);
        counted(before + 1);
        noLock(file);
    }

    @Test
    @DisplayName("A new path stays unlisted and free if its first client left; the next acquire lists it")
    void newPath() throws Exception {
        String path = "%2Fleavers%2F" + UUID.randomUUID();
        double before = hangUps();
        leave(PAUSE, "POST", locks(path), lock(0), bearer);
        counted(before + 1);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(http.get(locks(path)).status()).isEqualTo(404);
            assertThat(http.post(locks(path) + "test", lock(0)).text()).isEqualTo(JsonText.object("grants", List.of()));
        });
        assertThat(http.post(locks(path), lock(0)).status()).isEqualTo(200);
        assertThat(http.get(locks(path)).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("A lock that the same owner requested again, and that was confirmed, stays")
    void askedAgain() throws Exception {
        String mine = lock(0).replace(SOME_OWNER, "owner-of-" + file);
        leave(OUTAGE, "POST", locks(file), mine, bearer);
        Answer told = awaitStatus(200, () -> http.post(locks(file), mine));
        Thread.sleep(3_000);
        assertThat(offsets(file)).containsExactly("0");
        String token = told.json().get("fencing_token").textValue();
        assertThat(http.post(
                                "/v1/files/locks/fence/check",
                                JsonText.object("file_id", file, "offset", "0", "size", "10", "fencing_token", token))
                        .json()
                        .get("valid")
                        .booleanValue())
                .isTrue();
    }

    @Test
    @DisplayName("If Redis is away for longer than a call, no lock is left afterwards")
    void outage() throws Exception {
        List<Leaver> leavers = new ArrayList<>();
        RedisPause.begin(Servers.redisUri(), OUTAGE);
        for (int i = 0; i < 10; i++) {
            leavers.add(new Leaver(base).asks("POST", locks(file), lock(i), bearer));
        }
        Thread.sleep(STAY.toMillis());
        leavers.forEach(Leaver::leaves);
        Thread.sleep(OUTAGE.toMillis());
        noLock(file);
    }

    // ------------------------------------------------------------------------------------------------- is finished

    @Test
    @DisplayName("A release by client goes on to its end over several slices, also while Redis is away, and is audited")
    void releaseByClient() throws Exception {
        String machine = "machine-" + UUID.randomUUID();
        for (int batch = 0; batch < 12; batch++) {
            int first = batch * 100;
            String asked = IntStream.range(first, first + 100)
                    .mapToObj(i -> JsonText.with(lock(i), "owner_name", machine))
                    .collect(Collectors.joining(",", "{\"locks\":[", "]}"));
            assertThat(http.post(locks(file) + "batch", asked.replace(SOME_OWNER, "o"))
                            .status())
                    .isEqualTo(200);
        }
        for (Duration away : List.of(PAUSE, OUTAGE)) {
            String target = "/v1/files/locks/nlm/byte-range/?any_owner=true&owner_name=" + machine;
            leave(away, "DELETE", target, "", bearer);
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(held(machine)).isZero());
            assertThat(http.post(locks(file), JsonText.with(lock(0), "owner_name", machine))
                            .status())
                    .isEqualTo(200);
        }
        assertThat(http.get("/admin/audit?limit=200").text()).contains(machine);
    }

    @Test
    @DisplayName("A release of the caller's own lock is finished")
    void release() throws Exception {
        String mine = lock(0).replace(SOME_OWNER, "o");
        assertThat(http.post(locks(file), mine).status()).isEqualTo(200);
        double before = hangUps();
        leave(PAUSE, "DELETE", locks(file) + "?offset=0&size=10&owner_id=o", "", bearer);
        counted(before + 1);
        noLock(file);
    }

    @Test
    @DisplayName("A report of the distribution map is finished")
    void report() throws Exception {
        String target = "/data/leavers" + file + "/distribution/p";
        String blocks = IntStream.range(0, 1_200)
                .mapToObj(i -> "[" + 2 * i + ",1]")
                .collect(Collectors.joining(",", "{\"blocks\":[", "]}"));
        leave(PAUSE, "PUT", target, blocks, bearer);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(
                                http.get(target).json().get("totalBlocksSize").intValue())
                        .isEqualTo(1_200));
    }

    @Test
    @DisplayName("A user is created and audited although the creating client left")
    void user() throws Exception {
        String name = "user-" + UUID.randomUUID();
        String body = JsonText.object("username", name, "password", name, "permissions", List.of());
        whileLocked("audit", PAUSE, () -> new Leaver(base).asks("POST", "/admin/users", body, bearer), Leaver::leaves);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(http.login(name, name).status()).isEqualTo(200));
        assertThat(http.get("/admin/audit?limit=200").text()).contains(name);
    }

    // ------------------------------------------------------------------------------------------------- route locks

    @Test
    @DisplayName("A route lock that the call made is rolled back, and counted")
    void routeLock() throws Exception {
        String route = "route-" + UUID.randomUUID();
        double before = hangUps();
        whileLocked("route_locks", PAUSE, () -> asksFor(route), Leaver::leaves);
        counted(before + 1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(routeLocks(route)).isZero());
    }

    @Test
    @DisplayName("A route lock is rolled back too if its statement ended after the call")
    void lateRouteLock() throws Exception {
        String route = "route-" + UUID.randomUUID();
        whileLocked("route_locks", OUTAGE, () -> asksFor(route), Leaver::leaves);
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(routeLocks(route)).isZero());
    }

    @Test
    @DisplayName("A route lock that the caller had already stays")
    void routeLockHeldBefore() throws Exception {
        String route = "route-" + UUID.randomUUID();
        assertThat(http.post("/admin/lock", JsonText.object("route", route, "id", 1))
                        .status())
                .isEqualTo(200);
        double before = hangUps();
        whileLocked("route_locks", PAUSE, () -> asksFor(route), Leaver::leaves);
        counted(before + 1);
        assertThat(routeLocks(route)).isEqualTo(1);
    }

    @Test
    @DisplayName("A course lock stays")
    void courseLock() throws Exception {
        String course = "c" + UUID.randomUUID().toString().replace("-", "");
        Accounts accounts = new Accounts(http);
        String sid = accounts.sid(accounts.make("edit-course", "manage-catalog"));
        assertThat(http.send("PUT", "/courses/" + course, new byte[0], sid).status())
                .isLessThan(300);
        assertThat(http.send("PUT", "/courses/" + course + "/gadgets/g", new byte[0], sid)
                        .status())
                .isLessThan(300);
        String body =
                JsonText.object("type", "gadget", "subject", JsonText.nested("courseId", course, "gadgetId", "g"));
        double before = hangUps();
        whileLocked("course_locks", PAUSE, () -> new Leaver(base).asks("POST", "/locks", body, sid), Leaver::leaves);
        counted(before + 1);
        assertThat(http.send("GET", "/locks?subject.courseId=" + course, null, sid)
                        .text())
                .contains("\"g\"");
    }

    // ----------------------------------------------------------------------------------------------------- held calls

    /** The second request waits behind the first, so nothing but the connection tells that the client has gone. */
    @Test
    @DisplayName(
            "A client that waits and leaves gives its place back, also with one request behind on the same connection")
    void waitingWithOneBehind() throws Exception {
        String route = "route-" + UUID.randomUUID();
        String lock = JsonText.object("route", route, "id", 1);
        String waits = JsonText.with(lock, "wait_ms", 25_000);
        String ann = manager();
        String bob = manager();
        assertThat(http.post("/admin/lock", lock, ann).status()).isEqualTo(200);
        for (Consumer<Leaver> how : List.<Consumer<Leaver>>of(Leaver::leaves, Leaver::breaksOff)) {
            Leaver leaver = new Leaver(base)
                    .asks("POST", "/admin/lock", waits, bob)
                    .asks("POST", "/admin/lock", JsonText.object("route", route, "id", 2), bob);
            await().atMost(PATIENCE).until(() -> queued(route) == 1);
            how.accept(leaver);
            await().atMost(Duration.ofSeconds(5)).until(() -> queued(route) == 0);
        }
        assertThat(http.send("DELETE", "/admin/remove-lock", lock.getBytes(StandardCharsets.UTF_8), JSON, ann)
                        .status())
                .isEqualTo(200);
        assertThat(routeLocks(route)).isZero();
        assertThat(http.post("/admin/lock", lock, ann).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("A lock granted in the moment in which its client leaves is rolled back, and the next is served")
    void leavesInTheMomentOfTheGrant() throws Exception {
        String route = "route-" + UUID.randomUUID();
        String lock = JsonText.object("route", route, "id", 1);
        String waits = JsonText.with(lock, "wait_ms", 25_000);
        String ann = manager();
        String bob = manager();
        String carl = manager();
        assertThat(http.post("/admin/lock", lock, ann).status()).isEqualTo(200);
        Leaver leaver = new Leaver(base).asks("POST", "/admin/lock", waits, bob);
        await().atMost(PATIENCE).until(() -> queued(route) == 1);
        Leaver next = new Leaver(base).asks("POST", "/admin/lock", waits, carl);
        await().atMost(PATIENCE).until(() -> queued(route) == 2);
        leaver.breaksOff();
        assertThat(http.send("DELETE", "/admin/remove-lock", lock.getBytes(StandardCharsets.UTF_8), JSON, ann)
                        .status())
                .isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(http.post("/admin/lock", lock, carl).status()).isEqualTo(200);
            assertThat(queued(route)).isZero();
        });
        next.close();
    }

    @Test
    @DisplayName("Over HTTP/2 a reset of the stream of a waiting call gives its place back; other streams wait on")
    void waitingStreamIsReset() throws Exception {
        String route = "route-" + UUID.randomUUID();
        String lock = JsonText.object("route", route, "id", 1);
        String ann = manager();
        assertThat(http.post("/admin/lock", lock, ann).status()).isEqualTo(200);
        Vertx vertx = Vertx.vertx();
        HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(1)
                .setDefaultHost(base.getHost())
                .setDefaultPort(base.getPort()));
        try {
            List<HttpClientRequest> requests = new ArrayList<>();
            List<Future<HttpClientResponse>> answers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String bearerOfOne = manager();
                requests.add(get(client.request(HttpMethod.POST, "/admin/lock")));
                answers.add(requests.get(i)
                        .putHeader("Authorization", bearerOfOne.substring("Authorization: ".length()))
                        .putHeader("Content-Type", "application/json")
                        .send(Buffer.buffer(JsonText.with(lock, "wait_ms", 25_000))));
                int waiting = i + 1;
                await().atMost(PATIENCE).until(() -> queued(route) == waiting);
            }
            requests.getFirst().reset(CANCEL);
            await().atMost(Duration.ofSeconds(5)).until(() -> queued(route) == 1);
            assertThat(http.send("DELETE", "/admin/remove-lock", lock.getBytes(StandardCharsets.UTF_8), JSON, ann)
                            .status())
                    .isEqualTo(200);
            assertThat(get(answers.getLast()).statusCode()).isEqualTo(200);
        } finally {
            get(vertx.close());
        }
    }

    // ----------------------------------------------------------------------------------------------------- helpers

    private static final String JSON = "Content-Type: application/json";

    /** The header of a new user who may lock routes. */
    private String manager() {
        Accounts accounts = new Accounts(http);
        return accounts.bearer(accounts.make("manage-locks"));
    }

    private static long queued(String route) {
        return LockedTable.number("SELECT count(*) FROM lock_waiters WHERE scope = '" + route + "'");
    }

    private interface Leaving {
        /** Answers which of them stay. */
        List<Integer> leave(List<HttpClientRequest> requests);
    }

    private interface Beginning {
        Leaver begin();
    }

    private interface Call {
        Answer send();
    }

    private void leave(int clients, Consumer<Leaver> how) throws Exception {
        List<Leaver> leavers = new ArrayList<>();
        RedisPause.begin(Servers.redisUri(), PAUSE);
        for (int i = 0; i < clients; i++) {
            leavers.add(new Leaver(base).asks("POST", locks(file), lock(i), bearer));
        }
        Thread.sleep(STAY.toMillis());
        leavers.forEach(how);
    }

    private void leave(Duration away, String method, String target, String body, String credential) throws Exception {
        RedisPause.begin(Servers.redisUri(), away);
        try (Leaver leaver = new Leaver(base).asks(method, target, body, credential)) {
            Thread.sleep(STAY.toMillis());
            leaver.leaves();
        }
    }

    /** Ten acquires over one connection, some of them {@code leaving}. */
    private void overHttp2(Leaving leaving) throws Exception {
        Vertx vertx = Vertx.vertx();
        HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(1)
                .setDefaultHost(base.getHost())
                .setDefaultPort(base.getPort()));
        try {
            List<HttpClientRequest> requests = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                requests.add(get(client.request(HttpMethod.POST, locks(file))));
            }
            RedisPause.begin(Servers.redisUri(), PAUSE);
            List<Future<HttpClientResponse>> answers = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                answers.add(requests.get(i)
                        .putHeader("Authorization", bearer.substring("Authorization: ".length()))
                        .putHeader("Content-Type", "application/json")
                        .send(Buffer.buffer(lock(i))));
            }
            Thread.sleep(STAY.toMillis());
            for (int stays : leaving.leave(requests)) {
                assertThat(get(answers.get(stays)).statusCode()).isEqualTo(200);
            }
        } finally {
            get(vertx.close());
        }
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** Begins something while nobody gets at the table, leaves, and lets go of the table. */
    private static void whileLocked(String table, Duration length, Beginning beginning, Consumer<Leaver> how)
            throws Exception {
        Map<String, String> settings = Servers.postgresSettings();
        try (Connection connection = DriverManager.getConnection(
                settings.get("quarkus.datasource.jdbc.url"),
                settings.get("quarkus.datasource.username"),
                settings.get("quarkus.datasource.password"))) {
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
            }
            try (Leaver leaver = beginning.begin()) {
                Thread.sleep(STAY.toMillis());
                how.accept(leaver);
            }
            Thread.sleep(length.minus(STAY).toMillis());
            connection.rollback();
        } catch (SQLException e) {
            throw new IOException(table, e);
        }
    }

    private Leaver asksFor(String route) {
        return new Leaver(base).asks("POST", "/admin/lock", JsonText.object("route", route, "id", 1), bearer);
    }

    private int routeLocks(String route) {
        return http.get("/admin/locks?route=" + route)
                .json()
                .get("data")
                .get("locks")
                .size();
    }

    private static String lock(int number) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                Integer.toString(100 * number),
                "size",
                "10",
                "owner_id",
                SOME_OWNER);
    }

    private static String locks(String ref) {
        return "/v1/files/" + ref + "/locks/nlm/byte-range/";
    }

    private List<String> offsets(String ref) {
        Answer list = http.get(locks(ref));
        assertThat(list.status()).as(list.text()).isEqualTo(200);
        List<String> offsets = new ArrayList<>();
        for (JsonNode grant : list.json().get("grants")) {
            offsets.add(grant.get("offset").textValue());
        }
        return offsets;
    }

    private int held(String machine) {
        Answer list = http.get("/v1/files/locks/nlm/byte-range/?owner_name=" + machine);
        assertThat(list.status()).as(list.text()).isEqualTo(200);
        return list.json().get("grants").size();
    }

    private void noLock(String ref) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(offsets(ref)).isEmpty());
    }

    private static Answer awaitStatus(int status, Call call) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Answer answer = call.send();
        while (answer.status() != status && System.nanoTime() < end) {
            answer = call.send();
        }
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    /** Every one that left before its answer is counted, whatever became of its call. */
    private void counted(double expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(hangUps()).isEqualTo(expected));
    }

    private double hangUps() {
        return hangUps("");
    }

    /** @param label of the series that count */
    private double hangUps(String label) {
        return new RawHttp(metrics())
                .get(metrics().getPath(), "Authorization: none")
                .text()
                .lines()
                .filter(line -> line.startsWith("lockgate_http_hangups_total{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
