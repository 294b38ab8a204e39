package io.lockgate.redis;

import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Release;
import io.lockgate.range.SessionId;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.range.queue.WaiterPage;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * The queues of the table on Redis. Who is served is decided by the scripts that free bytes ({@code lua/lib/queue.lua});
 * {@link HeldWaits} tells the calls that wait for it.
 */
public final class RedisLockQueue implements LockQueue {
    /** Waiters of one script: each may serve others, who take up to 40 us each. */
    private static final int AT_ONCE = 50;

    private final RedisRangeLockTable table;
    private final ScriptRunner runner;
    private final RedisKeys keys;
    private final RedisSettings settings;
    private final QueueScripts scripts = QueueScripts.load();
    private final HeldWaits held;
    private final RedisWaitGraph graph;
    private final Set<Integer> bucketsWithWaiters;
    private final String principal;

    RedisLockQueue(RedisRangeLockTable table, ScriptRunner runner, RedisKeys keys, RedisSettings settings) {
        this.table = table;
        this.runner = runner;
        this.keys = keys;
        this.settings = settings;
        this.held = new HeldWaits(runner, this::look);
        this.graph = new RedisWaitGraph(this, scripts);
        this.bucketsWithWaiters = ConcurrentHashMap.newKeySet();
        this.principal = CallCost.SYSTEM;
    }

    private RedisLockQueue(RedisLockQueue queue, RedisRangeLockTable table, String principal) {
        this.table = table;
        this.runner = queue.runner;
        this.keys = queue.keys;
        this.settings = queue.settings;
        this.held = queue.held;
        this.graph = queue.graph;
        this.bucketsWithWaiters = queue.bucketsWithWaiters;
        this.principal = principal;
    }

    @Override
    public LockQueue onBehalfOf(String user) {
        return new RedisLockQueue(this, (RedisRangeLockTable) table.onBehalfOf(user), user);
    }

    @Override
    public LockQueue continuing() {
        return new RedisLockQueue(this, (RedisRangeLockTable) table.continuing(), principal);
    }

    @Override
    public LockQueue once(IdempotencyKey key) {
        return new RedisLockQueue(this, (RedisRangeLockTable) table.once(key), principal);
    }

    private CallCost kept(int cost) {
        return CallCost.kept(principal, cost);
    }

    /** Who waits for whom in these queues. */
    public WaitGraph graph() {
        return graph;
    }

    /** What a call has found of a bucket. */
    void note(int bucket, boolean somebodyWaits) {
        if (somebodyWaits) {
            bucketsWithWaiters.add(bucket);
        } else {
            bucketsWithWaiters.remove(bucket);
        }
    }

    /** As the last sweep has found it, and the calls of this gateway since. */
    List<Integer> bucketsWithWaiters() {
        return bucketsWithWaiters.stream().sorted().toList();
    }

