package io.lockgate.testing.redis;

import java.net.URI;
import java.time.Duration;

/** Makes a Redis keep all its clients waiting, as a fork or a slow disk does. */
public final class RedisPause {
    private RedisPause() {}

    /** From now on for {@code length}; commands that arrive meanwhile are done afterwards. */
    public static void begin(URI redis, Duration length) {
        try (RespClient client = new RespClient(redis)) {
            client.send("CLIENT", "PAUSE", Long.toString(length.toMillis()));
        }
    }
}
