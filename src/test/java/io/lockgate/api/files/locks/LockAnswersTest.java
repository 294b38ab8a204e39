package io.lockgate.api.files.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.api.files.ErrorJson.ErrorBody;
import io.lockgate.api.files.FilesWords;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.http.RenderedProblem;
import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Conflict;
import io.lockgate.range.Cursor;
import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Owner;
import io.lockgate.range.Protocol;
import io.lockgate.range.Renewal;
import io.lockgate.range.queue.WaitAnswer;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers to what can hardly be brought about over HTTP. */
class LockAnswersTest {
    private static final LockRights CALLER = new LockRights("dev", true, true, true);

    private static final LockRights ANN = new LockRights("ann", true, false, false);
    private static final WaiterId ID = new WaiterId(7, 0x10);
    private static final ByteRange RANGE = ByteRange.of(LockSemantics.POSIX, 0, 10);

    private final GrantView view = new GrantView(new GatewayInfo(Optional.empty(), 1, "1.0.0", "x", "x"));
    private final LockAnswers answers = new LockAnswers(view);

    @ParameterizedTest
    @DisplayName("An unreachable lock table is 503 with Retry-After and the outcome, none or unknown")
    @ValueSource(booleans = {true, false})
    void unavailableTellsTheOutcome(boolean known) {
        RenderedProblem told = FilesWords.of(new LockTableUnavailableException("down", known));

        assertThat(told.status()).isEqualTo(503);
        assertThat(told.headers()).containsEntry("Retry-After", "1");
        assertThat(((ErrorBody) told.body()).outcome()).isEqualTo(known ? "none" : "unknown");
    }

    @Test
    @DisplayName("An unreachable file registry is 503 with Retry-After")
    void unavailableCatalog() {
        RenderedProblem told = FilesWords.of(new CatalogUnavailableException("down", new IllegalStateException()));

        assertThat(told.status()).isEqualTo(503);
        assertThat(told.headers()).containsEntry("Retry-After", "1");
    }

    @Test
    @DisplayName("Too many ranges are 429 with Retry-After, and in a batch with the index")
    void tooManyRanges() {
        Response one = answers.of(CALLER, Protocol.NLM, new Acquisition.TooManyRanges(4096));
        Response batch = answers.of(CALLER, Protocol.NLM, new BatchOutcome.TooManyRanges(3, 4096));

        assertThat(one.getStatus()).isEqualTo(429);
        assertThat(one.getHeaderString("Retry-After")).isEqualTo("1");
        assertThat(error(batch).index()).isEqualTo(3);
    }

    @Test
    @DisplayName("Too many grants of one caller are 429 with a reason that names the setting")
    void tooManyGrants() {
        Response one = answers.of(CALLER, Protocol.NLM, new Acquisition.TooManyGrants(7));
        Response batch = answers.of(CALLER, Protocol.NLM, new BatchOutcome.TooManyGrants(3, 7));

        assertThat(one.getStatus()).isEqualTo(429);
        assertThat(one.getHeaderString("Retry-After")).isEqualTo("1");
        ErrorBody body = error(batch);
        assertThat(body.index()).isEqualTo(3);
        assertThat(body.errorClass()).isEqualTo("fs_too_many_locks_error");
        assertThat(body.description())
                .contains("lockgate.limits.grants-per-principal-and-bucket")
                .endsWith(": 7");
    }

    @Test
    @DisplayName("Retry-After is in whole seconds, rounded up, and absent if no time is known")
    void retryAfterIsRoundedUp() {
        assertThat(refused(Duration.ofMillis(1)).getHeaderString("Retry-After")).isEqualTo("1");
        assertThat(refused(Duration.ofSeconds(1)).getHeaderString("Retry-After"))
                .isEqualTo("1");
        assertThat(refused(Duration.ofMillis(1001)).getHeaderString("Retry-After"))
                .isEqualTo("2");
        assertThat(answers.of(
                                CALLER,
                                Protocol.NLM,
                                new Acquisition.Refused(new Conflict(List.of(), List.of(), false, null)))
                        .getHeaderString("Retry-After"))
                .isNull();
    }

    @Test
    @DisplayName("Renewing a lost grant is a conflict")
    void lostIsConflict() {
        Response lost = answers.of(CALLER, new Renewal.Lost());

        assertThat(lost.getStatus()).isEqualTo(409);
        assertThat(error(lost).errorClass()).isEqualTo("fs_lock_lost_error");
    }

    // ----------------------------------------------------------------------------------------------------- waiting

