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
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nobody gets in without a credential that belongs there. The calls come from the OpenAPI document, so a new endpoint
 * cannot be forgotten.
 */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class AccessTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
    private static final Set<String> OPEN = Set.of("/v1/session/login", "/v1/version", "/auth/login");

    /** They answer anybody who is known, whatever they may do. */
    private static final Set<String> FOR_EVERYBODY =
            Set.of("/v1/session/who-am-i", "/v1/session/roles", "/auth/me", "/auth/logout");

    @TestHTTPResource("/")
    URI base;

    ExecutorService threads;
    RawHttp http;
    RawHttp anonymous;
    Accounts accounts;

    private record Call(String method, String path) {
        boolean isFiles() {
            return path.startsWith("/v1/");
        }

        boolean isAdmin() {
            return path.startsWith("/admin") || path.startsWith("/auth");
        }

        boolean isDistribution() {
            return path.startsWith("/api/v3/");
        }

        boolean takesBearer() {
            return isFiles() || isAdmin() || isDistribution();
        }
    }

    @BeforeEach
    void client() {
        http = new RawHttp(base);
        anonymous = RawHttp.anonymous(base);
        accounts = new Accounts(http);
        threads = Executors.newFixedThreadPool(8);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    @DisplayName("Every operation answers 401 in its API's format without a credential or with a meaningless one")
    void nothingIsOpen() {
        for (Call call : calls()) {
            refused(call, send(call));
            for (String header : List.of(
                    "Authorization: Bearer " + "x".repeat(43),
                    "Authorization: Basic ZGV2OmRldg==",
                    "Authorization: Bearer",
                    "Cookie: refreshToken=" + "y".repeat(43),
                    "SID: " + UUID.randomUUID())) {
                refused(call, send(call, header));
            }
        }
    }

    @Test
    @DisplayName("A valid token of another API's kind, or in another API's carrier, is not accepted")
    void wrongKindIsRefused() {
        String user = accounts.user();
        String bearer = accounts.token(user, "bearer");
        String refresh = accounts.token(user, "refresh");
        String sid = accounts.token(user, "sid");
        String partner = accounts.token(user, "partner");
        for (Call call : calls()) {
            if (!call.isDistribution()) {
                refused(call, send(call, "X-Auth-Token: " + bearer));
                refused(call, send(call, "Macaroon: " + bearer));
            }
            for (String token : List.of(refresh, sid, partner)) {
                refused(call, send(call, "Authorization: Bearer " + token));
            }
            for (String token : List.of(bearer, sid, partner)) {
                refused(call, send(call, "Cookie: refreshToken=" + token));
            }
            for (String token : List.of(bearer, refresh)) {
                refused(call, send(call, "SID: " + token));
            }
            if (call.isAdmin()) {
                refused(call, send(call, "Cookie: refreshToken=bad", "Authorization: Bearer " + bearer));
            } else {
                refused(call, send(call, "Cookie: refreshToken=" + refresh));
            }
        }
    }

    @Test
    @DisplayName("Expired and revoked tokens are refused, a revoked one at once on the gateway that revoked it")
    void endedIsRefused() throws InterruptedException {
        String user = accounts.user();
        List<String> ended = new ArrayList<>();
        for (String kind : List.of("bearer", "refresh", "sid", "partner")) {
            JsonNode made = accounts.made(user, kind, "ttl_s", 3600);
            Answer revoked = http.delete("/admin/tokens/" + made.get("id").textValue());
            assertThat(revoked.status()).isEqualTo(200);
            ended.add(made.get("token").textValue());
            ended.add(accounts.made(user, kind, "ttl_s", 1).get("token").textValue());
        }
        Thread.sleep(1_100);
        for (Call call : calls()) {
            for (String token : ended) {
                refused(call, send(call, carrier(call, token)));
            }
        }
    }

    @Test
    @DisplayName("A user without permissions gets 403 everywhere but for operations that need none")
    void unprivilegedIsForbidden() {
        String user = accounts.user();
        String bearer = accounts.token(user, "bearer");
        String sid = accounts.token(user, "sid");
        for (Call call : calls()) {
            if (call.path().equals("/sessions") || call.path().equals("/auth/logout")) {
                continue;
            }
            Answer answer = send(call, call.takesBearer() ? "Authorization: Bearer " + bearer : "SID: " + sid);
            String where = call + " " + answer;
            if (FOR_EVERYBODY.contains(call.path())) {
                assertThat(answer.status()).as(where).isEqualTo(200);
            } else {
                // A body or parameter may be looked at first; nothing is done or shown all the same.
                assertThat(answer.status()).as(where).isIn(call.isAdmin() ? List.of(403) : List.of(403, 400, 404));
            }
        }
    }

    @Test
    @DisplayName("Two users who call at the same time on the same threads are never confused")
    void nobodyIsTakenForSomebodyElse() {
        List<Accounts.Account> users = List.of(accounts.make("PRIVILEGE_FS_LOCK_READ"), accounts.make());
        List<String> bearers = users.stream().map(accounts::bearer).toList();
        String waiters = "/v1/files/locks/nlm/byte-range/waiters";
        List<String> wrong = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            List<String> mistaken = new ArrayList<>();
                            for (int round = 0; round < 100; round++) {
                                Answer list = anonymous.get(waiters, bearers.get(i % 2));
                                Answer who = anonymous.get("/v1/session/who-am-i", bearers.get(i % 2));
                                if (list.status() != (i % 2 == 0 ? 200 : 403)
                                        || !who.text().contains(users.get(i % 2).name())) {
                                    mistaken.add(list + " " + who);
                                }
                            }
                            return mistaken;
                        },
                        threads))
                .toList()
                .stream()
                .flatMap(calls -> calls.join().stream())
                .toList();
        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("Malformed credentials of any shape, up to the longest header, get 401 everywhere and never 500")
    void anyShapeIs401() {
        String longest = "x".repeat(65_000);
        List<String> texts = new ArrayList<>(List.of(
                longest, "", " ", "\"", "%00", "é", ";;;==;", "null", "{}", "a b c", "session-v1:", "..", "\t"));
        for (String target : List.of(
                "/v1/files/7/locks/nlm/byte-range/",
                "/api/v1/session/who-am-i",
                "/admin/users",
                "/auth/me",
                "/sessions",
                "/locks?subject.courseId=a",
                "/courses/abcdef",
                "/elsewhere",
                "/")) {
            for (String name : List.of(
                    "Authorization: Bearer ",
                    "Authorization: ",
                    "Cookie: refreshToken=",
                    "Cookie: ",
                    "SID: ",
                    "X-Auth-Token: ",
                    "Macaroon: ")) {
                for (String text : texts) {
                    Answer answer = anonymous.get(target, name + text);
                    assertThat(answer.status())
                            .as(target + " " + name + text.substring(0, Math.min(20, text.length())))
                            .isEqualTo(401);
                }
            }
        }
    }

    @Test
    @DisplayName("No spelling of a path bypasses authentication")
    void spellingDoesNotHelp() {
        for (String target : List.of(
                "/q/../admin/users",
                "/q/%2e%2e/admin/users",
                "//admin/users",
                "/%61dmin/users",
                "/admin/users/",
                "/admin/users;a=b",
                "/auth/login/../me",
                "/v1/version/../session/who-am-i",
                "/v1/version/%2e%2e/session/who-am-i",
                "/api/v1/session/who-am-i",
                "/v1/session/login/../who-am-i",
                "/Admin/users")) {
            assertThat(anonymous.get(target).status()).as(target).isIn(400, 401);
        }
        // An empty segment is no path of that API.
        assertThat(anonymous.get("/v1//session/who-am-i").status()).isEqualTo(404);
    }

    private void refused(Call call, Answer answer) {
        String where = call + " " + answer;
        assertThat(answer.status()).as(where).isEqualTo(401);
        assertThat(answer.header("content-type")).as(where).contains("application/json");
        if (call.isFiles()) {
            assertThat(answer.json().get("error_class").textValue()).isEqualTo("auth_invalid_credentials_error");
            assertThat(answer.json().get("stack").isArray()).isTrue();
        } else if (call.isAdmin()) {
            assertThat(answer.text()).isEqualTo(JsonText.object("data", "Unauthorized", "code", 401));
        } else if (call.isDistribution()) {
            assertThat(answer.json().get("error").textValue()).isEqualTo("unauthorized");
            assertThat(answer.json().get("error_description").textValue()).isNotEmpty();
        } else {
            assertThat(answer.text()).isEqualTo(JsonText.object("error", 401, "message", "Invalid credentials"));
        }
    }

    private Answer send(Call call, String... headers) {
        boolean body = !call.method().equals("GET") && !call.method().equals("DELETE");
        List<String> all = new ArrayList<>(List.of(headers));
        if (body) {
            all.add("Content-Type: application/json");
        }
        return anonymous.send(
                call.method(),
                call.path(),
                body ? "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8) : null,
                all.toArray(String[]::new));
    }

    private static String carrier(Call call, String token) {
        if (call.isFiles() || call.isDistribution()) {
            return "Authorization: Bearer " + token;
        }
        return call.isAdmin() ? "Cookie: refreshToken=" + token : "SID: " + token;
    }

    /** Every operation of the document but the open ones, with something in the place of its parameters. */
    private List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        JsonNode document = anonymous.get("/q/openapi?format=json").json();
        document.get("paths")
                .forEachEntry((path, item) -> item.forEachEntry((method, operation) -> {
                    if (METHODS.contains(method) && !OPEN.contains(path)) {
                        calls.add(new Call(
                                method.toUpperCase(Locale.ROOT),
                                path.replace("{protocol}", "nlm")
                                        .replace("{ref}", "7")
                                        .replace("{grant_id}", "1-00000000000000ff")
                                        .replaceAll("\\{[^}]*}", "7")));
                    }
                }));
        assertThat(calls).hasSizeGreaterThan(25);
        return calls;
    }
}
