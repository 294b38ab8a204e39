package io.lockgate.telemetry;

import io.lockgate.range.Owner;
import io.lockgate.range.queue.Wait;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaiterId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;

/** Counts the requests that were refused because of a deadlock: {@code lockgate_wait_deadlocks_total}. */
public final class MeteredWaitGraph implements WaitGraph {
    private final WaitGraph graph;
    private final Counter refused;

    public MeteredWaitGraph(WaitGraph graph, MeterRegistry registry) {
        this.graph = graph;
        this.refused = Counter.builder("lockgate.wait.deadlocks")
                .description("Requests that were refused by this gateway because of a deadlock.")
                .register(registry);
    }

    @Override
    public Uni<List<Wait>> waits(Set<WaiterId> ids) {
        return graph.waits(ids);
    }

    @Override
    public Uni<List<Wait>> waitsOf(Set<Owner> owners) {
        return graph.waitsOf(owners);
    }

    @Override
    public Uni<Boolean> refuse(List<Wait> cycle) {
        return graph.refuse(cycle).invoke(done -> {
            if (done) {
                refused.increment();
            }
        });
    }
}
