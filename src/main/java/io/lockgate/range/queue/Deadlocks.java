package io.lockgate.range.queue;

import io.lockgate.range.Owner;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Finds requests that wait for each other in a cycle, and refuses the youngest of them (ADR 46). A request is looked at
 * when it has waited for {@link #PATIENCE}, and each time its client is told that it waits still. The walk goes from it to
 * the earlier requests in its way, and to all that the owners of locks in its way wait for; from those again, and so on.
 *
 * <p>Best effort: what a walk sees is no snapshot, so a cycle is refused only when two rounds have seen it. Then all of
 * its requests have waited at one moment, and each of them was in the way of another at two. An owner that waits for one
 * lock may still release another, when it is not one thread; nobody can see that. A round is bounded; what it
 * leaves out is looked at when its client asks again. The time for which a request waits at most is the only promise.
 *
 * <p>Rounds take at most a twentieth of the time, so that many waiters cost the store no more than that.
 */
public final class Deadlocks {
    /** For how long a request waits before anybody looks whether it waits for itself; most waits are shorter. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Requests that a round begins with. */
    static final int ROOTS = 256;

    /** Requests that one round sees, about. */
    static final int MAX_WAITING = 1_024;

    /** Requests in one cycle, and steps of one walk. */
    static final int MAX_STEPS = 256;

    /** Requests that are yet to be looked at; more are not taken in until there is room. */
    static final int MAX_SUSPECTS = 10_000;

    private static final int REST = 19;
    private static final Duration MAX_REST = Duration.ofSeconds(10);

    private static final Comparator<Wait> AGE = Comparator.comparingLong(Wait::since)
            .thenComparingInt(wait -> wait.id().bucket())
            .thenComparing(wait -> wait.id().sequence(), Long::compareUnsigned);

    private final WaitGraph waits;
    private final LongSupplier nanos;
    /** When each is to be looked at, in order. */
    private final Map<WaiterId, Long> suspects = new LinkedHashMap<>();
    /** Cycles that the round before has seen. */
    private volatile List<List<Wait>> seen = List.of();

    private volatile long restsUntil;
    private final AtomicBoolean busy = new AtomicBoolean();

    /** @param nanos a clock as {@link System#nanoTime} */
    public Deadlocks(WaitGraph waits, LongSupplier nanos) {
        this.waits = waits;
        this.nanos = nanos;
        this.restsUntil = nanos.getAsLong();
    }

    /** Has a request looked at in a while, if it waits still. May be called on any thread. */
    public void suspect(WaiterId id) {
        synchronized (suspects) {
            if (suspects.size() < MAX_SUSPECTS) {
                suspects.putIfAbsent(id, nanos.getAsLong() + PATIENCE.toNanos());
            }
        }
    }

    /** One round, if there is something to do; never two at once. To be called every second. */
    public Uni<Void> round() {
        return Uni.createFrom().deferred(() -> {
            if (nanos.getAsLong() - restsUntil < 0 || !busy.compareAndSet(false, true)) {
                return Uni.createFrom().voidItem();
            }
            Set<WaiterId> roots = due();
            List<List<Wait>> before = seen;
            seen = List.of();
            before.forEach(cycle -> cycle.forEach(wait -> roots.add(wait.id())));
            long began = nanos.getAsLong();
            return (roots.isEmpty() ? Uni.createFrom().voidItem() : look(roots, before))
                    .onFailure()
                    .invoke(failure -> seen = before)
                    .onTermination()
                    .invoke(() -> {
                        long ended = nanos.getAsLong();
                        restsUntil = ended + Math.min(MAX_REST.toNanos(), REST * (ended - began));
                        busy.set(false);
                    });
        });
    }

    private Set<WaiterId> due() {
        Set<WaiterId> due = new LinkedHashSet<>();
        synchronized (suspects) {
            long now = nanos.getAsLong();
            Iterator<Map.Entry<WaiterId, Long>> each = suspects.entrySet().iterator();
            while (each.hasNext() && due.size() < ROOTS) {
                Map.Entry<WaiterId, Long> next = each.next();
                if (next.getValue() - now > 0) {
                    break;
                }
                due.add(next.getKey());
                each.remove();
            }
        }
        return due;
    }

    private Uni<Void> look(Set<WaiterId> roots, List<List<Wait>> before) {
        Graph graph = new Graph();
        return waits.waits(roots)
                .chain(found -> walk(graph, graph.add(found), MAX_STEPS))
                .chain(() -> {
                    List<List<Wait>> standing = before.stream()
                            .map(graph::asItStands)
                            .flatMap(Optional::stream)
                            .map(Deadlocks::fromYoungest)
                            .toList();
                    standing.forEach(cycle -> graph.remove(cycle.getFirst()));
                    seen = graph.takeCycles();
                    return refuse(standing);
                });
    }

    private Uni<Void> walk(Graph graph, Next next, int steps) {
        if (next.isNobody() || steps == 0 || graph.size() >= MAX_WAITING) {
            return Uni.createFrom().voidItem();
        }
        return waits.waitsOf(next.owners())
                .chain(ofOwners -> waits.waits(next.ids())
                        .chain(ofIds -> walk(graph, graph.add(ofOwners).and(graph.add(ofIds)), steps - 1)));
    }

    private Uni<Void> refuse(List<List<Wait>> cycles) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (List<Wait> cycle : cycles) {
            done = done.chain(() -> waits.refuse(cycle)).replaceWithVoid();
        }
        return done;
    }

    /** The same cycle, begun with the request that came last. */
    private static List<Wait> fromYoungest(List<Wait> cycle) {
        int youngest = cycle.indexOf(cycle.stream().max(AGE).orElseThrow());
        List<Wait> turned = new ArrayList<>(cycle.subList(youngest, cycle.size()));
        turned.addAll(cycle.subList(0, youngest));
        return List.copyOf(turned);
    }

    /** Whom the next step of a walk asks for. */
    private record Next(Set<Owner> owners, Set<WaiterId> ids) {
        boolean isNobody() {
            return owners.isEmpty() && ids.isEmpty();
        }

        Next and(Next other) {
            owners.addAll(other.owners);
            ids.addAll(other.ids);
            return this;
        }
    }

    /** Who waits for whom, as far as a round has walked. */
    private static final class Graph {
        private final Map<WaiterId, Wait> waits = new LinkedHashMap<>();
        private final Map<Owner, Set<WaiterId>> byOwner = new HashMap<>();
        /** Those that were asked for, whether they wait or not. */
        private final Set<Owner> askedOwners = new HashSet<>();

        private final Set<WaiterId> askedIds = new HashSet<>();

        int size() {
            return waits.size();
        }

        /** @return what these wait for and has not been asked for yet */
        Next add(List<Wait> found) {
            Next next = new Next(new LinkedHashSet<>(), new LinkedHashSet<>());
            for (Wait wait : found) {
                waits.put(wait.id(), wait);
                askedIds.add(wait.id());
                byOwner.computeIfAbsent(wait.owner(), owner -> new LinkedHashSet<>())
                        .add(wait.id());
                wait.holders().stream().filter(askedOwners::add).forEach(next.owners()::add);
                wait.behind().stream().filter(askedIds::add).forEach(next.ids()::add);
            }
            return next;
        }

        void remove(Wait wait) {
            waits.remove(wait.id());
        }

        /** What it waits for and is here, in no order but always the same. */
        private List<Wait> ahead(Wait wait) {
            return Stream.concat(
                            wait.holders().stream().flatMap(owner -> byOwner.getOrDefault(owner, Set.of()).stream()),
                            wait.behind().stream())
                    .distinct()
                    .map(waits::get)
                    .filter(Objects::nonNull)
                    .toList();
        }

        /** The cycle as it is now; empty when it does not stand any more. */
        Optional<List<Wait>> asItStands(List<Wait> cycle) {
            List<Wait> now = cycle.stream()
                    .map(wait -> waits.get(wait.id()))
                    .filter(Objects::nonNull)
                    .toList();
            boolean stands = now.size() == cycle.size();
            for (int i = 0; stands && i < now.size(); i++) {
                stands = now.get(i).isOn(now.get((i + 1) % now.size()));
            }
            return stands ? Optional.of(now) : Optional.empty();
        }

        /** Cycles without a common request; afterwards none is left. Longer ones than a walk has steps are left out. */
        List<List<Wait>> takeCycles() {
            List<List<Wait>> cycles = new ArrayList<>();
            keepWhatReachesCycles();
            while (!waits.isEmpty()) {
                List<Wait> cycle = anyCycle();
                if (cycle.size() <= MAX_STEPS) {
                    cycles.add(cycle);
                }
                cycle.forEach(this::remove);
                keepWhatReachesCycles();
            }
            return List.copyOf(cycles);
        }

        /** Removes requests that wait for none here, again and again: what is left has a cycle ahead. */
        private void keepWhatReachesCycles() {
            Map<WaiterId, List<Wait>> waitedForBy = new HashMap<>();
            Map<WaiterId, Integer> countAhead = new HashMap<>();
            List<Wait> ends = new ArrayList<>();
            for (Wait wait : waits.values()) {
                List<Wait> ahead = ahead(wait);
                ahead.forEach(other -> waitedForBy
                        .computeIfAbsent(other.id(), id -> new ArrayList<>())
                        .add(wait));
                countAhead.put(wait.id(), ahead.size());
                if (ahead.isEmpty()) {
                    ends.add(wait);
                }
            }
            while (!ends.isEmpty()) {
                Wait end = ends.removeLast();
                remove(end);
                for (Wait behind : waitedForBy.getOrDefault(end.id(), List.of())) {
                    if (countAhead.merge(behind.id(), -1, Integer::sum) == 0) {
                        ends.add(behind);
                    }
                }
            }
        }

        /** Goes from request to request until one comes again; each has one ahead. */
        private List<Wait> anyCycle() {
            Map<WaiterId, Wait> way = new LinkedHashMap<>();
            Wait at = waits.values().iterator().next();
            while (way.putIfAbsent(at.id(), at) == null) {
                at = ahead(at).getFirst();
            }
            WaiterId first = at.id();
            return way.values().stream()
                    .dropWhile(wait -> !wait.id().equals(first))
                    .toList();
        }
    }
}
