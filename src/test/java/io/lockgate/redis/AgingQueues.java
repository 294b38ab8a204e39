package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/**
 * Queues of a store in which any waiter can be made older: its times are set back, so that no test waits for time.
 *
 * @param servers the Redis that has a key
 */
record AgingQueues(Function<String, URI> servers, RedisLockQueue queue) implements DifferentialTest.Queues {
    AgingQueues(URI redis, RedisLockQueue queue) {
        this(key -> redis, queue);
    }

    @Override
    public WaitGraph graph() {
        return queue.graph();
    }

    @Override
    public void age(WaiterId id, Duration by) {
        String bucket = "lg:1:{b" + id.bucket() + "}:";
        String field = GrantRows.hex(id.sequence());
        try (RespClient probe = new RespClient(servers.apply(bucket + "waiters"))) {
            String waiter = probe.map("HGETALL", bucket + "waiters").get(field);
            if (waiter == null) {
                return;
            }
            long waitUntil = Long.parseLong(waiter.substring(1, 14)) - by.toMillis();
            long nextAt = Long.parseLong(waiter.substring(14, 27)) - by.toMillis();
            String aged = waiter.charAt(0)
                    + String.format(Locale.ROOT, "%013d%013d", waitUntil, nextAt)
                    + waiter.substring(27);
            probe.send("HSET", bucket + "waiters", field, aged);
            long due = waiter.charAt(0) == 'w' ? Math.min(waitUntil, nextAt) : nextAt;
            probe.send("ZADD", bucket + "waiting-due", Long.toString(due), field);
        }
    }
}
