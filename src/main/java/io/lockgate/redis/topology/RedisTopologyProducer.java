package io.lockgate.redis.topology;

import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.quarkus.redis.runtime.client.VertxRedisClientFactory;
import io.quarkus.redis.runtime.client.config.RedisConfig;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The servers of {@code quarkus.redis.*}. What Quarkus makes of its settings (addresses, form, password, TLS, proxy) is
 * listened in on and used for plain standalone clients: Quarkus' own client counts commands in a wrapper through which
 * a connection can only be given back to the pool, and one that owes replies must be closed for good; and Vert.x'
 * clients for clusters and Sentinels are not fit for this (docs/adr/0013).
 */
@Singleton
final class RedisTopologyProducer implements RedisOptionsCustomizer {
    private volatile @Nullable RedisOptions made;

    @Override
    public void customize(String clientName, RedisOptions options) {
        if (clientName.equals(RedisConfig.DEFAULT_CLIENT_NAME)) {
            made = new RedisOptions(options);
        }
    }

    @Produces
    @Singleton
    RedisTopology primaries(
            Vertx vertx, RedisConfig config, TlsConfigurationRegistry tls, ProxyConfigurationRegistry proxies) {
        String name = RedisConfig.DEFAULT_CLIENT_NAME;
        VertxRedisClientFactory.create(
                        name, vertx, Objects.requireNonNull(config.clients().get(name)), tls, proxies)
                .close();
        return RedisTopology.of(vertx, Objects.requireNonNull(made, "Quarkus asked no customizer"));
    }

    void close(@Disposes RedisTopology primaries) {
        primaries.close();
    }
}
