package io.lockgate.range.queue;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Finds requests that wait for each other in a cycle, and refuses the youngest of them (ADR 46). A request is looked at
 * twice, one and two seconds after its arrival, and again each time its client is told that it waits. A walk goes from it
 * to the earlier requests in its way, and to all that the owners of locks in its way wait for; from those again, and so on.
 *
 * <p>Best effort. What a walk sees is no snapshot, so a cycle is refused only when two rounds and a last look have seen
 * it: then all of its requests have waited at one moment, and each was in the way of another at three. An owner that waits
 * for one lock is taken for one that releases no other; nobody can see whether it has several threads. A round is bounded.
 * What it leaves out is looked at when its client asks again. The time for which a request waits at most is the only promise.
 *
 * <p>Rounds take at most a twentieth of a gateway's time. Among requests of many principals they begin with each in turn.
 */
public final class Deadlocks {
    /** For how long a request waits before its first look, and until its second; most waits are shorter. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Requests that a round begins with. */
    static final int ROOTS = 256;

    /** Requests that one round sees, about. */
    static final int MAX_WAITING = 1_024;

    /** Owners, and requests, that one step of a walk asks for. */
    static final int MAX_ASKED = 256;

    /** Requests in one cycle, and steps of one walk. */
    static final int MAX_STEPS = 256;

    /** For how long a walk goes on to its next step. */
    static final Duration WALKS_FOR = Duration.ofSeconds(1);

    /** Requests of one principal, and of all, that are yet to be looked at; more are not taken in. */
    static final int MAX_SUSPECTS_OF_PRINCIPAL = 1_000;

    static final int MAX_SUSPECTS = 20_000;

    private static final int REST = 19;

    private static final Comparator<Wait> AGE = Comparator.comparingLong(Wait::since)
            .thenComparingInt(wait -> wait.id().bucket())
            .thenComparing(wait -> wait.id().sequence(), Long::compareUnsigned);

    /**
     * One that is to be looked at.
     *
     * @param again whether it is to be looked at once more, then
     */
    private record Suspect(long dueAt, boolean again) {}

    private final WaitGraph waits;
    private final Executor executor;
    private final LongSupplier nanos;
    /** By principal, each in order of time. */
    private final Map<String, Map<WaiterId, Suspect>> suspects = new LinkedHashMap<>();

    private int suspectCount;

    /** Cycles that the round before has seen. */
    private volatile List<List<WaiterId>> seen = List.of();

    private volatile long restsUntil;
    private final AtomicBoolean busy = new AtomicBoolean();

    /**
     * @param executor where cycles are searched for: some milliseconds of work
     * @param nanos a clock as {@link System#nanoTime}
     */
    public Deadlocks(WaitGraph waits, Executor executor, LongSupplier nanos) {
        this.waits = waits;
        this.executor = executor;
        this.nanos = nanos;
        this.restsUntil = nanos.getAsLong();
    }

    /** Has a request looked at in a while, if it waits still. May be called on any thread. */
    public void suspect(String principal, WaiterId id) {
        synchronized (suspects) {
            put(principal, id, true);
        }
    }

    private void put(String principal, WaiterId id, boolean again) {
        Map<WaiterId, Suspect> its = suspects.computeIfAbsent(principal, none -> new LinkedHashMap<>());
        if (its.size() < MAX_SUSPECTS_OF_PRINCIPAL && suspectCount < MAX_SUSPECTS && !its.containsKey(id)) {
            its.put(id, new Suspect(nanos.getAsLong() + PATIENCE.toNanos(), again));
            suspectCount++;
        }
        if (its.isEmpty()) {
            suspects.remove(principal);
        }
    }

    /** One round, if there is something to do; never two at once. To be called every second. */
    public Uni<Void> round() {
        return Uni.createFrom().deferred(() -> {
            if (nanos.getAsLong() - restsUntil < 0 || !busy.compareAndSet(false, true)) {
                return Uni.createFrom().voidItem();
            }
            long began = nanos.getAsLong();
            return Uni.createFrom().deferred(() -> look(began)).onTermination().invoke(() -> {
                long ended = nanos.getAsLong();
                restsUntil = ended + REST * (ended - began);
                busy.set(false);
            });
        });
    }

