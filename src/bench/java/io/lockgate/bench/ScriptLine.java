package io.lockgate.bench;

import io.lockgate.bench.Shape.Piece;
import io.lockgate.range.ByteRange;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockStrength;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.EngineCalls;
import io.lockgate.redis.LuaScript;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Redis of our own that sends the gateway's scripts in batches, and tells what a batch costs inside
 * Redis.
 */
final class ScriptLine {
    /** Calls that fill a store, sent at once. */
    static final int WINDOW = 500;

    /** In the name of the principal that all locks belong to. */
    private static final String PRINCIPAL = "bench";

    static final String MACHINE = "10.0.0.7";

    private static final int LOOKS = 51;

    private static final String FINISH_GROWING = """
                for _, key in ipairs(redis.call('KEYS', '*')) do
                  local kind = redis.call('TYPE', key).ok
                  if kind == 'zset' then
                    for i = 1, redis.call('ZCARD', key) do redis.call('ZSCORE', key, 'none') end
                  elseif kind == 'hash' then
                    for i = 1, redis.call('HLEN', key) do redis.call('HEXISTS', key, 'none') end
                  end
                end
                """;

    private final Resp redis;
    private final EngineCalls calls;
    private final String baselineSha;
    private final boolean hasFunctions;
    private final double lookMicros;

    /**
     * Loads the scripts, as functions where the server has those, and learns what looking at the processor's clock
     * costs.
     */
    ScriptLine(Resp redis, EngineCalls calls) {
        this.redis = redis;
        this.calls = calls;
        this.hasFunctions = !redis.call("COMMAND", "INFO", "FCALL").equals("[null]");
        if (hasFunctions) {
            redis.call("FUNCTION", "LOAD", "REPLACE", calls.library());
        }
        for (LuaScript script : calls.scripts()) {
            redis.call("SCRIPT", "LOAD", script.text());
        }
        this.baselineSha = redis.call("SCRIPT", "LOAD", "return {'granted', ARGV[1]}");
        this.lookMicros = undisturbed(
                IntStream.range(0, LOOKS)
                        .mapToObj(i -> RedisCost.of(redis, () -> {}))
                        .toList(),
                RedisCost::cpuMicros);
    }

    /** How it calls them. */
    String how() {
        return hasFunctions ? "FCALL" : "EVALSHA";
    }

    /** Makes the database with that number ready for the calls that follow. */
    void select(int database) {
        redis.call("SELECT", Integer.toString(database));
    }

    void stamp() {
        redis.call(calls.stamping());
    }

    /**
     * Redis moves a hash table that has grown into a larger one a bucket a call; with millions of entries that takes
     * millions of calls, each dearer than before and after. Measured is the time after.
     */
    static void finishGrowing(Resp redis) {
        redis.call("EVAL", FINISH_GROWING, "0");
    }

    void finishGrowing() {
        finishGrowing(redis);
    }

    double memory() {
        return RedisCost.field(redis.call("INFO", "memory"), "used_memory");
    }

    /** The first word of each answer: what became of the call. */
    List<String> send(List<EngineCalls.Call> batch) {
        for (EngineCalls.Call call : batch) {
            LuaScript script = call.script();
            String name = hasFunctions ? calls.functionOf(script) : script.sha1();
            redis.addScript(how(), name, call.keys(), call.arguments());
        }
        return redis.exchange().stream().map(ScriptLine::status).toList();
    }

    /** The same, and its cost without that of looking. */
    RedisCost send(List<EngineCalls.Call> batch, List<String> statuses) {
        return RedisCost.of(redis, () -> statuses.addAll(send(batch))).minusCpu(lookMicros);
    }

    /** What so many calls cost of a script that does nothing, with the keys and arguments of an acquire. */
    RedisCost sendNothing(EngineCalls.Call like, int times) {
        return RedisCost.of(redis, () -> {
                    for (int i = 0; i < times; i++) {
                        redis.addScript("EVALSHA", baselineSha, like.keys(), like.arguments());
                    }
                    redis.exchange();
                })
                .minusCpu(lookMicros);
    }

    /**
     * What requests did is kept for 30 s; gone at once, it disturbs neither the memory count nor later measurements.
     */
    void forgetResults(List<EngineCalls.Call> window) {
        if (window.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(window.size() + 1);
        command.add("DEL");
        window.forEach(call -> command.add(call.resultKey()));
        redis.add(command).exchange();
    }

    private static String status(@Nullable Object reply) {
        return reply instanceof List<?> parts && !parts.isEmpty() ? String.valueOf(parts.getFirst()) : "nothing";
    }

    static void require(List<String> statuses, String wanted) {
        for (String status : statuses) {
            if (!status.equals(wanted)) {
                throw new IllegalStateException("wanted " + wanted + ", got " + statuses);
            }
        }
    }

    static LockSpec request(Piece piece, String ownerId) {
        return request(piece, ownerId, MACHINE);
    }

    /** @param machine address of the owner */
    static LockSpec request(Piece piece, String ownerId, String machine) {
        return request(piece, ownerId, machine, LockLifetime.UNTIL_RELEASED);
    }

    static LockSpec request(Piece piece, String ownerId, String machine, LockLifetime lifetime) {
        return new LockSpec(
                Protocol.NLM,
                LockModes.of(piece.strength() == LockStrength.EXCLUSIVE ? LockMode.EXCLUSIVE : LockMode.SHARED),
                ByteRange.between(piece.first(), piece.last()),
                new Owner(PRINCIPAL, ownerId, "client-7"),
                machine,
                "10.0.0.91",
                lifetime);
    }

    /** As a client asks that names no {@code owner_name}. */
    static UnlockSpec unlock(LockSpec request) {
        return new UnlockSpec(
                request.protocol(),
                request.range(),
                OwnerSelector.anybody(request.owner().ownerId()).ofPrincipal(PRINCIPAL));
    }

    /** The lower quartile: what disturbs a round makes it dearer, never cheaper. */
    static double undisturbed(List<RedisCost> costs, ToDoubleFunction<RedisCost> value) {
        double[] sorted = costs.stream().mapToDouble(value).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 4];
    }
}
