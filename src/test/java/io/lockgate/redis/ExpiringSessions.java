package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionTable;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;

/**
 * Sessions of a store of which any can be made to expire: its deadlines are set into the past, in every bucket in one
 * step, so that no test waits for time.
 */
record ExpiringSessions(URI redis, SessionTable table) implements DifferentialTest.Sessions {
    private static final String PAST = "l0000000000001";

    @Override
    public void expire(SessionId id) {
        try (RespClient probe = new RespClient(redis)) {
            for (String key : probe.list("KEYS", "lg:1:{b*}:sessions")) {
                for (String field : new String[] {"C" + id, "H" + id}) {
                    String value = probe.map("HGETALL", key).getOrDefault(field, "");
                    if (value.startsWith("l")) {
                        probe.send("HSET", key, field, PAST + value.substring(PAST.length()));
                        probe.send("ZADD", key.replace(":sessions", ":session-due"), "1", field);
                    }
                }
            }
        }
    }
}