    /** Those whose time has come, one of each principal in turn. */
    private Set<WaiterId> due() {
        Map<WaiterId, String> due = new LinkedHashMap<>();
        Map<WaiterId, String> again = new HashMap<>();
        synchronized (suspects) {
            long now = nanos.getAsLong();
            List<String> principals = new ArrayList<>(suspects.keySet());
            while (!principals.isEmpty() && due.size() < ROOTS) {
                principals.removeIf(principal -> due.size() == ROOTS || !takeDue(principal, now, due, again));
            }
            // Those who had their turn stand behind the others in the next round.
            new LinkedHashSet<>(due.values()).forEach(principal -> {
                Map<WaiterId, Suspect> its = suspects.remove(principal);
                if (its != null && !its.isEmpty()) {
                    suspects.put(principal, its);
                }
            });
            again.forEach((id, principal) -> put(principal, id, false));
        }
        return new LinkedHashSet<>(due.keySet());
    }

    private boolean takeDue(String principal, long now, Map<WaiterId, String> due, Map<WaiterId, String> again) {
        Iterator<Map.Entry<WaiterId, Suspect>> each =
                suspects.getOrDefault(principal, Map.of()).entrySet().iterator();
        if (!each.hasNext()) {
            return false;
        }
        Map.Entry<WaiterId, Suspect> first = each.next();
        if (first.getValue().dueAt() - now > 0) {
            return false;
        }
        due.put(first.getKey(), principal);
        if (first.getValue().again()) {
            again.put(first.getKey(), principal);
        }
        each.remove();
        suspectCount--;
        return true;
    }

    private Uni<Void> look(long began) {
        Set<WaiterId> roots = due();
        List<List<WaiterId>> before = seen;
        seen = List.of();
        before.forEach(roots::addAll);
        if (roots.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        WaitsFor graph = new WaitsFor();
        return waits.waits(roots)
                .invoke(graph::add)
                .chain(() -> walk(graph, began, MAX_STEPS))
                .emitOn(executor)
                .chain(() -> {
                    List<List<Wait>> standing = before.stream()
                            .map(graph::asItStands)
                            .flatMap(Optional::stream)
                            .map(Deadlocks::fromYoungest)
                            .toList();
                    Set<WaiterId> refused = new LinkedHashSet<>();
                    standing.forEach(cycle -> refused.add(cycle.getFirst().id()));
                    seen = graph.cycles(refused, MAX_STEPS).stream()
                            .map(Deadlocks::ids)
                            .toList();
                    return refuse(standing);
                });
    }

    private Uni<Void> walk(WaitsFor graph, long began, int steps) {
        if (graph.isComplete()
                || steps == 0
                || graph.size() >= MAX_WAITING
                || nanos.getAsLong() - began > WALKS_FOR.toNanos()) {
            return Uni.createFrom().voidItem();
        }
        return waits.waitsOf(graph.nextOwners(MAX_ASKED))
                .invoke(graph::add)
                .chain(() -> waits.waits(graph.nextIds(MAX_ASKED)))
                .invoke(graph::add)
                .chain(() -> walk(graph, began, steps - 1));
    }

    private Uni<Void> refuse(List<List<Wait>> cycles) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (List<Wait> cycle : cycles) {
            done = done.chain(() -> refuseIfItStands(ids(cycle)));
        }
        return done;
    }

    /** Refusals of others, and time, have passed since the round looked. */
    private Uni<Void> refuseIfItStands(List<WaiterId> cycle) {
        return waits.waits(Set.copyOf(cycle)).chain(found -> {
            WaitsFor now = new WaitsFor();
            now.add(found);
            return now.asItStands(cycle)
                    .map(standing -> waits.refuse(standing).replaceWithVoid())
                    .orElseGet(() -> Uni.createFrom().voidItem());
        });
    }

    private static List<WaiterId> ids(List<Wait> cycle) {
        return cycle.stream().map(Wait::id).toList();
    }

    /** The same cycle, begun with the request that came last. */
    private static List<Wait> fromYoungest(List<Wait> cycle) {
        int youngest = cycle.indexOf(cycle.stream().max(AGE).orElseThrow());
        List<Wait> turned = new ArrayList<>(cycle.subList(youngest, cycle.size()));
        turned.addAll(cycle.subList(0, youngest));
        return List.copyOf(turned);
    }
}
