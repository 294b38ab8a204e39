package io.lockgate.redis.topology;

/**
 * A server's clock as it was read at some moment between two of this process' monotonic clock.
 *
 * @param millis since 1970, by Redis {@code TIME}
 * @param sentNanos {@link System#nanoTime()} before it was asked
 * @param receivedNanos {@link System#nanoTime()} when it had answered
 */
public record ServerTime(long millis, long sentNanos, long receivedNanos) {}
