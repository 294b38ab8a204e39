package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.RawHttp2;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What pages of other sites can make a browser do: nothing with its cookie, and no login. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
@Tag("slow")
class CrossSiteTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String LOGIN = JsonText.object("username", "dev", "password", RawHttp.PASSWORD);
    private static final String LOCK = JsonText.object("route", "cross-site", "id", "1");

    @TestHTTPResource("/")
    URI base;

    RawHttp anonymous;
    Accounts accounts;
    String cookie;
    String bearer;
    String partner;

    @BeforeEach
    void clients() {
        RawHttp http = new RawHttp(base);
        anonymous = RawHttp.anonymous(base);
        accounts = new Accounts(http);
        String user = accounts.user("manage-locks");
        cookie = "Cookie: refreshToken=" + accounts.token(user, "refresh");
        bearer = "Authorization: Bearer " + accounts.token(user, "bearer");
        partner = "SID: " + accounts.token(user, "partner");
    }

    private Answer send(String method, String target, String body, String... headers) {
        return anonymous.send(method, target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static String[] with(String[] headers, String... more) {
        return Stream.concat(Arrays.stream(headers), Arrays.stream(more)).toArray(String[]::new);
    }

    private static void admin(Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("code").intValue()).isEqualTo(status);
        assertThat(answer.json().get("data").textValue()).isNotEmpty();
    }

    private static void courses(Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("error").intValue()).isEqualTo(status);
        assertThat(answer.json().get("message").textValue()).isNotEmpty();
    }

    private static void files(Answer answer, int status, String errorClass) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo(errorClass);
    }

    @Test
    @DisplayName("On calls with the cookie and on logins a body without a JSON type is 415, in the API's format")
    void bodiesNeedAType() {
        for (String[] type : new String[][] {
            {},
            {"Content-Type: text/plain"},
            {"Content-Type: application/x-www-form-urlencoded"},
            {"Content-Type: text/plain;application/json"},
            {"Content-Type: application/json-patch"},
            {JSON, "Content-Type: text/plain"}
        }) {
            admin(send("POST", "/admin/lock", LOCK, with(type, cookie)), 415);
            admin(send("DELETE", "/admin/remove-lock", LOCK, with(type, cookie)), 415);
            admin(send("POST", "/auth/login", LOGIN, type), 415);
            admin(send("POST", "/auth/login/", LOGIN, type), 415);
            admin(send("POST", "/auth/logout", "x", with(type, cookie)), 415);
            courses(send("POST", "/sessions", "{}", with(type, partner)), 415);
            for (String login : List.of("/v1/session/login", "/api/v1/session/login/")) {
                files(send("POST", login, LOGIN, type), 415, "http_unsupported_media_type_error");
            }
        }
        admin(send("POST", "/admin/lock", LOCK, cookie, "Content-Type: Application/JSON; charset=utf-8"), 200);
        admin(send("DELETE", "/admin/remove-lock", LOCK, cookie, JSON), 200);
        assertThat(send("POST", "/auth/login", LOGIN, JSON).status()).isEqualTo(200);
        assertThat(send("POST", "/v1/session/login", LOGIN, JSON).status()).isEqualTo(200);
        // Without the cookie a body without a type is JSON, as existing clients send it.
        admin(send("POST", "/admin/lock", LOCK, bearer), 200);
        admin(send("DELETE", "/admin/remove-lock", LOCK, bearer), 200);
    }

    @Test
    @DisplayName("A call with the cookie and no body needs no type")
    void noBodyNeedsNoType() {
        assertThat(anonymous.get("/admin/locks", cookie).status()).isEqualTo(200);
        assertThat(anonymous.send("POST", "/auth/logout", null, cookie).status())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("A body in chunks, or over HTTP/2 without a length, needs its type all the same")
    void bodiesWithoutLength() throws IOException {
        try (RawHttp.Connection connection = anonymous.connect()) {
            connection.write(
                    "POST /admin/lock HTTP/1.1\r\nHost: x\r\n" + cookie + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + Integer.toHexString(LOCK.length()) + "\r\n" + LOCK + "\r\n0\r\n\r\n");
            admin(connection.read("POST"), 415);
        }
        byte[] lock = LOCK.getBytes(StandardCharsets.UTF_8);
        String small = "cookie: " + cookie.substring("Cookie: ".length());
        try (RawHttp2 connection = new RawHttp2(base)) {
            admin(connection.send("POST", "/admin/lock", lock, small), 415);
            admin(connection.send("POST", "/admin/lock", lock, small, "content-type: text/plain"), 415);
            admin(connection.send("POST", "/admin/lock", lock, small, "content-type: application/json"), 200);
            admin(connection.send("DELETE", "/admin/remove-lock", lock, small, "content-type: application/json"), 200);
            admin(connection.send("POST", "/auth/logout", null, small), 200);
        }
    }

    @Test
    @DisplayName("A body that is too long is 413, which over HTTP/2 does not end the connection")
    void tooLongOverHttp2() throws IOException {
        byte[] body = new byte[20_000];
        try (RawHttp2 connection = new RawHttp2(base)) {
            Answer answer = connection.send(
                    "POST", "/auth/login", body, "content-type: application/json", "content-length: 20000");

            admin(answer, 413);
            assertThat(answer.header("Connection")).isEmpty();
            Answer next = connection.send(
                    "POST", "/auth/login", LOGIN.getBytes(StandardCharsets.UTF_8), "content-type: application/json");
            assertThat(next.status()).as(next.text()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("A change sent by a page of another site or origin is 403, in the API's format; reads are allowed")
    void foreignPages() {
        String own = "Origin: http://" + base.getHost() + ":" + base.getPort();
        for (String[] foreign : new String[][] {
            {"Sec-Fetch-Site: cross-site"},
            {"Sec-Fetch-Site: cross-site", own},
            {"Sec-Fetch-Site: same-site", "Origin: http://other.example"},
            {"Sec-Fetch-Site: same-site"},
            {"Sec-Fetch-Site: of-the-future", own},
            {"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
            {"Origin: http://other.example"},
            {"Origin: null"},
            {"Origin: http://" + base.getHost()},
            {"Origin: " + own.substring(8) + ".other.example"},
            {own, "Origin: http://other.example"}
        }) {
            String[] json = with(foreign, JSON);
            admin(send("POST", "/admin/lock", LOCK, with(json, cookie)), 403);
            admin(send("DELETE", "/admin/remove-lock", LOCK, with(json, cookie)), 403);
            admin(send("POST", "/auth/login", LOGIN, json), 403);
            courses(send("POST", "/sessions", "{}", with(json, partner)), 403);
            files(send("POST", "/v1/session/login", LOGIN, json), 403, "http_unauthorized_error");
            assertThat(anonymous.get("/admin/locks", with(foreign, cookie)).status())
                    .isEqualTo(200);
            // Whoever has a bearer token is no browser with a cookie.
            admin(send("POST", "/admin/lock", LOCK, with(json, bearer)), 200);
            admin(send("DELETE", "/admin/remove-lock", LOCK, with(json, bearer)), 200);
        }
        for (String[] good : new String[][] {
            {}, {"Sec-Fetch-Site: same-origin"}, {"Sec-Fetch-Site: none"}, {own}, {"Sec-Fetch-Site: same-origin", own}
        }) {
            String[] json = with(good, JSON);
            admin(send("POST", "/admin/lock", LOCK, with(json, cookie)), 200);
            admin(send("DELETE", "/admin/remove-lock", LOCK, with(json, cookie)), 200);
            assertThat(send("POST", "/auth/login", LOGIN, json).status()).isEqualTo(200);
            assertThat(send("POST", "/v1/session/login", LOGIN, json).status()).isEqualTo(200);
        }
    }
}
