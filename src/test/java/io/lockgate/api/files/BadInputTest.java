package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input gets a 4xx in the API's format that names the field. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class BadInputTest {
    private static final String LOCKS = "/v1/files/77/locks/nlm/byte-range/";
    private static final String MAX = "18446744073709551615";

    @TestHTTPResource("/")
    URI base;

    RawHttp http;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
    }

    /** Body of a lock with one field replaced; {@code null} leaves it out. */
    private static String body(String field, @Nullable Object value) {
        @Nullable Object offset = field.equals("offset") ? value : "0";
        @Nullable Object size = field.equals("size") ? value : "1";
        @Nullable Object mode = field.equals("mode") ? value : List.of("API_BYTE_RANGE_SHARED");
        @Nullable Object ownerId = field.equals("owner_id") ? value : "o";
        StringBuilder all = new StringBuilder();
        add(all, "offset", offset);
        add(all, "size", size);
        add(all, "mode", mode);
        add(all, "owner_id", ownerId);
        if (!List.of("offset", "size", "mode", "owner_id").contains(field)) {
            add(all, field, value);
        }
        return "{" + all + "}";
    }

    private static void add(StringBuilder all, String field, @Nullable Object value) {
        if (value != null) {
            all.append(all.isEmpty() ? "" : ",")
                    .append(JsonText.value(field))
                    .append(':')
                    .append(JsonText.value(value));
        }
    }

    static Stream<Arguments> badFields() {
        return Stream.of(
                arguments("offset", "-1", "fs_invalid_offset_error"),
                arguments("offset", JsonText.raw("-1"), "fs_invalid_offset_error"),
                arguments("offset", "1.5", "fs_invalid_offset_error"),
                arguments("offset", JsonText.raw("1.5"), "fs_invalid_offset_error"),
                arguments("offset", JsonText.raw("1e3"), "fs_invalid_offset_error"),
                arguments("offset", "0x10", "fs_invalid_offset_error"),
                arguments("offset", "+1", "fs_invalid_offset_error"),
                arguments("offset", " 1", "fs_invalid_offset_error"),
                arguments("offset", "", "fs_invalid_offset_error"),
                arguments("offset", "18446744073709551616", "fs_invalid_offset_error"),
                arguments("offset", "99999999999999999999999999", "fs_invalid_offset_error"),
                arguments("offset", JsonText.raw("9007199254740992"), "fs_invalid_offset_error"),
                arguments("offset", "\u0661", "fs_invalid_offset_error"),
                arguments("offset", JsonText.raw("true"), "decode_error"),
                arguments("offset", JsonText.raw("{}"), "decode_error"),
                arguments("offset", JsonText.raw("[1]"), "decode_error"),
                arguments("offset", JsonText.raw("null"), "decode_error"),
                arguments("offset", null, "decode_error"),
                arguments("size", "-1", "fs_invalid_size_error"),
                arguments("size", JsonText.raw("1.0"), "fs_invalid_size_error"),
                arguments("size", "18446744073709551616", "fs_invalid_size_error"),
                arguments("size", null, "decode_error"),
                arguments("mode", JsonText.raw("[]"), "decode_error"),
                arguments("mode", "API_BYTE_RANGE_SHARED", "decode_error"),
                arguments("mode", List.of("SHARED"), "decode_error"),
                arguments("mode", JsonText.raw("[null]"), "decode_error"),
                arguments("mode", JsonText.raw("[1]"), "decode_error"),
                arguments("mode", null, "decode_error"),
                arguments("owner_id", "", "decode_error"),
                arguments("owner_id", JsonText.raw("7"), "decode_error"),
                arguments("owner_id", JsonText.raw("true"), "decode_error"),
                arguments("owner_id", "x".repeat(257), "decode_error"),
                arguments("owner_id", "\u00e9".repeat(129), "decode_error"),
                arguments("owner_id", JsonText.raw("\"a\\u0000b\""), "decode_error"),
                arguments("owner_id", JsonText.raw("\"a\\nb\""), "decode_error"),
                arguments("owner_id", JsonText.raw("\"a\\u007fb\""), "decode_error"),
                arguments("owner_id", JsonText.raw("\"a\\u0085b\""), "decode_error"),
                arguments("owner_id", JsonText.raw("\"a\\ud800b\""), "decode_error"),
                arguments("owner_id", JsonText.raw("\"a\\udc00\\ud800\""), "decode_error"),
                arguments("owner_id", null, "decode_error"),
                arguments("owner_name", "x".repeat(257), "decode_error"),
                arguments("owner_name", JsonText.raw("\"a\\tb\""), "decode_error"),
                arguments("owner_address", "not an address", "decode_error"),
                arguments("owner_address", JsonText.raw("5"), "decode_error"),
                arguments("stream_id", "", "decode_error"),
                arguments("stream_id", "x".repeat(257), "decode_error"),
                arguments("snapshot_id", "abc", "decode_error"),
                arguments("snapshot_id", "-1", "decode_error"),
                arguments("lease_ms", JsonText.raw("999"), "decode_error"),
                arguments("lease_ms", JsonText.raw("86400001"), "decode_error"),
                arguments("lease_ms", "5000", "decode_error"),
                arguments("lease_ms", JsonText.raw("5000.5"), "decode_error"),
                arguments("lease_ms", JsonText.raw("99999999999999999999"), "decode_error"),
                arguments("session_id", JsonText.raw("5"), "decode_error"),
                arguments("session_id", "", "decode_error"),
                arguments("wait_ms", JsonText.raw("3600001"), "decode_error"),
                arguments("wait_ms", "1", "decode_error"),
                arguments("wait_ms", JsonText.raw("-1"), "decode_error"),
                arguments("reclaim", JsonText.raw("true"), "decode_error"),
                arguments("receipt", "r", "decode_error"),
                arguments("durability", "replicated", "decode_error"));
    }

    @ParameterizedTest
    @DisplayName("Acquire, test and batch name the bad field and store nothing")
    @MethodSource("badFields")
    void namesTheField(String field, @Nullable Object value, String errorClass) {
        String body = body(field, value);

        expect(http.post(LOCKS, body), 400, errorClass, "'" + field);
        expect(http.post(LOCKS + "test", body), 400, errorClass, "'" + field);
        expect(
                http.post(LOCKS + "batch", JsonText.object("locks", List.of(JsonText.raw(body)))),
                400,
                errorClass,
                "'locks[0]." + field);
        assertThat(http.get(LOCKS).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("A missing field is reported as \"not found\", which clients expect")
    void missingFieldsAreNotFound() {
        assertThat(http.post(LOCKS, "{}").json().get("description").textValue()).contains("' not found");
        assertThat(http.post(LOCKS, body("owner_id", null))
                        .json()
                        .get("description")
                        .textValue())
                .isEqualTo("field 'owner_id' not found");
    }

    @Test
    @DisplayName("A range past 2^64-1 is an error and never wraps; the last byte alone is valid")
    void rangesDoNotWrap() {
        String past =
                JsonText.object("mode", List.of("API_BYTE_RANGE_SHARED"), "offset", MAX, "size", "2", "owner_id", "o");

        expect(http.post(LOCKS, past), 400, "fs_invalid_size_error", "'size'");
        expect(http.delete(LOCKS + "?offset=" + MAX + "&size=2&owner_id=o"), 400, "fs_invalid_size_error", "'size'");
        assertThat(http.delete(LOCKS + "?offset=" + MAX + "&size=1&owner_id=o").status())
                .isEqualTo(200);
    }

    static Stream<Arguments> badTargets() {
        return Stream.of(
                arguments("GET", LOCKS + "?limit=0", 400, "decode_error", "'limit'"),
                arguments("GET", LOCKS + "?limit=-1", 400, "decode_error", "'limit'"),
                arguments("GET", LOCKS + "?limit=1.5", 400, "decode_error", "'limit'"),
                arguments("GET", LOCKS + "?limit=ten", 400, "decode_error", "'limit'"),
                arguments("GET", LOCKS + "?limit=000", 400, "decode_error", "'limit'"),
                arguments("GET", LOCKS + "?after=k9", 400, "decode_error", "'after'"),
                arguments("GET", LOCKS + "?after=%00", 400, "decode_error", "'after'"),
                arguments("GET", LOCKS + "?after=" + "A".repeat(2000), 400, "decode_error", "'after'"),
                arguments("GET", LOCKS + "?snapshot=x", 400, "decode_error", "'snapshot'"),
                arguments("GET", LOCKS + "?mine=maybe", 400, "decode_error", "'mine'"),
                arguments("GET", LOCKS + "?owner_name=a%00b", 400, "decode_error", "'owner_name'"),
                arguments("GET", LOCKS + "?owner_name=%zz", 400, "decode_error", "'owner_name'"),
                arguments("GET", LOCKS + "?owner_name=%ff", 400, "decode_error", "'owner_name'"),
                arguments("GET", LOCKS + "?owner_name=%4", 400, "decode_error", "'owner_name'"),
                arguments("GET", LOCKS + "?owner_name=%ED%A0%80", 400, "decode_error", "'owner_name'"),
                arguments("GET", LOCKS + "?owner_id=" + "x".repeat(300), 400, "decode_error", "'owner_id'"),
                arguments("GET", LOCKS + "count", 400, "decode_error", "'by'"),
                arguments("GET", LOCKS + "count?by=colour", 400, "decode_error", "'by'"),
                arguments("GET", "/v1/files/%zz/locks/nlm/byte-range/", 400, "decode_error", "'ref'"),
                arguments("GET", "/v1/files/%ff/locks/nlm/byte-range/", 400, "decode_error", "'ref'"),
                arguments("GET", "/v1/files/%2Fa%C0%AF/locks/nlm/byte-range/", 400, "decode_error", "'ref'"),
                arguments("GET", "/v1/files/%2F%\u00e9/locks/nlm/byte-range/", 400, "decode_error", "'ref'"),
                arguments("GET", "/v1/files/%2F\u00e9/locks/nlm/byte-range/", 400, "decode_error", "'ref'"),
                arguments("GET", "/v1/files/%2Fa%2F../locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments(
                        "GET", "/v1/files/%2Fa%2F%2e%2e/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/%2Fa%2F.%2Fb/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/%2Fa%2F%2Fb/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/%2Fa%00b/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/%2e%2e/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/../locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/%2E/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/abc/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments("GET", "/v1/files/-1/locks/nlm/byte-range/", 400, "fs_invalid_path_error", "'ref'"),
                arguments(
                        "GET",
                        "/v1/files/18446744073709551616/locks/nlm/byte-range/",
                        400,
                        "fs_invalid_path_error",
                        "'ref'"),
                arguments("GET", "/v1/files/7/locks/ftp/byte-range/", 404, "http_not_found_error", ""),
                arguments("GET", "/v1/files/7/locks/nlm/", 404, "http_not_found_error", ""),
                arguments("GET", "/v1/files/7/locks/ftp/byte-range/waiters/", 404, "http_not_found_error", ""),
                arguments("GET", "/v1/files/locks/ftp/byte-range/waiters/", 404, "http_not_found_error", ""),
                arguments("GET", "/v1/nothing", 404, "http_not_found_error", ""),
                arguments("GET", "/api/v1/nothing", 404, "http_not_found_error", ""),
                arguments("GET", "/v1/session/who-am-I", 404, "http_not_found_error", ""),
                arguments("PUT", LOCKS, 405, "http_method_not_allowed_error", ""),
                arguments("DELETE", "/v1/files/locks/smb/byte-range/", 405, "http_method_not_allowed_error", ""),
                arguments("DELETE", "/v1/version", 405, "http_method_not_allowed_error", ""),
                arguments("BREW", LOCKS, 405, "http_method_not_allowed_error", ""),
                arguments("DELETE", LOCKS, 400, "decode_error", "'offset' not found"),
                arguments("DELETE", LOCKS + "?offset=0", 400, "decode_error", "'size' not found"),
                arguments("DELETE", LOCKS + "?offset=0&size=1", 400, "decode_error", "'owner_id' not found"),
                arguments("DELETE", LOCKS + "?offset=0&size=1&owner_id=", 400, "decode_error", "'owner_id' is empty"),
                arguments(
                        "DELETE",
                        LOCKS + "?offset=0&size=1&owner_id=o&stream_id=",
                        400,
                        "decode_error",
                        "'stream_id' is empty"),
                arguments("DELETE", "/v1/smb/files/", 405, "http_method_not_allowed_error", ""),
                arguments("PUT", "/v1/smb/files/close", 405, "http_method_not_allowed_error", ""),
                arguments("POST", "/v1/smb/files/7", 404, "http_not_found_error", ""),
                arguments(
                        "DELETE", LOCKS + "?offset=0x1&size=1&owner_id=o", 400, "fs_invalid_offset_error", "'offset'"),
                arguments("DELETE", LOCKS + "?offset=+1&size=1&owner_id=o", 400, "fs_invalid_offset_error", "'offset'"),
                arguments("DELETE", LOCKS + "?offset=0&size=-1&owner_id=o", 400, "fs_invalid_size_error", "'size'"),
                arguments(
                        "DELETE",
                        LOCKS + "?offset=0&size=1&owner_id=o&any_owner=2",
                        400,
                        "decode_error",
                        "'any_owner'"),
                arguments("GET", "/v1/files/locks/nlm/grants/zzz", 404, "fs_no_such_lock_error", ""),
                arguments("GET", "/v1/files/locks/nlm/grants/1-00000000000000ff", 404, "fs_no_such_lock_error", ""),
                arguments("POST", "/v1/files/locks/nlm/grants/1-00000000000000ff/break", 400, "decode_error", "empty"),
                arguments(
                        "DELETE",
                        "/v1/files/locks/nlm/grants/1-00000000000000ff/break",
                        404,
                        "fs_no_such_lock_error",
                        "no such lock"),
                arguments(
                        "POST",
                        "/v1/files/locks/nlm/grants/1-00000000000000ff/break/undo",
                        404,
                        "fs_no_such_lock_error",
                        "was broken"),
                arguments("GET", "/v1/files/locks/break", 405, "http_method_not_allowed_error", ""),
                arguments(
                        "POST",
                        "/v1/files/locks/nfs3/grants/1-00000000000000ff/break/undo",
                        404,
                        "http_not_found_error",
                        ""),
                arguments("GET", "/v1/files/locks/sessions/abc", 404, "fs_no_such_session_error", ""),
                arguments("DELETE", "/v1/files/locks/sessions/abc", 404, "fs_no_such_session_error", ""),
                arguments("POST", "/v1/files/locks/sessions/abc/renew", 404, "fs_no_such_session_error", ""),
                arguments(
                        "POST",
                        "/v1/files/locks/sessions/1-00000000000000ff/renew",
                        404,
                        "fs_no_such_session_error",
                        ""),
                arguments("GET", "/v1/files/locks/sessions/?limit=0", 400, "decode_error", "'limit'"),
                arguments("GET", "/v1/files/locks/sessions/?mine=2", 400, "decode_error", "'mine'"),
                arguments("GET", "/v1/files/locks/sessions/?after=x", 400, "decode_error", "'after'"),
                arguments("GET", "/v1/files/locks/waiters/abc", 404, "fs_no_such_waiter_error", ""),
                arguments("GET", "/v1/files/locks/waiters/abc?wait_ms=25001", 400, "decode_error", "'wait_ms'"),
                arguments("GET", "/v1/files/locks/waiters/1-00000000000000ff", 404, "fs_no_such_waiter_error", ""),
                arguments("DELETE", "/v1/files/locks/waiters/abc", 404, "fs_no_such_waiter_error", ""),
                arguments("POST", "/v1/files/locks/waiters/abc", 405, "http_method_not_allowed_error", ""));
    }

    @ParameterizedTest
    @DisplayName("Bad paths, parameters and methods get an error in the API's format")
    @MethodSource("badTargets")
    void badTargetsAreTold(String method, String target, int status, String errorClass, String named) {
        expect(http.send(method, target, null), status, errorClass, named);
        if (target.startsWith("/v1/")) {
            expect(http.send(method, "/api" + target, null), status, errorClass, named);
        }
    }

    @Test
    @DisplayName("A 405 lists the methods that the path accepts")
    void methodsNotAllowedNameThoseAllowed() {
        assertThat(http.send("PUT", LOCKS, null).header("allow")).contains("DELETE, GET, HEAD, POST");
        assertThat(http.delete("/api/v1/files/locks/smb/byte-range").header("allow"))
                .contains("GET, HEAD");
        assertThat(http.delete("/v1/version").header("allow")).contains("GET, HEAD");
        assertThat(http.get(LOCKS + "test").header("allow")).contains("POST");
    }

    static Stream<Arguments> badBodies() {
        String good = body("", null);
        return Stream.of(
                arguments("", 400, "empty"),
                arguments("{", 400, "JSON"),
                arguments("nonsense", 400, "JSON"),
                arguments("null", 400, "null"),
                arguments("[]", 400, "JSON type"),
                arguments("\"text\"", 400, "JSON type"),
                arguments("7", 400, "JSON type"),
                arguments(good + "x", 400, "JSON"),
                arguments(good + good, 400, "JSON"),
                arguments("\ufeff" + good, 400, "byte order mark"),
                arguments("{\"offset\":\"0\"," + good.substring(1), 400, "twice"),
                arguments("{'offset':1}", 400, "JSON"),
                arguments("{\"offset\":NaN}", 400, "JSON"),
                arguments("{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}", 400, "deep"),
                arguments("{\"x\":" + "{\"y\":".repeat(500) + "1" + "}".repeat(500) + "}", 400, "deep"),
                arguments(JsonText.object("x", JsonText.raw("9".repeat(5000))), 400, "too long"),
                arguments(JsonText.object("x", "y".repeat(70_000)), 413, "65536"));
    }

    @ParameterizedTest
    @DisplayName("A malformed body gets 400, an oversized one 413, and the connection stays usable or is closed")
    @MethodSource("badBodies")
    void badBodiesAreTold(String body, int status, String named) {
        String errorClass = status == 413 ? "http_payload_too_large_error" : "decode_error";
        for (String target : List.of(
                LOCKS,
                LOCKS + "test",
                LOCKS + "batch",
                "/v1/files/77/locks/smb/share-mode/",
                "/v1/files/77/locks/smb/share-mode/test",
                "/v1/files/locks/nlm/grants/1-00000000000000ff/break",
                "/v1/files/locks/break",
                "/v1/files/locks/fence/check",
                "/v1/files/77/entries/")) {
            expect(http.post(target, body), status, errorClass, named);
        }
    }

    @Test
    @DisplayName("Broken UTF-8 and other encodings are refused, not guessed")
    void onlyUtf8() {
        byte[] latin = body("owner_id", "\u00e9").getBytes(StandardCharsets.ISO_8859_1);
        byte[] utf16 = body("", null).getBytes(StandardCharsets.UTF_16LE);

        for (byte[] bytes : List.of(latin, utf16)) {
            expect(http.send("POST", LOCKS, bytes, "Content-Type: application/json"), 400, "decode_error", "UTF-8");
        }
    }

    @Test
    @DisplayName("A body of unknown length is limited as well")
    void chunkedBodiesAreCounted() throws IOException {
        String chunk = "x".repeat(10_000);
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("POST " + LOCKS + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + http.token()
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            connection.write("2\r\n[\"\r\n");
            for (int i = 0; i < 8; i++) {
                connection.write(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n");
            }
            connection.write("2\r\n\"]\r\n0\r\n\r\n");
            expect(connection.read("POST"), 413, "http_payload_too_large_error", "65536");
        }
        byte[] small = body("", null).getBytes(StandardCharsets.UTF_8);
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("POST " + LOCKS + "test HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + http.token()
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            connection.write(Integer.toHexString(small.length) + "\r\n");
            connection.write(small);
            connection.write("\r\n0\r\n\r\n");
            assertThat(connection.read("POST").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @DisplayName("JSON with or without a charset, or without a type, is accepted; other media types get 415")
    @ValueSource(
            strings = {
                "Content-Type: application/json",
                "Content-Type: application/json;charset=UTF-8",
                "Content-Type: Application/JSON; charset=utf-8",
                "X-No: type",
                "Content-Type: ",
                "!Content-Type: text/plain",
                "!Content-Type: application/x-www-form-urlencoded",
                "!Content-Type: application/xml",
                "!Content-Type: nonsense",
                "!Content-Type: application/json/x",
            })
    void contentTypes(String header) {
        boolean taken = !header.startsWith("!");
        byte[] body = body("", null).getBytes(StandardCharsets.UTF_8);

        Answer answer = http.send("POST", LOCKS + "test", body, taken ? header : header.substring(1));

        if (taken) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        } else {
            expect(answer, 415, "http_unsupported_media_type_error", "application/json");
        }
    }

    @Test
    @DisplayName("A batch has at most 100 ranges, of one stream and snapshot, and in smb of one kind")
    void batches() {
        String lock = body("", null);
        String unlock = JsonText.object("offset", "0", "size", "1", "owner_id", "o");
        String target = LOCKS + "batch";

        expect(http.post(target, "{}"), 400, "decode_error", "'locks'");
        expect(http.post(target, JsonText.object("locks", List.of(), "unlocks", null)), 400, "decode_error", "'locks'");
        expect(http.post(target, JsonText.object("locks", JsonText.raw("[null]"))), 400, "decode_error", "'locks[0]'");
        expect(http.post(target, JsonText.object("locks", JsonText.raw(lock))), 400, "decode_error", "'locks'");
        String many = String.join(",", Collections.nCopies(101, unlock));
        expect(
                http.post(target, JsonText.object("unlocks", List.of(JsonText.raw(many)))),
                400,
                "decode_error",
                "100 ranges");
        expect(
                http.post(
                        target,
                        JsonText.object("locks", List.of(JsonText.raw(lock), JsonText.raw(body("stream_id", "2"))))),
                400,
                "decode_error",
                "'stream_id'");
        expect(
                http.post(
                        target,
                        JsonText.object(
                                "locks",
                                List.of(JsonText.raw(lock)),
                                "unlocks",
                                List.of(JsonText.raw(JsonText.with(unlock, "snapshot_id", "3"))))),
                400,
                "decode_error",
                "'snapshot_id'");
        expect(
                http.post(
                        target.replace("nlm", "smb"),
                        JsonText.object(
                                "locks", List.of(JsonText.raw(lock)), "unlocks", List.of(JsonText.raw(unlock)))),
                400,
                "decode_error",
                "'unlocks'");
        expect(
                http.post(
                        target,
                        JsonText.object(
                                "unlocks",
                                List.of(JsonText.raw(unlock), JsonText.raw(unlock.replace("\"0\"", "\"-1\""))))),
                400,
                "fs_invalid_offset_error",
                "'unlocks[1].offset'");
    }

    @Test
    @DisplayName("Renew, fence and the registry name their bad fields too")
    void otherBodies() {
        String renew = "/v1/files/locks/nlm/grants/1-00000000000000ff/renew";
        expect(http.post(renew, "{}"), 404, "fs_no_such_lock_error", "");
        expect(http.post(renew, JsonText.object("lease_ms", 5)), 400, "decode_error", "'lease_ms'");
        expect(
                http.post(renew.replace("1-00000000000000ff", "zzz"), JsonText.object("lease_ms", 5000)),
                404,
                "fs_no_such_lock_error",
                "");
        String fence = "/v1/files/locks/fence/check";
        expect(http.post(fence, "{}"), 400, "decode_error", "'file_id' not found");
        expect(http.post(fence, JsonText.object("file_id", "x")), 400, "decode_error", "'file_id'");
        expect(
                http.post(fence, JsonText.object("file_id", "7", "offset", "0", "size", "1")),
                400,
                "decode_error",
                "'fencing_token' not found");
        String entries = "/v1/files/%2F/entries/";
        expect(http.post(entries, JsonText.object("action", "CREATE_FILE")), 400, "decode_error", "'name' not found");
        expect(http.post(entries, JsonText.object("name", "a")), 400, "decode_error", "'action' not found");
        expect(http.post(entries, JsonText.object("name", "a", "action", "X")), 400, "decode_error", "'action'");
        expect(
                http.post(entries, JsonText.object("name", "a/b", "action", "CREATE_FILE")),
                400,
                "decode_error",
                "'name'");
        expect(
                http.post(entries, JsonText.object("name", "..", "action", "CREATE_FILE")),
                400,
                "decode_error",
                "'name'");
        expect(http.post("/v1/files/resolve", "{}"), 400, "decode_error", "JSON type");
        expect(http.post("/v1/files/resolve/", JsonText.value(List.of("x"))), 400, "decode_error", "[0]");
        expect(http.post("/v1/files/resolve", "[null]"), 400, "decode_error", "[0]");
        expect(http.post("/v1/files/resolve", "[7]"), 400, "decode_error", "[0]");
        String many = "[" + String.join(",", Collections.nCopies(1001, "\"1\"")) + "]";
        expect(http.post("/v1/files/resolve", many), 400, "decode_error", "1000");
        expect(http.post("/v1/dns/resolve-ips-to-names", many), 400, "decode_error", "1000");
        expect(http.post("/v1/dns/resolve-ips-to-names", "[{}]"), 400, "decode_error", "[0]");
    }

    @Test
    @DisplayName("The longest names, the highest numbers and unknown fields are accepted")
    void whatIsJustGoodEnough() {
        for (String body : Arrays.asList(
                body("owner_id", "x".repeat(256)),
                body("owner_id", "\u00e9".repeat(128)),
                body("owner_id", JsonText.raw("\"\\ud83d\\ude00 \\\"'\\\\ \"")),
                body("owner_name", ""),
                body("owner_address", "2001:db8::1"),
                body("owner_name", JsonText.raw("null")),
                body("wait_ms", 0),
                body("reclaim", false),
                body("session_id", JsonText.raw("null")),
                body("nonsense", JsonText.nested("a", JsonText.raw("[1,{\"b\":null}]"))),
                body("lease_ms", 86_400_000),
                body("snapshot_id", "0"),
                body("offset", MAX),
                body("size", "0"))) {
            Answer answer = http.post(LOCKS + "test", body);
            assertThat(answer.status()).as(body + " " + answer.text()).isEqualTo(200);
        }
        assertThat(http.get(LOCKS + "?limit=99999999999999999999").status()).isEqualTo(200);
        assertThat(http.get(LOCKS + "?limit=99999").text()).contains("limit=10000&");
    }

    private static void expect(Answer answer, int status, String errorClass, String... namedAnyOf) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        FilesApiTest.assertErrorShape(answer);
        assertThat(answer.json().get("error_class").textValue())
                .as(answer.text())
                .isEqualTo(errorClass);
        assertThat(namedAnyOf)
                .as(answer.text())
                .anyMatch(named -> answer.json().get("description").textValue().contains(named));
    }

    @ParameterizedTest
    @DisplayName("A path that only the router would normalise to an API path gets 404 in the API's format")
    @ValueSource(
            strings = {
                "//v1/version",
                "//v1/files/1/locks/nlm/byte-range/",
                "/v1/files//locks/nlm/byte-range/",
                "/v1/files/1//locks/nlm/byte-range/",
                "/v1;a/files/locks/nlm/byte-range/",
                "/x/../v1/files/99/locks/nlm/byte-range/",
                "/./v1/version",
                "/%76%31/version"
            })
    void disguisedPath(String target) {
        for (String method : List.of("GET", "DELETE")) {
            Answer answer = http.send(method, target, null);
            assertThat(answer.status())
                    .as(method + " " + target + answer.text())
                    .isEqualTo(404);
            assertThat(answer.header("content-type")).hasValue("application/json");
            assertThat(answer.json().get("error_class").textValue()).isEqualTo("http_not_found_error");
        }
    }

    @Test
    @DisplayName("HTTP/1.1 requires a Host header")
    void noHost() throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            connection.write("GET /v1/version HTTP/1.1\r\n\r\n");
            Answer answer = connection.read("GET");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("Host");
        }
    }

    @Test
    @DisplayName("A cursor of one list is not valid for another list")
    void keyOfAnotherList() {
        String next = http.get(LOCKS + "?limit=2").json().at("/paging/next").textValue();
        String after = next.substring(next.indexOf("after="));
        assertThat(http.get(LOCKS + "?" + after).status()).isEqualTo(200);
        for (String other : List.of(
                "/v1/files/78/locks/nlm/byte-range/?",
                "/v1/files/locks/nlm/byte-range/?",
                LOCKS.replace("nlm", "smb") + "?",
                LOCKS + "?owner_id=x&")) {
            Answer answer = http.get(other + after);
            assertThat(answer.status()).as(other).isEqualTo(400);
            assertThat(answer.text()).contains("after");
        }
    }
}
