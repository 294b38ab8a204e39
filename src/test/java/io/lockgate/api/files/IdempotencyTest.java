package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls sent twice under one Idempotency-Key, and what an answer says of the other grants that a call has cut. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class IdempotencyTest {
    @TestHTTPResource("/")
    URI base;

    RawHttp http;
    String file;
    String owner;
    String key;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        await().until(() -> http.get("/v1/files/%2Fwarm/info/attributes").status() != 503);
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        owner = "owner-" + UUID.randomUUID();
        key = "Idempotency-Key: " + UUID.randomUUID();
    }

    private String locks(String protocol) {
        return "/v1/files/" + file + "/locks/" + protocol + "/byte-range/";
    }

    private String lock(String mode, int offset, int size) {
        return JsonText.object(
                "mode", List.of("API_BYTE_RANGE_" + mode), "offset", offset, "size", size, "owner_id", owner);
    }

    private String release(String protocol, int offset, int size) {
        return locks(protocol) + "?offset=" + offset + "&size=" + size + "&owner_id=" + owner;
    }

    private static Answer expect(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    private static void error(int status, String errorClass, Answer answer) {
        assertThat(expect(status, answer).json().get("error_class").textValue()).isEqualTo(errorClass);
    }

    private List<JsonNode> held(String protocol) {
        List<JsonNode> rows = new ArrayList<>();
        expect(200, http.get(locks(protocol))).json().get("grants").forEach(rows::add);
        return rows;
    }

    private static List<String> ranges(JsonNode grants) {
        List<String> ranges = new ArrayList<>();
        grants.forEach(grant -> ranges.add(
                grant.get("offset").textValue() + "+" + grant.get("size").textValue()));
        return ranges;
    }

    // -------------------------------------------------------------------------------------------------- changed

    @Test
    @DisplayName(
            "The grant of a downgrade in the middle names both sides with their ids; no other answer has the field")
    void changed() {
        Answer whole = expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 0, 30)));
        assertThat(whole.json().has("changed")).isFalse();
        JsonNode middle =
                expect(200, http.post(locks("nlm"), lock("SHARED", 10, 10))).json();
        assertThat(ranges(middle.get("changed"))).containsExactly("0+10", "20+10");
        JsonNode right = middle.get("changed").get(1);
        assertThat(right.get("fencing_token")).isEqualTo(whole.json().get("fencing_token"));
        assertThat(right.get("grant_id")).isNotEqualTo(whole.json().get("grant_id"));
        String id = right.get("grant_id").textValue();
        assertThat(expect(200, http.get("/v1/files/locks/nlm/grants/" + id)).json())
                .isEqualTo(right);
        held("nlm").forEach(grant -> assertThat(grant.has("changed")).isFalse());
    }

    @Test
    @DisplayName("A batch names the other grants that it cut; without any the field is absent")
    void changedByBatch() {
        expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 0, 30)));
        String body = JsonText.object(
                "unlocks",
                List.of(JsonText.nested("offset", 10, "size", 10, "owner_id", owner)),
                "locks",
                List.of(JsonText.raw(lock("EXCLUSIVE", 100, 5))));
        JsonNode done = expect(200, http.post(locks("nlm") + "batch", body)).json();
        assertThat(ranges(done.get("changed"))).containsExactly("0+10", "20+10");
        assertThat(done.has("more")).isFalse();
        JsonNode again = expect(200, http.post(locks("nlm") + "batch", body)).json();
        assertThat(again.has("changed")).isFalse();
    }

    @Test
    @DisplayName("A release answers nothing, and with return=grants what is left; any other value is 400")
    void returnsGrants() {
        expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 0, 30)));
        JsonNode left = expect(200, http.delete(release("nlm", 10, 10) + "&return=grants"))
                .json();
        assertThat(ranges(left.get("grants"))).containsExactly("0+10", "20+10");
        assertThat(left.get("grants").get(1).has("fencing_token")).isTrue();
        Answer empty = expect(200, http.delete(release("nlm", 25, 5)));
        assertThat(empty.body()).isEmpty();
        assertThat(empty.header("Content-Length")).contains("0");
        error(400, "decode_error", http.delete(release("nlm", 0, 5) + "&return=all"));
        assertThat(held("nlm")).hasSize(2);

        String grant = "/v1/files/locks/nlm/grants/"
                + held("nlm").getFirst().get("grant_id").textValue();
        assertThat(expect(200, http.delete("/api" + grant + "?return=grants")).text())
                .isEqualTo("{\"grants\":[]}");
        String machine = "machine-" + UUID.randomUUID();
        expect(200, http.post(locks("nlm"), JsonText.with(lock("SHARED", 100, 1), "owner_name", machine)));
        String all = "/v1/files/locks/nlm/byte-range/?owner_name=" + machine;
        assertThat(expect(200, http.delete(all + "&return=grants")).text()).isEqualTo("{\"grants\":[]}");
    }

    @Test
    @DisplayName("What an administrator's release has left of others' locks shows no token, and only what may be read")
    void leftOfOthers() {
        Accounts accounts = new Accounts(http);
        String alice = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        String breaker = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE"));
        String reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE", "PRIVILEGE_FS_LOCK_READ"));
        expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 0, 100), alice));
        assertThat(expect(200, http.delete(release("nlm", 10, 10) + "&return=grants", breaker))
                        .text())
                .isEqualTo("{\"grants\":[]}");
        JsonNode left = expect(200, http.delete(release("nlm", 40, 10) + "&return=grants", reader))
                .json()
                .get("grants");
        assertThat(ranges(left)).containsExactly("20+20", "50+50");
        left.forEach(grant -> {
            assertThat(grant.has("grant_id")).isTrue();
            assertThat(grant.has("fencing_token")).isFalse();
        });
    }

    // ---------------------------------------------------------------------------------------------------- the key

    @Test
    @DisplayName("An acquire sent twice under a key answers the same and takes one lock, in smb too")
    void acquireTwice() {
        for (String protocol : List.of("nlm", "smb")) {
            String mine = key + protocol;
            JsonNode first = expect(200, http.post(locks(protocol), lock("SHARED", 0, 10), mine))
                    .json();
            JsonNode second = expect(200, http.post(locks(protocol), lock("SHARED", 0, 10), mine))
                    .json();
            assertThat(second).isEqualTo(first);
            assertThat(held(protocol)).hasSize(1);
        }
    }

    @Test
    @DisplayName("The key is bound to method, path, query and body: anything else is 422 and changes nothing")
    void anotherRequest() {
        String body = lock("EXCLUSIVE", 0, 10);
        expect(200, http.post(locks("nlm"), body, key));
        String reused = "http_idempotency_key_reused_error";
        error(422, reused, http.post(locks("nlm"), lock("EXCLUSIVE", 0, 11), key));
        error(422, reused, http.post(locks("nlm"), body + " ", key));
        error(422, reused, http.post(locks("nlm") + "?snapshot=7", body, key));
        error(422, reused, http.post(locks("nfs4"), body, key));
        error(422, reused, http.post("/api" + locks("nlm"), body, key));
        error(422, reused, http.delete(release("nlm", 0, 10), key));
        error(422, reused, http.delete("/v1/files/locks/nlm/grants/0-0000010000000001", key));
        error(422, reused, http.delete("/v1/files/locks/nlm/byte-range/?owner_name=nobody", key));
        for (int i = 0; i < 10; i++) {
            String elsewhere = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
            error(422, reused, http.post(locks("nlm").replace(file, elsewhere), body, key));
        }
        assertThat(held("nlm")).hasSize(1);
        expect(200, http.post(locks("nlm"), body, key));
        Accounts accounts = new Accounts(http);
        String other = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 50, 10), other, key));
    }

    @Test
    @DisplayName("A key that is empty, too long, not visible ASCII or given twice is 400, and the longest one is taken")
    void badKeys() {
        String body = lock("EXCLUSIVE", 0, 10);
        String name = "Idempotency-Key: ";
        for (String bad : List.of(name, name + "a b", name + "k".repeat(256), name + "k\u00e9")) {
            error(400, "decode_error", http.post(locks("nlm"), body, bad));
            error(400, "decode_error", http.delete(release("nlm", 0, 10), bad));
        }
        error(400, "decode_error", http.post(locks("nlm"), body, name + "a", name + "b"));
        assertThat(held("nlm")).isEmpty();
        expect(200, http.post(locks("nlm"), body, name + "!~".repeat(127) + "k"));
    }

    @Test
    @DisplayName("Refusals are not kept, and a lock that has gone since is 409 lost")
    void refusedAndLost() {
        String other = lock("EXCLUSIVE", 0, 10).replace(owner, "other");
        expect(200, http.post(locks("nlm"), other));
        error(409, "fs_lock_conflict_error", http.post(locks("nlm"), lock("EXCLUSIVE", 5, 10), key));
        expect(200, http.delete(release("nlm", 0, 10).replace(owner, "other")));
        JsonNode grant = expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 5, 10), key))
                .json();
        expect(
                200,
                http.delete(
                        "/v1/files/locks/nlm/grants/" + grant.get("grant_id").textValue()));
        expect(200, http.post(locks("nlm"), other));
        error(409, "fs_lock_lost_error", http.post(locks("nlm"), lock("EXCLUSIVE", 5, 10), key));
        assertThat(held("nlm")).hasSize(1);
    }

    @Test
    @DisplayName("A release sent twice under a key frees nothing that was acquired in between, by range, id and client")
    void releaseTwice() {
        String machine = "machine-" + UUID.randomUUID();
        String body = JsonText.with(lock("EXCLUSIVE", 0, 10), "owner_name", machine);
        JsonNode first = expect(200, http.post(locks("nlm"), body)).json();
        String id = "/v1/files/locks/nlm/grants/" + first.get("grant_id").textValue();
        String client = "/v1/files/locks/nlm/byte-range/?owner_name=" + machine;
        for (String target : List.of(id, release("nlm", 0, 0), client)) {
            String mine = "Idempotency-Key: " + UUID.randomUUID();
            expect(200, http.delete(target, mine));
            assertThat(held("nlm")).isEmpty();
            expect(200, http.post(locks("nlm"), body));
            assertThat(expect(200, http.delete(target, mine)).body()).isEmpty();
            assertThat(held("nlm")).hasSize(1);
        }
        error(404, "fs_no_such_lock_error", http.delete(id, "Idempotency-Key: " + UUID.randomUUID()));
        String mine = "Idempotency-Key: " + UUID.randomUUID();
        String cut = release("nlm", 3, 3) + "&return=grants";
        String left = expect(200, http.delete(cut, mine)).text();
        assertThat(expect(200, http.delete(cut, mine)).text()).isEqualTo(left).contains("grant_id");
    }

    @Test
    @DisplayName("A batch sent twice under a key is done once")
    void batchTwice() {
        String body = JsonText.object(
                "locks", List.of(JsonText.raw(lock("SHARED", 0, 10)), JsonText.raw(lock("SHARED", 0, 10))));
        String first = expect(200, http.post(locks("smb") + "batch", body, key)).text();
        assertThat(expect(200, http.post(locks("smb") + "batch", body, key)).text())
                .isEqualTo(first);
        assertThat(held("smb")).hasSize(2);
    }

    @Test
    @DisplayName("Of ten calls that come with one key at the same moment one takes the lock, and all are told of it")
    void atTheSameMoment() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(10)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(threads.submit(() -> expect(200, http.post(locks("smb"), lock("SHARED", 0, 10), key))
                        .text()));
            }
            String first = answers.getFirst().get();
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isEqualTo(first);
            }
        }
        assertThat(held("smb")).hasSize(1);
    }

    @Test
    @DisplayName("Calls that change nothing or are harmless to repeat do not look at the key")
    void otherCalls() {
        expect(200, http.post(locks("nlm") + "test", lock("EXCLUSIVE", 0, 10), key));
        expect(200, http.post(locks("nlm"), lock("EXCLUSIVE", 0, 10), key));
        expect(200, http.get(locks("nlm"), key));
    }
}
