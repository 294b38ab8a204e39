package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of connections, whatever API they use. */
@ConfigMapping(prefix = "lockgate.http")
public interface HttpSettings {
    /** How long a new connection may send nothing (1 s to 10 min); then it is closed. */
    @WithDefault("60s")
    Duration firstByteTimeout();

    /** How long the header of a request may take, from its first byte (1 s to 5 min); then the connection is closed. */
    @WithDefault("10s")
    Duration headerTimeout();

    /**
     * How long the body of a request may take, from the end of its header (1 s to 10 min); then 408. Reports of the distribution
     * API have lockgate.distribution.report-time instead.
     */
    @WithDefault("30s")
    Duration bodyTimeout();

    /** How long a client may leave an answer unread without taking one byte (1 s to 1 h); then the connection is closed. */
    @WithDefault("60s")
    Duration unreadTimeout();

    /**
     * Connections of one network that have shown no good credential (0 to 100,000, 0: no limit); more are closed at once. A
     * network is an IPv4 address or the first 64 bits of an IPv6 address. Without effect behind trusted proxies.
     */
    @WithDefault("1024")
    int anonymousConnections();

    /**
     * MiB of heap that requests of connections without a good credential may take together (0 to 65,536, 0: an eighth of the heap, at
     * least 8); beyond it the connection with most of the network with most is closed. For each port.
     */
    @WithDefault("0")
    int anonymousMemory();

    /** HTTP/2 streams at once on a connection that has shown no good credential (1 to 1,000). */
    @WithDefault("16")
    int anonymousStreams();

    /** HTTP/2 streams at once on any other connection (1 to 1,000). */
    @WithDefault("100")
    int streams();
}
