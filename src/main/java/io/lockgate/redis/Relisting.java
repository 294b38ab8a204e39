package io.lockgate.redis;

import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the listing indexes of buckets up to date with the sweeps: takes grants that have gone from their lists where
 * nobody releases enough to do it ({@code lua/lib/lists.lua}), and moves the listing entries that gateways of format 2 have
 * written into the chunks of format 3, bucket by bucket (ADR 37). Until then lists and counts read both, so nothing
 * waits for it. A bucket without such entries is not asked again: no gateway writes any beside one of this format.
 */
final class Relisting {
    /** Entries that one script moves: about half a millisecond, in which Redis serves nobody. */
    private static final int ENTRIES = 200;

    private static final LuaScript RELIST = LuaScript.load("locks/relist").evenWhenFull();
    private final ScriptRunner runner;
    private final RedisKeys keys;
    private final Set<Integer> done = ConcurrentHashMap.newKeySet();

    Relisting(ScriptRunner runner, RedisKeys keys) {
        this.runner = runner;
        this.keys = keys;
    }

    /**
     * @param hasGone whether there are grants that have gone and stand in lists
     * @param rounds after which the next call goes on
     */
    Uni<Void> move(int bucket, boolean hasGone, int rounds) {
        if (rounds <= 0 || (done.contains(bucket) && !hasGone)) {
            return Uni.createFrom().voidItem();
        }
        String id = runner.newRequestId();
        CallCost cost = CallCost.asked(CallCost.SYSTEM, CallCost.ofEntries(ENTRIES));
        return runner.run(RELIST, id, keys.ofBucket(bucket, id), List.of(Integer.toString(ENTRIES)), true, cost)
                .flatMap(reply -> {
                    if (Integer.parseInt(reply.text(2)) < ENTRIES) {
                        done.add(bucket);
                        return Uni.createFrom().voidItem();
                    }
                    return move(bucket, false, rounds - 1);
                });
    }
}
