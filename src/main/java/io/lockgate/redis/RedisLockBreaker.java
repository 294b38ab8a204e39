package io.lockgate.redis;

import io.lockgate.range.Conflict;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Standing;
import io.lockgate.range.breaks.Undoing;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Breaks locks of a {@link RedisRangeLockTable}; the rules are in {@code src/main/resources/lua/breaks}. */
public final class RedisLockBreaker implements LockBreaker {
    /** Fields that one script of a sweep looks at. */
    private static final int DUE_AT_ONCE = 100;

    /** For scripts that find their answer without one. */
    private static final String ANY_SPACE = RedisKeys.text(LockSpace.head(0));

    private final RedisRangeLockTable table;
    private final ScriptRunner runner;
    private final RedisKeys keys;
    private final BreakScripts scripts = BreakScripts.load();

    RedisLockBreaker(RedisRangeLockTable table, ScriptRunner runner, RedisKeys keys) {
        this.table = table;
        this.runner = runner;
        this.keys = keys;
    }

    @Override
    public LockBreaker onBehalfOf(String principal) {
        return new RedisLockBreaker((RedisRangeLockTable) table.onBehalfOf(principal), runner, keys);
    }

    @Override
    public LockBreaker once(IdempotencyKey key) {
        return new RedisLockBreaker((RedisRangeLockTable) table.once(key), runner, keys);
    }

    @Override
    public Uni<Optional<Standing>> look(GrantId id) {
        return standing(id, () -> run(table, scripts.look(), id, List.of(hex(id), most()), false));
    }

    @Override
    public Uni<Optional<Standing>> breakNow(GrantId id) {
        return standing(
                id,
                () -> table.claimed(
                        kept(), its -> run(its, scripts.breakLock(), id, breakArguments(hex(id), ""), true)));
    }

