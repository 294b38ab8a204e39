package io.lockgate.range.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.Owner;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which requests are refused, by the waits that are seen. Stores are tested by {@link io.lockgate.range.WaitGraphContract}. */
class DeadlocksTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ScriptedGraph graph = new ScriptedGraph();
    private final Deadlocks deadlocks = new Deadlocks(graph, graph::nanos);

    private static void round(ScriptedGraph graph, Deadlocks deadlocks) {
        graph.pass(SECOND);
        LockClient.get(deadlocks.round());
    }

    private void round() {
        round(graph, deadlocks);
    }

    private List<Integer> refused() {
        return graph.refused.stream()
                .map(cycle -> cycle.getFirst().waiter().id().bucket())
                .toList();
    }

    @Test
    @DisplayName("A request is looked at when it has waited for a second, and refused by the round after")
    void patience() {
        graph.waits(1, 10, List.of(2));
        WaiterId last = graph.waits(2, 20, List.of(1));
        deadlocks.suspect(last);
        LockClient.get(deadlocks.round());
        LockClient.get(deadlocks.round());
        assertThat(graph.asked).isZero();
        round();
        assertThat(refused()).isEmpty();
        round();
        assertThat(refused()).containsExactly(2);
        int asked = graph.asked;
        round();
        assertThat(graph.asked)
                .as("nobody is looked at without being suspected")
                .isEqualTo(asked);
    }

    @Test
    @DisplayName("Of two cycles that share nobody both are ended, of two that share an owner each")
    void several() {
        deadlocks.suspect(graph.waits(1, 10, List.of(2)));
        graph.waits(2, 20, List.of(1));
        deadlocks.suspect(graph.waits(3, 40, List.of(4)));
        graph.waits(4, 30, List.of(3, 5));
        graph.waits(5, 35, List.of(4));
        for (int i = 0; i < 4; i++) {
            round();
        }
        assertThat(refused()).containsExactlyInAnyOrder(2, 3, 5);
    }

    @Test
    @DisplayName("A cycle whose second look finds another request, or another owner in the way, is none")
    void dissolved() {
        WaiterId first = graph.waits(1, 10, List.of(2));
        WaiterId second = graph.waits(2, 20, List.of(1));
        deadlocks.suspect(first);
        round();
        graph.ends(second);
        graph.waits(2, 21, List.of(1));
        round();
        assertThat(refused()).isEmpty();
        graph.waits(1, 10, List.of(3));
        round();
        round();
        assertThat(refused()).isEmpty();
    }

    @Test
    @DisplayName("A cycle is seen again after a look that failed")
    void failure() {
        deadlocks.suspect(graph.waits(1, 10, List.of(2)));
        graph.waits(2, 20, List.of(1));
        round();
        graph.failure = Optional.of(new IllegalStateException("no store"));
        graph.pass(SECOND);
        assertThat(deadlocks.round().onFailure().recoverWithNull().await().atMost(SECOND))
                .isNull();
        graph.failure = Optional.empty();
        round();
        assertThat(refused()).containsExactly(2);
    }

    @Test
    @DisplayName("One walk at a time, and rest after it for nineteen times as long as it took, up to 10 s")
    void rests() {
        AtomicInteger looks = new AtomicInteger();
        List<UniEmitter<? super List<Wait>>> held = new ArrayList<>();
        Deadlocks resting = new Deadlocks(
                new WaitGraph() {
                    @Override
                    public Uni<List<Wait>> waits(Set<WaiterId> ids) {
                        looks.incrementAndGet();
                        return Uni.createFrom().emitter(held::add);
                    }

                    @Override
                    public Uni<List<Wait>> waitsOf(Set<Owner> owners) {
                        return Uni.createFrom().item(List.of());
                    }

                    @Override
                    public Uni<Boolean> refuse(List<Wait> cycle) {
                        return Uni.createFrom().item(false);
                    }
                },
                graph::nanos);
        WaiterId id = new WaiterId(1, 1);
        resting.suspect(id);
        graph.pass(SECOND);
        var first = resting.round().subscribeAsCompletionStage();
        resting.suspect(id);
        graph.pass(SECOND);
        LockClient.get(resting.round());
        assertThat(looks).as("one at a time").hasValue(1);
        held.getFirst().complete(List.of());
        assertThat(first).isCompleted();
        graph.pass(Duration.ofSeconds(9));
        LockClient.get(resting.round());
        assertThat(looks).as("it rests").hasValue(1);
        graph.pass(SECOND);
        var second = resting.round().subscribeAsCompletionStage();
        assertThat(looks).hasValue(2);
        assertThat(second).isNotDone();
    }

    @Test
    @DisplayName("What is to be looked at is bounded, and so are a round and a walk")
    void bounds() {
        for (int i = 0; i < Deadlocks.MAX_SUSPECTS + 10; i++) {
            deadlocks.suspect(graph.waits(i, 1, List.of(i + 1)));
        }
        int before = graph.asked;
        round();
        assertThat(graph.asked - before).as("owners of one round").isLessThan(2 * Deadlocks.MAX_WAITING);
        for (int i = 0; i < 1_000; i++) {
            round();
        }
        int asked = graph.asked;
        round();
        assertThat(graph.asked).as("no suspect is left").isEqualTo(asked);
        assertThat(refused()).isEmpty();
    }

    @Test
    @DisplayName("A cycle of 256 is found from any of its requests, one of 257 is left alone")
    void longest() {
        for (int length : List.of(Deadlocks.MAX_STEPS, Deadlocks.MAX_STEPS + 1)) {
            ScriptedGraph ring = new ScriptedGraph();
            Deadlocks search = new Deadlocks(ring, ring::nanos);
            List<WaiterId> ids = IntStream.range(0, length)
                    .mapToObj(i -> ring.waits(i, 1_000 + i, List.of((i + 1) % length)))
                    .toList();
            search.suspect(ids.get(3));
            round(ring, search);
            round(ring, search);
            assertThat(ring.refused).hasSize(length == Deadlocks.MAX_STEPS ? 1 : 0);
        }
    }

    // ---------------------------------------------------------------------------------------------------- any waits

    /** Whom each of some owners waits for; some do not wait. */
    @Provide
    Arbitrary<Map<Integer, List<Integer>>> anyWaits() {
        Arbitrary<Integer> owner = Arbitraries.integers().between(0, 11);
        return Arbitraries.maps(owner, owner.list().ofMinSize(1).ofMaxSize(3)).ofMaxSize(12);
    }

    @Property(tries = 2_000)
    @Label("Rounds end all cycles, refuse nobody but the youngest of a cycle, and leave who is in none alone")
    void endsCycles(@ForAll("anyWaits") Map<Integer, List<Integer>> waits) {
        ScriptedGraph any = new ScriptedGraph();
        Deadlocks search = new Deadlocks(any, any::nanos);
        Map<Integer, Set<Integer>> left = new HashMap<>();
        waits.forEach((owner, on) -> {
            Set<Integer> others =
                    on.stream().filter(other -> !other.equals(owner)).collect(Collectors.toSet());
            left.put(owner, others);
            search.suspect(any.waits(owner, 100 - owner % 4, List.copyOf(others)));
        });
        for (int i = 0; i < 30; i++) {
            round(any, search);
        }
        for (List<Wait> cycle : any.refused) {
            List<Integer> owners =
                    cycle.stream().map(wait -> wait.waiter().id().bucket()).toList();
            for (int i = 0; i < owners.size(); i++) {
                assertThat(left.getOrDefault(owners.get(i), Set.of()))
                        .as("%s of %s", i, owners)
                        .contains(owners.get((i + 1) % owners.size()));
            }
            assertThat(cycle)
                    .allSatisfy(wait -> assertThat(cycle.getFirst().since()).isGreaterThanOrEqualTo(wait.since()));
            left.remove(owners.getFirst());
        }
        assertThat(left.keySet()).noneMatch(owner -> reaches(left, owner));
    }

    /** Whether an owner waits for itself. */
    private static boolean reaches(Map<Integer, Set<Integer>> waits, int owner) {
        Set<Integer> reached = new HashSet<>();
        List<Integer> next = new ArrayList<>(waits.getOrDefault(owner, Set.of()));
        while (!next.isEmpty()) {
            int one = next.removeLast();
            if (reached.add(one)) {
                next.addAll(waits.getOrDefault(one, Set.of()));
            }
        }
        return reached.contains(owner);
    }
}
