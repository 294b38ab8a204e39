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
    private final Deadlocks deadlocks = new Deadlocks(graph, Runnable::run, graph::nanos);

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
    @DisplayName(
            "A request is looked at after one second and after two, and refused by the round after that which sees it")
    void patience() {
        graph.waits(1, 10, List.of(2));
        WaiterId last = graph.waits(2, 20, List.of(1));
        deadlocks.suspect("p", last);
        LockClient.get(deadlocks.round());
        assertThat(graph.looks).isEmpty();
        round();
        assertThat(refused()).isEmpty();
        round();
        assertThat(refused()).containsExactly(2);
        int looks = graph.looks.size();
        round();
        assertThat(graph.looks)
                .as("nobody is looked at without being suspected")
                .hasSize(looks);
    }

    @Test
    @DisplayName("A cycle that closes by what the first look could not see yet is found by the second")
    void secondLook() {
        WaiterId last = graph.waits(2, 20, List.of(1));
        deadlocks.suspect("p", last);
        round();
        graph.waits(1, 10, List.of(2));
        round();
        round();
        assertThat(refused()).containsExactly(2);
    }

    @Test
    @DisplayName(
            "A cycle through earlier requests is found; of two of the same time the one of the greater id is refused")
    void behind() {
        WaiterId first = graph.waits(7, 10, List.of());
        WaiterId second = graph.waits(8, 10, List.of(), List.of(first));
        graph.waits(7, 10, List.of(8));
        deadlocks.suspect("p", first);
        round();
        round();
        assertThat(graph.refused)
                .singleElement()
                .satisfies(cycle -> assertThat(cycle).extracting(Wait::id).containsExactly(second, first));
    }

    @Test
    @DisplayName("Of a short and a long cycle through one request the short one is ended first, whichever is asked for")
    void shortFirst() {
        for (int root : List.of(0, 5, 250)) {
            ScriptedGraph ring = new ScriptedGraph();
            Deadlocks search = new Deadlocks(ring, Runnable::run, ring::nanos);
            int length = 300;
            List<WaiterId> ids = IntStream.range(0, length)
                    .mapToObj(i -> ring.waits(i, 1_000 + i, i == 5 ? List.of(6, 4) : List.of((i + 1) % length)))
                    .toList();
            search.suspect("p", ids.get(root));
            round(ring, search);
            round(ring, search);
            assertThat(ring.refused)
                    .singleElement()
                    .satisfies(cycle -> assertThat(cycle).extracting(Wait::id).containsExactly(ids.get(5), ids.get(4)));
        }
    }

    @Test
    @DisplayName("Two gateways that look from different requests of a cycle refuse the same one")
    void twoGateways() {
        WaiterId first = graph.waits(1, 10, List.of(2));
        WaiterId second = graph.waits(2, 30, List.of(3));
        graph.waits(3, 20, List.of(1));
        Deadlocks other = new Deadlocks(graph, Runnable::run, graph::nanos);
        deadlocks.suspect("p", first);
        other.suspect("p", second);
        LockClient.get(other.round());
        round(graph, deadlocks);
        LockClient.get(other.round());
        graph.pass(SECOND);
        // Both have seen it, and both look for the second time.
        LockClient.get(deadlocks.round());
        LockClient.get(other.round());
        assertThat(refused()).containsOnly(2);
        assertThat(graph.refused.getFirst().getFirst().id()).isEqualTo(second);
    }

    @Test
    @DisplayName("An owner that releases behind the second look ends the cycle, and nobody is refused")
    void releasedLast() {
        WaiterId first = graph.waits(1, 10, List.of(2));
        graph.waits(2, 20, List.of(1));
        deadlocks.suspect("p", first);
        round();
        // The last look before the refusal.
        graph.before.put(graph.looks.size() + 2, () -> graph.waits(1, 10, List.of(3)));
        int looks = graph.looks.size();
        round();
        assertThat(graph.looks.size()).isGreaterThanOrEqualTo(looks + 2);
        assertThat(refused()).isEmpty();
    }

    @Test
    @DisplayName("Principals have their turns: thousands of requests of one do not keep another waiting")
    void turns() {
        for (int i = 0; i < 2_000; i++) {
            deadlocks.suspect("greedy", graph.waits(i, 5, List.of(40_000)));
        }
        WaiterId first = graph.waits(50_000, 10, List.of(50_001));
        graph.waits(50_001, 20, List.of(50_000));
        deadlocks.suspect("p", first);
        round();
        round();
        assertThat(refused()).containsExactly(50_001);
        assertThat(graph.looks.stream()
                        .flatMap(Set::stream)
                        .filter(id -> id.bucket() < 2_000)
                        .count())
                .isLessThanOrEqualTo(2 * Deadlocks.ROOTS);
    }

    @Test
    @DisplayName("Of two cycles that share nobody both are ended, of two that share an owner each")
    void several() {
        deadlocks.suspect("p", graph.waits(1, 10, List.of(2)));
        graph.waits(2, 20, List.of(1));
        deadlocks.suspect("p", graph.waits(3, 40, List.of(4)));
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
        deadlocks.suspect("p", first);
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
    @DisplayName("One walk at a time, and rest after it for nineteen times as long as it took")
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
                Runnable::run,
                graph::nanos);
        WaiterId id = new WaiterId(1, 1);
        resting.suspect("p", id);
        graph.pass(SECOND);
        var first = resting.round().subscribeAsCompletionStage();
        resting.suspect("p", id);
        graph.pass(SECOND);
        LockClient.get(resting.round());
        assertThat(looks).as("one at a time").hasValue(1);
        held.getFirst().complete(List.of());
        assertThat(first).isCompleted();
        graph.pass(SECOND.multipliedBy(18));
        LockClient.get(resting.round());
        assertThat(looks).as("it rests").hasValue(1);
        graph.pass(SECOND);
        var second = resting.round().subscribeAsCompletionStage();
        assertThat(looks).hasValue(2);
        assertThat(second).isNotDone();
    }

    @Test
    @DisplayName("What is to be looked at is bounded, for each principal too, and so are a round and a step of it")
    void bounds() {
        // Each waits for many that nobody else waits for.
        for (int i = 0; i < Deadlocks.MAX_SUSPECTS_OF_PRINCIPAL + 10; i++) {
            int own = i;
            deadlocks.suspect(
                    "p",
                    graph.waits(
                            i,
                            1,
                            IntStream.range(0, 100)
                                    .mapToObj(other -> 10_000 + 100 * own + other)
                                    .toList()));
        }
        round();
        assertThat(graph.asked).isLessThanOrEqualTo(Deadlocks.MAX_STEPS * Deadlocks.MAX_ASKED);
        assertThat(graph.mostAsked).isEqualTo(Deadlocks.MAX_ASKED);
        for (int i = 0; i < 20; i++) {
            round();
        }
        assertThat(graph.looks.stream().flatMap(Set::stream).collect(Collectors.toSet()))
                .hasSize(Deadlocks.MAX_SUSPECTS_OF_PRINCIPAL);
        int looks = graph.looks.size();
        round();
        assertThat(graph.looks).as("no suspect is left").hasSize(looks);
        assertThat(refused()).isEmpty();
    }

    @Test
    @DisplayName("A cycle of 256 is found from any of its requests, one of 257 is left alone")
    void longest() {
        for (int length : List.of(Deadlocks.MAX_STEPS, Deadlocks.MAX_STEPS + 1)) {
            ScriptedGraph ring = new ScriptedGraph();
            Deadlocks search = new Deadlocks(ring, Runnable::run, ring::nanos);
            List<WaiterId> ids = IntStream.range(0, length)
                    .mapToObj(i -> ring.waits(i, 1_000 + i, List.of((i + 1) % length)))
                    .toList();
            search.suspect("p", ids.get(3));
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
        Deadlocks search = new Deadlocks(any, Runnable::run, any::nanos);
        Map<Integer, Set<Integer>> left = new HashMap<>();
        waits.forEach((owner, on) -> {
            Set<Integer> others =
                    on.stream().filter(other -> !other.equals(owner)).collect(Collectors.toSet());
            left.put(owner, others);
            search.suspect("p", any.waits(owner, 100 - owner % 4, List.copyOf(others)));
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
