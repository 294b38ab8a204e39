package io.lockgate.app.settings;

import io.lockgate.redis.RedisSettings;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the gateway uses Redis. */
@ConfigMapping(prefix = "lockgate.redis")
@RegisterForReflection
public interface RedisConnectionSettings extends RedisSettings.Calls {
    /**
     * Number of buckets over which files are spread. All locks of a file lie in one bucket, and in a Redis Cluster a
     * bucket lies in one slot. Fixed for the life of the data and equal on all gateways of a store:
     * {@code --check-config} and a start with another number fail, and a running gateway with another number answers
     * 503.
     */
    @Override
    @WithDefault("64")
    @Within(min = 1, max = 16_384)
    int buckets();

    /**
     * Rows that one script may change in work for which no single request waits, and entries that one slice of a list
     * reads. More makes lists and clean-up faster and the pauses of Redis longer.
     */
    @Override
    @WithDefault("500")
    @Within(min = 10, max = 5_000)
    int maxSteps();

    /** Time for one attempt of a call; then its connection is given up and the call is sent again. */
    @Override
    @WithDefault("700ms")
    @WithinTime(min = "50ms", max = "1500ms")
    Duration attemptTimeout();

    /** Time for a call with all its attempts; then the client gets 503, which is promised within 2 s. */
    @Override
    @WithDefault("1500ms")
    @WithinTime(min = "100ms", max = "1900ms")
    Duration callTimeout();

    /**
     * Calls in flight or waiting for each primary; more get 503 at once, those of the caller with the longest queue
     * first. Renewals and releases have as many places of their own.
     */
    @Override
    @WithDefault("4096")
    @Within(min = 16, max = 16_384)
    int inFlight();

    /**
     * Work that each primary is sent at once, in acquires: a batch counts as its ranges. Further work waits in a queue
     * for each caller, and the caller who was served least is next. Less lets others pass a flood sooner, too little
     * leaves Redis without work. The default is the largest batch: one of them at a time.
     */
    @Override
    @WithDefault("100")
    @Within(min = 1, max = 16_384)
    int window();
}
