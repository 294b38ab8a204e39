/** Connections to Redis servers, and which server is the primary of a key: standalone, Cluster, Sentinel. */
@NullMarked
package io.lockgate.redis.topology;

import org.jspecify.annotations.NullMarked;
