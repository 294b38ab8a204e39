package io.lockgate.api.distribution;

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
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** docs/api-distribution.md: hex object ids, and errors in the nested form. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@TestProfile(StrictIdsTest.Strict.class)
@Tag("slow")
class StrictIdsTest {
    private static final String WORKED = "000000000016F01B67756964236161616161616161237373737373737373";

    @TestHTTPResource("/")
    URI base;

    RawHttp http;

    public static final class Strict implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lockgate.distribution.ids", "strict",
                    "lockgate.distribution.provider-id", "here",
                    "lockgate.distribution.error-format", "nested");
        }
    }

    @BeforeEach
    void client() {
        http = new RawHttp(base);
    }

    @Test
    @DisplayName("A lower-case id, and one with another length or CRC, name the same file")
    void sameFile() {
        String text = "guid#" + UUID.randomUUID() + "#space";
        assertThat(http.send("PUT", path(id(text)) + "/p", body(JsonText.object("blocks", JsonText.raw("[[0,4]]"))))
                        .status())
                .isEqualTo(201);
        for (String id :
                List.of(id(text), id(text).toLowerCase(Locale.ROOT), "0000000000FFFFFF" + id(text).substring(16))) {
            assertThat(http.get(path(id)).text()).isEqualTo("""
                [{"providerId":"p","blocks":[[0,4]],"totalBlocksSize":4}]""");
        }
        error(http.get(path(id(text + "x"))), 404, "notFound", "null");
    }

    @Test
    @DisplayName("The worked example of an object id names the file that it encodes")
    void workedExample() {
        Answer answer = http.get(path(WORKED));
        assertThat(answer.status()).isIn(200, 404);
        http.send("PUT", path(WORKED) + "/p", body(JsonText.object("blocks", List.of())));
        assertThat(http.get(path("000000000016F01B" + hex("guid#aaaaaaaa#ssssssss")))
                        .status())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("An id that is no object id is answered like one of an unknown space")
    void undecodable() {
        for (String id : List.of(
                "7",
                "space",
                "00",
                "0000000000000000",
                "zz" + WORKED.substring(2),
                "01" + WORKED.substring(2),
                "0000000001" + WORKED.substring(10),
                id("guid#only"),
                id("guid#a#b#c"),
                id("other#a#b"),
                id("guid#a#\u0001"),
                WORKED + "0",
                id("guid#" + "a".repeat(320) + "#s"))) {
            error(http.get(path(id)), 400, "spaceNotSupportedBy", JsonText.object("spaceId", id, "providerId", "here"));
        }
        error(http.get(path(id("shareGuid#a#b#c"))), 400, "notSupported", "null");
    }

    @Test
    @DisplayName("Errors with details have the nested form, others as well")
    void nestedErrors() {
        String target = path(id("guid#" + UUID.randomUUID() + "#space"));
        error(http.get(target), 404, "notFound", "null");
        error(
                http.send("PUT", target + "/p", body("{}")),
                400,
                "missingRequiredValue",
                JsonText.object("key", "blocks"));
        error(
                http.send("PUT", target + "/p", body(JsonText.object("blocks", JsonText.raw("[[0,0]]")))),
                400,
                "badData",
                JsonText.object("key", "blocks[0][1]"));
        error(http.send("PATCH", target + "/p", body("x")), 400, "malformedData", "null");
        error(
                http.send("PUT", target + "/p", body(JsonText.object("blocks", List.of())), "If-Match: *"),
                412,
                "preconditionFailed",
                "null");
        error(http.send("POST", target, body("{}")), 405, "notSupported", "null");
        Accounts accounts = new Accounts(http);
        error(http.get(target, accounts.bearer(accounts.make())), 403, "forbidden", "null");
        RawHttp anonymous = RawHttp.anonymous(base);
        error(anonymous.get(target), 401, "unauthorized", "null");
        for (String[] token : new String[][] {
            {"junk", "badToken"}, {"x".repeat(43), "tokenInvalid"}, {"x".repeat((1 << 20) + 1), "tokenTooLarge"}
        }) {
            Answer answer = anonymous.get(target, "X-Auth-Token: " + token[0]);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().at("/error/id").textValue()).isEqualTo("unauthorized");
            assertThat(answer.json().at("/error/details/authError/id").textValue())
                    .isEqualTo(token[1]);
        }
    }

    private static void error(Answer answer, int status, String id, String details) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        JsonNode error = answer.json().get("error");
        assertThat(error.get("id").textValue()).isEqualTo(id);
        assertThat(error.get("description").textValue()).isNotEmpty();
        JsonNode given = error.get("details");
        assertThat(given == null ? "null" : sorted(given)).isEqualTo(sorted(details));
    }

    private static String sorted(JsonNode details) {
        return sorted(details.toString());
    }

    /** Fields of a small object in one order. */
    private static String sorted(String object) {
        return String.join(
                ",",
                List.of(object.replaceAll("[{}]", "").split(",")).stream()
                        .sorted()
                        .toList());
    }

    private static String path(String id) {
        return "/api/v3/oneprovider/data/" + id + "/distribution";
    }

    private static String id(String text) {
        return "0000000000" + "%02X".formatted(text.length() % 256) + "1234" + hex(text);
    }

    private static String hex(String text) {
        return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] body(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
