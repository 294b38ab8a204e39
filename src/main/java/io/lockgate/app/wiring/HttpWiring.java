package io.lockgate.app.wiring;

import io.lockgate.app.settings.HttpSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.http.connection.ConnectionLimits;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Checks the limits of connections. */
@Singleton
final class HttpWiring {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private record Checked(
            Duration firstByteTimeout,
            Duration headerTimeout,
            Duration bodyTimeout,
            Duration unreadTimeout,
            int anonymousConnections,
            int anonymousMemory,
            int anonymousStreams,
            int streams)
            implements ConnectionLimits {}

    @Produces
    @Singleton
    @Startup
    ConnectionLimits limits(HttpSettings settings) {
        return new Checked(
                SettingBounds.within(
                        "lockgate.http.first-byte-timeout",
                        settings.firstByteTimeout(),
                        SECOND,
                        Duration.ofMinutes(10)),
                SettingBounds.within(
                        "lockgate.http.header-timeout", settings.headerTimeout(), SECOND, Duration.ofMinutes(5)),
                SettingBounds.within(
                        "lockgate.http.body-timeout", settings.bodyTimeout(), SECOND, Duration.ofMinutes(10)),
                SettingBounds.within(
                        "lockgate.http.unread-timeout", settings.unreadTimeout(), SECOND, Duration.ofHours(1)),
                SettingBounds.within(
                        "lockgate.http.anonymous-connections", settings.anonymousConnections(), 0, 100_000),
                SettingBounds.within("lockgate.http.anonymous-memory", settings.anonymousMemory(), 0, 65_536),
                SettingBounds.within("lockgate.http.anonymous-streams", settings.anonymousStreams(), 1, 1_000),
                SettingBounds.within("lockgate.http.streams", settings.streams(), 1, 1_000));
    }
}
