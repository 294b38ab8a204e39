package io.lockgate.redis;

import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.redis.runtime.client.VertxRedisClientFactory;
import io.quarkus.redis.runtime.client.config.RedisConfig;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Qualifier;
import jakarta.inject.Singleton;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Objects;

/**
 * The Redis client of {@code quarkus.redis.*}, without the wrapper that Quarkus puts around it to count commands: through
 * that wrapper a connection can only be given back to the pool, and one that owes replies must be closed for good.
 */
@Singleton
final class PlainRedis {
    /** Marks that client. */
    @Qualifier @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.PARAMETER, ElementType.METHOD})
    @interface Plain {}

    @Produces
    @Singleton
    @Plain
    Redis client(Vertx vertx, RedisConfig config, TlsConfigurationRegistry tls, ProxyConfigurationRegistry proxies) {
        String name = RedisConfig.DEFAULT_CLIENT_NAME;
        return VertxRedisClientFactory.create(
                name, vertx, Objects.requireNonNull(config.clients().get(name)), tls, proxies);
    }

    void close(@Disposes @Plain Redis client) {
        client.close();
    }
}
