package io.lockgate.redis;

import io.lockgate.range.Conflict;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Owner;
import io.lockgate.range.queue.Wait;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.RedisLockQueue.Look;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Who waits for whom in the queues on Redis. What an owner waits for is asked of each bucket in which somebody waits, and
 * whom a request waits for of its space: one call after the other, each bounded.
 */
final class RedisWaitGraph implements WaitGraph {
    /** Requests or owners of one script. */
    private static final int AT_ONCE = 50;

    private final RedisLockQueue queue;
    private final QueueScripts scripts;

    RedisWaitGraph(RedisLockQueue queue, QueueScripts scripts) {
        this.queue = queue;
        this.scripts = scripts;
    }

    @Override
    public Uni<List<Wait>> waits(Set<WaiterId> ids) {
        Map<Integer, List<WaiterId>> byBucket =
                ids.stream().collect(Collectors.groupingBy(WaiterId::bucket, LinkedHashMap::new, Collectors.toList()));
        List<Uni<List<Look>>> calls = new ArrayList<>();
        byBucket.forEach((bucket, its) ->
                parts(its).forEach(part -> calls.add(queue.look(bucket, part, Optional.empty(), false))));
        return inTurn(calls).chain(this::inTheWay);
    }

    @Override
    public Uni<List<Wait>> waitsOf(Set<Owner> owners) {
        List<String> names = owners.stream()
                .map(owner -> GrantRows.ownerKey(LockSemantics.POSIX, owner))
                .toList();
        List<Uni<List<Look>>> calls = new ArrayList<>();
        for (int bucket : queue.bucketsWithWaiters()) {
            parts(names)
                    .forEach(part -> calls.add(queue.inBucket(scripts.waitersOf(), bucket, part, cost(part.size()))
                            .map(reply -> waiting(bucket, reply))));
        }
        return inTurn(calls).chain(this::inTheWay);
    }

    private static List<Look> waiting(int bucket, Reply reply) {
        List<Look> waiting = new ArrayList<>();
        for (int i = 2; i < reply.size(); i += 3) {
            waiting.add(new Look(
                    new WaiterId(bucket, GrantRows.number(reply.text(i))),
                    'w',
                    Duration.ofMillis(Long.parseLong(reply.text(i + 1))),
                    Duration.ZERO,
                    reply.text(i),
                    reply.text(i + 2),
                    reply.nowMillis()));
        }
        return waiting;
    }

    /** A space of one bucket: all in one slot of a cluster. */
    private record Place(int bucket, String space) {}

    /** The requests of POSIX among these, each with what stands in its way. */
    private Uni<List<Wait>> inTheWay(List<Look> looks) {
        Map<Place, List<Look>> bySpace = new LinkedHashMap<>();
        for (Look look : looks) {
            if (look.isWaiting() && RowColumn.PROTOCOL.letterOf(look.row()) != 's') {
                String space = RowColumn.Field.SPACE.of(RowColumn.Field.all(look.row()));
                bySpace.computeIfAbsent(new Place(look.id().bucket(), space), place -> new ArrayList<>())
                        .add(look);
            }
        }
        List<Uni<List<Wait>>> calls = new ArrayList<>();
        bySpace.forEach((place, its) -> parts(its).forEach(part -> calls.add(inTheWay(place, part))));
        return inTurn(calls);
    }

