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
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/api-distribution.md, with errors in the flat form. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class DistributionApiTest {
    private static final String NOT_FOUND =
            JsonText.object("error", "notFound", "error_description", "The resource could not be found.");
    private static final String FORBIDDEN = """
                {"error":"forbidden",\
                "error_description":"You are not authorized to perform this operation."}""";

    @TestHTTPResource("/")
    URI base;

    RawHttp http;
    Accounts accounts;
    String file;
    String target;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
        accounts = new Accounts(http);
        file = UUID.randomUUID().toString();
        target = "/api/v3/oneprovider/data/" + file + "/distribution";
    }

    @Test
    @DisplayName("The published example is reported block by block and reads back as documented")
    void published() {
        is(put("57ecb305-a097-4243-bd03-a995e78ab206", "[[10,20],[0,4]]"), 201, "");
        is(put("7dedd2c7-dc58-4e62-925e-94663faa70fc", "[[5,9]]"), 201, "");
        is(put("none", "[]"), 201, "");
        Answer answer = http.get(target);
        is(answer, 200, """
                [{"providerId":"57ecb305-a097-4243-bd03-a995e78ab206","blocks":[[0,4],[10,20]],\
                "totalBlocksSize":24},{"providerId":"7dedd2c7-dc58-4e62-925e-94663faa70fc",\
                "blocks":[[5,9]],"totalBlocksSize":9},{"providerId":"none","blocks":[],\
                "totalBlocksSize":0}]""");
        assertThat(answer.header("content-type")).contains("application/json");
        assertThat(answer.header("etag").orElseThrow()).startsWith("W/\"");
        is(http.get("/data/" + file + "/distribution"), 200, answer.text());
    }

    @Test
    @DisplayName("A patch removes and adds blocks, and blocks that touch are merged")
    void patches() {
        is(patch("p", JsonText.object("add", JsonText.raw("[[0,4],[10,20]]"))), 204, "");
        is(patch("p", """
                {"remove":[[0,1],[12,2]],"add":[[4,1],[12,1]]}"""), 204, "");
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[1,4],[10,3],[14,16]],"totalBlocksSize":23}""");
    }

    @Test
    @DisplayName("Integers up to 2^64-1 and sizes up to 2^64 come back exactly")
    void exact() {
        is(put("p", "[[9007199254740993,1],[9223372036854775808,3],[18446744073709551615,1]]"), 201, "");
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[9007199254740993,1],[9223372036854775808,3],\
                [18446744073709551615,1]],"totalBlocksSize":5}""");
        is(put("p", "[[0,18446744073709551616]]"), 204, "");
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[0,18446744073709551616]],\
                "totalBlocksSize":18446744073709551616}""");
        is(patch("p", JsonText.object("remove", JsonText.raw("[[0,1]]"))), 204, "");
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[1,18446744073709551615]],\
                "totalBlocksSize":18446744073709551615}""");
        is(put("p", "[[0,9223372036854775808],[9223372036854775808,9223372036854775808]]"), 204, "");
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[0,18446744073709551616]],\
                "totalBlocksSize":18446744073709551616}""");
    }

    @Test
    @DisplayName("A withdrawn report is gone: 404 for it, and for the file once no report is left")
    void withdraws() {
        put("p", "[[0,1]]");
        put("q", "[[0,1]]");
        is(http.delete(target + "/p"), 204, "");
        is(http.delete(target + "/p"), 404, NOT_FOUND);
        is(http.get(target + "/p"), 404, NOT_FOUND);
        is(http.get(target), 200, """
                [{"providerId":"q","blocks":[[0,1]],"totalBlocksSize":1}]""");
        is(http.delete(target + "/q"), 204, "");
        is(http.get(target), 404, NOT_FOUND);
    }

    @Test
    @DisplayName("If-Match and If-None-Match are checked on every change, and a mismatch changes nothing")
    void conditions() {
        String first = put("p", "[[0,1]]").header("etag").orElseThrow();
        assertThat(first).matches("\"[0-9a-f]{16}\"");
        assertThat(http.get(target + "/p").header("etag")).contains(first);
        // What changes nothing has the same tag.
        assertThat(patch("p", JsonText.object("add", JsonText.raw("[[0,1]]"))).header("etag"))
                .contains(first);
        String second = patch("p", JsonText.object("add", JsonText.raw("[[1,1]]")), "If-Match: \"x\", " + first)
                .header("etag")
                .orElseThrow();
        assertThat(second).isNotEqualTo(first);
        for (String header : List.of(
                "If-Match: " + first,
                "If-Match: W/" + second,
                "If-Match: \"\"",
                "If-None-Match: *",
                "If-Match: \"x\"")) {
            mismatch(patch("p", JsonText.object("add", JsonText.raw("[[5,1]]")), header));
            mismatch(put("p", "[]", header));
        }
        mismatch(http.delete(target + "/p", "If-Match: " + first));
        mismatch(put("q", "[]", "If-Match: *"));
        is(put("q", "[]", "If-None-Match: *"), 201, "");
        is(put("p", "[[7,1]]", "If-Match: *"), 204, "");
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[7,1]],"totalBlocksSize":1}""");
        String third = http.get(target + "/p").header("etag").orElseThrow();
        is(http.delete(target + "/p", "If-Match: " + third), 204, "");
        for (String header : List.of("If-Match: x", "If-Match: \"a\" \"b\"", "If-None-Match: \"a\"", "If-Match: \"a")) {
            assertThat(put("p", "[]", header).status()).as(header).isEqualTo(400);
        }
    }

    private static void mismatch(Answer answer) {
        is(answer, 412, """
                {"error":"preconditionFailed",\
                "error_description":"The report is not what If-Match or If-None-Match says it must be."}""");
    }

    @Test
    @DisplayName("A reader with the current revision gets 304 without a body")
    void notModified() {
        put("p", "[[0,1]]");
        for (String path : List.of(target, target + "/p")) {
            String tag = http.get(path).header("etag").orElseThrow();
            for (String known : List.of(tag, "\"x\", " + tag, "*")) {
                Answer answer = http.get(path, "If-None-Match: " + known);
                is(answer, 304, "");
                assertThat(answer.header("etag")).contains(tag);
            }
            patch("p", JsonText.object("add", List.of(List.of(path.length(), 1))));
            Answer changed = http.get(path, "If-None-Match: " + tag);
            assertThat(changed.status()).isEqualTo(200);
            assertThat(changed.header("etag").orElseThrow()).isNotEqualTo(tag);
        }
        String tag = http.get(target).header("etag").orElseThrow();
        put("q", "[]");
        assertThat(http.get(target, "If-None-Match: " + tag).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @DisplayName("A name is the decoded text of its path segment")
    @ValueSource(strings = {"a%2Fb", "%C3%A9%20x", "a;b=c", "a+b", "..%2F..", "a:b", "%22%5C"})
    void names(String name) {
        String named = "/data/" + file + name + "/distribution";
        assertThat(http.send("PUT", named + "/" + name, json(JsonText.object("blocks", JsonText.raw("[[0,1]]"))))
                        .status())
                .isEqualTo(201);
        assertThat(http.get(named + "/" + name).status()).isEqualTo(200);
        assertThat(http.get(named).json().get(0).get("providerId").textValue())
                .isEqualTo(io.lockgate.http.Percent.decode(name).orElseThrow());
    }

    @ParameterizedTest
    @DisplayName("A bad report gets an error that names the fault, and nothing is stored")
    @CsvSource(delimiter = '|', textBlock = """
                    {}|missingRequiredValue|blocks
                    {"blocks":7}|badData|blocks
                    {"blocks":null}|badData|blocks
                    {"blocks":[7]}|badData|blocks[0]
                    {"blocks":[[]]}|badData|blocks[0][0]
                    {"blocks":[[0,1],[1]]}|badData|blocks[1][1]
                    {"blocks":[[0,1,2]]}|badData|blocks[0]
                    {"blocks":[["0",1]]}|badData|blocks[0][0]
                    {"blocks":[[0,1.0]]}|badData|blocks[0][1]
                    {"blocks":[[0,1e3]]}|badData|blocks[0][1]
                    {"blocks":[[-1,1]]}|badData|blocks[0][0]
                    {"blocks":[[-0,1]]}|badData|blocks[0][0]
                    {"blocks":[[0,0]]}|badData|blocks[0][1]
                    {"blocks":[[18446744073709551616,1]]}|badData|blocks[0][0]
                    {"blocks":[[18446744073709551615,2]]}|badData|blocks[0]
                    {"blocks":[[1,18446744073709551616]]}|badData|blocks[0]
                    {"blocks":[[0,18446744073709551617]]}|badData|blocks[0][1]
                    {"blocks":[[0,1]],"blocks":[]}|malformedData|field twice
                    {"blocks":[[0,1]]|malformedData|JSON
                    {"blocks":[[0,1]]}{}|malformedData|follows
                    []|malformedData|object
                    nothing|malformedData|JSON
                    ''|malformedData|object
                    """)
    void badReport(String body, String id, String named) {
        for (Answer answer : List.of(
                http.send("PUT", target + "/p", json(body)),
                http.send("PATCH", target + "/p", json(body.replace("blocks", "add"))))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.json().get("error").textValue()).isEqualTo(id);
            assertThat(answer.json().get("error_description").textValue())
                    .containsAnyOf(named, named.replace("blocks", "add"));
        }
        is(http.get(target), 404, NOT_FOUND);
    }

    @Test
    @DisplayName("A patch with a misspelt field is refused; a report may be sent back as it was read")
    void otherFields() {
        is(http.send("PUT", target + "/p", json("""
                {"providerId":"p","more":{"ignored":[1,"x"]},"blocks":[[0,4]],"totalBlocksSize":4}""")), 201, "");
        for (String field : List.of("removed", "x".repeat(5_000))) {
            Answer answer = patch("p", JsonText.object("add", JsonText.raw("[[9,1]]"), field, JsonText.raw("[[0,1]]")));
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.json().get("error").textValue()).isEqualTo("badData");
            assertThat(answer.text())
                    .contains("'" + field.substring(0, Math.min(field.length(), 100)) + "'")
                    .hasSizeLessThan(1_000);
        }
        is(http.get(target + "/p"), 200, """
                {"providerId":"p","blocks":[[0,4]],"totalBlocksSize":4}""");
    }

    @Test
    @DisplayName("A name that is too long, holds a control character or is badly encoded gets 400")
    void badNames() {
        for (String path : List.of(
                "/data/" + file + "/distribution/" + "x".repeat(257),
                "/data/" + "x".repeat(1_025) + "/distribution/p",
                "/data/" + file + "/distribution/a%09b",
                "/data/a%00b/distribution/p")) {
            Answer answer = http.send("PUT", path, json(JsonText.object("blocks", List.of())));
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.json().get("error").textValue()).isEqualTo("badData");
            assertThat(answer.text()).containsAnyOf("'id'", "'providerId'");
        }
        assertThat(http.get("/data/%zz/distribution").status()).isEqualTo(400);
        assertThat(http.get("/data/%ff/distribution").status()).isEqualTo(400);
        assertThat(http.get("/data/../distribution").status()).isEqualTo(400);
    }

    @Test
    @DisplayName("A patch has at most 100 ranges")
    void atMostAHundredRangesInAPatch() {
        is(patch("p", JsonText.object("add", JsonText.raw(blocks(60)), "remove", JsonText.raw(blocks(40)))), 204, "");
        Answer answer =
                patch("p", JsonText.object("add", JsonText.raw(blocks(60)), "remove", JsonText.raw(blocks(41))));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("100");
    }

    @Test
    @DisplayName("Other methods get 405 with Allow, and unknown paths 404")
    void otherMethods() {
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "OPTIONS")) {
            Answer answer = http.send(method, target, json("{}"));
            assertThat(answer.status()).as(method).isEqualTo(405);
            assertThat(answer.json().get("error").textValue()).isEqualTo("notSupported");
            assertThat(answer.header("allow").orElseThrow()).contains("GET");
        }
        assertThat(http.send("POST", target + "/p", json("{}")).status()).isEqualTo(405);
        for (String path : List.of("/data", "/data/" + file, target + "/p/q", "/api/v3/x", "/api/v3")) {
            is(http.get(path), 404, NOT_FOUND);
        }
    }

    @Test
    @DisplayName("Another media type gets 415, and an oversized body 413, with a known or unknown length")
    void otherBodies() throws IOException {
        Answer type = http.send(
                "PUT",
                target + "/p",
                JsonText.object("blocks", List.of()).getBytes(StandardCharsets.UTF_8),
                "Content-Type: text/plain");
        assertThat(type.status()).isEqualTo(415);
        assertThat(type.json().get("error").textValue()).isEqualTo("badData");
        assertThat(http.send("PATCH", target + "/p", new byte[70_000]).status()).isEqualTo(413);
        assertThat(http.send("PUT", target + "/p", new byte[8_388_609]).status())
                .isEqualTo(413);
        // A body in chunks does not say how long it is.
        try (RawHttp.Connection connection = http.connect()) {
            connection.write(
                    "PUT " + target + "/p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer "
                            + http.token() + "\r\n\r\n");
            byte[] spaces = " ".repeat(65_536).getBytes(StandardCharsets.US_ASCII);
            try {
                for (int i = 0; i < 130; i++) {
                    connection.write("10000\r\n");
                    connection.write(spaces);
                    connection.write("\r\n");
                }
                connection.write("0\r\n\r\n");
            } catch (IOException e) {
                // The server need not read what it will not take.
                assertThat(e.getMessage()).isNotNull();
            }
            assertThat(connection.read("PUT").status()).isEqualTo(413);
        }
        is(http.get(target), 404, NOT_FOUND);
    }

    @Test
    @DisplayName("Reading and reporting need their permissions, within their scopes")
    void rights() {
        put("p", "[[0,1]]");
        String reader = accounts.bearer(accounts.make("read-distribution"));
        String readerOfThis = accounts.bearer(accounts.make(Accounts.scoped("read-distribution", file)));
        String readerOfOther = accounts.bearer(accounts.make(Accounts.scoped("read-distribution", "other")));
        String provider = accounts.bearer(accounts.make(Accounts.scoped("report-distribution", "p")));
        String unbound = accounts.bearer(accounts.make("report-distribution"));
        String any = accounts.bearer(accounts.make("report-any-distribution"));
        for (String who : List.of(reader, readerOfThis)) {
            assertThat(http.get(target, who).status()).isEqualTo(200);
            assertThat(http.get(target + "/p", who).status()).isEqualTo(200);
            assertThat(http.get(target + "/q", who).status()).isEqualTo(404);
        }
        for (String who : List.of(readerOfOther, provider, any)) {
            is(http.get(target, who), 403, FORBIDDEN);
            is(http.get(target + "/p", who), 403, FORBIDDEN);
            is(http.get("/data/unknown/distribution", who), 403, FORBIDDEN);
        }
        assertThat(patch("p", JsonText.object("add", JsonText.raw("[[9,1]]")), provider)
                        .status())
                .isEqualTo(204);
        for (String who : List.of(reader, provider, unbound)) {
            is(patch("q", JsonText.object("add", JsonText.raw("[[9,1]]")), who), 403, FORBIDDEN);
            is(put("q", "[]", who), 403, FORBIDDEN);
            is(http.delete(target + "/q", who), 403, FORBIDDEN);
        }
        is(put("q", blocks(100_000), provider), 403, FORBIDDEN);
        is(patch("p", JsonText.object("add", JsonText.raw("[[9,1]]")), unbound), 403, FORBIDDEN);
        assertThat(put("q", "[]", any).status()).isEqualTo(201);
        assertThat(http.delete(target + "/p", provider).status()).isEqualTo(204);
    }

    @Test
    @DisplayName("Scripts of every origin may read every answer, and a preflight request is answered")
    void sharesWithEveryOrigin() {
        put("p", "[[0,1]]");
        RawHttp anonymous = RawHttp.anonymous(base);
        for (Answer answer : List.of(
                http.get(target, "Origin: http://example.org"),
                http.get("/data/" + file + "/distribution"),
                http.get("/data/unknown/distribution"),
                anonymous.get(target),
                anonymous.get("/data/%zz/distribution"),
                http.send("POST", target, json("{}")),
                anonymous.get("/data/" + file + "/../x"),
                anonymous.get(target + "?a=1&a=2"),
                http.send("PUT", target + "/p", null, "Content-Length: 900000000"),
                http.send("PATCH", target + "/p", null, "Content-Length: 900000"),
                http.send("PUT", target + "/p", json("{}"), "Content-Type: text/plain"),
                anonymous.send("PATCH", "/data/%zz/distribution/p", json("{}")))) {
            assertThat(answer.headers().stream().filter(h -> h[0].equals("access-control-allow-origin")))
                    .as(answer.text())
                    .singleElement()
                    .satisfies(header -> assertThat(header[1]).isEqualTo("*"));
        }
        Answer asked = anonymous.send(
                "OPTIONS",
                target + "/p",
                null,
                "Origin: http://example.org",
                "Access-Control-Request-Method: PATCH",
                "Access-Control-Request-Headers: x-auth-token");
        is(asked, 204, "");
        assertThat(asked.header("access-control-allow-methods").orElseThrow()).contains("PATCH");
        assertThat(asked.header("access-control-allow-headers").orElseThrow()).contains("X-Auth-Token");
        assertThat(anonymous.send("OPTIONS", target, null).status()).isEqualTo(401);
        assertThat(http.get("/v1/version").header("access-control-allow-origin"))
                .isEmpty();
    }

    @Test
    @Tag("slow")
    @DisplayName("A report of 100,000 blocks is stored and read back, and can be patched in the middle")
    void manyBlocks() {
        String body = blocks(100_000);
        is(put("p", body), 201, "");
        is(
                patch("p", JsonText.object("add", JsonText.raw("[[1,1]]"), "remove", JsonText.raw("[[200000,1]]"))),
                204,
                "");
        Answer answer = http.get(target);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .isEqualTo(JsonText.value(List.of(JsonText.nested(
                        "providerId",
                        "p",
                        "blocks",
                        JsonText.raw(body.replace("[[0,1],[2,1],", "[[0,3],")),
                        "totalBlocksSize",
                        100001))));
        // Touches more than one script may change.
        is(patch("p", """
                {"remove":[[100,18446744073709551516]],"add":[[5000,7]]}"""), 204, "");
        assertThat(http.get(target + "/p").json().get("blocks")).hasSize(50);
        assertThat(http.get(target + "/p").text()).endsWith("[98,1],[5000,7]],\"totalBlocksSize\":58}");
    }

    private Answer put(String provider, String blocks, String... headers) {
        return http.send(
                "PUT", target + "/" + provider, json(JsonText.object("blocks", JsonText.raw(blocks))), headers);
    }

    private Answer patch(String provider, String body, String... headers) {
        return http.send("PATCH", target + "/" + provider, json(body), headers);
    }

    private static String blocks(int count) {
        return IntStream.range(0, count).mapToObj(i -> "[" + 2L * i + ",1]").collect(Collectors.joining(",", "[", "]"));
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void is(Answer answer, int status, String body) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).isEqualTo(body);
    }
}
