package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * Counts by key in a window of time that begins with the first. Memory is bounded: when it is full, the counts least
 * used go.
 */
final class AttemptCounter {
    private static final int MAX_COUNTS = 100_000;

    private record Count(int attempts, long began) {}

    private final long windowNanos;
    private final Ticker clock;
    private final Cache<String, Count> counts;

    AttemptCounter(Duration window, Ticker clock) {
        this.windowNanos = window.toNanos();
        this.clock = clock;
        this.counts = Caffeine.newBuilder()
                .maximumSize(MAX_COUNTS)
                .expireAfterWrite(window)
                .ticker(clock)
                .executor(Runnable::run)
                .build();
    }

    /** Counts one more under {@code key}; when that is beyond {@code limit}, says how long the window goes on. */
    Optional<Duration> take(String key, int limit) {
        long now = clock.read();
        Count counted = counts.asMap().compute(key, (same, before) -> {
            if (before == null || now - before.began() >= windowNanos) {
                return new Count(1, now);
            }
            // One above the limit is enough to know that it is exceeded.
            return new Count(Math.min(before.attempts() + 1, limit + 1), before.began());
        });
        return counted.attempts() <= limit
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(1, windowNanos - (now - counted.began()))));
    }

    /** Counts one less. */
    void give(String key) {
        counts.asMap()
                .computeIfPresent(
                        key,
                        (same, before) ->
                                before.attempts() <= 1 ? null : new Count(before.attempts() - 1, before.began()));
    }

    void forget(String key) {
        counts.invalidate(key);
    }

    /** Counts kept now. */
    long size() {
        counts.cleanUp();
        return counts.estimatedSize();
    }
}
