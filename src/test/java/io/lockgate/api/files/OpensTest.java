package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.EventReader;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Opens of SMB over HTTP (docs/api-files.md, "SMB opens" and "SMB handles"). Each test has a file of its own. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class OpensTest {
    private static final String READ = "API_SHARE_MODE_READ";
    private static final String WRITE = "API_SHARE_MODE_WRITE";
    private static final String DELETE = "API_SHARE_MODE_DELETE";
    private static final String EXCLUDE_READ = "API_SHARE_MODE_EXCLUDE_READ";
    private static final String EXCLUDE_WRITE = "API_SHARE_MODE_EXCLUDE_WRITE";
    private static final String GRANTS = "/v1/files/locks/smb/grants/";
    private static final String HANDLES = "/v1/smb/files/";
    private static final String CLOSE = HANDLES + "close";

    @TestHTTPResource("/")
    URI base;

    private RawHttp http;
    private Accounts accounts;
    private String aliceName;
    private String alice;
    private String bob;
    private String reader;
    private String admin;
    private String both;
    private String nobody;
    private String file;
    private String opens;
    private String ranges;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        accounts = new Accounts(http);
        Accounts.Account first = accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE");
        aliceName = first.name();
        alice = accounts.bearer(first);
        bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
        admin = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE"));
        both = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_WRITE"));
        nobody = accounts.bearer(accounts.make("PRIVILEGE_SMB_FILE_HANDLE_READ", "PRIVILEGE_SMB_FILE_HANDLE_WRITE"));
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        opens = "/v1/files/" + file + "/locks/smb/share-mode/";
        ranges = "/v1/files/" + file + "/locks/smb/byte-range/";
    }

    private static String open(String owner, List<String> modes, Object... more) {
        return JsonText.with(JsonText.object("mode", modes, "owner_id", owner), more);
    }

    private static String range(String owner, int offset, Object... more) {
        return JsonText.with(
                JsonText.object(
                        "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", offset, "size", 10, "owner_id", owner),
                more);
    }

    private static JsonNode ok(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static void done(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).isEmpty();
    }

    private static JsonNode error(int status, String errorClass, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo(errorClass);
        return answer.json();
    }

    private static String id(JsonNode grant) {
        return grant.get("grant_id").textValue();
    }

    private List<String> listed(String target, String... headers) {
        List<String> ids = new ArrayList<>();
        ok(http.get(target, headers)).get("grants").forEach(grant -> ids.add(id(grant)));
        return ids;
    }

    // ------------------------------------------------------------------------------------------------ one's own opens

    @ParameterizedTest
    @DisplayName(
            "An open is acquired, refuses what it denies, is shown without a range, and is released, by both prefixes")
    @ValueSource(strings = {"", "/api"})
    void life(String prefix) {
        JsonNode grant = ok(http.post(
                prefix + opens,
                open("h1", List.of(EXCLUDE_WRITE, READ), "owner_name", "m1", "lease_ms", 60_000),
                alice));
        assertThat(grant.fieldNames())
                .toIterable()
                .containsExactly(
                        "file_id",
                        "stream_id",
                        "snapshot_id",
                        "mode",
                        "owner_id",
                        "owner_address",
                        "node_address",
                        "grant_id",
                        "fencing_token",
                        "expires_in_ms",
                        "provisional");
        assertThat(grant.get("file_id").textValue()).isEqualTo(file);
        assertThat(grant.get("mode").toString()).isEqualTo(JsonText.value(List.of(READ, EXCLUDE_WRITE)));
        assertThat(grant.get("provisional").booleanValue()).isFalse();

        Answer refused = http.post(prefix + opens, open("h2", List.of(READ, WRITE)), bob);
        JsonNode error = error(409, "fs_lock_conflict_error", refused);
        assertThat(error.get("description").textValue()).isEqualTo("the open conflicts with an open that stands");
        assertThat(error.get("conflict").get("free")).isEmpty();
        assertThat(error.get("conflict").get("more").booleanValue()).isFalse();
        assertThat(refused.header("retry-after")).isPresent();
        JsonNode blocker = error.get("conflict").get("blockers").get(0);
        assertThat(blocker.fieldNames()).toIterable().containsExactly("mode", "expires_in_ms");
        ok(http.post(prefix + opens, open("h2", List.of(READ)), bob));

        JsonNode shown = ok(http.get(prefix + GRANTS + id(grant), alice));
        assertThat(shown.has("offset") || shown.has("size") || shown.has("owner_name"))
                .isFalse();
        assertThat(shown.get("fencing_token")).isEqualTo(grant.get("fencing_token"));
        assertThat(listed(prefix + opens + "?mine=true", alice)).containsExactly(id(grant));

        done(http.delete(prefix + opens + "?owner_id=h1", alice));
        error(404, "fs_no_such_lock_error", http.delete(prefix + opens + "?owner_id=h1", alice));
        error(404, "fs_no_such_lock_error", http.get(prefix + GRANTS + id(grant), alice));
        ok(http.post(prefix + opens, open("h3", List.of(WRITE)), bob));
    }

    @Test
    @DisplayName(
            "The same handle may have several opens, each a grant of its own, and they conflict with each other too")
    void severalOpens() {
        JsonNode one = ok(http.post(opens, open("h", List.of(READ)), alice));
        JsonNode two = ok(http.post(opens, open("h", List.of(READ)), alice));
        assertThat(id(two)).isNotEqualTo(id(one));
        assertThat(two.get("fencing_token").asLong())
                .isGreaterThan(one.get("fencing_token").asLong());
        error(409, "fs_lock_conflict_error", http.post(opens, open("h", List.of(EXCLUDE_READ)), alice));

        done(http.delete(opens + "?owner_id=h&grant_id=" + id(one), alice));
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=h&grant_id=" + id(one), alice));
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=other&grant_id=" + id(two), alice));
        assertThat(listed(opens, reader)).containsExactly(id(two));
        JsonNode left = ok(http.delete(opens + "?owner_id=h&return=grants", alice));
        assertThat(left.toString()).isEqualTo("{\"grants\":[]}");
        assertThat(listed(opens, reader)).isEmpty();
    }

    @Test
    @DisplayName("A release by handle ends all its opens in that stream and snapshot, and those of no other")
    void releaseOfHandle() {
        ok(http.post(opens, open("h", List.of(READ)), alice));
        ok(http.post(opens, open("h", List.of(WRITE)), alice));
        JsonNode others = ok(http.post(opens, open("h", List.of(READ)), bob));
        JsonNode stream = ok(http.post(opens, open("h", List.of(READ), "stream_id", "2"), alice));
        JsonNode snapshot = ok(http.post(opens + "?snapshot=5", open("h", List.of(READ)), alice));

        done(http.delete(opens + "?owner_id=h", alice));

        assertThat(listed(opens, reader)).containsExactlyInAnyOrder(id(others), id(stream));
        assertThat(listed(opens + "?snapshot=5", reader)).containsExactly(id(snapshot));
        done(http.delete(opens + "?owner_id=h&stream_id=2", alice));
        done(http.delete(opens + "?owner_id=h&snapshot=5", alice));
        assertThat(listed(opens, reader)).containsExactly(id(others));
        assertThat(listed(opens + "?snapshot=5", reader)).isEmpty();
    }

    @Test
    @DisplayName("Opens and byte ranges never conflict, and no list shows one as the other")
    void rangesApart() {
        JsonNode range = ok(http.post(ranges, range("r", 0), bob));
        JsonNode open = ok(http.post(opens, open("h", List.of(READ, WRITE, EXCLUDE_READ, EXCLUDE_WRITE)), alice));
        ok(http.post(ranges, range("r", 20), bob));

        assertThat(listed(opens, reader)).containsExactly(id(open));
        assertThat(listed(ranges, reader)).hasSize(2).contains(id(range)).doesNotContain(id(open));
        assertThat(listed("/v1/files/locks/smb/share-mode/?limit=10000", reader))
                .contains(id(open))
                .doesNotContain(id(range));
        assertThat(listed("/v1/files/locks/smb/byte-range/?limit=10000", reader))
                .contains(id(range))
                .doesNotContain(id(open));
    }

    @Test
    @DisplayName("The byte ranges of a handle end with its last open, and those of a handle without one stay")
    void rangesEndWithTheLastOpen() {
        JsonNode one = ok(http.post(opens, open("h", List.of(READ)), alice));
        ok(http.post(opens, open("h", List.of(READ)), alice));
        ok(http.post(ranges, range("h", 0), alice));
        ok(http.post(ranges, range("other", 20), alice));

        done(http.delete(GRANTS + id(one), alice));
        error(409, "fs_lock_conflict_error", http.post(ranges, range("b", 0), bob));

        done(http.delete(opens + "?owner_id=h", alice));
        ok(http.post(ranges, range("b", 0), bob));
        error(409, "fs_lock_conflict_error", http.post(ranges, range("b", 20), bob));
    }

    @Test
    @DisplayName("A lease that runs out ends the open and the byte ranges of its handle, also those without a lease")
    void leaseEnds() {
        JsonNode open = ok(http.post(opens, open("h", List.of(WRITE, EXCLUDE_WRITE), "lease_ms", 60_000), alice));
        ok(http.post(ranges, range("h", 0), alice));
        error(409, "fs_lock_conflict_error", http.post(ranges, range("b", 0), bob));

        ok(http.post(GRANTS + id(open) + "/renew", JsonText.object("lease_ms", 1_000), alice));

        await().until(() -> http.post(opens, open("h2", List.of(WRITE)), bob).status() == 200);
        ok(http.post(ranges, range("b", 0), bob));
        error(409, "fs_lock_lost_error", http.post(GRANTS + id(open) + "/renew", "{}", alice));
    }

    @Test
    @DisplayName("A test names the opens in the way as a list shows them, and acquires nothing")
    void test() {
        assertThat(ok(http.post(opens + "test", open("h2", List.of(WRITE)), bob))
                        .get("grants"))
                .isEmpty();
        JsonNode held = ok(http.post(opens, open("h", List.of(EXCLUDE_WRITE)), alice));

        JsonNode blocker = ok(http.post(opens + "test/", open("h2", List.of(WRITE)), bob))
                .get("grants")
                .get(0);
        assertThat(blocker.has("grant_id") || blocker.has("owner_id") || blocker.has("offset"))
                .isFalse();
        assertThat(blocker.get("mode").toString()).isEqualTo(JsonText.value(List.of(EXCLUDE_WRITE)));
        assertThat(ok(http.post(opens + "test", open("h2", List.of(READ)), bob)).get("grants"))
                .isEmpty();
        assertThat(listed(opens, reader)).containsExactly(id(held));
    }

    @Test
    @DisplayName("A token of an open is good for every byte of its stream, until the open ends")
    void token() {
        JsonNode open = ok(http.post(opens, open("h", List.of(WRITE)), alice));
        String check = JsonText.object(
                "file_id",
                file,
                "offset",
                "5",
                "size",
                "1000",
                "fencing_token",
                open.get("fencing_token").textValue());
        JsonNode valid = ok(http.post("/v1/files/locks/fence/check", check, alice));
        assertThat(valid.get("valid").booleanValue()).isTrue();
        assertThat(valid.get("grant").has("offset")).isFalse();
        done(http.delete(opens + "?owner_id=h", alice));
        assertThat(ok(http.post("/v1/files/locks/fence/check", check, alice))
                        .get("valid")
                        .booleanValue())
                .isFalse();
    }

    @Test
    @DisplayName("An acquire sent twice under one Idempotency-Key is one open, and so is a release one release")
    void sentTwice() {
        String key = "Idempotency-Key: " + UUID.randomUUID();
        JsonNode one = ok(http.post(opens, open("h", List.of(READ)), alice, key));
        JsonNode again = ok(http.post(opens, open("h", List.of(READ)), alice, key));
        assertThat(id(again)).isEqualTo(id(one));
        assertThat(listed(opens, reader)).containsExactly(id(one));
        error(422, "http_idempotency_key_reused_error", http.post(opens, open("h", List.of(WRITE)), alice, key));

        String releaseKey = "Idempotency-Key: " + UUID.randomUUID();
        done(http.delete(opens + "?owner_id=h", alice, releaseKey));
        JsonNode later = ok(http.post(opens, open("h", List.of(READ)), alice));
        done(http.delete(opens + "?owner_id=h", alice, releaseKey));
        assertThat(listed(opens, reader)).containsExactly(id(later));
    }

    @Test
    @DisplayName("A path becomes known by its first open, and its opens are released by path")
    void byPath() {
        String path = "/v1/files/%2Fopens%2F" + UUID.randomUUID();
        error(404, "fs_no_such_entry_error", http.get(path + "/locks/smb/share-mode/", reader));
        JsonNode open = ok(http.post(path + "/locks/smb/share-mode/", open("h", List.of(READ)), alice));
        assertThat(listed(path + "/locks/smb/share-mode/", reader)).containsExactly(id(open));
        done(http.delete(path + "/locks/smb/share-mode/?owner_id=h", alice));
        assertThat(listed(path + "/locks/smb/share-mode/", reader)).isEmpty();
    }

    // -------------------------------------------------------------------------------------------- sessions and waiting

    @Test
    @DisplayName("A session shows its opens beside its ranges, and both end with it")
    void session() {
        String sessions = "/v1/files/locks/sessions/";
        String session = http.post(sessions, JsonText.object("owner_name", "m1"), alice)
                .json()
                .get("session_id")
                .textValue();
        JsonNode open = ok(http.post(opens, open("h", List.of(WRITE, EXCLUDE_WRITE), "session_id", session), alice));
        ok(http.post(ranges, range("h", 0, "session_id", session), alice));
        JsonNode shown = ok(http.get(sessions + session, alice)).get("grants");
        assertThat(shown).hasSize(2);
        for (JsonNode grant : shown) {
            assertThat(grant.get("session_id").textValue()).isEqualTo(session);
            assertThat(grant.has("offset")).isEqualTo(!id(grant).equals(id(open)));
            assertThat(grant.has("owner_name")).isEqualTo(!id(grant).equals(id(open)));
        }
        done(http.delete(sessions + session, alice));
        ok(http.post(opens, open("h2", List.of(WRITE)), bob));
        ok(http.post(ranges, range("b", 0), bob));
    }

    @Test
    @DisplayName("A heartbeat tells an open that an administrator has closed, and the ranges that ended with it")
    void lost() {
        String session = http.post("/v1/files/locks/sessions/", "{}", alice)
                .json()
                .get("session_id")
                .textValue();
        JsonNode open = ok(http.post(opens, open("h", List.of(WRITE), "session_id", session), alice));
        JsonNode range = ok(http.post(ranges, range("h", 0, "session_id", session), alice));
        closed(admin, id(open));
        List<String> lost = new ArrayList<>();
        ok(http.post("/v1/files/locks/sessions/" + session + "/renew", "{}", alice))
                .get("lost")
                .forEach(grant -> lost.add(id(grant)));
        assertThat(lost).containsExactlyInAnyOrder(id(open), id(range));
    }

    @Test
    @DisplayName(
            "An open waits in order, is listed among the waiters of opens alone, and is granted when its blocker ends")
    void waits() {
        JsonNode held = ok(http.post(opens, open("h", List.of(READ, EXCLUDE_WRITE)), alice));
        CompletableFuture<Answer> bobs = Background.run(
                () -> http.post(opens, open("w", List.of(WRITE), "owner_name", "m2", "wait_ms", 60_000), bob));
        await().until(() -> !waiters(opens + "waiters/").isEmpty());
        JsonNode waiter = waiters(opens + "waiters/").getFirst();
        assertThat(waiter.get("waiting").booleanValue()).isTrue();
        assertThat(waiter.has("offset") || waiter.has("owner_name") || waiter.has("grant_id"))
                .isFalse();
        String waiterId = waiter.get("waiter_id").textValue();
        assertThat(waiters("/v1/files/locks/smb/share-mode/waiters/?limit=10000").stream()
                        .map(row -> row.get("waiter_id").textValue()))
                .contains(waiterId);
        assertThat(waiters(ranges + "waiters/")).isEmpty();
        ok(http.post(ranges, range("b", 0), bob));

        JsonNode polled = http.get("/v1/files/locks/waiters/" + waiterId, bob).json();
        assertThat(polled.get("position").longValue()).isZero();
        assertThat(polled.get("blockers").get(0).has("offset")).isFalse();
        // Another who would only be in the waiter's way is held back by it.
        error(409, "fs_lock_conflict_error", http.post(opens, open("x", List.of(EXCLUDE_WRITE)), bob));

        done(http.delete(GRANTS + id(held), alice));
        JsonNode granted = ok(bobs.join());
        assertThat(granted.get("provisional").booleanValue()).isTrue();
        assertThat(granted.has("offset")).isFalse();
        JsonNode confirmed = ok(http.post(GRANTS + id(granted) + "/renew", "{}", bob));
        assertThat(confirmed.get("provisional").booleanValue()).isFalse();
        assertThat(id(confirmed)).isEqualTo(id(granted));
    }

    @Test
    @DisplayName("An open whose time to wait runs out is refused with what is in its way then")
    void waitRunsOut() {
        ok(http.post(opens, open("h", List.of(EXCLUDE_WRITE)), alice));
        JsonNode error =
                error(409, "fs_lock_conflict_error", http.post(opens, open("w", List.of(WRITE), "wait_ms", 300), bob));
        assertThat(error.get("conflict").get("blockers")).hasSize(1);
        assertThat(error.get("conflict").get("free")).isEmpty();
        assertThat(waiters(opens + "waiters/")).isEmpty();
    }

    private List<JsonNode> waiters(String target) {
        List<JsonNode> rows = new ArrayList<>();
        ok(http.get(target, reader)).get("waiters").forEach(rows::add);
        return rows;
    }

    @Test
    @DisplayName("Events of opens have no range, and tell the ranges that end with the last one")
    void events() {
        try (EventReader events = EventReader.open(base.resolve("/v1/files/locks/events?file_id=" + file), reader)) {
            JsonNode open = ok(http.post(opens, open("h", List.of(READ)), alice));
            JsonNode range = ok(http.post(ranges, range("h", 0), alice));
            done(http.delete(opens + "?owner_id=h", alice));
            await().atMost(Duration.ofSeconds(20)).until(() -> events.events().size() >= 4);
            assertThat(events.types()).containsExactly("granted", "granted", "released", "released");
            JsonNode granted = events.events().getFirst().data();
            assertThat(granted.get("protocol").textValue()).isEqualTo("smb");
            assertThat(granted.has("offset") || granted.has("owner_name")).isFalse();
            assertThat(granted.get("mode").get(0).textValue()).isEqualTo(READ);
            assertThat(events.events().subList(2, 4).stream().map(event -> id(event.data())))
                    .containsExactlyInAnyOrder(id(open), id(range));
        }
    }

    // ------------------------------------------------------------------------------------------------------ the lists

    @ParameterizedTest
    @DisplayName("Opens are listed page by page with every filter in next, in the order of their ids")
    @ValueSource(strings = {"", "/api"})
    void pages(String prefix) {
        List<String> own = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            own.add(id(ok(http.post(opens, open("h", List.of(READ), "owner_name", "m1"), alice))));
            ok(http.post(opens, open("h2", List.of(READ), "owner_name", "m1"), alice));
            ok(http.post(opens, open("h", List.of(READ), "owner_name", "m2"), alice));
        }
        for (String list : List.of(prefix + opens, prefix + "/v1/files/locks/smb/share-mode/")) {
            List<String> seen = new ArrayList<>();
            String page = list + "?mine=true&limit=2&owner_name=m1&owner_id=h&owner_address=127.0.0.1";
            for (int i = 0; i < 4; i++) {
                JsonNode answer = ok(http.get(page, alice));
                answer.get("grants").forEach(grant -> seen.add(id(grant)));
                page = answer.get("paging").get("next").textValue();
                assertThat(page)
                        .startsWith(list + "?limit=2&")
                        .contains("owner_name=m1", "owner_id=h", "owner_address=127.0.0.1", "mine=true");
            }
            assertThat(seen).isEqualTo(own);
        }
    }

    @ParameterizedTest
    @DisplayName(
            "Handles are listed one for each open, with the ranges of their handle, what they do, and whose they are")
    @ValueSource(strings = {"/v1/smb/files/", "/v1/smb/files", "/api/v1/smb/files/"})
    void handles(String list) {
        JsonNode one =
                ok(http.post(opens, open("h", List.of(READ, WRITE, DELETE, EXCLUDE_READ), "owner_name", "m"), alice));
        JsonNode two = ok(http.post(opens, open("h2", List.of(EXCLUDE_WRITE), "stream_id", "2"), alice));
        ok(http.post(ranges, range("h", 0), alice));
        ok(http.post(ranges, range("h", 20), alice));
        ok(http.post(ranges, range("h2", 40), alice));

        JsonNode page = ok(http.get(list + "?file_number=" + file, reader));

        assertThat(page.toString())
                .isEqualTo(JsonText.object(
                        "file_handles",
                        List.of(
                                handle(
                                        one,
                                        2,
                                        "MS_ACCESS_FILE_READ_DATA",
                                        "MS_ACCESS_FILE_WRITE_DATA",
                                        "MS_ACCESS_DELETE"),
                                handle(two, 0)),
                        "paging",
                        JsonText.raw("{\"next\":null}")));
        assertThat(ok(http.get(list + "?limit=10000", reader))
                        .get("file_handles")
                        .toString())
                .contains(id(one), id(two));
    }

    private JsonText.Raw handle(JsonNode grant, int count, String... mask) {
        return JsonText.nested(
                "file_number",
                file,
                "handle_info",
                JsonText.nested(
                        "location",
                        id(grant),
                        "version",
                        1,
                        "num_byte_range_locks",
                        count,
                        "access_mask",
                        List.of(mask),
                        "owner",
                        aliceName,
                        "path",
                        ""));
    }

    @ParameterizedTest
    @DisplayName("The next page of handles is named without /api, keeps every filter, and is null at the end")
    @ValueSource(strings = {"", "/api"})
    void handlePages(String prefix) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(id(ok(http.post(opens, open("h", List.of(READ)), alice))));
        }
        ok(http.post(ranges, range("h", 0), alice));
        List<String> seen = new ArrayList<>();
        String page = HANDLES + "?file_number=" + file + "&limit=2&resolve_paths=True";
        for (int i = 0; i < 3; i++) {
            JsonNode answer = ok(http.get(prefix + page, reader));
            answer.get("file_handles").forEach(row -> {
                seen.add(row.get("handle_info").get("location").textValue());
                assertThat(row.get("handle_info").get("num_byte_range_locks").intValue())
                        .isEqualTo(1);
            });
            JsonNode next = answer.get("paging").get("next");
            assertThat(next.isNull()).isEqualTo(i == 2);
            if (i < 2) {
                page = next.textValue();
                assertThat(page)
                        .startsWith(HANDLES + "?limit=2&")
                        .contains("file_number=" + file, "resolve_paths=true", "after=");
            }
        }
        assertThat(seen).isEqualTo(all);
        JsonNode full = ok(http.get(HANDLES + "?limit=5&file_number=" + file, reader));
        JsonNode empty = ok(http.get(full.get("paging").get("next").textValue(), reader));
        assertThat(empty.toString()).isEqualTo("{\"file_handles\":[],\"paging\":{\"next\":null}}");
    }

    @Test
    @DisplayName("A list of more handles than a slice is whole, and counts the ranges of each")
    void manyHandles() {
        int count = 520;
        for (int i = 0; i < count; i++) {
            ok(http.post(opens, open("h" + i % 3, List.of(READ)), alice));
        }
        ok(http.post(ranges, range("h1", 0), alice));
        JsonNode rows = ok(http.get(HANDLES + "?file_number=" + file, reader));
        assertThat(rows.get("paging").get("next").isNull()).isTrue();
        assertThat(rows.get("file_handles")).hasSize(count);
        int ranged = 0;
        for (JsonNode row : rows.get("file_handles")) {
            ranged += row.get("handle_info").get("num_byte_range_locks").intValue();
        }
        assertThat(ranged).isEqualTo(173);
    }

    @ParameterizedTest
    @DisplayName("Paths are shown when they are asked for, however true is spelled")
    @CsvSource({
        "true, true",
        "True, true",
        "TRUE, true",
        "1, true",
        "false, false",
        "False, false",
        "0, false",
        "'', false"
    })
    void paths(String flag, boolean shown) {
        String path = "/opens/" + UUID.randomUUID();
        String named = "/v1/files/" + path.replace("/", "%2F") + "/locks/smb/share-mode/";
        JsonNode open = ok(http.post(named, open("h", List.of(READ)), alice));
        JsonNode rows = ok(http.get(
                        HANDLES + "?resolve_paths=" + flag + "&file_number="
                                + open.get("file_id").textValue(),
                        reader))
                .get("file_handles");
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).get("handle_info").get("path").textValue()).isEqualTo(shown ? path : "");
    }

    // ------------------------------------------------------------------------------------------------- administrators

    private JsonNode closed(String token, String... locations) {
        List<Object> rows = new ArrayList<>();
        for (String location : locations) {
            rows.add(JsonText.nested(
                    "file_number", file, "handle_info", JsonText.nested("location", location, "version", 1)));
        }
        return ok(http.post(CLOSE, JsonText.value(rows), token));
    }

    @Test
    @DisplayName("A close says of each open in order whether it was there, audits each, and ends ranges with the last")
    void close() {
        JsonNode one = ok(http.post(opens, open("h", List.of(READ)), alice));
        JsonNode two = ok(http.post(opens, open("h", List.of(READ)), alice));
        JsonNode range = ok(http.post(ranges, range("h", 0), alice));

        JsonNode outcomes = closed(admin, id(one), id(range), "no location", id(one), "9-00000000000000ff", id(two));

        assertThat(outcomes).hasSize(6);
        List<Integer> closed = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            assertThat(outcomes.get(i).fieldNames()).toIterable().containsExactly("error_message");
            String message = outcomes.get(i).get("error_message").textValue();
            if (message.isEmpty()) {
                closed.add(i);
            } else {
                assertThat(message).startsWith("there is no such open");
            }
        }
        assertThat(closed).containsExactly(0, 5);
        assertThat(listed(opens, reader)).isEmpty();
        ok(http.post(ranges, range("b", 0), bob));
        String trail = http.get("/admin/audit?limit=200").text();
        for (JsonNode open : List.of(one, two)) {
            assertThat(trail).containsOnlyOnce(id(open) + " open of file " + file);
        }
        assertThat(trail).contains("release-grant").doesNotContain(id(range) + " ");
        assertThat(closed(admin)).isEmpty();
        assertThat(ok(http.post("/api" + CLOSE + "/", "[]", admin))).isEmpty();
    }

    @Test
    @DisplayName("Handles need READ to be seen and WRITE to be closed; the names of old clients permit neither")
    void handleRights() {
        JsonNode open = ok(http.post(opens, open("h", List.of(READ)), alice));
        for (String token : List.of(alice, admin, nobody)) {
            denied(http.get(HANDLES, token), "PRIVILEGE_FS_LOCK_READ");
        }
        String body = JsonText.value(List.of(JsonText.nested("handle_info", JsonText.nested("location", id(open)))));
        for (String token : List.of(alice, reader, nobody)) {
            denied(http.post(CLOSE, body, token), "PRIVILEGE_FS_LOCK_WRITE");
        }
        assertThat(listed(opens, reader)).containsExactly(id(open));
        String scoped = accounts.bearer(accounts.make(
                Accounts.scoped("PRIVILEGE_FS_LOCK_READ", file), Accounts.scoped("PRIVILEGE_FS_LOCK_WRITE", file)));
        denied(http.get(HANDLES, scoped), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get(HANDLES + "?file_number=" + (Long.parseLong(file) + 1), scoped), "PRIVILEGE_FS_LOCK_READ");
        assertThat(ok(http.get(HANDLES + "?file_number=" + file, scoped)).get("file_handles"))
                .hasSize(1);
        denied(http.post(CLOSE, body, scoped), "PRIVILEGE_FS_LOCK_WRITE");
    }

    @Test
    @DisplayName("Own opens are one's own matter; WRITE breaks those of others, by owner id alone or with any_owner")
    void rights() {
        denied(http.post(opens, open("h", List.of(READ)), reader), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.post(opens + "test", open("h", List.of(READ)), admin), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.get(opens, alice), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get(opens + "waiters/", bob), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/locks/smb/share-mode/", alice), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/locks/smb/share-mode/waiters/", nobody), "PRIVILEGE_FS_LOCK_READ");
        denied(http.delete(opens + "?owner_id=h", reader), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.delete(opens + "?owner_id=h&any_owner=true", bob), "PRIVILEGE_FS_LOCK_WRITE");

        JsonNode open = ok(http.post(opens, open("h", List.of(READ)), alice));
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=h", bob));
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=h", both));
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=h&grant_id=" + id(open), bob));
        error(404, "fs_no_such_lock_error", http.delete(GRANTS + id(open), bob));
        done(http.delete(opens + "?owner_id=h&any_owner=true", both));
        assertThat(listed(opens, reader)).isEmpty();

        JsonNode second = ok(http.post(opens, open("h", List.of(READ)), alice));
        done(http.delete(opens + "?owner_id=h&grant_id=" + id(second), admin));
        ok(http.post(opens, open("h", List.of(READ)), alice));
        ok(http.post(opens, open("h", List.of(READ)), bob));
        done(http.delete(opens + "?owner_id=h", admin));
        assertThat(listed(opens, reader)).isEmpty();
        assertThat(http.get("/admin/audit?limit=200").text())
                .contains(
                        "SMB opens of file " + file,
                        "SMB open " + id(second) + " of file " + file,
                        "principal=* owner_id=h");
    }

    private static void denied(Answer answer, String permission) {
        assertThat(error(403, "http_unauthorized_error", answer)
                        .get("description")
                        .textValue())
                .contains(permission);
    }

    // ------------------------------------------------------------------------------------------------------ bad input

    static Stream<Arguments> badFields() {
        return Stream.of(
                arguments("mode", List.of("API_BYTE_RANGE_EXCLUSIVE")),
                arguments("mode", List.of(READ, "API_BYTE_RANGE_SHARED")),
                arguments("mode", List.of("READ")),
                arguments("mode", List.of()),
                arguments("mode", READ),
                arguments("mode", JsonText.raw("[null]")),
                arguments("mode", JsonText.raw("null")),
                arguments("offset", "0"),
                arguments("offset", JsonText.raw("0")),
                arguments("offset", "x"),
                arguments("size", "0"),
                arguments("size", JsonText.raw("{}")),
                arguments("owner_id", ""),
                arguments("owner_id", "x".repeat(257)),
                arguments("owner_id", JsonText.raw("null")),
                arguments("owner_name", "x".repeat(257)),
                arguments("owner_address", "not an address"),
                arguments("stream_id", ""),
                arguments("snapshot_id", "abc"),
                arguments("lease_ms", 999),
                arguments("lease_ms", "5000"),
                arguments("session_id", ""),
                arguments("wait_ms", 3_600_001),
                arguments("wait_ms", "1"),
                arguments("reclaim", JsonText.raw("true")),
                arguments("receipt", "r"));
    }

    @ParameterizedTest
    @DisplayName("Acquire and test of an open name the bad field and store nothing")
    @MethodSource("badFields")
    void badOpens(String field, Object value) {
        List<Object> fields = new ArrayList<>(List.of(field, value));
        if (!field.equals("mode")) {
            fields.addAll(List.of("mode", List.of(READ)));
        }
        if (!field.equals("owner_id")) {
            fields.addAll(List.of("owner_id", "h"));
        }
        for (String call : List.of("", "test")) {
            Answer answer = http.post(opens + call, JsonText.object(fields.toArray()), alice);
            assertThat(error(400, "decode_error", answer).get("description").textValue())
                    .contains("'" + field + "'");
        }
        assertThat(listed(opens, reader)).isEmpty();
    }

    @Test
    @DisplayName("A byte range takes no share mode, alone or in a batch, and a batch takes no opens")
    void shareModesOfRanges() {
        String mixed = range("h", 0).replace("API_BYTE_RANGE_EXCLUSIVE", READ);
        for (String protocol : List.of("nlm", "nfs4", "smb")) {
            String locks = "/v1/files/" + file + "/locks/" + protocol + "/byte-range/";
            assertThat(error(400, "decode_error", http.post(locks, mixed, alice))
                            .get("description")
                            .textValue())
                    .contains("'mode'", "holds a mode of opens");
            String batch = JsonText.object("locks", List.of(JsonText.raw(mixed)));
            assertThat(error(400, "decode_error", http.post(locks + "batch", batch, alice))
                            .get("description")
                            .textValue())
                    .contains("'locks[0].mode'");
        }
        assertThat(error(400, "decode_error", http.post(opens, range("h", 0), alice))
                        .get("description")
                        .textValue())
                .contains("'mode'", "holds a mode of byte ranges");
        assertThat(listed(ranges, reader)).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("A test of an open does not wait, and neither call takes two lifetimes or a session that is not there")
    @ValueSource(strings = {"", "test"})
    void lifetimes(String call) {
        Answer two = http.post(
                opens + call, open("h", List.of(READ), "lease_ms", 5_000, "session_id", "1-0000000000000001"), alice);
        assertThat(error(400, "decode_error", two).get("description").textValue())
                .contains("'session_id'", "'lease_ms'");
        error(
                404,
                "fs_no_such_session_error",
                http.post(opens + call, open("h", List.of(READ), "session_id", "none"), alice));
        if (call.equals("test")) {
            assertThat(error(
                                    400,
                                    "decode_error",
                                    http.post(opens + call, open("h", List.of(READ), "wait_ms", 1), alice))
                            .get("description")
                            .textValue())
                    .contains("'wait_ms'");
        }
    }

    @ParameterizedTest
    @DisplayName("A release or a list of opens names the bad parameter")
    @CsvSource({
        "DELETE, '', owner_id",
        "DELETE, owner_id=, owner_id",
        "DELETE, owner_id=h&grant_id=, grant_id",
        "DELETE, owner_id=h&stream_id=, stream_id",
        "DELETE, owner_id=h&snapshot=x, snapshot",
        "DELETE, owner_id=h&any_owner=maybe, any_owner",
        "DELETE, owner_id=h&return=all, return",
        "GET, limit=0, limit",
        "GET, after=x, after",
        "GET, mine=maybe, mine",
        "GET, owner_address=x, owner_address",
    })
    void badParameters(String method, String query, String field) {
        String target = opens + "?" + query;
        Answer answer = method.equals("GET") ? http.get(target) : http.delete(target);
        assertThat(error(400, "decode_error", answer).get("description").textValue())
                .contains("'" + field + "'");
    }

    @Test
    @DisplayName("A grant id that no table can have given is that of no open")
    void strangeGrantId() {
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=h&grant_id=x", alice));
        error(404, "fs_no_such_lock_error", http.delete(opens + "?owner_id=h&grant_id=65535-0000000000000001", alice));
    }

    @ParameterizedTest
    @DisplayName("A list of handles names the bad parameter")
    @CsvSource({
        "resolve_paths=maybe, resolve_paths",
        "file_number=x, file_number",
        "file_number=18446744073709551616, file_number",
        "limit=0, limit",
        "after=x, after",
    })
    void badHandleParameters(String query, String field) {
        assertThat(error(400, "decode_error", http.get(HANDLES + "?" + query, reader))
                        .get("description")
                        .textValue())
                .contains("'" + field + "'");
    }

    @ParameterizedTest
    @DisplayName("A close names the bad element, and closes nothing then")
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|JSON type",
                "[null]|'[0]'",
                "[{\"handle_info\":{\"location\":\"ID\"}},{}]|'[1].handle_info'",
                "[{\"handle_info\":{\"location\":\"ID\"}},{\"handle_info\":null}]|'[1].handle_info'",
                "[{\"handle_info\":{\"location\":\"ID\"}},{\"handle_info\":{}}]|'[1].handle_info.location'",
                "[{\"handle_info\":{\"location\":\"ID\"}},{\"handle_info\":{\"location\":5}}]|location'",
                "[{\"handle_info\":\"x\"}]|handle_info'",
                "7|JSON type",
            })
    void badCloses(String body, String fault) {
        JsonNode open = ok(http.post(opens, open("h", List.of(READ)), alice));
        Answer answer = http.post(CLOSE, body.replace("ID", id(open)), admin);
        assertThat(error(400, "decode_error", answer).get("description").textValue())
                .contains(fault);
        assertThat(listed(opens, reader)).containsExactly(id(open));
    }

    @Test
    @DisplayName("A close takes as many opens as a batch takes ranges, and other methods are 405")
    void closeLimits() {
        JsonText.Raw none = JsonText.nested("handle_info", JsonText.nested("location", "x"));
        assertThat(ok(http.post(CLOSE, JsonText.value(Collections.nCopies(100, none)), admin)))
                .hasSize(100);
        assertThat(error(400, "decode_error", http.post(CLOSE, JsonText.value(Collections.nCopies(101, none)), admin))
                        .get("description")
                        .textValue())
                .contains("more than 100");
        error(405, "http_method_not_allowed_error", http.get(CLOSE, admin));
        error(405, "http_method_not_allowed_error", http.post(HANDLES, "[]", admin));
    }

    // ------------------------------------------------------------------------------------------------------ who-am-i

    @ParameterizedTest
    @DisplayName("who-am-i names what lock managers look for, each once, when its holder may do it")
    @CsvSource({
        "PRIVILEGE_FS_LOCK_ACQUIRE, PRIVILEGE_FS_LOCK_ACQUIRE",
        "PRIVILEGE_FS_LOCK_READ, PRIVILEGE_FS_LOCK_READ PRIVILEGE_SMB_FILE_HANDLE_READ",
        "PRIVILEGE_FS_LOCK_WRITE, PRIVILEGE_FS_LOCK_WRITE PRIVILEGE_SMB_FILE_HANDLE_WRITE",
        "PRIVILEGE_SMB_FILE_HANDLE_WRITE PRIVILEGE_FS_LOCK_WRITE, "
                + "PRIVILEGE_FS_LOCK_WRITE PRIVILEGE_SMB_FILE_HANDLE_WRITE",
        "PRIVILEGE_SMB_FILE_HANDLE_READ, PRIVILEGE_SMB_FILE_HANDLE_READ",
    })
    void whoAmI(String held, String shown) {
        String token = accounts.bearer(accounts.make((Object[]) held.split(" ")));
        List<String> names = new ArrayList<>();
        ok(http.get("/v1/session/who-am-i", token)).get("privileges").forEach(name -> names.add(name.textValue()));
        assertThat(names).containsExactly(shown.split(" "));
    }
}
