package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the gateway uses Redis. */
@ConfigMapping(prefix = "lockgate.redis")
public interface RedisConnectionSettings {
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

    /**
     * Calls that are under way or wait for each master (16 to 16,384); more get 503 at once, of the caller with the longest queue
     * first. Renewals and releases have as many places of their own.
     */
    @WithDefault("4096")
    int inFlight();

    /**
     * Work that each master is sent at once (1 to 16,384), in acquires: a batch counts as its ranges. What does not fit waits in a
     * queue for each caller, and the caller who was given least goes next. Less lets others pass a flood sooner, too little leaves
     * Redis without work. The default is the largest batch: one of them at a time.
     */
    @WithDefault("100")
    int window();
}
