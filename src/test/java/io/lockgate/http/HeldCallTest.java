package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a request says that its call may be held. */
class HeldCallTest {
    private static final int MAX_MS = 3_600_000;

    @ParameterizedTest
    @DisplayName("An integer from 0 to the bound is a time in milliseconds; null, like no field, is none")
    @CsvSource({"0, 0", "null, 0", "1, 1", "3600000, 3600000"})
    void good(String json, long milliseconds) {
        assertThat(HeldCall.waitMs("wait_ms", json(json), MAX_MS)).isEqualTo(Duration.ofMillis(milliseconds));
    }

    @Test
    @DisplayName("No field and no parameter are no time")
    void absent() {
        assertThat(HeldCall.waitMs("wait_ms", null, MAX_MS)).isZero();
        assertThat(HeldCall.waitMs((String) null)).isZero();
        assertThat(HeldCall.waitMs("")).isZero();
    }

    @ParameterizedTest
    @DisplayName("Another type and a number out of range are faults of the field, by its own name")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "5"                  | has the wrong JSON type
            1.0                  | has the wrong JSON type
            true                 | has the wrong JSON type
            {}                   | has the wrong JSON type
            -1                   | is not between 0 and 3600000
            3600001              | is not between 0 and 3600000
            99999999999999999999 | is not between 0 and 3600000
            """)
    void bad(String json, String fault) {
        assertFault(
                () -> HeldCall.waitMs("locks[3].wait_ms", json(json), MAX_MS),
                new Problem.InvalidField("locks[3].wait_ms", fault));
    }

    @Test
    @DisplayName("A parameter is a decimal integer from 0 to 25000")
    void parameter() {
        assertThat(HeldCall.waitMs("0")).isZero();
        assertThat(HeldCall.waitMs("25000")).isEqualTo(Duration.ofSeconds(25));
    }

    @ParameterizedTest
    @DisplayName("Any other parameter is a fault")
    @ValueSource(strings = {"-1", "+1", "1.5", "25001", "999999999", "9999999999", "0x1", "\u0661", " 1"})
    void badParameter(String text) {
        assertFault(() -> HeldCall.waitMs(text), new Problem.InvalidField("wait_ms", "is not between 0 and 25000"));
    }

    private static void assertFault(ThrowingCallable parsing, Problem fault) {
        assertThatThrownBy(parsing)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.problem()).isEqualTo(fault));
    }

    private static JsonNode json(String text) {
        return Json.read(("[" + text + "]").getBytes(StandardCharsets.UTF_8), JsonNode.class)
                .get(0);
    }
}
