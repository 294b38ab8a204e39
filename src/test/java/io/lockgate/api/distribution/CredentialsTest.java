package io.lockgate.api.distribution;

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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows on credentials of docs/api-distribution.md, in the flat form. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class CredentialsTest {
    private static final List<String> TARGETS =
            List.of("/data/ab12/distribution", "/api/v3/oneprovider/data/ab12/distribution");
    private static final String INVALID =
            JsonText.object("error", "unauthorized", "error_description", "Provided token is not valid.");

    @TestHTTPResource("/")
    URI base;

    RawHttp anonymous;
    Accounts accounts;

    @BeforeEach
    void client() {
        anonymous = RawHttp.anonymous(base);
        accounts = new Accounts(new RawHttp(base));
    }

    @Test
    @DisplayName("A call without a token gets 401 \"A token must be provided.\"")
    void noToken() {
        for (String target : TARGETS) {
            is(
                    anonymous.get(target),
                    JsonText.object("error", "unauthorized", "error_description", "A token must be provided."));
        }
    }

    @ParameterizedTest
    @DisplayName("An impossible, unknown or oversized token is refused in each of the three headers")
    @ValueSource(strings = {"X-Auth-Token: ", "Authorization: Bearer ", "Macaroon: "})
    void badToken(String header) {
        for (String target : TARGETS) {
            for (String junk : List.of("junk", "x".repeat(42), "é", "a b", "x".repeat(65_000))) {
                is(anonymous.get(target, header + junk), """
                {"error":"unauthorized",\
                "error_description":"Provided token could not be understood by the server."}""");
            }
            is(anonymous.get(target, header + "x".repeat(43)), INVALID);
            is(anonymous.get(target, header + "access-v1:" + "x".repeat(43)), INVALID);
            is(anonymous.get(target, header + "x".repeat((1 << 20) + 1)), """
                {"error":"unauthorized","error_description":"Provided token exceeds the allowed size."}""");
        }
    }

    @Test
    @DisplayName("A token of another kind, a revoked one and one of a deleted user look the same as an unknown token")
    void notGoodHere() {
        Accounts.Account left = accounts.make();
        String gone = accounts.token(left.name(), "bearer");
        accounts.delete(left);
        String user = accounts.user();
        var made = accounts.made(user, "bearer");
        new RawHttp(base).delete("/admin/tokens/" + made.get("id").textValue());
        for (String token : List.of(
                gone,
                made.get("token").textValue(),
                accounts.token(user, "refresh"),
                accounts.token(user, "sid"),
                accounts.token(user, "partner"))) {
            is(anonymous.get(TARGETS.getFirst(), "X-Auth-Token: " + token), INVALID);
        }
    }

    @Test
    @DisplayName(
            "X-Auth-Token goes before Authorization and Authorization before Macaroon: the first present one decides")
    void precedence() {
        String good = accounts.token(accounts.user("read-distribution"), "bearer");
        String bad = "x".repeat(43);
        for (String target : TARGETS) {
            is(anonymous.get(target, "Authorization: Bearer " + good, "X-Auth-Token: " + bad), INVALID);
            is(anonymous.get(target, "Macaroon: " + good, "Authorization: Bearer " + bad), INVALID);
            for (String header : List.of("X-Auth-Token: ", "Authorization: Bearer ", "Macaroon: ")) {
                assertThat(anonymous.get(target, header + good).status()).isNotEqualTo(401);
            }
            assertThat(anonymous
                            .get(target, "Macaroon: " + bad, "Authorization: Bearer " + bad, "X-Auth-Token: " + good)
                            .status())
                    .isNotEqualTo(401);
        }
    }

    @Test
    @DisplayName("Cookies and sessions of other APIs are ignored")
    void otherDoorsCredentials() {
        String user = accounts.user();
        is(
                anonymous.get(TARGETS.getFirst(), "Cookie: refreshToken=" + accounts.token(user, "refresh")),
                JsonText.object("error", "unauthorized", "error_description", "A token must be provided."));
        is(
                anonymous.get(TARGETS.getFirst(), "SID: " + accounts.token(user, "sid")),
                JsonText.object("error", "unauthorized", "error_description", "A token must be provided."));
    }

    private static void is(Answer answer, String body) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.text()).isEqualTo(body);
        assertThat(answer.header("content-type")).contains("application/json");
    }
}
