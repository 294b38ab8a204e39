package io.lockgate.boot;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the gateway uses Redis. */
@ConfigMapping(prefix = "lockgate.redis")
interface RedisConnectionSettings {
    /**
     * Number of buckets over which files are spread (1 to 16,384). All locks of a file lie in one bucket, and in a Redis Cluster
     * a bucket in one slot. Fixed for the life of the data: a store made with another number refuses the start.
     */
    @WithDefault("64")
    int buckets();

    /**
     * Rows that one script may change on work that nobody waits for in one piece, and entries that one slice of a list reads
     * (10 to 5,000). More makes lists and clean-up faster and the pauses of Redis longer.
     */
    @WithDefault("500")
    int maxSteps();

    /** Time for one attempt of a call (50 ms to 1.5 s); then its connection is given up and the call sent anew. */
    @WithDefault("700ms")
    Duration attemptTimeout();

    /** Time for a call with all its attempts (100 ms to 1.9 s); then the client gets 503, which is promised within 2 s. */
    @WithDefault("1500ms")
    Duration callTimeout();

    /** Calls under way for each event loop and master (16 to 16,384); more get 503 at once instead of a place in a long queue. */
    @WithDefault("4096")
    int inFlight();
}