    @Override
    public Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait) {
        return table.acquire(space, lock, wait);
    }

    // ---------------------------------------------------------------- polls

    @Override
    public Uni<WaitOutcome> poll(WaiterId id, Optional<String> owner) {
        return poll(id, owner, 2);
    }

    /** @param rounds after which one that begins and ceases to wait all the time is taken for gone */
    private Uni<WaitOutcome> poll(WaiterId id, Optional<String> owner, int rounds) {
        if (id.bucket() >= keys.buckets() || rounds == 0) {
            return Uni.createFrom().item(new WaitOutcome.NoSuchWaiter());
        }
        return look(id.bucket(), List.of(id), owner, owner.isPresent()).flatMap(looks -> {
            Look look = looks.getFirst();
            return look.isWaiting()
                    ? place(id, look, owner, rounds)
                    : Uni.createFrom().item(look.outcome());
        });
    }

    /**
     * What a bucket says of a waiter.
     *
     * @param left until it is refused
     * @param pollWithin time within which somebody must ask for it
     * @param state a letter of {@code lua/lib/waiters.lua}, or n for none
     * @param grantId of the grant, or of the waiter
     * @param row of a grant, of a waiter that waits or has timed out, or the text of a session or of a cycle
     */
    record Look(
            WaiterId id, char state, Duration left, Duration pollWithin, String grantId, String row, long nowMillis) {
        boolean isWaiting() {
            return state == 'w';
        }

        private Grant grant() {
            return GrantRows.grant(id.bucket(), grantId, row, nowMillis);
        }

        Waiter waiter() {
            return new Waiter(id, grant(), left);
        }

        WaitOutcome outcome() {
            return switch (state) {
                case 'p', 'g' -> new WaitOutcome.Granted(grant());
                case 't' -> new WaitOutcome.TimedOut(waiter());
                case 'd' -> RedisWaitGraph.read(row, nowMillis);
                case 's' -> new WaitOutcome.SessionEnded(SessionId.parse(row).orElseThrow());
                case 'l' -> new WaitOutcome.Lost();
                case 'n' -> new WaitOutcome.NoSuchWaiter();
                default -> throw new IllegalStateException("unknown state of a waiter: " + state);
            };
        }
    }

    /** Looks at waiters of one bucket, in their order. */
    Uni<List<Look>> look(int bucket, List<WaiterId> ids, Optional<String> owner, boolean polls) {
        String request = runner.newRequestId();
        List<String> arguments = new ArrayList<>(List.of(polls ? "1" : "0", owner.orElse("")));
        ids.forEach(id -> arguments.add(GrantRows.hex(id.sequence())));
        // It may be made twice, and no lock changes by it.
        return runner.run(scripts.poll(), request, keys.ofQueue(bucket, request), arguments, false, kept(ids.size()))
                .map(reply -> {
                    List<Look> looks = new ArrayList<>();
                    for (int i = 0; i < ids.size(); i++) {
                        int at = 2 + 5 * i;
                        looks.add(new Look(
                                ids.get(i),
                                reply.text(at).charAt(0),
                                millis(reply, at + 1),
                                millis(reply, at + 2),
                                reply.text(at + 3),
                                reply.text(at + 4),
                                reply.nowMillis()));
                    }
                    return looks;
                });
    }

    /** For calls that this gateway holds: they keep their turn. */
    private Uni<List<Look>> look(int bucket, List<WaiterId> ids) {
        return look(bucket, ids, Optional.empty(), true);
    }

    private Uni<WaitOutcome> place(WaiterId id, Look look, Optional<String> owner, int rounds) {
        Waiter waiter = look.waiter();
        List<String> arguments = table.spaceArguments();
        arguments.add(GrantRows.hex(id.sequence()));
        return inSpace(
                        scripts.place(),
                        id.bucket(),
                        RedisKeys.text(waiter.asked().space()),
                        arguments,
                        false,
                        kept(1))
                .flatMap(reply -> reply.status().equals("none")
                        ? poll(id, owner, rounds - 1)
                        : Uni.createFrom()
                                .item(new WaitOutcome.Waiting(
                                        waiter,
                                        Long.parseLong(reply.text(2)),
                                        RedisRangeLockTable.grants(id.bucket(), reply, 3),
                                        look.pollWithin())));
    }

    private static Duration millis(Reply reply, int at) {
        return Duration.ofMillis(Long.parseLong(reply.text(at)));
    }

    /** A call that changes nothing, for the gateway itself. */
    Uni<Reply> inBucket(LuaScript script, int bucket, List<String> arguments, CallCost cost) {
        String request = runner.newRequestId();
        return runner.run(script, request, keys.ofQueue(bucket, request), arguments, false, cost);
    }

    /** What the scripts of a space begin with. */
    List<String> spaceArguments() {
        return table.spaceArguments();
    }

    Uni<Reply> inSpace(
            LuaScript script, int bucket, String space, List<String> arguments, boolean changes, CallCost cost) {
        String request = runner.newRequestId();
        return runner.run(script, request, keys.ofSpace(bucket, request, space), arguments, changes, cost);
    }

    @Override
    public Uni<WaitOutcome> await(WaiterId id, String owner, Duration atMost, BooleanSupplier isGone) {
        Optional<String> asker = Optional.of(owner);
        if (!atMost.isPositive() || id.bucket() >= keys.buckets()) {
            return poll(id, asker);
        }
        // Its place is asked for when it is told: that costs more the longer the queue is.
        return look(id.bucket(), List.of(id), asker, true)
                .flatMap(looks -> looks.getFirst().isWaiting()
                        ? held.hold(id, atMost, isGone, () -> poll(id, asker))
                        : Uni.createFrom().item(looks.getFirst().outcome()));
    }

    /** Ends the waiting of all calls that this gateway holds: it stops. Their requests wait on. */
    public void stop() {
        held.stop();
    }

    /** Whether this gateway is told at once of what is granted; without it, within two seconds. */
    public boolean isToldAtOnce() {
        return held.isListening();
    }

    /** How many calls this gateway holds. */
    public int heldCalls() {
        return held.size();
    }

    // ---------------------------------------------------------------- leaving

    @Override
    public Uni<Boolean> withdraw(WaiterId id, Optional<String> owner) {
        if (id.bucket() >= keys.buckets()) {
            return Uni.createFrom().item(false);
        }
        return look(id.bucket(), List.of(id), owner, false).flatMap(looks -> {
            Look look = looks.getFirst();
            if (look.state() != 'w' && look.state() != 'p') {
                return Uni.createFrom().item(false);
            }
            String space = RedisKeys.text(look.grant().space());
            return leave(id.bucket(), space, "asked", owner.orElse(""), "", List.of(GrantRows.hex(id.sequence())))
                    .map(left -> left > 0);
        });
    }

    /** Gives a provisional grant back. */
    Uni<Release> giveBack(Grant provisional, Optional<String> owner) {
        return leave(
                        provisional.id().bucket(),
                        RedisKeys.text(provisional.space()),
                        "granted",
                        owner.orElse(""),
                        "",
                        List.of(GrantRows.hex(provisional.id().sequence())))
                .map(left -> left == 0 ? new Release.NoSuchLock() : new Release.Released(left));
    }

    /**
     * Refuses one that waits.
     *
     * @param cycle as it is told
     */
    Uni<Boolean> refuse(Look look, String cycle) {
        String space = RedisKeys.text(look.grant().space());
        List<String> ids = List.of(GrantRows.hex(look.id().sequence()));
        return leave(look.id().bucket(), space, "deadlocked", "", cycle, ids).map(left -> left > 0);
    }

    private Uni<Long> leave(int bucket, String space, String which, String owner, String cycle, List<String> ids) {
        List<String> arguments = table.spaceArguments();
        arguments.add(which);
        arguments.add(owner);
        arguments.add(cycle);
        arguments.addAll(ids);
        return inSpace(scripts.leave(), bucket, space, arguments, true, kept(1))
                .map(reply -> Long.parseLong(reply.text(2)));
    }

    // ---------------------------------------------------------------- sweeps

    /** Tells waiters of a session that has ended; answers how many there were. */
    Uni<Long> endWaiting(int bucket, String session) {
        return due(bucket, session).flatMap(due -> settle(bucket, due));
    }

    /** Does what is due in one bucket; answers how much that was. */
    Uni<Long> sweep(int bucket) {
        return sweep(bucket, 0, Sweeps.ROUNDS);
    }

    private Uni<Long> sweep(int bucket, long before, int rounds) {
        return due(bucket, "").flatMap(due -> {
            boolean more = due.values().stream().mapToInt(List::size).sum() >= AT_ONCE;
            return settle(bucket, due)
                    .flatMap(done -> (more || due.values().stream().anyMatch(RedisLockQueue::isService)) && rounds > 1
                            ? sweep(bucket, before + done, rounds - 1)
                            : Uni.createFrom().item(before + done));
        });
    }

    /** By space: ids of waiters, and letters of queues to go on with. */
    private Uni<Map<String, List<String>>> due(int bucket, String session) {
        String request = runner.newRequestId();
        List<String> arguments = List.of(session, Integer.toString(AT_ONCE));
        return runner.run(scripts.due(), request, keys.ofQueue(bucket, request), arguments, false, kept(1))
                .map(reply -> {
                    Map<String, List<String>> due = new LinkedHashMap<>();
                    for (int i = 2; i < reply.size(); i += 2) {
                        due.computeIfAbsent(reply.text(i), space -> new ArrayList<>())
                                .add(reply.text(i + 1));
                    }
                    return due;
                });
    }

    private static boolean isService(List<String> due) {
        return due.stream().anyMatch(text -> text.length() == 1);
    }

    private Uni<Long> settle(int bucket, Map<String, List<String>> due) {
        Uni<Long> done = Uni.createFrom().item(0L);
        for (Map.Entry<String, List<String>> entry : due.entrySet()) {
            String space = entry.getKey();
            List<String> ids =
                    entry.getValue().stream().filter(text -> text.length() > 1).toList();
            if (!ids.isEmpty()) {
                done = done.flatMap(
                        sum -> leave(bucket, space, "due", "", "", ids).map(left -> sum + left));
            }
            for (String queue : entry.getValue()) {
                if (queue.length() == 1) {
                    done = done.flatMap(sum -> serve(bucket, space, queue).replaceWith(sum));
                }
            }
        }
        return done;
    }

    private Uni<Reply> serve(int bucket, String space, String queue) {
        List<String> arguments = table.spaceArguments();
        arguments.add(queue);
        return inSpace(scripts.serve(), bucket, space, arguments, true, kept(1));
    }

    // ---------------------------------------------------------------- lists

    @Override
    public Uni<WaiterPage> list(GrantFilter filter, Cursor after, int limit) {
        return fill(filter, table.firstPlace(filter, after), limit, new ArrayList<>());
    }

    private Uni<WaiterPage> fill(GrantFilter filter, Cursor place, int limit, List<Waiter> waiters) {
        if (waiters.size() == limit || place.bucket() > table.lastBucket(filter)) {
            return Uni.createFrom().item(new WaiterPage(List.copyOf(waiters), place));
        }
        Map<String, String> letters = GrantFilters.letters(filter);
        String prefix = Objects.requireNonNullElse(letters.get("f"), "");
        return slice(place, limit, prefix, GrantFilters.letter(filter), letters, waiters)
                .flatMap(next -> fill(filter, next, limit, waiters));
    }

    @Override
    public Uni<WaiterPage> list(SessionId session, Cursor after, int limit) {
        return table.bucketsOf(session).flatMap(used -> fill(session, used, after, limit, new ArrayList<>()));
    }

    /** @param used buckets, in ascending order */
    private Uni<WaiterPage> fill(SessionId session, List<Integer> used, Cursor place, int limit, List<Waiter> waiters) {
        Optional<Integer> bucket =
                used.stream().filter(b -> b >= place.bucket()).findFirst();
        if (waiters.size() == limit || bucket.isEmpty()) {
            return Uni.createFrom().item(new WaiterPage(List.copyOf(waiters), place));
        }
        String prefix = "S" + session + '\t';
        // Between others' entries nothing is to be read, whatever a client makes of the key of a page.
        boolean isWithin = bucket.get() == place.bucket() && place.position().startsWith(prefix);
        Cursor from = isWithin ? place : new Cursor(bucket.get(), "");
        return slice(from, limit, prefix, "", Map.of(), waiters)
                .flatMap(next -> fill(session, used, next, limit, waiters));
    }

    /**
     * Adds the waiters of one slice of a bucket; answers where the next begins.
     *
     * @param prefix of the names of spaces, or of the entries of a session
     * @param protocol a letter, or empty for all
     */
    private Uni<Cursor> slice(
            Cursor place,
            int limit,
            String prefix,
            String protocol,
            Map<String, String> letters,
            List<Waiter> waiters) {
        int bucket = place.bucket();
        int entries = settings.calls().maxSteps();
        List<String> arguments = new ArrayList<>(List.of(
                Integer.toString(limit - waiters.size()),
                Integer.toString(entries),
                prefix,
                place.position(),
                protocol));
        GrantFilters.add(arguments, letters);
        String request = runner.newRequestId();
        CallCost cost = table.asked(CallCost.ofEntries(entries));
        return runner.run(scripts.waiters(), request, keys.ofQueue(bucket, request), arguments, false, cost)
                .map(reply -> {
                    for (int i = 4; i < reply.size(); i += 3) {
                        WaiterId id = new WaiterId(bucket, GrantRows.number(reply.text(i)));
                        Grant asked = GrantRows.grant(bucket, reply.text(i), reply.text(i + 2), reply.nowMillis());
                        waiters.add(new Waiter(id, asked, millis(reply, i + 1)));
                    }
                    return RedisRangeLockTable.nextPlace(place, reply);
                });
    }
}
