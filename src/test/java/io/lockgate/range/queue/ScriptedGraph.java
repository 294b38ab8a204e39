package io.lockgate.range.queue;

import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Owner;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Waits as a test has made them, and a clock that it moves. Owners are numbers; each waits in a request of its own. */
final class ScriptedGraph implements WaitGraph {
    private final Map<WaiterId, Wait> waits = new LinkedHashMap<>();
    private long nanos = Long.MAX_VALUE - 1;

    /** What was refused, as it was told. */
    final List<List<Wait>> refused = new ArrayList<>();

    /** The requests that were looked at, by call. */
    final List<Set<WaiterId>> looks = new ArrayList<>();

    /** How many owners were asked for. */
    int asked;

    int mostAsked;

    /** What happens before a look at requests, by its number from 1. */
    Map<Integer, Runnable> before = new HashMap<>();

    long nanos() {
        return nanos;
    }

    void pass(Duration time) {
        nanos += time.toNanos();
    }

    static Owner owner(int number) {
        return LockClient.nlm(LockSpace.head(1), "owner " + number).owner();
    }

    /** An owner that waits since {@code since} for others to release; its request is named by both. */
    WaiterId waits(int owner, long since, List<Integer> on) {
        return waits(owner, since, on, List.of());
    }

    /** The same behind earlier requests. */
    WaiterId waits(int owner, long since, List<Integer> on, List<WaiterId> behind) {
        WaiterId id = new WaiterId(owner, since);
        LockSpec lock = LockClient.nlm(LockSpace.head(1), "owner " + owner).lock(LockClient.X, 0, 1);
        Grant asked = new Grant(
                new GrantId(owner, since),
                LockSpace.head(1),
                lock.protocol(),
                lock.modes(),
                lock.range(),
                lock.owner(),
                lock.ownerAddress(),
                lock.nodeAddress(),
                new FencingToken(0),
                false,
                null,
                Optional.empty(),
                new Grant.Waiting());
        Set<Owner> owners = on.stream().map(ScriptedGraph::owner).collect(Collectors.toSet());
        waits.put(id, new Wait(new Waiter(id, asked, Duration.ofHours(1)), since, owners, Set.copyOf(behind)));
        return id;
    }

    void ends(WaiterId id) {
        waits.remove(id);
    }

    private Uni<List<Wait>> find(Predicate<Wait> isMeant) {
        return Uni.createFrom()
                .item(() -> waits.values().stream().filter(isMeant).toList());
    }

    @Override
    public Uni<List<Wait>> waits(Set<WaiterId> ids) {
        if (!ids.isEmpty()) {
            looks.add(ids);
            before.getOrDefault(looks.size(), () -> {}).run();
        }
        return find(wait -> ids.contains(wait.waiter().id()));
    }

    @Override
    public Uni<List<Wait>> waitsOf(Set<Owner> owners) {
        asked += owners.size();
        mostAsked = Math.max(mostAsked, owners.size());
        return find(wait -> owners.contains(wait.owner()));
    }

    @Override
    public Uni<Boolean> refuse(List<Wait> cycle) {
        return Uni.createFrom().item(() -> {
            refused.add(cycle);
            return waits.remove(cycle.getFirst().waiter().id()) != null;
        });
    }
}
