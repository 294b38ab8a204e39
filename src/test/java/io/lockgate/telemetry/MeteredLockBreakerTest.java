package io.lockgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.range.Conflict;
import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Standing;
import io.lockgate.range.breaks.Undoing;
import io.lockgate.testing.LockClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What of breaks is counted. */
class MeteredLockBreakerTest {
    private static final GrantId ID = new GrantId(1, 2);

    @Test
    @DisplayName("Each call is counted by its outcome, also of one user and with a key, and so is a failure")
    void outcomes() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Conflict nothing = new Conflict(List.of(), List.of(), false, null);
        for (Undoing outcome : List.of(
                new Undoing.NothingBroken(),
                new Undoing.Expired(),
                new Undoing.Waited(),
                new Undoing.InTheWay(nothing))) {
            LockBreaker metered = new MeteredLockBreaker(answering(outcome), meters)
                    .onBehalfOf("p")
                    .once(new IdempotencyKey("p", "k", "digest"));
            LockClient.get(metered.undo(ID));
            LockClient.get(metered.look(ID));
            LockClient.get(metered.breakNow(ID));
            LockClient.get(metered.cancel(ID));
            LockClient.get(metered.sweep());
            assertThatThrownBy(() -> LockClient.get(metered.announce(ID, Duration.ofSeconds(1), "r")))
                    .isInstanceOf(LockTableUnavailableException.class);
        }
        assertThat(count(meters, "lockgate.break.undo", "refused")).isEqualTo(2);
        assertThat(count(meters, "lockgate.break.undo", "lost")).isEqualTo(1);
        assertThat(count(meters, "lockgate.break.undo", "missing")).isEqualTo(1);
        assertThat(count(meters, "lockgate.break.look", "missing")).isEqualTo(4);
        assertThat(count(meters, "lockgate.break", "missing")).isEqualTo(4);
        assertThat(count(meters, "lockgate.break.cancel", "cancelled")).isEqualTo(4);
        assertThat(count(meters, "lockgate.break.sweep", "swept")).isEqualTo(4);
        assertThat(count(meters, "lockgate.break.announce", "unknown")).isEqualTo(4);
    }

    private static long count(SimpleMeterRegistry meters, String name, String outcome) {
        return meters.get(name).tag("outcome", outcome).timer().count();
    }

    private static LockBreaker answering(Undoing outcome) {
        return new LockBreaker() {
            @Override
            public LockBreaker once(IdempotencyKey key) {
                return this;
            }

            @Override
            public Uni<Optional<Standing>> look(GrantId id) {
                return Uni.createFrom().item(Optional.empty());
            }

            @Override
            public Uni<Optional<Standing>> breakNow(GrantId id) {
                return Uni.createFrom().item(Optional.empty());
            }

            @Override
            public Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason) {
                return Uni.createFrom().failure(new LockTableUnavailableException("scripted", false));
            }

            @Override
            public Uni<Boolean> cancel(GrantId id) {
                return Uni.createFrom().item(true);
            }

            @Override
            public Uni<Undoing> undo(GrantId id) {
                return Uni.createFrom().item(outcome);
            }

            @Override
            public Uni<Long> sweep() {
                return Uni.createFrom().item(3L);
            }
        };
    }
}
