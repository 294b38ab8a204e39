package io.lockgate.testing;

import io.lockgate.app.dev.EmbeddedServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/**
 * One Redis and one Postgres for all tests of a JVM. A Quarkus test says {@code @QuarkusTestResource(Servers.class)}
 * or {@code @WithTestResource}; a plain test calls {@link #redisUri()}.
 *
 * <p>They are shared: a test class takes a database index of its own or flushes the one it uses, and never counts on an
 * empty server. A test that restarts or breaks a server starts its own {@link io.lockgate.app.dev.EmbeddedRedis}.
 */
public final class Servers implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        Map<String, String> settings = new HashMap<>(EmbeddedServers.quarkusSettings());
        // What is shipped asks for it; dev mode and tests have it as a default.
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
        settings.put("lockgate.identity.password-cost", "4");
        return settings;
    }

    /** Leaves them running for the next test class; they end with the JVM. */
    @Override
    public void stop() {}

    /** Where the shared Redis listens, database 0; append {@code "/n"} for another. */
    public static URI redisUri() {
        return EmbeddedServers.redisUri();
    }

    /** The Quarkus settings of the shared Postgres: both URLs, user and password. */
    public static Map<String, String> postgresSettings() {
        return EmbeddedServers.postgresSettings();
    }

    /**
     * Where the management interface of the gateway under an integration test is found, ending in {@code /q/}. The
     * build reserves its port; {@code @TestHTTPResource(management = true)} only knows that of a {@code @QuarkusTest}
     * (Quarkus 3.34.1).
     */
    public static URI packagedManagement() {
        return URI.create("http://127.0.0.1:" + System.getProperty("quarkus.management.port", "9000") + "/q/");
    }
}
