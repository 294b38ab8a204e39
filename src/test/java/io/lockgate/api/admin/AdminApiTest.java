package io.lockgate.api.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.ConcurrentHttp;
import io.lockgate.testing.FailingTable;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** docs/api-admin.md, row by row, and what bad input gets. Each test has routes of its own. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class AdminApiTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String MANAGE = "manage-locks";
    private static final int RACERS = 64;

    @TestHTTPResource("/")
    URI base;

    @Inject
    AgroalDataSource database;

    RawHttp http;
    String route;
    Accounts accounts;
    Accounts.Account annie;
    String ann;
    String bob;

    @BeforeEach
    void makeUsers() {
        http = new RawHttp(base);
        route = "r" + UUID.randomUUID();
        accounts = new Accounts(http);
        annie = accounts.make(MANAGE);
        ann = accounts.bearer(annie);
        bob = accounts.bearer(accounts.make(MANAGE));
    }

    @Test
    @DisplayName("Lock and unlock answer 200 for the holder, 409 or 403 for other users, and 404 if nothing is locked")
    void statusTable() {
        is(lock(ann, body("1234")), 200, "Success");
        is(lock(ann, body("1234")), 200, "Success");
        is(lock(bob, body("1234")), 409, "Conflict");
        is(unlock(bob, body("1234")), 403, "Forbidden");
        is(unlock(ann, body("1234")), 200, "Success");
        is(unlock(ann, body("1234")), 404, "Not found");
        is(lock(bob, body("1234")), 200, "Success");
    }

    /** The client locks with a string and unlocks with a number (docs/api-admin.md, "Identity"). */
    @Test
    @DisplayName("An id may be a number or a string, and both name the same lock")
    void numberAndStringAreOneId() {
        is(lock(ann, body("1234")), 200, "Success");
        is(lock(bob, body(1234)), 409, "Conflict");
        is(unlock(ann, body(1234)), 200, "Success");
        is(lock(bob, body(0)), 200, "Success");
        is(unlock(bob, body("0")), 200, "Success");
    }

    @Test
    @DisplayName("Route and id are separate parts of the key and are not concatenated")
    void partsAreNotGlued() {
        is(lock(ann, JsonText.object("route", route + "a", "id", "b")), 200, "Success");
        is(lock(bob, JsonText.object("route", route, "id", "ab")), 200, "Success");
    }

    @Test
    @DisplayName("Every call answers 401 without a credential, 403 without a permission, 404 for a deleted user")
    void whoMayNothing() {
        String nobody = accounts.bearer(accounts.make());
        Accounts.Account left = accounts.make(MANAGE, "force-locks");
        String deleted = accounts.bearer(left);
        accounts.delete(left);
        for (String[] call : new String[][] {
            {"POST", "/admin/lock"},
            {"DELETE", "/admin/remove-lock"},
            {"GET", "/admin/locks"},
            {"DELETE", "/admin/locks/volume/1?force=true&reason=x"}
        }) {
            byte[] body = call[0].equals("GET") ? null : body(1).getBytes(StandardCharsets.UTF_8);
            is(RawHttp.anonymous(base).send(call[0], call[1], body, JSON), 401, "Unauthorized");
            is(http.send(call[0], call[1], body, JSON, nobody), 403, "Forbidden");
            is(http.send(call[0], call[1], body, JSON, deleted), 404, "Not found");
        }
    }

    @Test
    @DisplayName("A scope limits the routes that can be locked and that are listed")
    void scopes() {
        String scoped = accounts.bearer(accounts.make(Accounts.scoped("manage-locks", route)));
        is(lock(scoped, body(1)), 200, "Success");
        is(lock(scoped, JsonText.object("route", "other", "id", "1")), 403, "Forbidden");
        is(unlock(scoped, JsonText.object("route", "other", "id", "1")), 403, "Forbidden");
        is(http.get("/admin/locks?route=other", scoped), 403, "Forbidden");
        JsonNode rows = http.get("/admin/locks", scoped).json().at("/data/locks");
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).get("route").textValue()).isEqualTo(route);
    }

    @ParameterizedTest
    @DisplayName("A missing, empty or null field gets 400 \"Missing parameters\"")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ``
                    {}
                    {"route":"volume"}
                    {"id":"1"}
                    {"route":"","id":"1"}
                    {"route":"volume","id":""}
                    {"route":null,"id":"1"}
                    {"route":"volume","id":null}
                    """)
    void missingParameters(String body) {
        is(lock(ann, body), 400, "Missing parameters");
        is(unlock(ann, body), 400, "Missing parameters");
    }

    @ParameterizedTest
    @DisplayName("A malformed body gets 400 and a text that names the fault")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"route":1,"id":"1"}                    | field 'route' has the wrong JSON type
            {"route":"volume","id":true}            | field 'id' has the wrong JSON type
            {"route":"volume","id":1.5}             | field 'id' has the wrong JSON type
            {"route":"volume","id":{}}              | field 'id' has the wrong JSON type
            {"route":"volume","id":["1"]}           | field 'id' has the wrong JSON type
            {"route":"volume","id":9007199254740992} | field 'id' is beyond 2^53-1 and must be a string
            {"route":"volume","id":99999999999999999999} | field 'id' is beyond 2^53-1 and must be a string
            {"route":"volume","id":"a\\u0000b"}     | field 'id' holds a control character
            {"route":"a\\nb","id":"1"}              | field 'route' holds a control character
            {"route":"volume","id":"\\ud800"}       | field 'id' holds a lone surrogate, which UTF-8 cannot carry
            [1]                                     | the body is not of the JSON type that is expected here
            null                                    | the body is null
            {                                       | the body is not readable JSON at line 1, column 2
            """)
    void malformed(String body, String fault) {
        Answer answer = lock(ann, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().get("code").intValue()).isEqualTo(400);
        assertThat(answer.json().get("data").textValue())
                .startsWith("Bad request: ")
                .contains(fault.split(" at ", -1)[0]);
        assertThat(unlock(ann, body).status()).isEqualTo(400);
    }

    @Test
    @DisplayName("An id of 256 bytes is accepted, a longer one gets 400, an oversized body 413")
    void overLong() {
        assertThat(lock(ann, body("x".repeat(256))).status()).isEqualTo(200);
        is(lock(ann, body("x".repeat(257))), 400, "Bad request: field 'id' is longer than 256 bytes");
        is(lock(ann, body("x".repeat(20_000))), 413, "Payload too large");
    }

    @Test
    @DisplayName("Errors raised by the framework have the admin API's format")
    void frameworkFailures() {
        is(http.get("/admin/nothing", ann), 404, "Not found");
        is(http.get("/admin", ann), 404, "Not found");
        Answer wrongMethod = http.get("/admin/lock", ann);
        is(wrongMethod, 405, "Method not allowed");
        assertThat(wrongMethod.header("allow")).contains("POST");
        is(
                http.send("POST", "/admin/lock", new byte[] {'x'}, "Content-Type: text/plain", ann),
                415,
                "Unsupported media type");
        assertThat(http.get("/admin/%zz", ann).json().get("code").intValue()).isEqualTo(400);
        assertThat(http.get("/admin/locks?route=%zz", ann).json().get("code").intValue())
                .isEqualTo(400);
        assertThat(http.delete("/admin/locks/%2e%2e/1?force=true&reason=x", ann)
                        .json()
                        .get("code")
                        .intValue())
                .isEqualTo(400);
        assertThat(http.get("/admin/locks", ann, "Accept: text/html").status()).isEqualTo(200);
    }

    @Test
    @DisplayName("Pages contain every lock exactly once, in order, with holder and time")
    void listsByPages() {
        for (int i = 10; i < 15; i++) {
            is(lock(ann, body("a/b " + i)), 200, "Success");
        }
        List<String> ids = new ArrayList<>();
        String target = "/admin/locks?limit=2&route=" + route;
        while (target != null) {
            Answer page = http.get(target, bob);
            assertThat(page.status()).as(page.text()).isEqualTo(200);
            JsonNode data = page.json().get("data");
            assertThat(data.get("locks").size()).isBetween(1, 2);
            data.get("locks").forEach(row -> {
                assertThat(row.at("/holder/id").textValue()).isEqualTo(annie.id());
                assertThat(row.at("/holder/username").textValue()).startsWith("user-");
                assertThat(row.get("since").textValue()).startsWith("20").endsWith("Z");
                ids.add(row.get("id").textValue());
            });
            target = data.path("next").textValue();
        }
        assertThat(ids).containsExactly("a/b 10", "a/b 11", "a/b 12", "a/b 13", "a/b 14");
        for (String bad : List.of("limit=0", "limit=-1", "limit=x", "after=x", "after=/", "route=" + "x".repeat(300))) {
            assertThat(http.get("/admin/locks?" + bad, bob).status()).as(bad).isEqualTo(400);
        }
    }

    @Test
    @DisplayName("A break needs its permission and a reason, and is recorded in the audit trail")
    void breakIsAudited() {
        Accounts.Account root = accounts.make(MANAGE, "force-locks");
        String admin = accounts.bearer(root);
        String elsewhere = accounts.bearer(accounts.make(Accounts.scoped("force-locks", "other")));
        is(lock(ann, body("a/b")), 200, "Success");
        String target = "/admin/locks/" + route + "/a%2Fb";
        is(http.delete(target + "?force=true&reason=x", bob), 403, "Forbidden");
        is(http.delete(target + "?force=true&reason=x", elsewhere), 403, "Forbidden");
        is(http.delete(target + "?reason=x", admin), 400, "Missing parameters");
        is(http.delete(target + "?force=true", admin), 400, "Missing parameters");
        is(http.delete(target + "?force=true&reason=%20", admin), 400, "Missing parameters");
        assertThat(http.delete(target + "?force=false&reason=x", admin).status())
                .isEqualTo(400);
        assertThat(audited(root)).isZero();
        is(http.delete(target + "?force=true&reason=on%20holiday", admin), 200, "Success");
        is(http.delete(target + "?force=true&reason=on%20holiday", admin), 404, "Not found");
        assertThat(audited(root)).isEqualTo(1);
        assertThat(Users.number(
                        database,
                        "SELECT count(*) FROM audit a JOIN users u ON u.username = a.whose WHERE u.id = " + annie.id()
                                + " AND what = 'force-route-lock' AND object = 'route " + route
                                + " id a/b' AND reason = 'on holiday'"))
                .isEqualTo(1);
        is(lock(bob, body("a/b")), 200, "Success");
    }

    /** 1,000 rounds; fewer with {@code -Dlockgate.race.rounds=10}. */
    @Test
    @Tag("slow")
    @DisplayName("Of 64 users who race for one lock exactly one gets 200, the others 409, and one row exists")
    void oneWinsEachRace() {
        int rounds = Integer.getInteger("lockgate.race.rounds", 1_000);
        List<String> users = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            users.add(accounts.bearer(accounts.make(MANAGE)));
        }
        try (ConcurrentHttp crowd = new ConcurrentHttp(base)) {
            for (int round = 0; round < rounds; round++) {
                String body = body(round);
                List<Integer> answers =
                        crowd.atOnce(RACERS, i -> crowd.json("POST", "/admin/lock", body, users.get(i))).stream()
                                .map(HttpResponse::statusCode)
                                .toList();
                assertThat(answers).filteredOn(status -> status == 200).hasSize(1);
                assertThat(answers).filteredOn(status -> status == 409).hasSize(RACERS - 1);
                assertThat(Users.number(
                                database,
                                "SELECT count(*) FROM route_locks WHERE route = '" + route + "' AND id = '" + round
                                        + "'"))
                        .isEqualTo(1);
            }
        }
    }

    // ----------------------------------------------------------------------------------------------------- waiting

    @Test
    @DisplayName(
            "A call with wait_ms is held until the lock is free and answered as if it had been; zero and null do not wait")
    void waits() {
        is(lock(ann, body(1)), 200, "Success");
        for (Object none : new Object[] {0, JsonText.raw("null")}) {
            is(lock(bob, JsonText.with(body(1), "wait_ms", none)), 409, "Conflict");
        }
        CompletableFuture<Answer> bobs = waiting(bob);
        is(lock(ann, JsonText.with(body(1), "wait_ms", 20_000)), 200, "Success");
        is(unlock(ann, body(1)), 200, "Success");
        is(bobs.join(), 200, "Success");
        is(lock(ann, body(1)), 409, "Conflict");
    }

    @Test
    @DisplayName("A wait that is over is a 409, and leaves nothing behind")
    void waitIsOver() {
        is(lock(ann, body(1)), 200, "Success");
        is(lock(bob, JsonText.with(body(1), "wait_ms", 100)), 409, "Conflict");
        Awaitility.await().until(() -> queued() == 0);
        is(unlock(ann, body(1)), 200, "Success");
        is(lock(bob, body(1)), 200, "Success");
    }

    @ParameterizedTest
    @DisplayName("A malformed wait_ms gets 400 that names it, whether the lock is free or not, and nothing is stored")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "5"         | has the wrong JSON type
            1.5         | has the wrong JSON type
            true        | has the wrong JSON type
            [1]         | has the wrong JSON type
            -1          | is not between 0 and 25000
            25001       | is not between 0 and 25000
            99999999999 | is not between 0 and 25000
            """)
    void malformedWait(String wait, String fault) {
        is(
                lock(ann, JsonText.with(body(1), "wait_ms", JsonText.raw(wait))),
                400,
                "Bad request: field 'wait_ms' " + fault);
        is(unlock(ann, body(1)), 404, "Not found");
    }

    @Test
    @Tag("slow")
    @DisplayName("A caller who loses the permission, the token or the user while it waits gets what such a caller gets")
    void losesItWhileWaiting() {
        is(lock(ann, body(1)), 200, "Success");
        Accounts.Account carl = accounts.make(MANAGE);
        Accounts.Account dora = accounts.make(MANAGE);
        Accounts.Account eric = accounts.make(MANAGE);
        JsonNode token = accounts.made(dora.name(), "bearer");
        CompletableFuture<Answer> carls = waiting(accounts.bearer(carl));
        CompletableFuture<Answer> doras =
                waiting("Authorization: Bearer " + token.get("token").textValue());
        CompletableFuture<Answer> erics = waiting(accounts.bearer(eric));
        assertThat(http.send(
                                "PATCH",
                                "/admin/users/" + carl.id(),
                                "{\"permissions\":[]}".getBytes(StandardCharsets.UTF_8),
                                JSON)
                        .status())
                .isEqualTo(200);
        assertThat(http.delete("/admin/tokens/" + token.get("id").asText()).status())
                .isEqualTo(200);
        accounts.delete(eric);
        is(carls.join(), 403, "Forbidden");
        is(doras.join(), 401, "Unauthorized");
        is(erics.join(), 404, "Not found");
    }

    /** A call of {@code caller} that has its place when this returns. */
    private CompletableFuture<Answer> waiting(String caller) {
        long before = queued();
        CompletableFuture<Answer> answer =
                Background.run(() -> lock(caller, JsonText.with(body(1), "wait_ms", 20_000)));
        Awaitility.await().until(() -> queued() == before + 1);
        return answer;
    }

    private long queued() {
        return Users.number(database, "SELECT count(*) FROM lock_waiters WHERE scope = '" + route + "'");
    }

    @Test
    @DisplayName("A failure in the database is a 500 and changes nothing")
    void internalError() {
        is(lock(ann, body(1)), 200, "Success");
        try (FailingTable _ = new FailingTable(database, "route_locks")) {
            is(lock(ann, body(2)), 500, "Internal server error");
            is(unlock(ann, body(1)), 500, "Internal server error");
        }
        is(lock(bob, body(1)), 409, "Conflict");
        is(lock(bob, body(2)), 200, "Success");
    }

    @Test
    @DisplayName("A break that cannot be audited does not happen")
    void unauditedBreakDoesNotHappen() {
        String admin = accounts.bearer(accounts.make("force-locks"));
        is(lock(ann, body(1)), 200, "Success");
        try (FailingTable _ = new FailingTable(database, "audit")) {
            is(http.delete("/admin/locks/" + route + "/1?force=true&reason=x", admin), 500, "Internal server error");
        }
        is(lock(bob, body(1)), 409, "Conflict");
    }

    private long audited(Accounts.Account actor) {
        return Users.number(
                database,
                "SELECT count(*) FROM audit WHERE what = 'force-route-lock' AND actor = '" + actor.name() + "'");
    }

    private Answer lock(String caller, String body) {
        return http.post("/admin/lock", body, caller);
    }

    private Answer unlock(String caller, String body) {
        return http.send("DELETE", "/admin/remove-lock", body.getBytes(StandardCharsets.UTF_8), JSON, caller);
    }

    private String body(Object id) {
        return JsonText.object("route", route, "id", id);
    }

    private static void is(Answer answer, int status, String data) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).isEqualTo(JsonText.object("data", data, "code", status));
        assertThat(answer.header("content-type")).contains("application/json");
    }
}
