package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.Leaver;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client sessions over HTTP (docs/api-files.md, "Client sessions"). */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class SessionsTest {
    private static final String SESSIONS = "/v1/files/locks/sessions/";

    @TestHTTPResource("/")
    URI base;

    private RawHttp http;
    private String alice;
    private String bob;
    private String reader;
    private String admin;

    @BeforeEach
    void accounts() {
        http = new RawHttp(base);
        Accounts accounts = new Accounts(http);
        alice = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
        admin = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE"));
    }

    private static String newFile() {
        return Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
    }

    private static String locks(String file) {
        return "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    private static String lock(String offset, Object... more) {
        List<Object> fields = new ArrayList<>(List.of(
                "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", offset, "size", "10", "owner_id", "job"));
        fields.addAll(List.of(more));
        return JsonText.object(fields.toArray());
    }

    private String open(String token, Object... fields) {
        Answer answer = http.post(SESSIONS, JsonText.object(fields), token);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().get("session_id").textValue();
    }

    private JsonNode acquired(String file, String offset, String session, String token) {
        Answer answer = http.post(locks(file), lock(offset, "session_id", session), token);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static void expect(Answer answer, int status, String errorClass) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo(errorClass);
    }

    @ParameterizedTest
    @DisplayName("A session is opened, joined by a lock, renewed, shown and ended, under both prefixes")
    @ValueSource(strings = {"", "/api"})
    void life(String prefix) {
        String sessions = prefix + SESSIONS;
        Answer opened = http.post(sessions, JsonText.object("owner_name", "m1", "ttl_ms", 60_000), alice);
        assertThat(opened.status()).as(opened.text()).isEqualTo(201);
        assertThat(opened.json().fieldNames()).toIterable().containsExactly("session_id", "ttl_ms", "expires_in_ms");
        assertThat(opened.json().get("ttl_ms").longValue()).isEqualTo(60_000);
        assertThat(opened.json().get("expires_in_ms").longValue()).isBetween(1L, 60_000L);
        String session = opened.json().get("session_id").textValue();

        String file = newFile();
        JsonNode grant = acquired(file, "0", session, alice);
        assertThat(grant.get("session_id").textValue()).isEqualTo(session);
        assertThat(grant.get("owner_name").textValue()).isEqualTo("m1");
        assertThat(grant.get("expires_in_ms").longValue()).isBetween(1L, 60_000L);
        acquired(newFile(), "0", session, alice);
        expect(http.post(locks(file), lock("5"), bob), 409, "fs_lock_conflict_error");

        Answer renewed = http.post(sessions + session + "/renew", "{}", alice);
        assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
        assertThat(renewed.json().get("expires_in_ms").longValue()).isEqualTo(60_000);
        assertThat(renewed.json().get("lost").size()).isZero();
        assertThat(renewed.json().get("more").booleanValue()).isFalse();

        Answer shown = http.get(sessions + session + "?limit=1", alice);
        assertThat(shown.status()).as(shown.text()).isEqualTo(200);
        assertThat(shown.json().get("owner_name").textValue()).isEqualTo("m1");
        assertThat(shown.json().get("grants").size()).isEqualTo(1);
        String next = shown.json().get("paging").get("next").textValue();
        assertThat(next).startsWith(sessions + session + "?limit=1&after=");
        Answer second = http.get(next, alice);
        assertThat(second.json().get("grants").size()).isEqualTo(1);
        assertThat(second.json().get("grants")).isNotEqualTo(shown.json().get("grants"));
        Answer third = http.get(second.json().get("paging").get("next").textValue(), alice);
        assertThat(third.json().get("grants").size()).isZero();

        Answer ended = http.delete(sessions + session, alice);
        assertThat(ended.status()).as(ended.text()).isEqualTo(200);
        assertThat(ended.text()).isEmpty();
        assertThat(http.delete(sessions + session + "/", alice).status()).isEqualTo(200);
        assertThat(http.post(locks(file), lock("5"), bob).status()).isEqualTo(200);
        expect(http.get(sessions + session, alice), 404, "fs_no_such_session_error");
        expect(http.post(sessions + session + "/renew", "{}", alice), 409, "fs_session_lost_error");
        expect(http.post(locks(file), lock("50", "session_id", session), alice), 409, "fs_session_lost_error");
        expect(http.post(locks(file) + "test", lock("50", "session_id", session), alice), 409, "fs_session_lost_error");
    }

    @Test
    @DisplayName("A session expires when nobody renews it, and its locks are free")
    void expires() {
        String session = open(alice, "ttl_ms", 1_000);
        String file = newFile();
        acquired(file, "0", session, alice);
        await().until(() -> http.get(SESSIONS + session, alice).status() == 404);
        await().until(() -> http.post(locks(file), lock("0"), bob).status() == 200);
        expect(http.post(SESSIONS + session + "/renew", "{}", alice), 409, "fs_session_lost_error");
    }

    @Test
    @DisplayName("A session lives for 30 s unless it says otherwise, from 1 s to 24 h, and a bad field is named")
    void fields() {
        Answer plain = http.post(SESSIONS, "{}", alice);
        assertThat(plain.json().get("ttl_ms").longValue()).isEqualTo(30_000);
        open(alice, "ttl_ms", 1_000);
        open(alice, "ttl_ms", 86_400_000);
        for (String bad : List.of(
                JsonText.object("ttl_ms", 999),
                JsonText.object("ttl_ms", 86_400_001),
                JsonText.object("ttl_ms", "30000"),
                JsonText.object("owner_name", "x".repeat(257)),
                JsonText.object("owner_name", 5))) {
            Answer answer = http.post(SESSIONS, bad, alice);
            expect(answer, 400, "decode_error");
            assertThat(answer.text()).containsAnyOf("'ttl_ms'", "'owner_name'");
        }
        expect(http.post(SESSIONS, "[]", alice), 400, "decode_error");
        String session = open(alice);
        Answer both = http.post(locks(newFile()), lock("0", "session_id", session, "lease_ms", 5_000), alice);
        expect(both, 400, "decode_error");
        assertThat(both.text()).contains("'session_id'", "'lease_ms'");
    }

    @Test
    @DisplayName("Others' sessions do not exist for those without a privilege; READ sees them and WRITE ends them")
    void rights() {
        String session = open(alice);
        String file = newFile();
        acquired(file, "0", session, alice);
        expect(http.get(SESSIONS + session, bob), 404, "fs_no_such_session_error");
        expect(http.delete(SESSIONS + session, bob), 404, "fs_no_such_session_error");
        expect(http.delete(SESSIONS + session, reader), 403, "http_unauthorized_error");
        expect(http.post(SESSIONS + session + "/renew", "{}", bob), 404, "fs_no_such_session_error");
        expect(http.post(SESSIONS + session + "/renew", "{}", reader), 403, "http_unauthorized_error");
        expect(http.post(SESSIONS, "{}", reader), 403, "http_unauthorized_error");
        expect(http.get(SESSIONS, alice), 403, "http_unauthorized_error");
        expect(http.post(locks(file), lock("50", "session_id", session), bob), 404, "fs_no_such_session_error");
        Answer seen = http.get(SESSIONS + session, reader);
        assertThat(seen.status()).isEqualTo(200);
        assertThat(seen.json().get("grants").get(0).has("fencing_token")).isFalse();
        assertThat(http.get(SESSIONS + session, admin).status()).isEqualTo(200);
        assertThat(http.delete(SESSIONS + session, admin).status()).isEqualTo(200);
        expect(http.post(SESSIONS + session + "/renew", "{}", alice), 409, "fs_session_lost_error");
    }

    @Test
    @DisplayName("One's own sessions are listed page by page, by machine name, and with every filter in next")
    void lists() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(open(alice, "owner_name", i % 2 == 0 ? "even" : "odd"));
        }
        open(bob, "owner_name", "even");
        List<String> listed = new ArrayList<>();
        String page = SESSIONS + "?mine=true&limit=2&owner_name=even";
        for (int i = 0; i < 3; i++) {
            Answer answer = http.get(page, alice);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            answer.json()
                    .get("sessions")
                    .forEach(s -> listed.add(s.get("session_id").textValue()));
            page = answer.json().get("paging").get("next").textValue();
            assertThat(page).contains("limit=2", "owner_name=even", "mine=true");
        }
        assertThat(listed).containsExactlyInAnyOrder(ids.get(0), ids.get(2), ids.get(4));
        assertThat(http.get(SESSIONS + "?owner_name=odd&limit=10000", reader).text())
                .contains(ids.get(1), ids.get(3));
    }

    @Test
    @DisplayName("A heartbeat tells what an administrator has released, and the next one does not")
    void lost() {
        String session = open(alice);
        String file = newFile();
        JsonNode grant = acquired(file, "0", session, alice);
        acquired(file, "20", session, alice);
        assertThat(http.delete(locks(file) + "?offset=4&size=2&owner_id=job", admin)
                        .status())
                .isEqualTo(200);
        Answer told = http.post(SESSIONS + session + "/renew", "{}", alice);
        assertThat(told.json().get("lost").size()).isEqualTo(1);
        JsonNode lost = told.json().get("lost").get(0);
        assertThat(lost.get("grant_id")).isEqualTo(grant.get("grant_id"));
        assertThat(lost.get("offset").textValue()).isEqualTo("4");
        assertThat(lost.get("size").textValue()).isEqualTo("2");
        assertThat(lost.get("file_id").textValue()).isEqualTo(file);
        assertThat(http.post(SESSIONS + session + "/renew", "{}", alice)
                        .json()
                        .get("lost")
                        .size())
                .isZero();
        assertThat(http.get(SESSIONS + session, alice).json().get("grants").size())
                .isEqualTo(3);
    }

    @Test
    @DisplayName("A heartbeat tells a lock that an administrator has released by its id, and none that its owner has")
    void lostById() {
        String session = open(alice);
        String file = newFile();
        JsonNode broken = acquired(file, "0", session, alice);
        JsonNode own = acquired(file, "20", session, alice);
        String grants = "/v1/files/locks/nlm/grants/";
        assertThat(http.delete(grants + broken.get("grant_id").textValue(), admin)
                        .status())
                .isEqualTo(200);
        assertThat(http.delete(grants + own.get("grant_id").textValue(), alice).status())
                .isEqualTo(200);
        JsonNode lost =
                http.post(SESSIONS + session + "/renew", "{}", alice).json().get("lost");
        assertThat(lost.size()).isEqualTo(1);
        assertThat(lost.get(0).get("grant_id")).isEqualTo(broken.get("grant_id"));
    }

    @Test
    @DisplayName("A renewal of one lock tells what an administrator has cut out of it, and the next one does not")
    void lostOfOneLock() {
        String file = newFile();
        JsonNode leased = granted(file, lock("0", "lease_ms", 60_000));
        JsonNode plain = granted(file, lock("20"));
        for (String offset : List.of("4", "28")) {
            assertThat(http.delete(locks(file) + "?offset=" + offset + "&size=2&owner_id=job", admin)
                            .status())
                    .isEqualTo(200);
        }
        JsonNode told = renewed(leased, JsonText.object("lease_ms", 60_000));
        assertThat(told.get("size").textValue()).isEqualTo("4");
        assertThat(told.get("more").booleanValue()).isFalse();
        assertThat(told.get("lost").size()).isEqualTo(1);
        JsonNode lost = told.get("lost").get(0);
        assertThat(lost.get("grant_id")).isEqualTo(leased.get("grant_id"));
        assertThat(lost.get("fencing_token")).isEqualTo(leased.get("fencing_token"));
        assertThat(lost.get("offset").textValue()).isEqualTo("4");
        assertThat(lost.get("size").textValue()).isEqualTo("2");
        assertThat(lost.has("expires_in_ms")).isFalse();
        assertThat(renewed(plain, "{}").get("lost").get(0).get("offset").textValue())
                .isEqualTo("28");
        assertThat(renewed(plain, "{}").get("lost").size()).isZero();
        assertThat(renewed(leased, JsonText.object("lease_ms", 60_000))
                        .get("lost")
                        .size())
                .isZero();
        assertThat(http.delete(locks(file) + "?offset=0&size=0&owner_id=job", admin)
                        .status())
                .isEqualTo(200);
        Answer gone = http.post(renewal(leased), "{}", alice);
        expect(gone, 409, "fs_lock_lost_error");
        assertThat(gone.text()).contains("administrator");
    }

    private JsonNode granted(String file, String body) {
        Answer answer = http.post(locks(file), body, alice);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String renewal(JsonNode grant) {
        return "/v1/files/locks/nlm/grants/" + grant.get("grant_id").textValue() + "/renew";
    }

    private JsonNode renewed(JsonNode grant, String body) {
        Answer answer = http.post(renewal(grant), body, alice);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    @Test
    @DisplayName("A session shows its locks and then what waits for it, page by page under one key, each once")
    void waiters() {
        String session = open(alice, "owner_name", "m1");
        String other = newFile();
        for (int i = 0; i < 3; i++) {
            acquired(newFile(), "0", session, alice);
            assertThat(http.post(locks(other), lock(Integer.toString(20 * i)), bob)
                            .status())
                    .isEqualTo(200);
        }
        List<Leaver> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String waits = lock(Integer.toString(20 * i), "session_id", session, "wait_ms", 60_000);
            calls.add(new Leaver(base).asks("POST", locks(other), waits, alice));
        }
        await().until(() -> show(session, "", alice).get("waiters").size() == 3);
        JsonNode all = show(session, "", alice);
        assertThat(all.get("grants").size()).isEqualTo(3);
        JsonNode waiter = all.get("waiters").get(0);
        assertThat(waiter.get("waiting").booleanValue()).isTrue();
        assertThat(waiter.get("waiter_id").textValue()).isNotEmpty();
        assertThat(waiter.get("wait_left_ms").longValue()).isBetween(1L, 60_000L);
        assertThat(waiter.get("session_id").textValue()).isEqualTo(session);
        assertThat(waiter.get("owner_name").textValue()).isEqualTo("m1");
        assertThat(waiter.has("grant_id") || waiter.has("fencing_token")).isFalse();
        for (int limit = 1; limit <= 7; limit++) {
            List<JsonNode> grants = new ArrayList<>();
            List<String> waiters = new ArrayList<>();
            JsonNode page = show(session, "?limit=" + limit, alice);
            int rows = page.get("grants").size() + page.get("waiters").size();
            while (rows > 0) {
                page.get("grants").forEach(grant -> grants.add(grant.get("grant_id")));
                page.get("waiters")
                        .forEach(row -> waiters.add(row.get("waiter_id").textValue()));
                String next = page.get("paging").get("next").textValue();
                assertThat(next).startsWith(SESSIONS + session + "?limit=" + limit + "&after=");
                page = http.get(next, alice).json();
                int further = page.get("grants").size() + page.get("waiters").size();
                assertThat(rows == limit || further == 0).isTrue();
                rows = further;
            }
            assertThat(grants).hasSize(3).doesNotHaveDuplicates();
            assertThat(waiters).hasSize(3).doesNotHaveDuplicates();
        }
        JsonNode seen = show(session, "", admin).get("waiters").get(0);
        assertThat(seen.has("owner_id") || seen.has("session_id")).isFalse();
        calls.forEach(Leaver::breaksOff);
        await().until(() -> show(session, "", alice).get("waiters").isEmpty());
    }

    private JsonNode show(String session, String query, String token) {
        Answer answer = http.get(SESSIONS + session + query, token);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    @Test
    @DisplayName("A batch joins its session, and a lock of a session takes no lease")
    void batches() {
        String session = open(alice);
        String file = newFile();
        Answer batch = http.post(
                locks(file) + "batch",
                JsonText.object(
                        "locks",
                        List.of(
                                JsonText.raw(lock("0", "session_id", session)),
                                JsonText.raw(lock("100", "lease_ms", 60_000)))),
                alice);
        assertThat(batch.status()).as(batch.text()).isEqualTo(200);
        JsonNode grants = batch.json().get("grants");
        assertThat(grants.get(0).get("session_id").textValue()).isEqualTo(session);
        assertThat(grants.get(1).has("session_id")).isFalse();
        expect(
                http.post(
                        "/v1/files/locks/nlm/grants/"
                                + grants.get(0).get("grant_id").textValue() + "/renew",
                        JsonText.object("lease_ms", 5_000),
                        alice),
                409,
                "fs_lock_not_leased_error");
    }
}