    /** A script answers for as many as it may look at. */
    private Uni<List<Wait>> inTheWay(Place place, List<Look> looks) {
        List<String> arguments = queue.spaceArguments();
        arguments.add(Integer.toString(MAX_NAMED));
        looks.forEach(look -> arguments.add(GrantRows.hex(look.id().sequence())));
        return queue.inSpace(scripts.waitsFor(), place.bucket(), place.space(), arguments, false, cost(looks.size()))
                .chain(reply -> {
                    List<Wait> waits = new ArrayList<>();
                    // Many requests wait for the same owners.
                    Map<String, Owner> owners = new HashMap<>();
                    int answered = 0;
                    for (int i = 2; i < reply.size(); answered++) {
                        int holders = i + 2;
                        int behind = holders + Integer.parseInt(reply.text(i));
                        int next = behind + Integer.parseInt(reply.text(i + 1));
                        waits.add(wait(
                                looks.get(answered),
                                texts(reply, holders, behind).map(key -> owners.computeIfAbsent(key, GrantRows::owner)),
                                texts(reply, behind, next)
                                        .map(id -> new WaiterId(place.bucket(), GrantRows.number(id)))));
                        i = next;
                    }
                    return answered == looks.size()
                            ? Uni.createFrom().item(waits)
                            : inTheWay(place, looks.subList(answered, looks.size()))
                                    .map(further -> {
                                        waits.addAll(further);
                                        return waits;
                                    });
                });
    }

    private static Stream<String> texts(Reply reply, int from, int to) {
        return IntStream.range(from, to).mapToObj(reply::text);
    }

    private static Wait wait(Look look, Stream<Owner> holders, Stream<WaiterId> behind) {
        return new Wait(
                look.waiter(),
                Long.parseLong(RowColumn.Field.SINCE.of(RowColumn.Field.all(look.row()))),
                holders.collect(Collectors.toUnmodifiableSet()),
                behind.collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public Uni<Boolean> refuse(List<Wait> cycle) {
        List<WaiterId> told = cycle.stream()
                .limit(Conflict.MAX_BLOCKERS)
                .map(wait -> wait.waiter().id())
                .toList();
        return inTurn(told.stream()
                        .map(id -> queue.look(id.bucket(), List.of(id), Optional.empty(), false))
                        .toList())
                .chain(looks -> looks.size() == told.size() && looks.stream().allMatch(Look::isWaiting)
                        ? queue.refuse(looks.getFirst(), text(cycle.size(), looks))
                        : Uni.createFrom().item(false));
    }

    /** As {@code lua/lib/waiters.lua} has it, behind the length of the cycle. */
    private static String text(int length, List<Look> looks) {
        StringBuilder text = new StringBuilder().append(length);
        looks.forEach(look -> text.append('\n')
                .append(look.id().bucket())
                .append('\t')
                .append(GrantRows.hex(look.id().sequence()))
                .append('\t')
                .append(look.row()));
        return text.toString();
    }

    static WaitOutcome.Deadlocked read(String text, long nowMillis) {
        String[] lines = text.split("\n", -1);
        List<Waiter> cycle = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            String[] parts = lines[i].split("\t", 3);
            int bucket = Integer.parseInt(parts[0]);
            cycle.add(new Waiter(
                    new WaiterId(bucket, GrantRows.number(parts[1])),
                    GrantRows.grant(bucket, parts[1], parts[2], nowMillis),
                    Duration.ZERO));
        }
        return new WaitOutcome.Deadlocked(List.copyOf(cycle), Integer.parseInt(lines[0]));
    }

    private static <T> List<List<T>> parts(List<T> all) {
        List<List<T>> parts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            parts.add(all.subList(from, Math.min(from + AT_ONCE, all.size())));
        }
        return parts;
    }

    /** Nobody waits for these calls, as for a sweep. */
    private static CallCost cost(int things) {
        return CallCost.asked(CallCost.SYSTEM, things);
    }

    /**
     * One after the other: others wait for theirs. One that fails has found nothing: a bucket that does not answer keeps
     * nobody from seeing the others.
     */
    private static <T> Uni<List<T>> inTurn(List<Uni<List<T>>> calls) {
        return Multi.createFrom()
                .iterable(calls)
                .onItem()
                .transformToUniAndConcatenate(call ->
                        call.onFailure(LockTableUnavailableException.class).recoverWithItem(List.of()))
                .collect()
                .asList()
                .map(lists -> lists.stream().flatMap(Collection::stream).toList());
    }
}
