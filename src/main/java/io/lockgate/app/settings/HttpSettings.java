package io.lockgate.app.settings;

import io.lockgate.http.connection.ConnectionLimits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of client connections, whatever API they use. */
@ConfigMapping(prefix = "lockgate.http")
@RegisterForReflection
public interface HttpSettings extends ConnectionLimits {
    /** How long a new connection may send nothing; then it is closed. */
    @Override
    @WithDefault("60s")
    @WithinTime(min = "1s", max = "10m")
    Duration firstByteTimeout();

    /** How long the header of a request may take, from its first byte; then the connection is closed. */
    @Override
    @WithDefault("10s")
    @WithinTime(min = "1s", max = "5m")
    Duration headerTimeout();

    /**
     * How long the body of a request may take, from the end of its header; then 408. Reports of the distribution API
     * have {@code lockgate.distribution.report-time} instead.
     */
    @Override
    @WithDefault("30s")
    @WithinTime(min = "1s", max = "10m")
    Duration bodyTimeout();

    /** How long a client may leave an answer unread without taking one byte; then the connection is closed. */
    @Override
    @WithDefault("60s")
    @WithinTime(min = "1s", max = "1h")
    Duration unreadTimeout();

    /**
     * Connections of one network that have shown no good credential; more are closed at once. A network is an IPv4
     * address or the first 64 bits of an IPv6 address. 0 is no limit. Without effect behind trusted proxies.
     */
    @Override
    @WithDefault("1024")
    @Within(min = 0, max = 100_000)
    int anonymousConnections();

    /**
     * MiB of heap that requests of connections without a good credential may take together, for each port. Beyond it
     * the largest connection of the network that holds most is closed. 0 is an eighth of the heap, and at least 8
     * MiB.
     */
    @Override
    @WithDefault("0")
    @Within(min = 0, max = 65_536)
    int anonymousMemory();

    /** HTTP/2 streams at once on a connection that has shown no good credential. */
    @Override
    @WithDefault("16")
    @Within(min = 1, max = 1_000)
    int anonymousStreams();

    /** HTTP/2 streams at once on any other connection. */
    @Override
    @WithDefault("100")
    @Within(min = 1, max = 1_000)
    int streams();
}
