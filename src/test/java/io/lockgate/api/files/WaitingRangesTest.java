package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.Leaver;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte-range locks that wait, over HTTP (docs/api-files.md, "Waiting"). */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class WaitingRangesTest {
    private static final String WAITERS = "/v1/files/locks/waiters/";
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** After a client has left. */
    private static final Duration SOON = Duration.ofSeconds(5);

    @TestHTTPResource("/")
    URI base;

    private RawHttp http;
    private Accounts accounts;
    private String alice;
    private String bob;
    private String carl;
    private String reader;
    private String admin;
    private String file;
    private String locks;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        accounts = new Accounts(http);
        alice = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        carl = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
        admin = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_WRITE"));
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        locks = "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    // ------------------------------------------------------------------------------------------------ wait and be
    // served

    @Test
    @DisplayName("A lock that is free is granted at once, and is not provisional")
    void grantedAtOnce() {
        JsonNode grant = expect(200, http.post(locks, waiting(60_000), bob)).json();
        assertThat(grant.get("provisional").booleanValue()).isFalse();
        assertThat(grant.has("confirm_within_ms")).isFalse();
        assertThat(good(grant)).isTrue();
    }

    @ParameterizedTest
    @DisplayName("While it waits a poll is 202 with its place and where to ask again, under both prefixes")
    @ValueSource(strings = {"", "/api"})
    void stillWaits(String prefix) {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = prefix + WAITERS + onlyWaiter();
        for (String target : List.of(waiter, waiter + "/?wait_ms=0")) {
            Answer answer = expect(202, http.get(target, bob));
            assertThat(answer.header("location")).contains(waiter);
            JsonNode where = answer.json();
            assertThat(where.fieldNames())
                    .toIterable()
                    .containsExactly("waiter_id", "position", "wait_left_ms", "poll_within_ms", "blockers");
            assertThat(where.get("waiter_id").textValue()).isEqualTo(onlyWaiter());
            assertThat(where.get("position").longValue()).isZero();
            assertThat(where.get("wait_left_ms").longValue()).isBetween(1L, 60_000L);
            assertThat(where.get("poll_within_ms").longValue()).isBetween(1L, 30_000L);
            JsonNode blocker = where.get("blockers").get(0);
            assertThat(blocker.get("offset").textValue()).isEqualTo("0");
            assertThat(blocker.has("owner_id") || blocker.has("grant_id")).isFalse();
        }
        assertThat(bobs).isNotDone();
        release(alice, "alice");
        expect(200, bobs.join());
    }

    @Test
    @DisplayName(
            "A release serves the held call: the grant is provisional, keeps others away, and is confirmed by a renewal")
    void servedAndConfirmed() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, JsonText.with(waiting(60_000), "lease_ms", 60_000));
        String waiter = WAITERS + onlyWaiter();
        release(alice, "alice");
        JsonNode grant = expect(200, bobs.join()).json();
        assertThat(grant.get("provisional").booleanValue()).isTrue();
        assertThat(grant.get("confirm_within_ms").longValue()).isBetween(1L, 5_000L);
        assertThat(good(grant)).isFalse();
        assertThat(waiters()).isEmpty();
        JsonNode blocker = error(409, "fs_lock_conflict_error", http.post(locks, lock("carl"), carl))
                .get("conflict")
                .get("blockers")
                .get(0);
        assertThat(blocker.get("provisional").booleanValue()).isTrue();
        assertThat(expect(200, http.get(waiter, bob)).json().get("grant_id")).isEqualTo(grant.get("grant_id"));

        error(404, "fs_no_such_lock_error", http.post(renewal(grant), "{}", carl));
        JsonNode confirmed = expect(200, http.post(renewal(grant), "{}", bob)).json();
        assertThat(confirmed.get("provisional").booleanValue()).isFalse();
        assertThat(confirmed.has("confirm_within_ms")).isFalse();
        assertThat(confirmed.get("expires_in_ms").longValue()).isBetween(55_000L, 60_000L);
        assertThat(good(confirmed)).isTrue();
        JsonNode polled = expect(200, http.get(waiter, bob)).json();
        assertThat(polled.get("provisional").booleanValue()).isFalse();
        assertThat(polled.get("grant_id")).isEqualTo(confirmed.get("grant_id"));
        // A repeat, and a grant that was held all along, are answered as they stand.
        assertThat(expect(200, http.post(renewal(grant), "{}", bob)).json().get("grant_id"))
                .isEqualTo(confirmed.get("grant_id"));
    }

    @Test
    @DisplayName("A poll by another request is held too, and both are answered by the release, in order of arrival")
    void polledByAnother() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = onlyWaiter();
        CompletableFuture<Answer> carls = begins(carl, waiting(60_000));
        String behind = waiters().get(1).get("waiter_id").textValue();
        assertThat(expect(202, http.get(WAITERS + behind, carl))
                        .json()
                        .get("position")
                        .longValue())
                .isEqualTo(1);
        CompletableFuture<Answer> polls = Background.run(() -> http.get(WAITERS + waiter + "?wait_ms=19000", bob));
        release(alice, "alice");
        JsonNode grant = expect(200, bobs.join()).json();
        assertThat(expect(200, polls.join()).json().get("grant_id")).isEqualTo(grant.get("grant_id"));
        assertThat(carls).isNotDone();
        assertThat(expect(200, http.delete("/v1/files/locks/nlm/grants/" + id(grant), bob))
                        .text())
                .isEmpty();
        expect(200, carls.join());
        // A confirmed grant that has ended is lost to the one who had waited for it, as one that was given back is.
        assertThat(http.get(WAITERS + waiter, bob).status()).isIn(404, 409);
    }

    @Test
    @DisplayName("A poll that is held ends with 202 when its own time is over")
    void pollEnds() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = WAITERS + onlyWaiter();
        expect(202, http.get(waiter + "?wait_ms=200", bob));
        expect(200, http.delete(waiter, bob));
        error(404, "fs_no_such_waiter_error", bobs.join());
    }

    // --------------------------------------------------------------------------------------------- and what else may
    // be

    @Test
    @DisplayName("A place that is given back is gone, for its held call too, and the next is served")
    void givenBack() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = WAITERS + onlyWaiter();
        CompletableFuture<Answer> carls = begins(carl, waiting(60_000));
        Answer withdrawn = expect(200, http.delete(waiter, bob));
        assertThat(withdrawn.text()).isEmpty();
        assertThat(withdrawn.header("content-length")).contains("0");
        error(404, "fs_no_such_waiter_error", bobs.join());
        error(404, "fs_no_such_waiter_error", http.get(waiter, bob));
        error(404, "fs_no_such_waiter_error", http.delete(waiter + "/", bob));
        release(alice, "alice");
        expect(200, carls.join());
    }

    @Test
    @DisplayName("A provisional grant can be given back by its waiter, and the next is served")
    void provisionalGivenBack() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = WAITERS + onlyWaiter();
        CompletableFuture<Answer> carls = begins(carl, waiting(60_000));
        release(alice, "alice");
        JsonNode grant = expect(200, bobs.join()).json();
        expect(200, http.delete(waiter, bob));
        expect(200, carls.join());
        assertThat(http.post(renewal(grant), "{}", bob).status()).isIn(404, 409);
    }

    @Test
    @DisplayName("When its time is over it is refused with what is in its way then, and so are its polls")
    void timedOut() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(1_500));
        String waiter = WAITERS + onlyWaiter();
        Answer refused = bobs.join();
        for (Answer answer : List.of(refused, http.get(waiter, bob), http.get(waiter + "?wait_ms=5000", bob))) {
            JsonNode conflict = error(409, "fs_lock_conflict_error", answer).get("conflict");
            assertThat(conflict.get("blockers")).hasSize(1);
            assertThat(conflict.get("blockers").get(0).has("owner_id")).isFalse();
        }
        release(alice, "alice");
        JsonNode free =
                error(409, "fs_lock_conflict_error", http.get(waiter, bob)).get("conflict");
        assertThat(free.get("blockers")).isEmpty();
        assertThat(free.get("free").get(0).get("size").textValue()).isEqualTo("10");
        expect(200, http.post(locks, lock("bob"), bob));
    }

    @Test
    @DisplayName("A grant that nobody confirms goes to the next; its own client is told that it is lost")
    void lost() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = WAITERS + onlyWaiter();
        CompletableFuture<Answer> carls = begins(carl, waiting(60_000));
        release(alice, "alice");
        JsonNode grant = expect(200, bobs.join()).json();
        JsonNode next = expect(200, carls.join()).json();
        assertThat(next.get("provisional").booleanValue()).isTrue();
        error(409, "fs_lock_lost_error", http.get(waiter, bob));
        error(409, "fs_lock_lost_error", http.post(renewal(grant), "{}", bob));
        assertThat(good(expect(200, http.post(renewal(next), "{}", carl)).json()))
                .isTrue();
    }

    @Test
    @DisplayName("A waiter whose session ends gets an error, and never the lock")
    void sessionEnds() {
        held();
        String session = http.post("/v1/files/locks/sessions/", JsonText.object("ttl_ms", 60_000), bob)
                .json()
                .get("session_id")
                .textValue();
        CompletableFuture<Answer> bobs = begins(bob, JsonText.with(waiting(60_000), "session_id", session));
        String waiter = WAITERS + onlyWaiter();
        expect(200, http.delete("/v1/files/locks/sessions/" + session, bob));
        error(409, "fs_session_lost_error", bobs.join());
        error(409, "fs_session_lost_error", http.get(waiter, bob));
        release(alice, "alice");
        expect(200, http.post(locks, lock("carl"), carl));
    }

    @Test
    @DisplayName("A waiter holds back what comes later, and a test shows it without the id and token of a grant")
    void holdsBack() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, JsonText.with(range("bob", "5", "20"), "wait_ms", 60_000));
        String beyond = range("carl", "20", "5");
        JsonNode blocker = error(409, "fs_lock_conflict_error", http.post(locks, beyond, carl))
                .get("conflict")
                .get("blockers")
                .get(0);
        assertThat(blocker.get("waiting").booleanValue()).isTrue();
        String both = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_READ"));
        JsonNode shown = expect(200, http.post(locks + "test", beyond, both))
                .json()
                .get("grants")
                .get(0);
        assertThat(shown.get("waiting").booleanValue()).isTrue();
        assertThat(shown.get("owner_id").textValue()).isEqualTo("bob");
        assertThat(shown.has("grant_id") || shown.has("fencing_token")).isFalse();
        release(alice, "alice");
        expect(200, bobs.join());
    }

    // ------------------------------------------------------------------------------------------------- rights and
    // input

    @Test
    @DisplayName("Somebody else's waiter does not exist; who may break locks can cancel it, and that is audited")
    void foreign() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = onlyWaiter();
        for (String target : List.of(WAITERS + waiter, WAITERS + "1-00000000000000ff", WAITERS + "abc")) {
            error(404, "fs_no_such_waiter_error", http.get(target, carl));
            error(404, "fs_no_such_waiter_error", http.get(target + "?wait_ms=100", carl));
            error(404, "fs_no_such_waiter_error", http.delete(target, carl));
        }
        error(403, "http_unauthorized_error", http.get(WAITERS + waiter, reader));
        error(403, "http_unauthorized_error", http.delete(WAITERS + waiter, reader));
        assertThat(bobs).isNotDone();
        expect(200, http.delete(WAITERS + waiter, admin));
        error(404, "fs_no_such_waiter_error", bobs.join());
        assertThat(http.get("/admin/audit?limit=200").text()).contains("withdraw-waiter", waiter);
    }

    @Test
    @DisplayName("A poll names the others in the way to those who may read locks, and their tokens to nobody")
    void readersSeeBlockers() {
        String both = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_READ"));
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        CompletableFuture<Answer> readers = begins(both, waiting(60_000));
        String waiter = waiters().get(1).get("waiter_id").textValue();
        Answer polled = expect(202, http.get(WAITERS + waiter, both));
        assertThat(polled.text()).doesNotContain("fencing_token");
        JsonNode blockers = polled.json().get("blockers");
        assertThat(blockers).hasSize(2);
        assertThat(blockers.get(0).get("owner_id").textValue()).isEqualTo("alice");
        assertThat(blockers.get(0).has("grant_id")).isTrue();
        assertThat(blockers.get(1).get("owner_id").textValue()).isEqualTo("me");
        assertThat(blockers.get(1).get("waiting").booleanValue()).isTrue();
        assertThat(blockers.get(1).has("grant_id")).isFalse();
        for (CompletableFuture<Answer> call : List.of(bobs, readers)) {
            expect(200, http.delete(WAITERS + waiters().get(0).get("waiter_id").textValue(), admin));
            error(404, "fs_no_such_waiter_error", call.join());
        }
    }

    @Test
    @DisplayName(
            "Of requests that wait for each other the last is refused, and is told whose they are when it may read")
    void deadlock() {
        for (boolean reads : List.of(false, true)) {
            String last = accounts.bearer(
                    reads
                            ? accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_READ")
                            : accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
            expect(200, http.post(locks, range("bob", "100", "1"), bob));
            expect(200, http.post(locks, range("me", "200", "1"), last));
            CompletableFuture<Answer> bobs = begins(bob, JsonText.with(range("bob", "200", "1"), "wait_ms", 60_000));
            String first = onlyWaiter();
            CompletableFuture<Answer> lasts = begins(last, JsonText.with(range("me", "100", "2"), "wait_ms", 60_000));
            String refused = waiters().get(1).get("waiter_id").textValue();

            JsonNode deadlock =
                    error(409, "fs_lock_deadlock_error", lasts.join()).get("deadlock");
            assertThat(deadlock.get("length").intValue()).isEqualTo(2);
            assertThat(deadlock.get("cycle")).hasSize(2);
            JsonNode own = deadlock.get("cycle").get(0);
            assertThat(own.get("own").booleanValue()).isTrue();
            assertThat(own.get("waiter_id").textValue()).isEqualTo(refused);
            assertThat(own.get("file_id").textValue()).isEqualTo(file);
            assertThat(own.get("offset").textValue()).isEqualTo("100");
            assertThat(own.get("size").textValue()).isEqualTo("2");
            assertThat(own.get("owner_id").textValue()).isEqualTo("me");
            JsonNode other = deadlock.get("cycle").get(1);
            assertThat(other.get("own").booleanValue()).isFalse();
            if (reads) {
                assertThat(other.get("waiter_id").textValue()).isEqualTo(first);
                assertThat(other.get("owner_id").textValue()).isEqualTo("bob");
            } else {
                assertThat(other).hasSize(1);
            }
            assertThat(error(409, "fs_lock_deadlock_error", http.get(WAITERS + refused, last))
                            .get("deadlock"))
                    .isEqualTo(deadlock);
            error(404, "fs_no_such_waiter_error", http.get(WAITERS + refused, carl));
            error(404, "fs_no_such_waiter_error", http.delete(WAITERS + refused, last));

            assertThat(bobs).isNotDone();
            expect(200, http.delete(locks + "?offset=200&size=1&owner_id=me", last));
            JsonNode granted = expect(200, bobs.join()).json();
            expect(200, http.delete("/v1/files/locks/nlm/grants/" + id(granted), bob));
            expect(200, http.delete(locks + "?offset=100&size=1&owner_id=bob", bob));
        }
    }

    @Test
    @DisplayName(
            "A caller who loses the permission or the token while it waits gets what such a caller gets, and no lock")
    void losesItWhileWaiting() {
        held();
        Accounts.Account dora = accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE");
        JsonNode token =
                accounts.made(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE").name(), "bearer");
        CompletableFuture<Answer> doras = begins(accounts.bearer(dora), waiting(60_000));
        CompletableFuture<Answer> erics =
                begins("Authorization: Bearer " + token.get("token").textValue(), waiting(60_000));
        expect(
                200,
                http.send(
                        "PATCH",
                        "/admin/users/" + dora.id(),
                        "{\"permissions\":[]}".getBytes(StandardCharsets.UTF_8),
                        "Content-Type: application/json"));
        expect(200, http.delete("/admin/tokens/" + token.get("id").asText()));
        error(403, "http_unauthorized_error", doras.join());
        error(401, "auth_invalid_credentials_error", erics.join());
        assertThat(waiters()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("A malformed wait_ms is 400 that names it, whether the lock is free or not, and nothing waits")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "5"         | has the wrong JSON type
            1.5         | has the wrong JSON type
            true        | has the wrong JSON type
            [1]         | has the wrong JSON type
            -1          | is not between 0 and 3600000
            3600001     | is not between 0 and 3600000
            99999999999 | is not between 0 and 3600000
            """)
    void badWait(String wait, String fault) {
        String body = JsonText.with(lock("bob"), "wait_ms", JsonText.raw(wait));
        for (String call : List.of("", "test")) {
            assertThat(error(400, "decode_error", http.post(locks + call, body, bob))
                            .get("description")
                            .textValue())
                    .isEqualTo("field 'wait_ms' " + fault);
        }
        String batch = JsonText.object("locks", List.of(JsonText.raw(body)));
        assertThat(error(400, "decode_error", http.post(locks + "batch", batch, bob))
                        .get("description")
                        .textValue())
                .isEqualTo("field 'locks[0].wait_ms' " + fault);
        assertThat(waiters()).isEmpty();
        expect(200, http.post(locks, lock("carl"), carl));
    }

    @Test
    @DisplayName("A test and a batch do not wait")
    void testAndBatchDoNotWait() {
        String body = waiting(1);
        String batch = JsonText.object("locks", List.of(JsonText.raw(body)));
        for (Answer answer : List.of(http.post(locks + "test", body, bob), http.post(locks + "batch", batch, bob))) {
            assertThat(error(400, "decode_error", answer).get("description").textValue())
                    .contains("wait_ms'", "does not wait");
        }
        expect(200, http.post(locks + "test", waiting(0), bob));
    }

    @ParameterizedTest
    @DisplayName("A malformed wait_ms of a poll is 400 that names it")
    @ValueSource(strings = {"25001", "-1", "+1", "1.5", "x", "99999999999", "%D9%A1"})
    void badPoll(String wait) {
        assertThat(error(400, "decode_error", http.get(WAITERS + "1-00000000000000ff?wait_ms=" + wait, bob))
                        .get("description")
                        .textValue())
                .isEqualTo("field 'wait_ms' is not between 0 and 25000");
    }

    // ---------------------------------------------------------------------------------------------- clients that leave

    @Test
    @DisplayName("A client that hangs up while it waits gives its place back, also with one request behind its own")
    void hangsUp() {
        held();
        String another = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        for (Consumer<Leaver> how : List.<Consumer<Leaver>>of(Leaver::leaves, Leaver::breaksOff)) {
            for (boolean behind : new boolean[] {false, true}) {
                Leaver leaver = new Leaver(base).asks("POST", locks, waiting(60_000), bob);
                if (behind) {
                    leaver.asks("POST", another, lock("me"), bob);
                }
                await().atMost(PATIENCE).until(() -> waiters().size() == 1);
                how.accept(leaver);
                await().atMost(SOON).until(() -> waiters().isEmpty());
            }
        }
        release(alice, "alice");
        expect(200, http.post(locks, lock("carl"), carl));
        assertThat(expect(200, http.get(another, reader)).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("A lock granted in the moment in which its client leaves goes to the next")
    void hangsUpInTheMomentOfTheGrant() {
        held();
        Leaver leaver = new Leaver(base).asks("POST", locks, waiting(60_000), bob);
        await().atMost(PATIENCE).until(() -> waiters().size() == 1);
        CompletableFuture<Answer> carls = begins(carl, waiting(60_000));
        leaver.breaksOff();
        release(alice, "alice");
        // An unconfirmed grant of the client that left would stand in the way for longer.
        Answer served = carls.orTimeout(4, TimeUnit.SECONDS).join();
        JsonNode grant = expect(200, served).json();
        expect(200, http.post(renewal(grant), "{}", carl));
    }

    @Test
    @DisplayName("A hang-up under an Idempotency-Key keeps the place, and the repeat finds it")
    void hangsUpWithKey() {
        held();
        String key = "Idempotency-Key: " + UUID.randomUUID();
        Leaver leaver = new Leaver(base).asks("POST", locks, waiting(60_000), bob + "\r\n" + key);
        await().atMost(PATIENCE).until(() -> waiters().size() == 1);
        String waiter = onlyWaiter();
        leaver.leaves();
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> waiters().size() == 1);
        CompletableFuture<Answer> repeat = Background.run(() -> http.post(locks, waiting(60_000), bob, key));
        expect(202, http.get(WAITERS + waiter, bob));
        assertThat(onlyWaiter()).isEqualTo(waiter);
        release(alice, "alice");
        JsonNode grant = expect(200, repeat.join()).json();
        assertThat(expect(200, http.get(WAITERS + waiter, bob)).json().get("grant_id"))
                .isEqualTo(grant.get("grant_id"));
        error(
                422,
                "http_idempotency_key_reused_error",
                http.post(locks, JsonText.with(lock("me"), "wait_ms", 50_000), bob, key));
    }

    @Test
    @DisplayName("A hang-up of a poll takes nothing away")
    void pollHangsUp() {
        held();
        CompletableFuture<Answer> bobs = begins(bob, waiting(60_000));
        String waiter = onlyWaiter();
        Leaver leaver = new Leaver(base).asks("GET", WAITERS + waiter + "?wait_ms=20000", "", bob);
        expect(202, http.get(WAITERS + waiter, bob));
        leaver.leaves();
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> waiters().size() == 1);
        release(alice, "alice");
        expect(200, bobs.join());
    }

    // ------------------------------------------------------------------------------------------------------------
    // lists

    @ParameterizedTest
    @DisplayName(
            "Lists of waiters, of a file and of all, have them in order of arrival, page by page, with every filter")
    @ValueSource(strings = {"nlm", "nfs4", "smb"})
    void lists(String protocol) {
        locks = locks.replace("nlm", protocol);
        held();
        String machine = "machine-" + UUID.randomUUID();
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(begins(
                    bob,
                    JsonText.with(
                            range("me-" + i, "0", "10"), "owner_name", i == 3 ? "other" : machine, "wait_ms", 60_000)));
        }
        List<String> expected = List.of("me-0", "me-1", "me-2", "me-4");
        String all = "/v1/files/locks/" + protocol + "/byte-range/waiters/";
        for (String list : List.of(locks + "waiters/", all, "/api" + locks + "waiters/")) {
            String page = list + "?limit=2&mine=true&owner_name=" + machine;
            List<String> owners = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                JsonNode answer = expect(200, http.get(page, bob)).json();
                answer.get("waiters").forEach(waiter -> {
                    owners.add(waiter.get("owner_id").textValue());
                    assertThat(waiter.get("waiting").booleanValue()).isTrue();
                    assertThat(waiter.get("file_id").textValue()).isEqualTo(file);
                    assertThat(waiter.get("wait_left_ms").longValue()).isBetween(1L, 60_000L);
                    assertThat(waiter.has("grant_id") || waiter.has("fencing_token") || waiter.has("state_id"))
                            .isFalse();
                });
                page = answer.get("paging").get("next").textValue();
                assertThat(page).startsWith(list + "?limit=2").contains("owner_name=" + machine, "mine=true");
            }
            assertThat(owners).isEqualTo(expected);
        }
        for (String other : List.of("nlm", "nfs4", "smb")) {
            String list = locks.replace(protocol, other) + "waiters/";
            assertThat(expect(200, http.get(list, reader)).json().get("waiters"))
                    .hasSize(other.equals(protocol) ? 5 : 0);
        }
        error(403, "http_unauthorized_error", http.get(all, bob));
        assertThat(expect(200, http.get(locks + "waiters/?mine=true", carl))
                        .json()
                        .get("waiters"))
                .isEmpty();
        for (CompletableFuture<Answer> call : calls) {
            expect(200, http.delete(WAITERS + waiters().get(0).get("waiter_id").textValue(), bob));
            error(404, "fs_no_such_waiter_error", call.join());
        }
    }

    // ----------------------------------------------------------------------------------------------------------
    // helpers

    private static String range(String owner, String offset, String size) {
        return JsonText.object(
                "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", offset, "size", size, "owner_id", owner);
    }

    private static String lock(String owner) {
        return range(owner, "0", "10");
    }

    private static String waiting(int milliseconds) {
        return JsonText.with(lock("me"), "wait_ms", milliseconds);
    }

    private void held() {
        expect(200, http.post(locks, lock("alice"), alice));
    }

    private void release(String caller, String owner) {
        expect(200, http.delete(locks + "?offset=0&size=10&owner_id=" + owner, caller));
    }

    /** A call that stands in the queue when this returns. */
    private CompletableFuture<Answer> begins(String caller, String body) {
        int before = waiters().size();
        CompletableFuture<Answer> call = Background.run(() -> http.post(locks, body, caller));
        await().atMost(PATIENCE).until(() -> call.isDone() || waiters().size() > before);
        assertThat(call).isNotDone();
        return call;
    }

    /** Those of the file, in order. */
    private List<JsonNode> waiters() {
        return Stream.of(
                        expect(200, http.get(locks + "waiters/", reader)).json().get("waiters"))
                .flatMap(JsonNode::valueStream)
                .toList();
    }

    private String onlyWaiter() {
        List<JsonNode> waiters = waiters();
        assertThat(waiters).hasSize(1);
        return waiters.getFirst().get("waiter_id").textValue();
    }

    private static String id(JsonNode grant) {
        return grant.get("grant_id").textValue();
    }

    private static String renewal(JsonNode grant) {
        return "/v1/files/locks/nlm/grants/" + id(grant) + "/renew";
    }

    private boolean good(JsonNode grant) {
        String question = JsonText.object(
                "file_id",
                file,
                "offset",
                "0",
                "size",
                "10",
                "fencing_token",
                grant.get("fencing_token").textValue());
        return expect(200, http.post("/v1/files/locks/fence/check", question, reader))
                .json()
                .get("valid")
                .booleanValue();
    }

    private static Answer expect(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    private static JsonNode error(int status, String errorClass, Answer answer) {
        JsonNode error = expect(status, answer).json();
        assertThat(error.get("error_class").textValue()).isEqualTo(errorClass);
        return error;
    }
}
