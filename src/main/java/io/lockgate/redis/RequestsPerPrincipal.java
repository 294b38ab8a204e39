package io.lockgate.redis;

import io.lockgate.redis.topology.CallCost;
import java.util.concurrent.ConcurrentHashMap;

/** How many requests of each principal are under way or wait in this gateway. Knows only those that have any. */
final class RequestsPerPrincipal {
    private final int limit;
    private final ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();

    RequestsPerPrincipal(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    /** Counts a call; false, and nothing is counted, when it would be one too many and may be refused. */
    boolean begin(CallCost share) {
        if (!share.counted()) {
            return true;
        }
        int count = counts.merge(share.principal(), 1, Integer::sum);
        if (count > limit && !share.continued()) {
            end(share);
            return false;
        }
        return true;
    }

    void end(CallCost share) {
        if (share.counted()) {
            counts.computeIfPresent(share.principal(), (principal, count) -> count == 1 ? null : count - 1);
        }
    }

    /** How many principals have any. */
    int principals() {
        return counts.size();
    }
}
