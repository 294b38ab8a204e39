package io.lockgate.range;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Work of several steps whose client may leave. */
class DetachedCallTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicInteger attempts = new AtomicInteger();

    /** Fails twice. */
    private Uni<Integer> work(RuntimeException failure) {
        return Uni.createFrom()
                .deferred(() -> attempts.incrementAndGet() < 3
                        ? Uni.createFrom().failure(failure)
                        : Uni.createFrom().item(attempts.get()));
    }

    @Test
    @DisplayName("A waiting client is told at once that the table does not answer")
    void waiting() {
        assertThatExceptionOfType(LockTableUnavailableException.class)
                .isThrownBy(() -> DetachedCall.finish(
                                () -> work(new LockTableUnavailableException("down", true)), () -> false)
                        .await()
                        .atMost(PATIENCE));
        assertThat(attempts).hasValue(1);
    }

    @Test
    @DisplayName("After the client has left, the call is repeated until it is done")
    void gone() {
        assertThat(DetachedCall.finish(() -> work(new LockTableUnavailableException("down", false)), () -> true)
                        .await()
                        .atMost(PATIENCE))
                .isEqualTo(3);
    }

    @Test
    @DisplayName("A call that fails by a bug is not repeated")
    void fault() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> DetachedCall.finish(() -> work(new IllegalStateException("bug")), () -> true)
                        .await()
                        .atMost(PATIENCE));
        assertThat(attempts).hasValue(1);
    }

    @Test
    @DisplayName("A client may leave between two attempts")
    void leavesMeanwhile() {
        AtomicBoolean gone = new AtomicBoolean();
        Uni<Integer> leaving = work(new LockTableUnavailableException("down", true))
                .onFailure()
                .invoke(() -> gone.set(true));
        assertThat(DetachedCall.finish(() -> leaving, gone::get).await().atMost(PATIENCE))
                .isEqualTo(3);
    }
}
