package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Looks that come by hand, at a heap whose size is told. */
class IdleGarbageTest {
    private long used;
    private int collections;
    private final IdleGarbage garbage = new IdleGarbage(() -> used, () -> {
        collections++;
        used = 0;
    });

    @Test
    @DisplayName("An idle gateway collects once enough garbage has come together, and no sooner")
    void idle() {
        used = IdleGarbage.WORTH_BYTES - 1;
        garbage.look();
        assertThat(collections).isZero();
        used++;
        garbage.look();
        assertThat(collections).isEqualTo(1);
        garbage.look();
        assertThat(collections).isEqualTo(1);
    }

    @Test
    @DisplayName("A gateway that has collected since the last look by itself is left alone")
    void busy() {
        used = 10 * IdleGarbage.WORTH_BYTES;
        System.gc();
        garbage.look();
        assertThat(collections).isZero();
        used += IdleGarbage.WORTH_BYTES;
        garbage.look();
        assertThat(collections).as("idle since").isEqualTo(1);
    }
}
