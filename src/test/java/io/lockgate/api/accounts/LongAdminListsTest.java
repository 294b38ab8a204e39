package io.lockgate.api.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Long lists of users, audit entries and route locks are read and written slice by slice. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
class LongAdminListsTest {
    private static final int USERS = 230;
    private static final int LOCKS = 260;

    @TestHTTPResource("/")
    URI base;

    private final String actor = "actor-" + UUID.randomUUID();
    private final String route = "route-" + UUID.randomUUID();
    private String beforeFirst = "";

    @BeforeAll
    void fill() {
        RawHttp http = new RawHttp(base);
        Accounts accounts = new Accounts(http);
        accounts.create(actor, "manage-users", "manage-locks");
        String me = "Authorization: Bearer " + accounts.token(actor, "bearer");
        for (int i = 0; i < USERS; i++) {
            Answer made = http.post(
                    "/admin/users",
                    JsonText.object(
                            "username",
                            actor + "-" + i,
                            "password",
                            "long-enough",
                            "permissions",
                            List.of("manage-locks")),
                    me);
            assertThat(made.status()).as(made.text()).isEqualTo(201);
            if (i == 0) {
                beforeFirst = Long.toString(Long.parseLong(made.json().get("id").textValue()) - 1);
            }
        }
        for (int i = 0; i < LOCKS; i++) {
            assertThat(http.post("/admin/lock", JsonText.object("route", route, "id", "%04d".formatted(i)), me)
                            .status())
                    .isEqualTo(200);
        }
    }

    @DisplayName("Users: a page of several slices has the rows, the order and the next of small pages")
    @Test
    void users() {
        List<JsonNode> walked = walk("/admin/users?", "users", 60);
        assertThat(walked).hasSizeGreaterThanOrEqualTo(USERS);

        Answer long1 = get("/admin/users?limit=230&after=" + beforeFirst);
        assertThat(long1.header("transfer-encoding")).hasValue("chunked");
        assertThat(long1.header("content-type")).hasValue("application/json");
        assertThat(long1.text()).startsWith("{\"data\":\"Success\",\"code\":200,\"users\":[{\"id\":");
        assertThat(rows(long1, "users")).isEqualTo(walked.subList(0, 230));
        Answer long2 = get("/admin/users?limit=150&after=" + beforeFirst);
        assertThat(rows(long2, "users")).isEqualTo(walked.subList(0, 150));
        assertThat(long2.json().get("next").textValue())
                .isEqualTo(walked.get(149).get("id").textValue());
        Answer all = get("/admin/users?limit=1000&after=" + beforeFirst);
        assertThat(rows(all, "users")).isEqualTo(walked);
        assertThat(all.text()).endsWith("],\"next\":null}");
        assertThat(get("/admin/users?limit=100&after=" + beforeFirst).header("content-length"))
                .isPresent();
    }

    @DisplayName("Audit: a page of several slices has the rows, the order and the next of small pages")
    @Test
    void audit() {
        String mine = "/admin/audit?actor=" + actor + "&";
        List<JsonNode> walked = new ArrayList<>();
        String after = "";
        do {
            Answer page = get(mine + "limit=60" + after);
            walked.addAll(rows(page, "entries"));
            after = page.json().get("next").isNull()
                    ? ""
                    : "&after=" + page.json().get("next").textValue();
        } while (!after.isEmpty());
        assertThat(walked).hasSizeGreaterThanOrEqualTo(USERS);

        Answer part = get(mine + "limit=150");
        assertThat(part.header("transfer-encoding")).hasValue("chunked");
        assertThat(rows(part, "entries")).isEqualTo(walked.subList(0, 150));
        assertThat(part.json().get("next").textValue())
                .isEqualTo(walked.get(149).get("id").textValue());
        Answer all = get(mine + "limit=1000");
        assertThat(rows(all, "entries")).isEqualTo(walked);
        assertThat(all.json().get("next").isNull()).isTrue();
    }

    @DisplayName("Route locks: a page of several slices has the rows, the order and the next of small pages")
    @Test
    void routeLocks() {
        Answer all = get("/admin/locks?route=" + route + "&limit=1000");
        assertThat(all.header("transfer-encoding")).hasValue("chunked");
        assertThat(all.text()).startsWith("{\"data\":{\"locks\":[{\"route\":").endsWith("]},\"code\":200}");
        List<String> ids = new ArrayList<>();
        all.json().get("data").get("locks").forEach(row -> ids.add(row.get("id").textValue()));
        assertThat(ids).hasSize(LOCKS).isSorted().doesNotHaveDuplicates();

        Answer part = get("/admin/locks?route=" + route + "&limit=255");
        assertThat(part.json().get("data").get("locks")).hasSize(255);
        String next = part.json().get("data").get("next").textValue();
        assertThat(next).startsWith("/admin/locks?route=" + route + "&limit=255&after=");
        assertThat(get(next).json().get("data").get("locks")).hasSize(5);
        assertThat(get("/admin/locks?route=" + route + "&limit=260")
                        .json()
                        .get("data")
                        .has("next"))
                .isFalse();
    }

    private List<JsonNode> walk(String path, String member, int limit) {
        List<JsonNode> walked = new ArrayList<>();
        String after = beforeFirst;
        while (true) {
            Answer page = get(path + "limit=" + limit + "&after=" + after);
            walked.addAll(rows(page, member));
            if (page.json().get("next").isNull()) {
                return walked;
            }
            after = page.json().get("next").textValue();
        }
    }

    private Answer get(String target) {
        Answer answer = new RawHttp(base).get(target);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }

    private static List<JsonNode> rows(Answer answer, String member) {
        List<JsonNode> rows = new ArrayList<>();
        answer.json().get(member).forEach(rows::add);
        return rows;
    }
}