    @Override
    public Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason) {
        return standing(
                id, () -> table.claimed(kept(), its -> announce(its, id, Long.toString(in.toMillis()), reason)));
    }

    @Override
    public Uni<Boolean> cancel(GrantId id) {
        return keys.has(id)
                ? announce(table, id, "", "").map(reply -> reply.status().equals("cancelled"))
                : Uni.createFrom().item(false);
    }

    /** @param milliseconds until then, or empty to take an order back */
    private Uni<Reply> announce(RedisRangeLockTable its, GrantId id, String milliseconds, String reason) {
        return run(its, scripts.announce(), id, List.of(hex(id), milliseconds, reason, most()), true);
    }

    @Override
    public Uni<Undoing> undo(GrantId id) {
        if (!keys.has(id)) {
            return Uni.createFrom().item(new Undoing.NothingBroken());
        }
        String request = runner.newRequestId();
        return runner.run(
                        scripts.broken(),
                        request,
                        keys.ofBreaksDue(id.bucket(), request),
                        List.of(hex(id)),
                        false,
                        kept())
                .flatMap(reply -> reply.status().equals("none")
                        ? Uni.createFrom().item(new Undoing.NothingBroken())
                        : undo(id.bucket(), reply.text(3), reply.text(2)));
    }

    /** @param id that the break has named */
    private Uni<Undoing> undo(int bucket, String id, String space) {
        return run(table, scripts.undo(), bucket, space, List.of(id), true).map(reply -> switch (reply.status()) {
            case "restored" -> new Undoing.Restored(RedisRangeLockTable.grant(bucket, reply, 2));
            case "refused" -> {
                Grant asked = RedisRangeLockTable.grant(bucket, reply, 3);
                yield new Undoing.InTheWay(
                        Conflict.explain(asked.range(), RedisRangeLockTable.grants(bucket, reply, 5), reply.flag(2)));
            }
            case "waited" -> new Undoing.Waited();
            case "expired" -> new Undoing.Expired();
            case "none" -> new Undoing.NothingBroken();
            default -> throw RedisRangeLockTable.unknown(reply);
        });
    }

    @Override
    public Uni<Long> sweep() {
        return Sweeps.overAll(keys, this::sweep);
    }

    /** Breaks what is due in a bucket; answers how many locks. */
    Uni<Long> sweep(int bucket) {
        return sweep(bucket, Sweeps.ROUNDS);
    }

    /** @param rounds after which the next sweep goes on */
    private Uni<Long> sweep(int bucket, int rounds) {
        String request = runner.newRequestId();
        return runner.run(
                        scripts.due(),
                        request,
                        keys.ofBreaksDue(bucket, request),
                        List.of(Integer.toString(DUE_AT_ONCE)),
                        true,
                        kept())
                .flatMap(reply -> carryOut(bucket, reply)
                        .flatMap(broken -> reply.flag(2) && rounds > 1
                                ? sweep(bucket, rounds - 1).map(more -> broken + more)
                                : Uni.createFrom().item(broken)));
    }

    /** One that fails keeps nobody else's order back; then the sweep fails behind all of them. */
    private Uni<Long> carryOut(int bucket, Reply due) {
        List<Throwable> failures = new ArrayList<>();
        Uni<Long> broken = Uni.createFrom().item(0L);
        for (int i = 3; i < due.size(); i += 3) {
            List<String> arguments = breakArguments(due.text(i), due.text(i + 1));
            String space = due.text(i + 2);
            broken = broken.flatMap(sum -> run(table, scripts.breakLock(), bucket, space, arguments, true)
                    .map(done -> done.status().equals("broken") ? sum + 1 : sum)
                    .onFailure()
                    .recoverWithItem(failure -> {
                        failures.add(failure);
                        return sum;
                    }));
        }
        return broken.invoke(sum -> {
            if (!failures.isEmpty()) {
                throw failures.getFirst() instanceof RuntimeException failure
                        ? failure
                        : new IllegalStateException(failures.getFirst());
            }
        });
    }

    /** @param token of an order that is due, or empty: now */
    private static List<String> breakArguments(String id, String token) {
        return List.of(id, token, Long.toString(UNDO_WITHIN.toMillis()), most());
    }

    /**
     * Runs a script in the space of a lock that stands. Where there is none it runs all the same, in any space: what the
     * same call has done before is known without. A lock that is found there nevertheless, because it was confirmed or
     * restored meanwhile, or a part of it stands under another id, tells its space.
     */
    private Uni<Reply> run(
            RedisRangeLockTable its, LuaScript script, GrantId id, List<String> arguments, boolean changes) {
        return its.find(id)
                .map(found -> found.filter(grant -> grant.stage() instanceof Grant.Held)
                        .map(grant -> RedisKeys.text(grant.space()))
                        .orElse(ANY_SPACE))
                .flatMap(space -> run(its, script, id.bucket(), space, arguments, changes))
                .flatMap(reply -> reply.status().equals("elsewhere")
                        ? run(its, script, id.bucket(), reply.text(2), arguments, changes)
                        : Uni.createFrom().item(reply));
    }

    private Uni<Reply> run(
            RedisRangeLockTable its,
            LuaScript script,
            int bucket,
            String space,
            List<String> arguments,
            boolean changes) {
        String request = runner.newRequestId();
        List<String> all = its.spaceArguments();
        all.addAll(arguments);
        return runner.run(script, request, its.keysOfBreaks(bucket, request, space), all, changes, kept());
    }

    private Uni<Optional<Standing>> standing(GrantId id, Supplier<Uni<Reply>> call) {
        return keys.has(id)
                ? call.get().map(reply -> switch (reply.status()) {
                    case "none", "elsewhere" -> Optional.<Standing>empty();
                    default -> Optional.of(standing(id, reply));
                })
                : Uni.createFrom().item(Optional.empty());
    }

    private static Standing standing(GrantId id, Reply reply) {
        List<Waiter> next = new ArrayList<>();
        for (int i = 5; i < reply.size(); i += 3) {
            next.add(new Waiter(
                    new WaiterId(id.bucket(), GrantRows.number(reply.text(i))),
                    GrantRows.grant(id.bucket(), reply.text(i), reply.text(i + 2), reply.nowMillis()),
                    Duration.ofMillis(Long.parseLong(reply.text(i + 1)))));
        }
        return new Standing(
                RedisRangeLockTable.grant(id.bucket(), reply, 3), GrantRows.since(reply.text(4)), next, reply.flag(2));
    }

    private static String most() {
        return Integer.toString(MOST_NEXT);
    }

    private static String hex(GrantId id) {
        return GrantRows.hex(id.sequence());
    }

    /** A break frees bytes, and is not refused for the number of its caller's requests. */
    private CallCost kept() {
        return table.kept(1);
    }
}
