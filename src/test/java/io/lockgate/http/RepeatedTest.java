package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is given twice is refused: the order would decide which of the two counts. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
@Tag("slow")
class RepeatedTest {
    private static final String LOCKS = "/v1/files/790/locks/nlm/byte-range/";

    @TestHTTPResource("/")
    URI base;

    RawHttp http;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
    }

    private Answer put(String target, String body, String... headers) {
        return http.send("PUT", target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=1&limit=2",
                "limit=1&limit=1",
                "limit=1&mine=true&LIMIT=2",
                "limit=1&%6Cimit=2",
                "limit=1;limit=2",
                "limit&limit=2",
                "limit=1&&limit="
            })
    @DisplayName("A parameter given twice is 400 and named, in the format of each API")
    void parameters(String query) {
        Answer files = http.get("/v1/files/locks/nlm/byte-range/?" + query);
        assertThat(files.status()).isEqualTo(400);
        assertThat(files.json().get("description").textValue()).containsIgnoringCase("field 'limit' is given twice");
        Answer api = http.get("/api" + LOCKS + "?" + query);
        assertThat(api.status()).isEqualTo(400);
        assertThat(api.json().get("error_class").textValue()).isEqualTo("decode_error");
        Answer admin = http.get("/admin/locks?" + query);
        assertThat(admin.status()).isEqualTo(400);
        assertThat(admin.json().get("data").textValue()).containsIgnoringCase("field 'limit' is given twice");
        Answer users = http.get("/admin/users?" + query);
        assertThat(users.status()).isEqualTo(400);
        Answer distribution = http.get("/data/x/distribution?" + query);
        assertThat(distribution.status()).isEqualTo(400);
        assertThat(distribution.json().get("error_description").textValue())
                .containsIgnoringCase("'limit' is given twice");
    }

    @Test
    @DisplayName(
            "A repeated parameter is named in a release and at the courses API too, but an unprintable name is not")
    void otherCalls() {
        Answer release = http.delete(LOCKS + "?offset=0&size=1&owner_id=a&owner_id=b");
        assertThat(release.status()).isEqualTo(400);
        assertThat(release.json().get("description").textValue()).isEqualTo("field 'owner_id' is given twice");
        assertThat(http.delete(LOCKS + "?offset=0&size=0&owner_id=a&any_owner=false&any_owner=true")
                        .status())
                .isEqualTo(400);
        Answer courses = http.get("/locks?subject.courseId=a&subject.courseId=b");
        assertThat(courses.status()).isEqualTo(400);
        assertThat(courses.json().get("message").textValue()).contains("field 'subject.courseId' is given twice");
        assertThat(http.get(LOCKS + "?%1B[2J=1&%1B[2J=2")
                        .json()
                        .get("description")
                        .textValue())
                .isEqualTo("field '(query)' is given twice");
        assertThat(http.get(LOCKS + "?limit=1&mine=true&owner_id=1").status()).isEqualTo(200);
    }

    @Test
    @DisplayName("A JSON field given twice is 400 in every body")
    void fields() {
        String lock = """
                {"mode":["API_BYTE_RANGE_SHARED"],"offset":"0","size":"1","size":"2","owner_id":"o"}""";
        String nested = lock.replace("\"size\":\"2\",", "");
        for (Answer answer : new Answer[] {
            http.post(LOCKS, lock),
            http.post(LOCKS + "test", lock),
            http.post(LOCKS + "batch", JsonText.object("locks", List.of(JsonText.raw(nested)), "locks", List.of())),
            http.post(LOCKS + "batch", JsonText.object("locks", List.of(JsonText.raw(lock)))),
            http.post("/v1/session/login", JsonText.object("username", "dev", "password", "dev", "password", "x")),
            http.post(
                    "/v1/session/login",
                    JsonText.object("username", "dev", "password", "dev", "a", JsonText.nested("x", 1, "x", 2))),
            http.post("/v1/files/locks/fence/check", JsonText.object("file_id", "1", "file_id", "2")),
            http.post("/v1/files/%2F/entries", JsonText.object("name", "a", "name", "b", "action", "CREATE_FILE")),
            http.post(
                    "/v1/files/locks/nlm/grants/1-00000000000000ff/renew",
                    JsonText.object("lease_ms", 5000, "lease_ms", 6000)),
            http.post("/auth/login", JsonText.object("username", "dev", "password", "dev", "password", "x")),
            http.post("/admin/lock", JsonText.object("route", "a", "id", "1", "id", "2")),
            http.post("/admin/users", JsonText.object("username", "a", "username", "b", "password", "long enough")),
            http.post("/admin/tokens", JsonText.object("username", "a", "username", "b", "kind", "bearer")),
            http.post("/locks", JsonText.object("type", "A", "type", "B")),
            put("/data/x/distribution/p", JsonText.object("blocks", List.of(), "blocks", List.of())),
            put(
                    "/data/x/distribution/p",
                    JsonText.object("blocks", List.of(), "other", JsonText.nested("a", 1, "a", 2))),
            http.send(
                    "PATCH",
                    "/data/x/distribution/p",
                    JsonText.object("add", List.of(), "add", JsonText.raw("[[0,1]]"))
                            .getBytes(StandardCharsets.UTF_8)),
            http.post("/sessions", JsonText.object("userId", "1", "userId", "2"), "SID: " + partner())
        }) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        }
    }

    private String partner() {
        Accounts accounts = new Accounts(http);
        return accounts.token(accounts.user(), "partner");
    }

    @Test
    @DisplayName("A field name beyond 256 bytes is 400, because the parser would cache it")
    void longNames() {
        for (String target : new String[] {LOCKS, "/v1/session/login", "/auth/login", "/admin/lock"}) {
            assertThat(http.post(target, JsonText.object("n".repeat(257), 1)).text())
                    .contains("too long");
            assertThat(http.post(target, JsonText.object("n".repeat(250), 1)).text())
                    .doesNotContain("too long");
        }
    }
}
