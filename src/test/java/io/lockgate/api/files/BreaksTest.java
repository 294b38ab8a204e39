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
import java.time.Instant;
import java.util.ArrayList;
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

/** Breaking locks over HTTP (docs/api-files.md, "Break"). Each test has a file of its own. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class BreaksTest {
    private static final String SESSIONS = "/v1/files/locks/sessions/";
    private static final String BREAK_ALL = "/v1/files/locks/break";
    private static final String WHY = "ticket 4711";

    @TestHTTPResource("/")
    URI base;

    private RawHttp http;
    private Accounts accounts;
    private String aliceName;
    private String alice;
    private String bob;
    private String reader;
    private String admin;
    private String watchingAdmin;
    private String file;
    private String ranges;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        accounts = new Accounts(http);
        Accounts.Account first = accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "set-owner-address");
        aliceName = first.name();
        alice = accounts.bearer(first);
        bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
        admin = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE"));
        watchingAdmin = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE", "PRIVILEGE_FS_LOCK_READ"));
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        ranges = ranges("nlm");
    }

    private String ranges(String protocol) {
        return "/v1/files/" + file + "/locks/" + protocol + "/byte-range/";
    }

    private String opens() {
        return "/v1/files/" + file + "/locks/smb/share-mode/";
    }

    private static String range(String owner, int offset, Object... more) {
        return JsonText.with(
                JsonText.object(
                        "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", offset, "size", 10, "owner_id", owner),
                more);
    }

    private static String open(String owner) {
        return JsonText.object("mode", List.of("API_SHARE_MODE_READ"), "owner_id", owner);
    }

    private static String order(Object... more) {
        return JsonText.with(JsonText.object("reason", WHY), more);
    }

    private static String grant(JsonNode grant) {
        return grant("nlm", grant);
    }

    private static String grant(String protocol, JsonNode grant) {
        return "/v1/files/locks/" + protocol + "/grants/" + id(grant);
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

    private List<String> listed(String target) {
        List<String> ids = new ArrayList<>();
        ok(http.get(target, reader)).get("grants").forEach(grant -> ids.add(id(grant)));
        return ids;
    }

    private List<String> ids(JsonNode answer) {
        List<String> ids = new ArrayList<>();
        answer.get("locks").forEach(one -> ids.add(id(one.get("lock"))));
        return ids;
    }

    private String session(Object... fields) {
        Answer opened = http.post(SESSIONS, JsonText.object(fields), alice);
        assertThat(opened.status()).as(opened.text()).isEqualTo(201);
        return opened.json().get("session_id").textValue();
    }

    private JsonNode heartbeat(String session) {
        return ok(http.post(SESSIONS + session + "/renew", "{}", alice));
    }

    private boolean isGood(JsonNode grant) {
        String check = JsonText.object(
                "file_id",
                file,
                "offset",
                grant.get("offset").textValue(),
                "size",
                grant.get("size").textValue(),
                "fencing_token",
                grant.get("fencing_token").textValue());
        return ok(http.post("/v1/files/locks/fence/check", check, alice))
                .get("valid")
                .booleanValue();
    }

    private CompletableFuture<Answer> bobWaits(int offset) {
        CompletableFuture<Answer> waits =
                Background.run(() -> http.post(ranges, range("w", offset, "wait_ms", 60_000), bob));
        await().until(() ->
                !ok(http.get(ranges + "waiters/", reader)).get("waiters").isEmpty());
        return waits;
    }

    private String trail() {
        return http.get("/admin/audit?limit=200").text();
    }

    // ------------------------------------------------------------------------------------------------------ one lock

    @ParameterizedTest
    @DisplayName(
            "A break ends the lock, says whose it was and since when, and refuses its token; the next one is 404, by both"
                    + " prefixes")
    @ValueSource(strings = {"", "/api"})
    void broken(String prefix) {
        JsonNode held = ok(http.post(ranges, range("o", 0, "owner_name", "m1", "lease_ms", 60_000), alice));
        assertThat(isGood(held)).isTrue();
        Instant before = Instant.now();

        JsonNode answer = ok(http.post(prefix + grant(held) + "/break", order(), admin));

        assertThat(answer.fieldNames())
                .toIterable()
                .containsExactly("dry_run", "broken", "undo_within_ms", "lock", "would_grant");
        assertThat(answer.get("dry_run").booleanValue()).isFalse();
        assertThat(answer.get("broken").booleanValue()).isTrue();
        assertThat(answer.get("undo_within_ms").longValue()).isEqualTo(30_000);
        assertThat(answer.get("would_grant")).isEmpty();
        JsonNode lock = answer.get("lock");
        assertThat(id(lock)).isEqualTo(id(held));
        assertThat(lock.get("owner_id").textValue()).isEqualTo("o");
        assertThat(lock.get("owner_name").textValue()).isEqualTo("m1");
        assertThat(lock.has("fencing_token") || lock.has("last_heartbeat")).isFalse();
        assertThat(Instant.parse(lock.get("held_since").textValue()))
                .isBetween(before.minusSeconds(60), before.plusSeconds(60));

        assertThat(isGood(held)).isFalse();
        assertThat(listed(ranges)).isEmpty();
        error(409, "fs_lock_lost_error", http.post(grant(held) + "/renew", "{}", alice));
        error(404, "fs_no_such_lock_error", http.post(prefix + grant(held) + "/break", order(), admin));
        ok(http.post(ranges, range("b", 0), bob));
    }

    @Test
    @DisplayName(
            "A dry run shows the lock, the last heartbeat, and who would be granted, changes nothing and is not audited")
    void dryRun() {
        String session = session("owner_name", "m1", "ttl_ms", 60_000);
        JsonNode held = ok(http.post(ranges, range("o", 0, "session_id", session), alice));
        CompletableFuture<Answer> waits = bobWaits(0);
        Instant now = Instant.now();

        JsonNode answer = ok(http.post(grant(held) + "/break/", JsonText.object("dry_run", true), watchingAdmin));

        assertThat(answer.get("dry_run").booleanValue()).isTrue();
        assertThat(answer.get("broken").booleanValue()).isFalse();
        assertThat(answer.has("undo_within_ms") || answer.has("breaks_in_ms")).isFalse();
        assertThat(Instant.parse(answer.get("lock").get("last_heartbeat").textValue()))
                .isBetween(now.minusSeconds(60), now.plusSeconds(5));
        assertThat(answer.get("lock").get("session_id").textValue()).isEqualTo(session);
        assertThat(answer.get("would_grant")).hasSize(1);
        JsonNode next = answer.get("would_grant").get(0);
        assertThat(next.get("owner_id").textValue()).isEqualTo("w");
        assertThat(next.has("waiter_id")).isTrue();
        assertThat(isGood(held)).isTrue();
        assertThat(trail()).doesNotContain(":\"" + id(held));

        // Without the permission to read, a waiter is one of a range and a mode.
        JsonNode blind = ok(http.post(grant(held) + "/break", JsonText.object("dry_run", true), admin));
        assertThat(blind.get("lock").get("owner_name").textValue()).isEqualTo("m1");
        JsonNode hidden = blind.get("would_grant").get(0);
        assertThat(hidden.has("waiter_id") || hidden.has("owner_id") || hidden.has("owner_address"))
                .isFalse();

        JsonNode broken = ok(http.post(grant(held) + "/break", order(), watchingAdmin));
        assertThat(broken.get("would_grant")).hasSize(1);
        assertThat(ok(waits.join()).get("provisional").booleanValue()).isTrue();
        JsonNode told = heartbeat(session);
        assertThat(told.get("lost")).hasSize(1);
        assertThat(id(told.get("lost").get(0))).isEqualTo(id(held));
        assertThat(told.get("notices")).isEmpty();
    }

    @Test
    @DisplayName("A break names whose lock, its token, its range, the reason and the notice in the audit trail")
    void audited() {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        String token = held.get("fencing_token").textValue();

        ok(http.post(grant(held) + "/break", order("notice_ms", 60_000), admin));

        assertThat(trail())
                .contains(id(held) + " token " + token + " [0,9] of file " + file + " stream 1 in 60000 ms")
                .contains("principal=" + aliceName + " owner_id=o")
                .contains("break-grant")
                .contains(WHY);
    }

    @Test
    @DisplayName(
            "A break ends what was split off from the lock since, and locks of other protocols are no such lock there")
    void wholeLock() {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        done(http.delete(ranges + "?offset=4&size=2&owner_id=o", alice));
        JsonNode other = ok(http.post(ranges, range("other", 20), alice));
        assertThat(listed(ranges)).hasSize(3);
        error(404, "fs_no_such_lock_error", http.post(grant("nfs4", held) + "/break", order(), admin));
        error(404, "fs_no_such_lock_error", http.delete(grant("nfs4", held) + "/break", admin));

        ok(http.post(grant(held) + "/break", order(), admin));

        assertThat(listed(ranges)).containsExactly(id(other));
    }

    @Test
    @DisplayName("The last open of a handle takes its ranges with it, and both stand again when that is taken back")
    void lastOpen() {
        JsonNode open = ok(http.post(opens(), open("h"), alice));
        JsonNode range = ok(http.post(ranges("smb"), range("h", 0), alice));

        JsonNode answer = ok(http.post(grant("smb", open) + "/break", order(), admin));

        assertThat(answer.get("lock").has("offset")).isFalse();
        assertThat(listed(opens())).isEmpty();
        assertThat(listed(ranges("smb"))).isEmpty();
        assertThat(id(ok(http.post(grant("smb", open) + "/break/undo", "", admin))))
                .isEqualTo(id(open));
        assertThat(listed(opens())).containsExactly(id(open));
        assertThat(listed(ranges("smb"))).containsExactly(id(range));
    }

    @Test
    @DisplayName("A lock that is not confirmed is no such lock")
    void provisional() {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        CompletableFuture<Answer> waits = bobWaits(0);
        done(http.delete(grant(held), alice));
        JsonNode granted = ok(waits.join());
        error(404, "fs_no_such_lock_error", http.post(grant(granted) + "/break", order(), admin));
        ok(http.post(grant(granted) + "/renew", "{}", bob));
        ok(http.post(grant(granted) + "/break", order(), admin));
    }

    @Test
    @DisplayName("A break sent twice under one key is done once, also after it was taken back; another body is refused")
    void sentTwice() {
        String key = "Idempotency-Key: " + UUID.randomUUID();
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        JsonNode first = ok(http.post(grant(held) + "/break", order(), admin, key));
        JsonNode again = ok(http.post(grant(held) + "/break", order(), admin, key));
        assertThat(again).isEqualTo(first);
        ok(http.post(grant(held) + "/break/undo", "", admin));
        ok(http.post(grant(held) + "/break", order(), admin, key));
        assertThat(listed(ranges)).containsExactly(id(held));
        error(
                422,
                "http_idempotency_key_reused_error",
                http.post(grant(held) + "/break", order("notice_ms", 5), admin, key));
    }

    // -------------------------------------------------------------------------------------------------------- notice

    @Test
    @DisplayName("A notice is told by the next heartbeat, shown in lists, moved by no renewal, and carried out in time")
    void notice() {
        String session = session("ttl_ms", 60_000);
        JsonNode held = ok(http.post(ranges, range("o", 0, "session_id", session), alice));

        JsonNode answer = ok(http.post(grant(held) + "/break", order("notice_ms", 3_000), admin));

        assertThat(answer.get("broken").booleanValue()).isFalse();
        assertThat(answer.has("undo_within_ms")).isFalse();
        assertThat(answer.get("breaks_in_ms").longValue()).isBetween(1L, 3_000L);
        assertThat(answer.get("lock").get("breaks_in_ms").longValue()).isBetween(1L, 3_000L);
        JsonNode told = heartbeat(session).get("notices");
        assertThat(told).hasSize(1);
        assertThat(told.get(0).fieldNames()).toIterable().containsExactly("kind", "grant", "breaks_in_ms", "reason");
        assertThat(told.get(0).get("kind").textValue()).isEqualTo("announced");
        assertThat(told.get(0).get("reason").textValue()).isEqualTo(WHY);
        assertThat(id(told.get(0).get("grant"))).isEqualTo(id(held));
        assertThat(ok(http.get(ranges, reader))
                        .get("grants")
                        .get(0)
                        .get("breaks_in_ms")
                        .longValue())
                .isBetween(0L, 3_000L);
        assertThat(isGood(held)).isTrue();

        await().until(() -> listed(ranges).isEmpty());
        assertThat(isGood(held)).isFalse();
        assertThat(heartbeat(session).get("lost")).hasSize(1);
        assertThat(id(ok(http.post(grant(held) + "/break/undo", "", admin)))).isEqualTo(id(held));
    }

    @Test
    @DisplayName("A lock without a session is told of a notice by its own renewal, and can be released before")
    void noticeWithoutSession() {
        JsonNode held = ok(http.post(ranges, range("o", 0, "lease_ms", 60_000), alice));
        ok(http.post(grant(held) + "/break", order("notice_ms", 60_000), admin));

        JsonNode renewed = ok(http.post(grant(held) + "/renew", "{\"lease_ms\":60000}", alice));

        assertThat(renewed.get("breaks_in_ms").longValue()).isBetween(1L, 60_000L);
        assertThat(renewed.get("lost")).isEmpty();
        assertThat(renewed.get("notices")).hasSize(1);
        assertThat(renewed.get("notices").get(0).get("kind").textValue()).isEqualTo("announced");
        done(http.delete(grant(held), alice));
        error(404, "fs_no_such_lock_error", http.delete(grant(held) + "/break", admin));
    }

    @Test
    @DisplayName(
            "A notice that is cancelled is told, shown no more, and cancelled once; a second notice replaces the first")
    void cancelled() {
        String session = session("ttl_ms", 60_000);
        JsonNode held = ok(http.post(ranges, range("o", 0, "session_id", session), alice));
        error(404, "fs_no_such_lock_error", http.delete(grant(held) + "/break", admin));
        ok(http.post(grant(held) + "/break", order("notice_ms", 5_000), admin));
        JsonNode second = ok(http.post(grant(held) + "/break", order("notice_ms", 3_600_000), admin));
        assertThat(second.get("breaks_in_ms").longValue()).isGreaterThan(3_500_000);
        heartbeat(session);

        done(http.delete(grant(held) + "/break/", admin));

        JsonNode told = heartbeat(session).get("notices");
        assertThat(told).hasSize(1);
        assertThat(told.get(0).get("kind").textValue()).isEqualTo("cancelled");
        assertThat(told.get(0).has("reason") || told.get(0).has("breaks_in_ms")).isFalse();
        assertThat(ok(http.get(grant(held), reader)).has("breaks_in_ms")).isFalse();
        error(404, "fs_no_such_lock_error", http.delete(grant(held) + "/break", admin));
        assertThat(trail()).contains("cancel-break");
    }

    // ---------------------------------------------------------------------------------------------------------- undo

    @Test
    @DisplayName("A break that is taken back gives the lock a new token, which its owner is told; it is done once")
    void undone() {
        String session = session("ttl_ms", 60_000);
        JsonNode held = ok(http.post(ranges, range("o", 0, "session_id", session), alice));
        ok(http.post(grant(held) + "/break", order(), admin));

        JsonNode restored = ok(http.post(grant(held) + "/break/undo/", "", admin));

        assertThat(id(restored)).isEqualTo(id(held));
        assertThat(restored.has("fencing_token")).isFalse();
        assertThat(isGood(held)).isFalse();
        JsonNode told = heartbeat(session).get("notices");
        assertThat(told).hasSize(1);
        assertThat(told.get(0).get("kind").textValue()).isEqualTo("restored");
        assertThat(isGood(told.get(0).get("grant"))).isTrue();
        error(404, "fs_no_such_lock_error", http.post(grant(held) + "/break/undo", "", admin));
        assertThat(trail()).contains("undo-break");
    }

    @Test
    @DisplayName("A break is not taken back while somebody has the bytes, nor when somebody waited for them")
    void inTheWay() {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        ok(http.post(grant(held) + "/break", order(), admin));
        ok(http.post(ranges, range("b", 5), bob));
        JsonNode refused =
                error(409, "fs_lock_conflict_error", http.post(grant(held) + "/break/undo", "", watchingAdmin));
        assertThat(refused.get("conflict").get("blockers")).hasSize(1);
        assertThat(refused.get("conflict")
                        .get("blockers")
                        .get(0)
                        .get("owner_id")
                        .textValue())
                .isEqualTo("b");
        assertThat(refused.get("conflict").get("free").get(0).get("size").textValue())
                .isEqualTo("5");

        JsonNode other = ok(http.post(ranges, range("o", 40), alice));
        CompletableFuture<Answer> waits = bobWaits(40);
        ok(http.post(grant(other) + "/break", order(), admin));
        JsonNode next = ok(waits.join());
        done(http.delete(grant(next), bob));
        JsonNode waited = error(409, "fs_lock_conflict_error", http.post(grant(other) + "/break/undo", "", admin));
        assertThat(waited.get("conflict").get("blockers")).isEmpty();
        assertThat(waited.get("conflict").get("free")).isEmpty();
    }

    @Test
    @DisplayName("A break is not taken back when the lease or the session of the lock is over")
    void expired() {
        JsonNode leased = ok(http.post(ranges, range("o", 0, "lease_ms", 1_000), alice));
        String session = session("ttl_ms", 60_000);
        JsonNode kept = ok(http.post(ranges, range("o", 20, "session_id", session), alice));
        ok(http.post(grant(leased) + "/break", order(), admin));
        ok(http.post(grant(kept) + "/break", order(), admin));
        done(http.delete(SESSIONS + session, alice));

        error(409, "fs_lock_lost_error", http.post(grant(kept) + "/break/undo", "", admin));
        // Its lease began later, and is as long.
        ok(http.post(ranges, range("o", 40, "lease_ms", 1_000), alice));
        await().until(() -> listed(ranges).isEmpty());
        error(409, "fs_lock_lost_error", http.post(grant(leased) + "/break/undo", "", admin));
    }

    // ------------------------------------------------------------------------------------------------- several locks

    @Test
    @DisplayName("All locks of a file are broken, of every protocol and opens too, in the order of lists, audited once")
    void allOfFile() {
        JsonNode nlm = ok(http.post(ranges, range("o", 0), alice));
        JsonNode nfs4 = ok(http.post(ranges("nfs4"), range("o", 20), bob));
        JsonNode smb = ok(http.post(ranges("smb"), range("o", 40), alice));
        JsonNode open = ok(http.post(opens(), open("h"), bob));
        JsonNode snapshot = ok(http.post(ranges + "?snapshot=5", range("o", 0), alice));
        List<String> all = List.of(id(nlm), id(nfs4), id(smb), id(open));

        JsonNode dry = ok(http.post(BREAK_ALL, JsonText.object("file_id", file, "dry_run", true), admin));
        assertThat(ids(dry)).isEqualTo(all);
        assertThat(dry.get("broken").intValue()).isZero();
        assertThat(dry.get("more").booleanValue()).isFalse();
        assertThat(listed(ranges)).containsExactly(id(nlm));

        JsonNode answer = ok(http.post(BREAK_ALL + "/", order("file_id", file), admin));
        assertThat(ids(answer)).isEqualTo(all);
        assertThat(answer.get("broken").intValue()).isEqualTo(4);
        assertThat(answer.has("next")).isFalse();
        for (String list : List.of(ranges, ranges("nfs4"), ranges("smb"), opens())) {
            assertThat(listed(list)).isEmpty();
        }
        assertThat(listed(ranges + "?snapshot=5")).containsExactly(id(snapshot));
        String trail = trail();
        assertThat(trail).contains("break-locks", "all of file " + file).doesNotContain(":\"" + id(nfs4));

        assertThat(ids(ok(http.post(BREAK_ALL, order("file_id", file, "snapshot_id", "5"), admin))))
                .containsExactly(id(snapshot));
        JsonNode none = ok(http.post(BREAK_ALL, order("file_id", file), admin));
        assertThat(none.get("broken").intValue()).isZero();
    }

    @Test
    @DisplayName("Of a range of a file only locks with a byte of it are broken, and no opens")
    void rangeOfFile() {
        List<JsonNode> held = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            held.add(ok(http.post(ranges, range("o" + i, 10 * i), alice)));
        }
        JsonNode zero = ok(http.post(
                ranges("smb"),
                JsonText.object("mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", 25, "size", 0, "owner_id", "z"),
                alice));
        JsonNode open = ok(http.post(opens(), open("h"), alice));

        JsonNode answer = ok(http.post(BREAK_ALL, order("file_id", file, "offset", "19", "size", "12"), admin));

        assertThat(ids(answer)).containsExactly(id(held.get(1)), id(held.get(2)), id(held.get(3)));
        assertThat(listed(ranges)).containsExactly(id(held.get(0)), id(held.get(4)));
        assertThat(listed(ranges("smb"))).containsExactly(id(zero));
        assertThat(listed(opens())).containsExactly(id(open));
        assertThat(ids(ok(http.post(BREAK_ALL, order("file_id", file, "offset", 40, "size", 0), admin))))
                .containsExactly(id(held.get(4)));
    }

    @Test
    @DisplayName("Pages of a dry run follow each other, over the protocols, and show each lock once")
    void pages() {
        List<String> all = new ArrayList<>();
        for (String protocol : List.of("nlm", "nfs4", "smb")) {
            for (int i = 0; i < 3; i++) {
                int offset = 10 * i + (protocol.equals("nfs4") ? 1_000 : 0);
                all.add(id(ok(http.post(ranges(protocol), range("o" + i, offset), alice))));
            }
        }
        List<String> shown = new ArrayList<>();
        String after = "";
        boolean more = true;
        while (more) {
            JsonNode page = ok(http.post(
                    BREAK_ALL, JsonText.object("file_id", file, "dry_run", true, "limit", 4, "after", after), admin));
            assertThat(page.get("locks").size()).isLessThanOrEqualTo(4);
            shown.addAll(ids(page));
            more = page.get("more").booleanValue();
            assertThat(page.has("next")).isEqualTo(more);
            after = more ? page.get("next").textValue() : "";
        }
        assertThat(shown).isEqualTo(all);

        JsonNode first = ok(http.post(BREAK_ALL, order("file_id", file, "limit", 5), admin));
        assertThat(ids(first)).isEqualTo(all.subList(0, 5));
        assertThat(first.get("more").booleanValue()).isTrue();
        JsonNode second = ok(http.post(BREAK_ALL, order("file_id", file), admin));
        assertThat(ids(second)).isEqualTo(all.subList(5, 9));
        error(
                400,
                "decode_error",
                http.post(
                        BREAK_ALL,
                        order("file_id", "7", "after", first.get("next").textValue()),
                        admin));
    }

    @Test
    @DisplayName("All locks of a session, and all of a machine, are announced in one call and taken back one by one")
    void ofSessionAndMachine() {
        String session = session("ttl_ms", 60_000);
        JsonNode range = ok(http.post(ranges, range("o", 0, "session_id", session), alice));
        JsonNode open = ok(http.post(opens(), JsonText.with(open("h"), "session_id", session), alice));
        String machine = "192.0.2." + ThreadLocalRandom.current().nextInt(1, 255);
        JsonNode elsewhere = ok(http.post(ranges, range("p", 20, "owner_address", machine), alice));

        JsonNode answer = ok(http.post(BREAK_ALL, order("session_id", session, "notice_ms", 60_000), admin));

        assertThat(ids(answer)).containsExactlyInAnyOrder(id(range), id(open));
        assertThat(answer.get("broken").intValue()).isZero();
        answer.get("locks").forEach(one -> {
            assertThat(one.get("lock").get("breaks_in_ms").longValue()).isBetween(1L, 60_000L);
            assertThat(one.get("lock").has("last_heartbeat")).isTrue();
        });
        assertThat(heartbeat(session).get("notices")).hasSize(2);
        done(http.delete(grant("smb", open) + "/break", admin));
        assertThat(trail()).contains("session_id=" + session + " in 60000 ms");

        // Other tests may use the address too.
        assertThat(ids(ok(http.post(BREAK_ALL, order("owner_address", machine), admin))))
                .contains(id(elsewhere))
                .doesNotContain(id(range));
        assertThat(listed(ranges)).containsExactly(id(range));
    }

    // -------------------------------------------------------------------------------------------------------- events

    @Test
    @DisplayName("A break is an event of its own kind, and its undo a grant")
    void events() {
        try (EventReader events = EventReader.open(base.resolve("/v1/files/locks/events?file_id=" + file), reader)) {
            JsonNode held = ok(http.post(ranges, range("o", 0), alice));
            ok(http.post(grant(held) + "/break", order(), admin));
            ok(http.post(grant(held) + "/break/undo", "", admin));
            await().atMost(Duration.ofSeconds(20)).until(() -> events.events().size() >= 3);
            assertThat(events.types()).containsExactly("granted", "broken", "granted");
            assertThat(id(events.events().get(1).data())).isEqualTo(id(held));
        }
    }

    // ----------------------------------------------------------------------------------------------- rights and input

    @Test
    @DisplayName("Only callers with the permission break locks, their own too; a scope holds for all locks of its file")
    void rights() {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        for (String caller : List.of(alice, reader)) {
            for (Answer answer : List.of(
                    http.post(grant(held) + "/break", order(), caller),
                    http.post(grant(held) + "/break", "{\"dry_run\":true}", caller),
                    http.delete(grant(held) + "/break", caller),
                    http.post(grant(held) + "/break/undo", "", caller),
                    http.post(BREAK_ALL, order("file_id", file), caller))) {
                assertThat(error(403, "http_unauthorized_error", answer)
                                .get("description")
                                .textValue())
                        .contains("PRIVILEGE_FS_LOCK_WRITE");
            }
        }
        String scoped = accounts.bearer(accounts.make(Accounts.scoped("PRIVILEGE_FS_LOCK_WRITE", file)));
        error(403, "http_unauthorized_error", http.post(grant(held) + "/break", order(), scoped));
        error(403, "http_unauthorized_error", http.post(BREAK_ALL, order("file_id", "7"), scoped));
        error(403, "http_unauthorized_error", http.post(BREAK_ALL, order("owner_address", "192.0.2.9"), scoped));
        assertThat(ids(ok(http.post(BREAK_ALL, order("file_id", file), scoped))))
                .containsExactly(id(held));

        String both = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_WRITE"));
        JsonNode own = ok(http.post(ranges, range("o", 0), both));
        JsonNode broken = ok(http.post(grant(own) + "/break", order(), both));
        assertThat(broken.get("lock").get("fencing_token")).isEqualTo(own.get("fencing_token"));
        assertThat(trail()).contains(":\"" + id(own) + " token ");
    }

    @ParameterizedTest
    @DisplayName("An order that is not in order is 400 with the name of the field, and breaks nothing")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | 'reason' not found",
                "{\"reason\":\"\"} | 'reason' not found",
                "{\"reason\":\" \"} | 'reason' is blank",
                "{\"reason\":\"a\\nb\"} | 'reason' holds a control character",
                "{\"reason\":7} | 'reason'",
                "{\"reason\":\"a\",\"notice_ms\":-1} | 'notice_ms' is not between 0 and 3600000",
                "{\"reason\":\"a\",\"notice_ms\":3600001} | 'notice_ms' is not between 0 and 3600000",
                "{\"reason\":\"a\",\"notice_ms\":1.5} | 'notice_ms'",
                "{\"reason\":\"a\",\"notice_ms\":\"5\"} | 'notice_ms'",
                "{\"dry_run\":\"true\"} | 'dry_run'",
                "{\"dry_run\":true,\"notice_ms\":-1} | 'notice_ms'",
                "[] | ",
            })
    void badOrders(String body, String named) {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        assertThat(error(400, "decode_error", http.post(grant(held) + "/break", body, admin))
                        .get("description")
                        .textValue())
                .contains(named == null ? "" : named);
        assertThat(isGood(held)).isTrue();
    }

    static Stream<Arguments> badFilters() {
        return Stream.of(
                arguments("{\"dry_run\":false}", "decode_error", "'file_id'"),
                arguments("{\"file_id\":\"1\",\"owner_address\":\"192.0.2.1\"}", "decode_error", "'owner_address'"),
                arguments("{\"file_id\":\"1\",\"session_id\":\"3-0000020000000004\"}", "decode_error", "'session_id'"),
                arguments("{\"file_id\":\"/a\"}", "decode_error", "'file_id'"),
                arguments("{\"file_id\":\"1\",\"snapshot_id\":\"x\"}", "decode_error", "'snapshot_id'"),
                arguments("{\"file_id\":\"1\",\"offset\":\"0\"}", "decode_error", "'size'"),
                arguments("{\"file_id\":\"1\",\"size\":\"1\"}", "decode_error", "'offset'"),
                arguments(
                        "{\"file_id\":\"1\",\"offset\":\"-1\",\"size\":\"1\"}", "fs_invalid_offset_error", "'offset'"),
                arguments(
                        "{\"file_id\":\"1\",\"offset\":\"18446744073709551615\",\"size\":\"2\"}",
                        "fs_invalid_size_error",
                        "'size'"),
                arguments("{\"owner_address\":\"here\"}", "decode_error", "'owner_address'"),
                arguments("{\"owner_address\":\"192.0.2.1\",\"offset\":\"0\"}", "decode_error", "'offset'"),
                arguments("{\"owner_address\":\"192.0.2.1\",\"snapshot_id\":\"1\"}", "decode_error", "'snapshot_id'"),
                arguments("{\"session_id\":\"\"}", "decode_error", "'session_id'"),
                arguments("{\"file_id\":\"1\",\"limit\":0}", "decode_error", "'limit'"),
                arguments("{\"file_id\":\"1\",\"limit\":1001}", "decode_error", "'limit'"),
                arguments("{\"file_id\":\"1\",\"after\":\"x\"}", "decode_error", "'after'"));
    }

    @ParameterizedTest
    @DisplayName("A filter that is not in order is 400 with the name of the field")
    @MethodSource("badFilters")
    void badBulks(String body, String errorClass, String named) {
        Answer answer = http.post(BREAK_ALL, JsonText.with(body, "reason", WHY), admin);
        assertThat(error(400, errorClass, answer).get("description").textValue())
                .contains(named);
    }

    @Test
    @DisplayName("A reason has at most 1,024 bytes, and ids that no table can have given name nothing")
    void limits() {
        JsonNode held = ok(http.post(ranges, range("o", 0), alice));
        String longest = "\u00e9".repeat(512);
        error(400, "decode_error", http.post(grant(held) + "/break", JsonText.object("reason", longest + "x"), admin));
        ok(http.post(grant(held) + "/break", JsonText.object("reason", longest), admin));
        for (String id : List.of("x", "60000-0000010000000001")) {
            String target = "/v1/files/locks/nlm/grants/" + id + "/break";
            error(404, "fs_no_such_lock_error", http.post(target, order(), admin));
            error(404, "fs_no_such_lock_error", http.post(target, "{\"dry_run\":true}", admin));
            error(404, "fs_no_such_lock_error", http.delete(target, admin));
            error(404, "fs_no_such_lock_error", http.post(target + "/undo", "", admin));
        }
        error(404, "http_not_found_error", http.post(grant("nfs3", held) + "/break", order(), admin));
        error(404, "fs_no_such_session_error", http.post(BREAK_ALL, order("session_id", "x"), admin));
    }
}
