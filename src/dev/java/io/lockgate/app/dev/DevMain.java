package io.lockgate.app.dev;

import io.lockgate.app.start.Main;
import io.quarkus.runtime.Quarkus;
import java.util.Locale;
import java.util.Map;

/**
 * The main class of dev mode alone ({@code %dev.quarkus.package.main-class}): starts the embedded servers before
 * Quarkus reads its settings. The production jar and the native image have another main class, and hold neither this
 * one nor the libraries of the embedded servers.
 */
public final class DevMain {

    private DevMain() {}

    /** Runs again at every live reload; the servers stay. */
    public static void main(String... args) {
        Main.leaveUriChecksToFilters();
        if (isLeftToUs("quarkus.redis.hosts")) {
            apply(EmbeddedServers.redisSettings());
        }
        if (isLeftToUs("quarkus.datasource.reactive.url")) {
            apply(EmbeddedServers.postgresSettings());
        }
        Quarkus.run(args);
    }

    /** A developer who names servers of their own gets those. */
    private static boolean isLeftToUs(String setting) {
        String variable = setting.toUpperCase(Locale.ROOT).replace('.', '_');
        return System.getProperty(setting) == null && System.getenv(variable) == null;
    }

    private static void apply(Map<String, String> settings) {
        settings.forEach(System::setProperty);
    }
}
