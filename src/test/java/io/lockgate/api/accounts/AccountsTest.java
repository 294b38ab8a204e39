package io.lockgate.api.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users, tokens, logins, sessions and audit, over HTTP. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class AccountsTest {
    private static final String LOCKS = "/v1/files/7/locks/nlm/byte-range/";

    @TestHTTPResource("/")
    URI base;

    @Inject
    MeterRegistry meters;

    @Inject
    AgroalDataSource database;

    RawHttp http;
    RawHttp anonymous;
    Accounts accounts;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
        anonymous = RawHttp.anonymous(base);
        accounts = new Accounts(http);
    }

    @Test
    @DisplayName(
            "A login at the files API returns a token for ten hours, under both prefixes, with and without a slash")
    void loginAtTheFilesDoor() {
        String name = accounts.user("PRIVILEGE_FS_LOCK_READ", "PRIVILEGE_SMB_FILE_HANDLE_READ");
        for (String target : new String[] {"/v1/session/login", "/api/v1/session/login/"}) {
            Answer answer = anonymous.post(target, JsonText.object("username", name, "password", name));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            String token = answer.json().get("bearer_token").textValue();
            assertThat(token).startsWith("session-v1:");
            for (String who : new String[] {"/v1/session/who-am-i", "/api/v1/session/who-am-i/"}) {
                JsonNode body =
                        anonymous.get(who, "Authorization: Bearer " + token).json();
                assertThat(body.get("name").textValue()).isEqualTo(name);
                assertThat(body.get("id").textValue()).matches("[0-9]+");
                assertThat(body.get("privileges").toString())
                        .isEqualTo(JsonText.value(List.of("PRIVILEGE_FS_LOCK_READ", "PRIVILEGE_SMB_FILE_HANDLE_READ")));
                assertThat(body.get("can_change_password").isBoolean()).isTrue();
            }
            assertThat(anonymous
                            .get("/v1/session/roles/", "Authorization: Bearer " + token)
                            .text())
                    .isEqualTo("[]");
            assertThat(anonymous.get(LOCKS, "Authorization: Bearer " + token).status())
                    .isEqualTo(200);
        }
        assertThat(http.get("/v1/session/roles").text()).isEqualTo(JsonText.value(List.of("Administrators")));
    }

    @Test
    @DisplayName("A wrong name and a wrong password get the same 401; missing fields get 400")
    void wrongLogins() {
        String name = accounts.user();
        Answer password = anonymous.login(name, "wrong");
        Answer user = anonymous.login("nobody-" + UUID.randomUUID(), "wrong");
        assertThat(password.status()).isEqualTo(401);
        assertThat(password.json().get("error_class").textValue()).isEqualTo("auth_invalid_credentials_error");
        assertThat(user.text()).isEqualTo(password.text());
        assertThat(user.status()).isEqualTo(401);
        assertThat(anonymous.login("x".repeat(300), "wrong").status()).isEqualTo(401);
        assertThat(anonymous.login("a\\u0000b", "wrong").status()).isEqualTo(401);
        assertThat(anonymous.post("/v1/session/login", "{}").status()).isEqualTo(400);
        assertThat(anonymous.post("/auth/login", "{}").text())
                .isEqualTo(JsonText.object("data", "Missing parameters", "code", 400));
        assertThat(anonymous.post("/auth/login", "[]").status()).isEqualTo(400);
        assertThat(anonymous
                        .post("/auth/login", JsonText.object("username", name, "password", "x"))
                        .text())
                .isEqualTo(JsonText.object("data", "Unauthorized", "code", 401));
    }

    @Test
    @DisplayName("After too many wrong passwords both APIs answer 429 with Retry-After, even to the right password")
    void loginsAreLimited() {
        String name = accounts.user();
        for (int i = 0; i < 10; i++) {
            assertThat(anonymous.login(name, "wrong").status()).isEqualTo(401);
        }
        Answer files = anonymous.login(name, name);
        assertThat(files.status()).isEqualTo(429);
        assertThat(Integer.parseInt(files.header("retry-after").orElseThrow())).isBetween(1, 300);
        Answer admin = anonymous.post("/auth/login", JsonText.object("username", name, "password", name));
        assertThat(admin.text()).isEqualTo(JsonText.object("data", "Too many requests.", "code", 429));
        assertThat(admin.header("retry-after")).isPresent();
    }

    @Test
    @DisplayName("The admin API logs in with an HttpOnly cookie, and a logout ends it")
    void loginAtTheAdminDoor() {
        String name = accounts.user("manage-locks");
        Answer login = anonymous.post("/auth/login", JsonText.object("username", name, "password", name));
        assertThat(login.status()).as(login.text()).isEqualTo(200);
        String set = login.header("set-cookie").orElseThrow();
        assertThat(set).contains("HttpOnly").contains("Secure").contains("SameSite=Strict");
        String cookie = "Cookie: other=1; " + set.substring(0, set.indexOf(';'));
        JsonNode body = login.json();
        assertThat(body.get("user").get("username").textValue()).isEqualTo(name);
        assertThat(body.get("user").get("permissions").toString()).isEqualTo(JsonText.value(List.of("manage-locks")));
        String bearer = "Authorization: Bearer " + body.get("accessToken").textValue();

        Answer me = anonymous.get("/auth/me", cookie);
        assertThat(me.status()).as(me.text()).isEqualTo(200);
        assertThat(me.json().get("user")).isEqualTo(body.get("user"));
        assertThat(anonymous.get("/auth/me", bearer).json().get("accessToken")).isEqualTo(body.get("accessToken"));
        assertThat(anonymous.get("/v1/session/who-am-i", cookie).status()).isEqualTo(401);

        Answer logout = anonymous.post("/auth/logout", "", cookie, bearer);
        assertThat(logout.text()).isEqualTo(JsonText.object("data", "Success", "code", 200));
        assertThat(logout.header("set-cookie").orElseThrow())
                .contains("refreshToken=;")
                .contains("Max-Age=0");
        assertThat(anonymous.get("/auth/me", cookie).status()).isEqualTo(401);
        assertThat(anonymous.get("/auth/me", bearer).status()).isEqualTo(401);
    }

    @Test
    @DisplayName("Users are created, shown, listed, changed and deleted; the token of a deleted user gets 404")
    void usersLiveAndDie() {
        String name = "user-" + UUID.randomUUID();
        String id = accounts.create(name, "manage-locks", Accounts.scoped("manage-locks", "volume"));
        assertThat(http.post("/admin/users", JsonText.object("username", name, "password", "a long one"))
                        .text())
                .isEqualTo(JsonText.object("data", "Conflict", "code", 409));
        JsonNode found = http.get("/admin/users/" + id).json();
        assertThat(found.get("username").textValue()).isEqualTo(name);
        assertThat(found.get("permissions").toString()).isEqualTo("""
                ["manage-locks",{"permission":"manage-locks","scope":"volume"}]""");
        JsonNode page = http.get("/admin/users?limit=1&after=" + (Long.parseLong(id) - 1))
                .json();
        assertThat(page.get("users").get(0).get("id").textValue()).isEqualTo(id);
        String bearer = "Authorization: Bearer " + accounts.token(name, "bearer");
        String cookie = "Cookie: refreshToken=" + accounts.token(name, "refresh");

        Answer changed = patch(id, JsonText.object("permissions", List.of("manage-users", "manage-locks")));
        assertThat(changed.json().get("permissions").toString())
                .isEqualTo(JsonText.value(List.of("manage-locks", "manage-users")));
        assertThat(anonymous.get("/admin/users/" + id, cookie).status()).isEqualTo(200);
        assertThat(patch(id, "{}").status()).isEqualTo(400);
        assertThat(patch("999999999", JsonText.object("password", "a long one")).status())
                .isEqualTo(404);
        assertThat(patch(id, JsonText.object("email", "dup")).status()).isEqualTo(200);
        assertThat(patch(accounts.create("user-" + UUID.randomUUID()), JsonText.object("email", "dup"))
                        .status())
                .isEqualTo(409);

        assertThat(http.delete("/admin/users/" + id).status()).isEqualTo(200);
        assertThat(http.delete("/admin/users/" + id).status()).isEqualTo(404);
        assertThat(anonymous.get("/admin/users", cookie).text())
                .isEqualTo(JsonText.object("data", "Not found", "code", 404));
        assertThat(anonymous.get("/admin/users", bearer).status()).isEqualTo(404);
        assertThat(anonymous.get(LOCKS, bearer).status()).isEqualTo(401);
        assertThat(anonymous.login(name, name).status()).isEqualTo(401);
    }

    @Test
    @DisplayName("A new password revokes the user's older tokens")
    void newPasswordEndsTokens() {
        String name = "user-" + UUID.randomUUID();
        String id = accounts.create(name);
        String bearer = "Authorization: Bearer " + accounts.token(name, "bearer");
        assertThat(anonymous.get("/auth/me", bearer).status()).isEqualTo(200);

        assertThat(patch(id, JsonText.object("password", "new ünö!")).status()).isEqualTo(200);

        assertThat(anonymous.get("/auth/me", bearer).status()).isEqualTo(401);
        assertThat(anonymous.login(name, name).status()).isEqualTo(401);
        assertThat(anonymous.login(name, "new ünö!").status()).isEqualTo(200);
    }

    @Test
    @DisplayName("A password under eight characters cannot be set; one that was set earlier still works")
    void shortPasswordsAreNotSet() {
        String name = "user-" + UUID.randomUUID();
        String id = accounts.create(name);
        String said =
                JsonText.object("data", "Bad request: field 'password' is shorter than 8 characters", "code", 400);
        for (String tooShort : List.of("x", "1234567", "éèêëàâä", "\uD83D\uDD12".repeat(7))) {
            assertThat(patch(id, JsonText.object("password", tooShort)).text()).isEqualTo(said);
            assertThat(http.post(
                                    "/admin/users",
                                    JsonText.object("username", "short-" + UUID.randomUUID(), "password", tooShort))
                            .text())
                    .isEqualTo(said);
        }
        assertThat(anonymous.login(name, name).status()).isEqualTo(200);
    }

    @Test
    @DisplayName(
            "A refresh cookie has at most eight access tokens: the ninth revokes the oldest, and rows do not pile up")
    void accessTokensOfACookieAreFew() {
        String name = accounts.user("manage-locks");
        Answer login = anonymous.post("/auth/login", JsonText.object("username", name, "password", name));
        String set = login.header("set-cookie").orElseThrow();
        String cookie = "Cookie: " + set.substring(0, set.indexOf(';'));
        List<String> tokens = new ArrayList<>();
        tokens.add(login.json().get("accessToken").textValue());
        for (int i = 0; i < 11; i++) {
            Answer me = anonymous.get("/auth/me", cookie);
            assertThat(me.status()).as(me.text()).isEqualTo(200);
            tokens.add(me.json().get("accessToken").textValue());
            // In use, so that it is remembered here.
            assertThat(anonymous
                            .get("/auth/me", "Authorization: Bearer " + tokens.getLast())
                            .status())
                    .isEqualTo(200);
        }
        for (int i = 0; i < tokens.size(); i++) {
            assertThat(anonymous
                            .get("/auth/me", "Authorization: Bearer " + tokens.get(i))
                            .status())
                    .as("number " + i)
                    .isEqualTo(i < 4 ? 401 : 200);
        }
        assertThat(Users.number(
                        database, "SELECT count(*) FROM tokens WHERE kind = 'bearer' AND username = '" + name + "'"))
                .isEqualTo(8);
        List<CompletableFuture<Answer>> crowd = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            crowd.add(CompletableFuture.supplyAsync(() -> anonymous.get("/auth/me", cookie)));
        }
        crowd.forEach(one -> assertThat(one.join().status()).isEqualTo(200));
        assertThat(Users.number(
                        database, "SELECT count(*) FROM tokens WHERE kind = 'bearer' AND username = '" + name + "'"))
                .isEqualTo(8);
    }

    @Test
    @DisplayName("A login that verified the old password during a password change yields no lasting token")
    void slowLoginsDoNotOutliveAPassword() throws Exception {
        String name = "user-" + UUID.randomUUID();
        String id = accounts.create(name);
        String password = name;
        for (int round = 0; round < 20; round++) {
            String old = password;
            List<CompletableFuture<Answer>> logins = new ArrayList<>();
            CompletableFuture<Answer> change =
                    CompletableFuture.supplyAsync(() -> patch(id, JsonText.object("password", old + "x")));
            for (int i = 0; i < 4; i++) {
                logins.add(CompletableFuture.supplyAsync(() -> anonymous.login(name, old)));
            }
            assertThat(change.get().status()).isEqualTo(200);
            for (CompletableFuture<Answer> login : logins) {
                Answer answer = login.get();
                if (answer.status() == 200) {
                    String bearer = "Authorization: Bearer "
                            + answer.json().get("bearer_token").textValue();
                    assertThat(anonymous.get("/auth/me", bearer).status()).isEqualTo(401);
                } else {
                    assertThat(answer.status()).isIn(401, 429);
                }
            }
            password = old + "x";
        }
    }

    @Test
    @DisplayName("A chunked body beyond the limit gets 413 in the API's format and logs no error")
    void endlessBody() throws Exception {
        for (String target : List.of("/auth/login", "/v1/session/login")) {
            try (RawHttp.Connection connection = anonymous.connect()) {
                connection.write("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n");
                String chunk = "40000\r\n" + "a".repeat(0x40000) + "\r\n";
                try {
                    for (int i = 0; i < 64; i++) {
                        connection.write(chunk);
                    }
                } catch (java.io.IOException closed) {
                    // It need not read what it will not take.
                }
                Answer answer = connection.read("POST");
                assertThat(answer.status()).isEqualTo(413);
                assertThat(answer.json().isObject()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("Partners open sessions for users by id or email address; users cannot")
    void sessionsAreOpenedByPartners() {
        String name = "user-" + UUID.randomUUID();
        String id = accounts.create(name);
        String partner = "SID: " + accounts.token(name, "partner");
        Answer byId = anonymous.post("/sessions", JsonText.object("userId", id), partner);
        assertThat(byId.status()).as(byId.text()).isEqualTo(201);
        assertThat(byId.json().get("user").get("id").textValue()).isEqualTo(id);
        Answer byEmail = anonymous.post("/sessions", JsonText.object("email", name + "@example.org"), partner);
        assertThat(byEmail.status()).isEqualTo(201);
        String sid = "SID: " + byEmail.json().get("sessionId").textValue();

        assertThat(anonymous
                        .post("/sessions", JsonText.object("userId", id), sid)
                        .text())
                .isEqualTo(JsonText.object("error", 401, "message", "Invalid credentials"));
        assertThat(anonymous.post("/locks", "{}", partner).text())
                .isEqualTo(JsonText.object("error", 401, "message", "Invalid credentials"));
        // Nobody answers there yet, or they do: let in all the same.
        assertThat(http.get("/locks").status()).isNotEqualTo(401);
        assertThat(anonymous
                        .post("/sessions", JsonText.object("userId", "0"), partner)
                        .text())
                .isEqualTo(JsonText.object("error", 404, "message", "User '0' not found"));
        assertThat(anonymous.post("/sessions", "{}", partner).status()).isEqualTo(400);
    }

    @Test
    @DisplayName("Actions of an administrator are audited, and readable with the permission to read the audit trail")
    void auditTells() {
        String name = accounts.user();
        JsonNode entries = http.get("/admin/audit?actor=dev&limit=5&object=user%20" + name)
                .json()
                .get("entries");
        assertThat(entries).hasSize(1);
        assertThat(entries.get(0).get("what").textValue()).isEqualTo("create-user");
        JsonNode first =
                http.get("/admin/audit?limit=1&from=2020-01-01T00:00:00Z").json();
        assertThat(first.get("next").textValue()).matches("[0-9]+");
        JsonNode second = http.get(
                        "/admin/audit?limit=1&after=" + first.get("next").textValue())
                .json();
        assertThat(second.get("entries").get(0).get("id").textValue())
                .isNotEqualTo(first.get("entries").get(0).get("id").textValue());
        assertThat(http.get("/admin/audit?to=2020-01-01T00:00:00Z").json().get("entries"))
                .isEmpty();
        String reader = "Authorization: Bearer " + accounts.token(accounts.user("read-audit"), "bearer");
        assertThat(anonymous.get("/admin/audit", reader).status()).isEqualTo(200);
        assertThat(anonymous.get("/admin/users", reader).text())
                .isEqualTo(JsonText.object("data", "Forbidden", "code", 403));
    }

    @ParameterizedTest
    @DisplayName("Bad input gets 400 or 404 in the API's format")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    POST|/admin/users|{}|400
                    POST|/admin/users|{|400
                    POST|/admin/users|[1]|400
                    POST|/admin/users|{"username":7,"password":"a long one"}|400
                    POST|/admin/users|{"username":"","password":"a long one"}|400
                    POST|/admin/users|{"username":"a\\u0000","password":"a long one"}|400
                    POST|/admin/users|{"username":"a\\ud800","password":"a long one"}|400
                    POST|/admin/users|{"username":"bad-one","password":"a long one","permissions":["root"]}|400
                    POST|/admin/users|{"username":"bad-one","password":"a long one","permissions":{}}|400
                    POST|/admin/users|{"username":"bad-one","password":"a long one","permissions":[7]}|400
                    POST|/admin/tokens|{"username":"dev"}|400
                    POST|/admin/tokens|{"username":"dev","kind":"root"}|400
                    POST|/admin/tokens|{"username":"dev","kind":"sid","ttl_s":0}|400
                    POST|/admin/tokens|{"username":"dev","kind":"sid","ttl_s":"5"}|400
                    POST|/admin/tokens|{"username":"dev","kind":"sid","ttl_s":99999999999999999999}|400
                    POST|/admin/tokens|{"username":"no such user","kind":"sid"}|404
                    DELETE|/admin/tokens/99999999999999999999||404
                    DELETE|/admin/tokens/x||404
                    DELETE|/admin/tokens/0||404
                    GET|/admin/users/x||404
                    GET|/admin/users?limit=0||400
                    GET|/admin/users?after=-1||400
                    GET|/admin/audit?from=yesterday||400
                    GET|/admin/audit?to=%2B999999-01-01T00:00:00Z||400
                    GET|/admin/audit?actor=%00||400
                    GET|/admin/nothing||404
                    PUT|/admin/users|{}|405
                    PUT|/auth/me|{}|405
                    """)
    void badInput(String method, String target, String body, int status) {
        Answer answer = body == null
                ? http.send(method, target, null)
                : http.send(
                        method,
                        target,
                        body.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        "Content-Type: application/json");
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("code").intValue()).isEqualTo(status);
        assertThat(answer.json().get("data").isTextual()).isTrue();
        assertThat(answer.header("content-type")).contains("application/json");
    }

    @Test
    @DisplayName(
            "Scopes hold: a path prefix for calls by path, a file id for calls by id, other machines by permission")
    void scopesHold() {
        String scoped = "Authorization: Bearer "
                + accounts.token(
                        accounts.user(
                                Accounts.scoped("PRIVILEGE_FS_LOCK_ACQUIRE", "/data"),
                                Accounts.scoped("PRIVILEGE_FS_LOCK_ACQUIRE", "4711")),
                        "bearer");
        String body =
                JsonText.object("mode", List.of("API_BYTE_RANGE_SHARED"), "offset", "0", "size", "1", "owner_id", "o");
        assertThat(acquire("%2Fdata%2Fa", body, scoped)).isEqualTo(200);
        assertThat(acquire("4711", body, scoped)).isEqualTo(200);
        assertThat(acquire("%2Fdatabase", body, scoped)).isEqualTo(403);
        assertThat(acquire("4712", body, scoped)).isEqualTo(403);
        assertThat(acquire("4711", JsonText.with(body, "owner_address", "10.1.2.3"), scoped))
                .isEqualTo(403);
        assertThat(acquire("4711", JsonText.with(body, "owner_address", "127.0.0.1"), scoped))
                .isEqualTo(200);
        assertThat(anonymous
                        .get("/v1/files/4711/locks/nlm/byte-range/?mine=true", scoped)
                        .status())
                .isEqualTo(200);
        assertThat(anonymous.get("/v1/files/4711/locks/nlm/byte-range/", scoped).status())
                .isEqualTo(403);
    }

    @Test
    @DisplayName("A cached token costs no round trip; once per fresh period it is refreshed in the background")
    void remembersTokens() {
        String bearer = "Authorization: Bearer " + accounts.token(accounts.user(), "bearer");
        assertThat(anonymous.get("/v1/session/who-am-i", bearer).status()).isEqualTo(200);
        double cached = verifications("cache");
        double asked = verifications("store");
        long began = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            assertThat(anonymous.get("/v1/session/who-am-i", bearer).status()).isEqualTo(200);
        }
        long halfFreshTimes = 1 + (System.nanoTime() - began) / 2_500_000_000L;
        assertThat(verifications("store") - asked).isLessThanOrEqualTo((double) halfFreshTimes);
        assertThat(verifications("cache") - cached).isGreaterThanOrEqualTo((double) (50 - halfFreshTimes));
    }

    private double verifications(String source) {
        return meters.get("lockgate.identity.verifications")
                .tag("source", source)
                .counter()
                .count();
    }

    private int acquire(String ref, String body, String credential) {
        return anonymous
                .post("/v1/files/" + ref + "/locks/nlm/byte-range/", body, credential)
                .status();
    }

    private Answer patch(String id, String body) {
        return http.send(
                "PATCH",
                "/admin/users/" + id,
                body.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "Content-Type: application/json");
    }
}
