package io.lockgate.http.connection;

import java.time.Duration;

/**
 * Limits of one client connection, and of the connections of one network. The settings {@code lockgate.http.*}
 * implement it.
 */
public interface ConnectionLimits {
    /** How long a new connection may send nothing. */
    Duration firstByteTimeout();

    /** How long the header of a request may take, from its first byte. */
    Duration headerTimeout();

    /** How long the body of a request may take, from the end of its header. */
    Duration bodyTimeout();

    /** How long a client may leave an answer unread without taking one byte of it. */
    Duration unreadTimeout();

    /** Connections of one network that have shown no good credential; 0 for no limit. */
    int anonymousConnections();

    /**
     * MiB of heap that requests of connections without a good credential may take together; 0 for a share of the heap.
     */
    int anonymousMemory();

    /** HTTP/2 streams at once on a connection that has shown no good credential. */
    int anonymousStreams();

    /** HTTP/2 streams at once on any other connection. */
    int streams();
}
