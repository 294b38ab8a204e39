package io.lockgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.Owner;
import io.lockgate.range.queue.Wait;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.LockClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What of deadlocks is counted. */
class MeteredWaitGraphTest {
    @Test
    @DisplayName("A refusal is counted when there was somebody to refuse")
    void refusals() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        for (boolean waited : List.of(true, false, true)) {
            WaitGraph metered = new MeteredWaitGraph(answering(waited), meters);
            assertThat(LockClient.get(metered.refuse(List.of()))).isEqualTo(waited);
        }
        assertThat(meters.get("lockgate.wait.deadlocks").counter().count()).isEqualTo(2);
    }

    private static WaitGraph answering(boolean waited) {
        return new WaitGraph() {
            @Override
            public Uni<List<Wait>> waits(Set<WaiterId> ids) {
                return Uni.createFrom().item(List.of());
            }

            @Override
            public Uni<List<Wait>> waitsOf(Set<Owner> owners) {
                return Uni.createFrom().item(List.of());
            }

            @Override
            public Uni<Boolean> refuse(List<Wait> cycle) {
                return Uni.createFrom().item(waited);
            }
        };
    }
}
