package io.lockgate.api.courses;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.ConcurrentHttp;
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

/** docs/api-courses.md, row by row, and what bad input gets. Each test has a course of its own. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class CoursesApiTest {
    private static final String EDIT = "edit-course";
    private static final String CATALOG = "manage-catalog";
    private static final int RACERS = 64;

    @TestHTTPResource("/")
    URI base;

    @Inject
    AgroalDataSource database;

    RawHttp http;
    String course;
    String internal;
    String ann;
    String bob;
    Accounts accounts;
    Accounts.Account annie;

    @BeforeEach
    void makeCourse() {
        http = new RawHttp(base);
        course = "c" + UUID.randomUUID().toString().replace("-", "");
        accounts = new Accounts(http);
        annie = accounts.make(EDIT, CATALOG);
        ann = accounts.sid(annie);
        bob = accounts.sid(accounts.make(EDIT, CATALOG));
        Answer made = http.send("PUT", "/courses/" + course, new byte[0], ann);
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        internal = made.json().get("internalId").textValue();
        assertThat(made.text()).isEqualTo(JsonText.object("courseId", course, "internalId", internal));
        for (String gadget : List.of("g1", "g2")) {
            Answer known = http.send("PUT", "/courses/" + course + "/gadgets/" + gadget, null, ann);
            assertThat(known.text()).isEqualTo(JsonText.object("courseId", course, "gadgetId", gadget));
        }
    }

    @Test
    @DisplayName("A lock is created with 201, renewed under its id, 403 for others, and 404 after DELETE")
    void statusTable() {
        String id = taken(ann, course, "g1");
        Answer again = lock(ann, course, "g1");
        assertThat(again.text())
                .isEqualTo(JsonText.object(
                        "id",
                        id,
                        "type",
                        "gadget",
                        "subject",
                        JsonText.nested("courseId", course, "gadgetId", "g1"),
                        "ownerId",
                        annie.id(),
                        "expiresIn",
                        300000));
        is(lock(bob, course, "g1"), 403, "Resource locked");
        is(http.delete("/locks/" + id, bob), 403, "Insufficient permissions");
        Answer freed = http.delete("/locks/" + id, ann);
        assertThat(freed.status()).isEqualTo(200);
        assertThat(freed.text()).isEqualTo("{}");
        assertThat(freed.header("content-type")).contains("application/json");
        is(http.delete("/locks/" + id, ann), 404, "Lock '" + id + "' not found");
        taken(bob, course, "g1");
    }

    @Test
    @DisplayName("Both keys reach the same course, and answers show the course id")
    void eitherKey() {
        String id = taken(ann, internal, "g1");
        for (String key : List.of(course, internal)) {
            JsonNode rows = http.get("/locks?subject.courseId=" + key, bob).json();
            assertThat(rows).hasSize(1);
            assertThat(rows.get(0).get("id").textValue()).isEqualTo(id);
            assertThat(rows.get(0).at("/subject/courseId").textValue()).isEqualTo(course);
            assertThat(rows.get(0).get("expiresIn").longValue()).isBetween(1L, 300_000L);
        }
        assertThat(http.send("PUT", "/courses/" + internal + "/gadgets/x%2Fy", null, ann)
                        .json()
                        .get("gadgetId")
                        .textValue())
                .isEqualTo("x/y");
        taken(bob, course, "x/y");
    }

    @Test
    @DisplayName("Acquiring another lock releases the user's old one; the two are never listed together (H19)")
    void oneLockPerUser() {
        String first = taken(ann, course, "g1");
        String second = taken(ann, course, "g2");
        assertThat(second).isNotEqualTo(first);
        JsonNode rows = http.get("/locks?subject.courseId=" + course, ann).json();
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).get("id").textValue()).isEqualTo(second);
        taken(bob, course, "g1");
        is(lock(ann, course, "g1"), 403, "Resource locked");
        assertThat(http.get("/locks?subject.courseId=" + course, ann).json()).hasSize(2);
    }

    @Test
    @DisplayName("A call with wait_ms is held until the lock is free; until then the user's old lock stands")
    void waits() {
        String anns = taken(ann, course, "g1");
        String bobs = taken(bob, course, "g2");
        is(waiting(bob, "g1", 100).join(), 403, "Resource locked");
        CompletableFuture<Answer> moves = waiting(bob, "g1", 20_000);
        Awaitility.await().until(() -> queued() == 1);
        assertThat(http.get("/locks?subject.courseId=" + course, ann).text()).contains("\"id\":\"" + bobs + "\"");
        assertThat(http.delete("/locks/" + anns, ann).status()).isEqualTo(200);
        Answer moved = moves.join();
        assertThat(moved.status()).as(moved.text()).isEqualTo(201);
        assertThat(http.get("/locks?subject.courseId=" + course, ann).json()).hasSize(1);
        taken(ann, course, "g2");
    }

    @Test
    @DisplayName("A lock that expires is given to the first who waits for it")
    void expiryServes() {
        String id = taken(ann, course, "g1");
        CompletableFuture<Answer> bobs = waiting(bob, "g1", 20_000);
        Awaitility.await().until(() -> queued() == 1);
        Users.execute(database, "UPDATE course_locks SET expires_at = now() WHERE id = " + id);
        assertThat(bobs.join().status()).isEqualTo(201);
    }

    @Test
    @DisplayName("A malformed wait_ms gets 400 that names it, and nothing is stored")
    void malformedWait() {
        for (String wait : List.of("\"5\"", "-1", "25001", "1.5", "true")) {
            Answer answer =
                    http.post("/locks", JsonText.with(request(course, "g1"), "wait_ms", JsonText.raw(wait)), ann);
            assertThat(answer.status()).as(wait).isEqualTo(400);
            assertThat(answer.json().get("message").textValue()).contains("field 'wait_ms' ");
        }
        assertThat(http.get("/locks?subject.courseId=" + course, ann).text()).isEqualTo("[]");
    }

    private CompletableFuture<Answer> waiting(String caller, String gadget, int waitMs) {
        return Background.run(
                () -> http.post("/locks", JsonText.with(request(course, gadget), "wait_ms", waitMs), caller));
    }

    private long queued() {
        return Users.number(database, "SELECT count(*) FROM lock_waiters WHERE scope = '" + course + "'");
    }

    @Test
    @DisplayName("An expired lock is not listed, cannot be released, and is free for other users at once")
    void expiredIsFree() {
        String id = taken(ann, course, "g1");
        Users.execute(database, "UPDATE course_locks SET expires_at = now() WHERE id = " + id);
        assertThat(http.get("/locks?subject.courseId=" + course, ann).text()).isEqualTo("[]");
        is(http.delete("/locks/" + id, ann), 404, "Lock '" + id + "' not found");
        assertThat(taken(bob, course, "g1")).isNotEqualTo(id);
        is(lock(ann, course, "g1"), 403, "Resource locked");
    }

    @Test
    @DisplayName("An unknown course, gadget or lock gets 404 and is named")
    void unknownThings() {
        is(http.get("/locks?subject.courseId=nosuch1", ann), 404, "Course 'nosuch1' not found");
        is(
                http.get("/locks?subject.courseId=99999999999999999999", ann),
                404,
                "Course '99999999999999999999' not found");
        is(lock(ann, "nosuch1", "g1"), 404, "Course 'nosuch1' not found");
        is(lock(ann, course, "nosuch"), 404, "Gadget 'nosuch' not found");
        is(http.delete("/locks/9223372036854775807", ann), 404, "Lock '9223372036854775807' not found");
        is(http.send("PUT", "/courses/nosuch1/gadgets/g", null, ann), 404, "Course 'nosuch1' not found");
    }

    @Test
    @DisplayName("Every call answers 401 without a valid session and 403 without a permission or outside its scope")
    void whoMayNothing() {
        String nobody = accounts.sid(accounts.make());
        String partner = "SID: " + accounts.token(annie.name(), "partner");
        String elsewhere = accounts.sid(
                accounts.make(Accounts.scoped("edit-course", "other1"), Accounts.scoped("manage-catalog", "other1")));
        Accounts.Account left = accounts.make(EDIT, CATALOG);
        String deleted = accounts.sid(left);
        accounts.delete(left);
        for (String target : List.of(
                "GET /locks?subject.courseId=" + course,
                "POST /locks",
                "DELETE /locks/1",
                "PUT /courses/abcdef",
                "PUT /courses/" + course + "/gadgets/g")) {
            String[] call = target.split(" ", -1);
            byte[] body = call[0].equals("POST") ? request(course, "g1").getBytes(StandardCharsets.UTF_8) : null;
            is(RawHttp.anonymous(base).send(call[0], call[1], body), 401, "Invalid credentials");
            is(http.send(call[0], call[1], body, deleted), 401, "Invalid credentials");
            is(http.send(call[0], call[1], body, nobody), 403, "Insufficient permissions");
            if (!call[0].equals("DELETE")) {
                is(http.send(call[0], call[1], body, elsewhere), 403, "Insufficient permissions");
            }
        }
        is(lock(partner, course, "g1"), 401, "Invalid credentials");
        taken(accounts.sid(accounts.make(Accounts.scoped("edit-course", course))), internal, "g1");
    }

    @ParameterizedTest
    @DisplayName("A malformed body gets 400 and a text that names the fault")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                       | field 'type' not found
            {"type":"lesson","subject":{}}                           | field 'type' is not gadget
            {"type":7,"subject":{}}                                  | field 'type' has the wrong JSON type
            {"type":"gadget"}                                        | field 'subject' not found
            {"type":"gadget","subject":"x"}                          | field 'subject' has the wrong JSON type
            {"type":"gadget","subject":{"gadgetId":"g"}}             | field 'subject.courseId' not found
            {"type":"gadget","subject":{"courseId":"abcdef"}}        | field 'subject.gadgetId' not found
            {"type":"gadget","subject":{"courseId":7,"gadgetId":"g"}} | field 'subject.courseId' has the wrong JSON type
            {"type":"gadget","subject":{"courseId":"abcdef","gadgetId":"a\\u0000"}} | field 'subject.gadgetId' holds a control character
            {"type":"gadget","subject":{"courseId":"","gadgetId":"g"}} | field 'subject.courseId' is empty
            {                                                        | the body is not readable JSON
            null                                                     | the body is null
            """)
    void malformed(String body, String fault) {
        Answer answer = http.post("/locks", body, ann);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().get("error").intValue()).isEqualTo(400);
        assertThat(answer.json().get("message").textValue())
                .startsWith("Bad request: ")
                .contains(fault);
    }

    @Test
    @DisplayName("Bad ids, parameters, methods and media types get an error in the courses API's format")
    void otherBadInput() {
        is(http.get("/locks", ann), 400, "Bad request: field 'subject.courseId' not found");
        is(http.delete("/locks/9223372036854775808", ann), 400, "Bad request: field 'lockId' is beyond 64 bits");
        is(http.delete("/locks/abc", ann), 400, "Bad request: field 'lockId' is no 64-bit number");
        is(http.post("/locks", "", ann), 400, "Bad request: the body is empty");
        is(lock(ann, course, "x".repeat(257)), 400, "Bad request: field 'subject.gadgetId' is longer than 256 bytes");
        is(lock(ann, course, "x".repeat(20_000)), 413, "Payload too large");
        for (String id : List.of("123456", "abc", "ABCDEF", "ab-cdef", "a".repeat(257))) {
            assertThat(http.send("PUT", "/courses/" + id, null, ann).status())
                    .as(id)
                    .isEqualTo(400);
        }
        is(http.get("/locks/1", ann), 405, "Method not allowed");
        is(http.get("/courses", ann), 404, "Not found");
        is(
                http.send("POST", "/locks", new byte[] {'x'}, "Content-Type: text/plain", ann),
                415,
                "Unsupported media type");
        assertThat(http.get("/locks?subject.courseId=%zz", ann)
                        .json()
                        .get("error")
                        .intValue())
                .isEqualTo(400);
    }

    @Test
    @Tag("slow")
    @DisplayName("When 64 users race for a few gadgets, no gadget and no user ever has two locks, and no call gets 5xx")
    void racersNeverShare() {
        int rounds = Integer.getInteger("lockgate.race.rounds", 1_000);
        List<String> users = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            users.add(accounts.sid(accounts.make(EDIT)));
        }
        String twice = "SELECT count(*) FROM (SELECT 1 FROM course_locks WHERE expires_at > now() GROUP BY course_id,"
                + " gadget_id HAVING count(*) > 1 UNION ALL SELECT 1 FROM course_locks WHERE expires_at > now()"
                + " GROUP BY owner, type HAVING count(*) > 1) AS twice";
        for (int g = 3; g <= 8; g++) {
            http.send("PUT", "/courses/" + course + "/gadgets/g" + g, null, ann);
        }
        try (ConcurrentHttp crowd = new ConcurrentHttp(base)) {
            for (int round = 0; round < rounds; round++) {
                int shift = round;
                List<Integer> answers = crowd
                        .atOnce(
                                RACERS,
                                i -> crowd.json(
                                        "POST",
                                        "/locks",
                                        request(course, "g" + (1 + (i + shift * (1 + i % 3)) % 8)),
                                        users.get(i)))
                        .stream()
                        .map(HttpResponse::statusCode)
                        .toList();
                assertThat(answers).containsOnly(201, 403);
                assertThat(Users.number(database, twice)).isZero();
                // Some expire, so that their places are fought for again.
                Users.execute(
                        database,
                        "UPDATE course_locks SET expires_at = now() WHERE course_id = '" + course + "' AND id % 2 = "
                                + round % 2);
            }
        }
    }

    private String taken(String caller, String courseKey, String gadget) {
        Answer answer = lock(caller, courseKey, gadget);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().get("id").textValue();
    }

    private Answer lock(String caller, String courseKey, String gadget) {
        return http.post("/locks", request(courseKey, gadget), caller);
    }

    private static String request(String courseKey, String gadget) {
        return JsonText.object("type", "gadget", "subject", JsonText.nested("courseId", courseKey, "gadgetId", gadget));
    }

    private static void is(Answer answer, int status, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).isEqualTo(JsonText.object("error", status, "message", message));
        assertThat(answer.header("content-type")).contains("application/json");
    }
}
