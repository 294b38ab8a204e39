package io.lockgate.api.files.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.api.files.ErrorJson.ErrorBody;
import io.lockgate.api.files.FilesWords;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.http.RenderedProblem;
import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.Conflict;
import io.lockgate.range.Cursor;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Protocol;
import io.lockgate.range.Renewal;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers to what can hardly be brought about over HTTP. */
class LockAnswersTest {
    private static final LockRights CALLER = new LockRights("dev", true, true, true);

    private final LockAnswers answers =
            new LockAnswers(new GrantView(new GatewayInfo(Optional.empty(), 1, "1.0.0", "x", "x")));

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
