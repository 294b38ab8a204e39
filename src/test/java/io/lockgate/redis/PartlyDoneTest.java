package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.LockTableUnavailableException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A release in several steps of which a later one fails. */
class PartlyDoneTest {
    private final LockTableUnavailableException nothingChanged = new LockTableUnavailableException("full", true);

    @Test
    @DisplayName("After a step that released something the outcome is never \"none\"")
    void afterPart() {
        Throwable told = RedisRangeLockTable.afterPart(3, nothingChanged);
        assertThat(told).isInstanceOf(LockTableUnavailableException.class).hasMessage("a part was done: full");
        assertThat(((LockTableUnavailableException) told).outcomeKnown()).isFalse();
    }

    @Test
    @DisplayName("For a first step, and for other failures, the outcome stays as reported")
    void otherwise() {
        assertThat(RedisRangeLockTable.afterPart(0, nothingChanged)).isSameAs(nothingChanged);
        IllegalStateException other = new IllegalStateException();
        assertThat(RedisRangeLockTable.afterPart(3, other)).isSameAs(other);
    }
}