    @Test
    @DisplayName("A lock that waits is 202 with its place, what is in the way, and where to ask again")
    void waits() {
        Grant holder = grant("other", Grant.HELD);
        Grant before = grant("other", new Grant.Waiting());
        Response answer = answers.of(
                ANN,
                ANN,
                new WaitAnswer.Waits(new WaitOutcome.Waiting(
                        waiter(Duration.ofMillis(34_989)), 3, List.of(holder, before), Duration.ofSeconds(30))),
                "/api");

        assertThat(answer.getStatus()).isEqualTo(202);
        assertThat(answer.getHeaderString("Location")).isEqualTo("/api/v1/files/locks/waiters/7-0000000000000010");
        assertThat(new String(Json.write(answer.getEntity()), StandardCharsets.UTF_8))
                .isEqualTo("""
                {"waiter_id":"7-0000000000000010","position":3,"wait_left_ms":34989,"poll_within_ms":30000,"blockers":[\
                {"offset":"0","size":"10","mode":["API_BYTE_RANGE_EXCLUSIVE"]},\
                {"offset":"0","size":"10","mode":["API_BYTE_RANGE_EXCLUSIVE"],"waiting":true}]}""");
    }

    @Test
    @DisplayName("To readers the 202 names the others in the way; a request that waits has no grant_id")
    void waitsForReaders() {
        Response answer = answers.of(
                CALLER,
                CALLER,
                new WaitAnswer.Waits(new WaitOutcome.Waiting(
                        waiter(Duration.ofSeconds(1)),
                        2,
                        List.of(
                                grant("other", new Grant.Provisional(Duration.ofSeconds(2))),
                                grant("other", new Grant.Waiting())),
                        Duration.ofSeconds(30))),
                "");

        JsonNode blockers = json(answer).get("blockers");
        assertThat(blockers.get(0).get("owner_id").textValue()).isEqualTo("A");
        assertThat(blockers.get(0).get("grant_id").textValue()).isEqualTo("7-0000000000000010");
        assertThat(blockers.get(0).get("provisional").booleanValue()).isTrue();
        assertThat(blockers.get(1).get("owner_id").textValue()).isEqualTo("A");
        assertThat(blockers.get(1).has("grant_id")).isFalse();
    }

    @Test
    @DisplayName(
            "A grant from the queue says that it is provisional and for how long, and shows its token to its owner")
    void provisional() {
        JsonNode own = json(answers.of(
                ANN, ANN, new WaitAnswer.Granted(grant("ann", new Grant.Provisional(Duration.ofMillis(4_987)))), ""));
        assertThat(own.get("provisional").booleanValue()).isTrue();
        assertThat(own.get("confirm_within_ms").longValue()).isEqualTo(4_987);
        assertThat(own.get("fencing_token").textValue()).isEqualTo("16");
        assertThat(own.has("waiting")).isFalse();

        JsonNode confirmed = json(answers.of(ANN, ANN, new WaitAnswer.Granted(grant("ann", Grant.HELD)), ""));
        assertThat(confirmed.get("provisional").booleanValue()).isFalse();
        assertThat(confirmed.has("confirm_within_ms")).isFalse();
    }

    @Test
    @DisplayName(
            "A waiter in a list is its lock without the id and token of a grant, also to its owner, in every protocol")
    void waiterInList() {
        Grant asked = grant("ann", new Grant.Waiting());
        Grant nfs4 = new Grant(
                asked.id(),
                asked.space(),
                Protocol.NFS4,
                asked.modes(),
                asked.range(),
                asked.owner(),
                asked.ownerAddress(),
                asked.nodeAddress(),
                asked.token(),
                asked.leased(),
                asked.expiresIn(),
                asked.session(),
                asked.stage());
        JsonNode waiter =
                Json.read(Json.write(view.show(ANN, new Waiter(ID, nfs4, Duration.ofSeconds(3)))), JsonNode.class);

        assertThat(waiter.fieldNames())
                .toIterable()
                .containsExactly(
                        "file_id",
                        "stream_id",
                        "snapshot_id",
                        "mode",
                        "offset",
                        "size",
                        "owner_id",
                        "owner_name",
                        "owner_address",
                        "node_address",
                        "client_id",
                        "node_id",
                        "provisional",
                        "waiting",
                        "waiter_id",
                        "wait_left_ms");
        assertThat(waiter.get("waiter_id").textValue()).isEqualTo("7-0000000000000010");
        assertThat(waiter.get("wait_left_ms").longValue()).isEqualTo(3_000);
    }

    @Test
    @DisplayName("What is refused when its time is over is a conflict, also when nothing is in the way any more")
    void timedOut() {
        Response free = answers.of(ANN, ANN, new WaitAnswer.TimedOut(Protocol.NLM, Conflict.over(RANGE)), "");

        assertThat(free.getStatus()).isEqualTo(409);
        assertThat(free.getHeaderString("Retry-After")).isEqualTo("1");
        ErrorBody body = error(free);
        assertThat(body.errorClass()).isEqualTo("fs_lock_conflict_error");
        assertThat(body.description()).contains("nothing is in the way");
        assertThat(Objects.requireNonNull(body.conflict()).free()).hasSize(1);

        Response refused = answers.of(
                ANN,
                ANN,
                new WaitAnswer.TimedOut(
                        Protocol.NLM, Conflict.explain(RANGE, List.of(grant("other", Grant.HELD)), false)),
                "");
        assertThat(error(refused).description()).isEqualTo("the range conflicts with a lock of another owner");
    }

