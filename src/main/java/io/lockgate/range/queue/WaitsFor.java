package io.lockgate.range.queue;

import io.lockgate.range.Owner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A wait-for graph, as far as a walk has come: requests that wait, and which of these each waits for. */
final class WaitsFor {
    private final Map<WaiterId, Wait> waits = new LinkedHashMap<>();
    private final Map<Owner, Set<WaiterId>> byOwner = new HashMap<>();
    /** Those that were asked for, whether they wait or not. */
    private final Set<Owner> askedOwners = new HashSet<>();

    private final Set<WaiterId> askedIds = new HashSet<>();

    /** Named by a wait, and not asked for yet. */
    private final Deque<Owner> owners = new ArrayDeque<>();

    private final Deque<WaiterId> ids = new ArrayDeque<>();

    int size() {
        return waits.size();
    }

    void add(List<Wait> found) {
        for (Wait wait : found) {
            waits.put(wait.id(), wait);
            askedIds.add(wait.id());
            byOwner.computeIfAbsent(wait.owner(), owner -> new LinkedHashSet<>())
                    .add(wait.id());
            wait.holders().stream().filter(askedOwners::add).forEach(owners::add);
            wait.behind().stream().filter(askedIds::add).forEach(ids::add);
        }
    }

    /** Whether all that the waits name has been asked for. */
    boolean isComplete() {
        return owners.isEmpty() && ids.isEmpty();
    }

    /** Some that were not asked for yet, the first named first; they count as asked for then. */
    Set<Owner> nextOwners(int most) {
        return take(owners, most);
    }

    Set<WaiterId> nextIds(int most) {
        return take(ids, most);
    }

    private static <T> Set<T> take(Deque<T> from, int most) {
        Set<T> taken = new LinkedHashSet<>();
        while (taken.size() < most && !from.isEmpty()) {
            taken.add(from.removeFirst());
        }
        return taken;
    }

    /** A cycle as it is now; empty when it does not stand any more. */
    Optional<List<Wait>> asItStands(List<WaiterId> cycle) {
        List<Wait> now = cycle.stream().map(waits::get).filter(Objects::nonNull).toList();
        boolean stands = now.size() == cycle.size();
        for (int i = 0; stands && i < now.size(); i++) {
            stands = now.get(i).waitsFor(now.get((i + 1) % now.size()));
        }
        return stands ? Optional.of(now) : Optional.empty();
    }

    /**
     * Cycles without a common request, short ones first found; every cycle has a request in common with one of them, or is
     * longer than {@code longest}.
     *
     * @param without requests that are taken for ended
     */
    List<List<Wait>> cycles(Set<WaiterId> without, int longest) {
        return new Search(without).cycles(longest);
    }

    /** The same graph with numbers in place of names. Work is linear in the edges for each cycle found, and once. */
    private final class Search {
        private final List<Wait> nodes;
        private final int[][] ahead;
        private final int[][] behind;
        private final int[] countAhead;
        private final BitSet left;

        Search(Set<WaiterId> without) {
            nodes = waits.values().stream()
                    .filter(wait -> !without.contains(wait.id()))
                    .toList();
            Map<WaiterId, Integer> numbers = new HashMap<>();
            nodes.forEach(wait -> numbers.put(wait.id(), numbers.size()));
            ahead = new int[nodes.size()][];
            int[] countBehind = new int[nodes.size()];
            for (int i = 0; i < ahead.length; i++) {
                ahead[i] = numbersAhead(nodes.get(i), numbers);
                for (int j : ahead[i]) {
                    countBehind[j]++;
                }
            }
            behind = new int[nodes.size()][];
            Arrays.setAll(behind, i -> new int[countBehind[i]]);
            for (int i = 0; i < ahead.length; i++) {
                for (int j : ahead[i]) {
                    behind[j][--countBehind[j]] = i;
                }
            }
            countAhead = Stream.of(ahead).mapToInt(numbered -> numbered.length).toArray();
            left = new BitSet();
            left.set(0, nodes.size());
        }

        private int[] numbersAhead(Wait wait, Map<WaiterId, Integer> numbers) {
            return Stream.concat(
                            wait.holders().stream().flatMap(owner -> byOwner.getOrDefault(owner, Set.of()).stream()),
                            wait.behind().stream())
                    .distinct()
                    .map(numbers::get)
                    .filter(Objects::nonNull)
                    .mapToInt(number -> number)
                    .sorted()
                    .toArray();
        }

        List<List<Wait>> cycles(int longest) {
            List<List<Wait>> cycles = new ArrayList<>();
            removeAll(IntStream.range(0, nodes.size()).filter(i -> countAhead[i] == 0));
            while (!left.isEmpty()) {
                int[] cycle = shortestThrough(oneOfACycle());
                if (cycle.length <= longest) {
                    cycles.add(Arrays.stream(cycle).mapToObj(nodes::get).toList());
                    removeAll(Arrays.stream(cycle));
                } else {
                    removeAll(IntStream.of(cycle[0]));
                }
            }
            return List.copyOf(cycles);
        }

        /** Removes these, and whatever waits for nobody then, again and again: all that is left has a cycle ahead. */
        private void removeAll(IntStream ends) {
            Deque<Integer> next = new ArrayDeque<>();
            ends.filter(left::get).forEach(i -> {
                left.clear(i);
                next.add(i);
            });
            while (!next.isEmpty()) {
                for (int i : behind[next.removeFirst()]) {
                    countAhead[i]--;
                    if (countAhead[i] == 0 && left.get(i)) {
                        left.clear(i);
                        next.add(i);
                    }
                }
            }
        }

        /** Goes from request to request until one comes again. */
        private int oneOfACycle() {
            BitSet seen = new BitSet();
            int at = left.nextSetBit(0);
            while (!seen.get(at)) {
                seen.set(at);
                at = Arrays.stream(ahead[at]).filter(left::get).findFirst().orElseThrow();
            }
            return at;
        }

        /** Breadth first, from one that is in a cycle back to it. */
        private int[] shortestThrough(int start) {
            int[] cameFrom = new int[nodes.size()];
            Arrays.fill(cameFrom, -1);
            Deque<Integer> next = new ArrayDeque<>(List.of(start));
            while (cameFrom[start] < 0) {
                int at = next.removeFirst();
                for (int i : ahead[at]) {
                    if (left.get(i) && cameFrom[i] < 0) {
                        cameFrom[i] = at;
                        next.add(i);
                    }
                }
            }
            Deque<Integer> way = new ArrayDeque<>(List.of(start));
            for (int at = cameFrom[start]; at != start; at = cameFrom[at]) {
                way.addFirst(at);
            }
            // It began with the one behind the start.
            way.addFirst(way.removeLast());
            return way.stream().mapToInt(number -> number).toArray();
        }
    }
}
