package io.lockgate.testing.redis;

import io.vertx.redis.client.RedisOptions;
import java.net.URI;

/** Options of Quarkus' Redis client, with room for the many calls of a test. */
public final class RedisClientOptions {
    private RedisClientOptions() {}

    public static RedisOptions of(URI redis) {
        return new RedisOptions()
                .setConnectionString(redis.toString())
                .setMaxPoolSize(16)
                .setMaxWaitingHandlers(8_192);
    }
}