    @Test
    @DisplayName("A deadlock names requests of others only to those who may see locks of any file")
    void deadlock() {
        LockRights onThisFile = new LockRights("ann", true, true, false);
        Waiter other = new Waiter(new WaiterId(8, 1), grant("other", new Grant.Waiting()), Duration.ZERO);
        WaitAnswer answer =
                new WaitAnswer.Deadlocked(new WaitOutcome.Deadlocked(List.of(waiter(Duration.ZERO), other), 2));
        for (LockRights elsewhere : List.of(ANN, onThisFile)) {
            Response refused = answers.of(onThisFile, elsewhere, answer, "");
            assertThat(refused.getStatus()).isEqualTo(409);
            assertThat(error(refused).errorClass()).isEqualTo("fs_lock_deadlock_error");
            JsonNode deadlock =
                    Json.read((byte[]) refused.getEntity(), JsonNode.class).get("deadlock");
            assertThat(deadlock.get("length").intValue()).isEqualTo(2);
            assertThat(deadlock.get("cycle").get(0).get("owner_id").textValue()).isEqualTo("A");
            JsonNode others = deadlock.get("cycle").get(1);
            assertThat(others.get("own").booleanValue()).isFalse();
            assertThat(others.has("owner_id")).isEqualTo(elsewhere.reads());
            assertThat(others.has("waiter_id")).isEqualTo(elsewhere.reads());
            assertThat(others.has("file_id")).isEqualTo(elsewhere.reads());
        }
    }

    @Test
    @DisplayName("Lost, unknown, and too many waiters have classes of their own; too many say which limit and when")
    void otherAnswers() {
        Response lost = answers.of(ANN, ANN, new WaitAnswer.Lost(), "");
        assertThat(lost.getStatus()).isEqualTo(409);
        assertThat(error(lost).errorClass()).isEqualTo("fs_lock_lost_error");

        for (Response missing :
                List.of(answers.of(ANN, ANN, new WaitAnswer.NoSuchWaiter(), ""), answers.ofWithdrawn(false))) {
            assertThat(missing.getStatus()).isEqualTo(404);
            assertThat(error(missing).errorClass()).isEqualTo("fs_no_such_waiter_error");
        }
        assertThat(answers.ofWithdrawn(true).getStatus()).isEqualTo(200);

        Response own = answers.of(ANN, ANN, new WaitAnswer.TooManyOfPrincipal(1_000), "");
        Response all = answers.of(ANN, ANN, new WaitAnswer.TooManyInSpace(10_000), "");
        for (Response tooMany : List.of(own, all)) {
            assertThat(tooMany.getStatus()).isEqualTo(429);
            assertThat(tooMany.getHeaderString("Retry-After")).isEqualTo("1");
            assertThat(error(tooMany).errorClass()).isEqualTo("fs_too_many_waiters_error");
        }
        assertThat(error(own).description())
                .contains("lockgate.limits.waiters-per-principal")
                .endsWith(": 1000");
        assertThat(error(all).description())
                .contains("lockgate.limits.waiters-per-space")
                .endsWith(": 10000");
    }

    private static Waiter waiter(Duration left) {
        return new Waiter(ID, grant("ann", new Grant.Waiting()), left);
    }

    private static Grant grant(String principal, Grant.Stage stage) {
        return new Grant(
                new GrantId(7, 0x10),
                LockSpace.head(5),
                Protocol.NLM,
                LockModes.of(LockMode.EXCLUSIVE),
                RANGE,
                new Owner(principal, "A", "m"),
                "192.0.2.1",
                "192.0.2.2",
                new FencingToken(0x10),
                false,
                null,
                Optional.empty(),
                stage);
    }

    private static JsonNode json(Response answer) {
        return Json.read(Json.write(answer.getEntity()), JsonNode.class);
    }

    @ParameterizedTest
    @DisplayName("A cursor decodes to what was encoded, and no other text is a cursor")
    @ValueSource(strings = {"", "0000010000000001", "a:b", "é"})
    void cursorsComeBack(String position) {
        Cursor cursor = new Cursor(63, position);
        String text = Cursors.text(cursor, "a list");

        assertThat(Cursors.parse(text, "a list")).isEqualTo(cursor);
        assertThat(text).matches("[A-Za-z0-9_-]+");
        assertThatThrownBy(() -> Cursors.parse(text, "another list")).isInstanceOf(ProblemException.class);
        for (int i = 0; i < text.length(); i++) {
            String wrong = text.substring(0, i) + (text.charAt(i) == 'A' ? 'B' : 'A') + text.substring(i + 1);
            if (!wrong.equals(text)) {
                assertThatThrownBy(() -> Cursors.parse(wrong, "a list")).isInstanceOf(ProblemException.class);
            }
        }
    }

    private Response refused(Duration retryAfter) {
        return answers.of(
                CALLER, Protocol.NLM, new Acquisition.Refused(new Conflict(List.of(), List.of(), true, retryAfter)));
    }

    private static ErrorBody error(Response answer) {
        return Json.read((byte[]) answer.getEntity(), ErrorBody.class);
    }
}
