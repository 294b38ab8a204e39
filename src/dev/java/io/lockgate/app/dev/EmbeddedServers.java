package io.lockgate.app.dev;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * The one Redis and the one Postgres that everything in this JVM shares, each started when first asked for.
 *
 * <p>Dev mode's live reload and Quarkus' tests load classes anew, so a static field is not one per JVM. What has been
 * started is therefore remembered in the system properties.
 */
public final class EmbeddedServers {

    private static final String REDIS_PORT = "lockgate.embedded.shared.redis-port";
    private static final String POSTGRES_PORT = "lockgate.embedded.shared.postgres-port";

    private EmbeddedServers() {}

    /** Where the shared Redis listens; starts it when it is not running yet. */
    public static URI redisUri() {
        return URI.create("redis://127.0.0.1:"
                + sharedPort(REDIS_PORT, () -> EmbeddedRedis.start().port()));
    }

    /** The Quarkus setting that leads to the shared Redis; starts it when it is not running yet. */
    public static Map<String, String> redisSettings() {
        return Map.of("quarkus.redis.hosts", redisUri().toString());
    }

    /** The Quarkus settings that lead to the shared Postgres; starts it when it is not running yet. */
    public static Map<String, String> postgresSettings() {
        return EmbeddedPostgres.quarkusSettings(
                sharedPort(POSTGRES_PORT, () -> EmbeddedPostgres.start().port()));
    }

    /** Both of the above. */
    public static Map<String, String> quarkusSettings() {
        Map<String, String> settings = new HashMap<>(redisSettings());
        settings.putAll(postgresSettings());
        return Map.copyOf(settings);
    }

    private static int sharedPort(String property, IntSupplier starter) {
        // The properties object is the same for every class loader; a lock of our own class would not be.
        synchronized (System.getProperties()) {
            String known = System.getProperty(property);
            if (known != null) {
                return Integer.parseInt(known);
            }
            int port = starter.getAsInt();
            System.setProperty(property, Integer.toString(port));
            return port;
        }
    }
}
