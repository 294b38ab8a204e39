package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * Bounds failed logins: so many per name and address, and more per address whatever the names, in a window that begins
 * with the first. An attempt takes its place before the password is looked at, so that many at once do not slip through, and a
 * good one gives it back. Each gateway counts for itself: with n replicas an attacker gets n times as many.
 *
 * <p>Memory is bounded; when it is full the counts least used are forgotten.
 */
public final class LoginLimiter {
    private static final int MAX_COUNTS = 100_000;

    private final int perNameAndAddress;
    private final int perAddress;
    private final long windowNanos;
    private final Ticker clock;
    private final Cache<String, Count> counts;

    private record Count(int attempts, long began) {}

    public LoginLimiter(int perNameAndAddress, int perAddress, Duration window) {
        this(perNameAndAddress, perAddress, window, Ticker.systemTicker());
    }

    LoginLimiter(int perNameAndAddress, int perAddress, Duration window, Ticker clock) {
        this.perNameAndAddress = perNameAndAddress;
        this.perAddress = perAddress;
        this.windowNanos = window.toNanos();
        this.clock = clock;
        this.counts = Caffeine.newBuilder()
                .maximumSize(MAX_COUNTS)
                .expireAfterWrite(window)
                .ticker(clock)
                .executor(Runnable::run)
                .build();
    }

    /** Takes a place for an attempt; else says how long there will be none. */
    Optional<Duration> enter(String name, String address) {
        Optional<Duration> wait = take(pair(name, address), perNameAndAddress);
        if (wait.isPresent()) {
            return wait;
        }
        return take(address, perAddress);
    }

    /** The attempt was good: it and those before it under that name and address count no more. */
    void succeeded(String name, String address) {
        counts.invalidate(pair(name, address));
        give(address);
    }

    /** The attempt could not be judged. */
    void undecided(String name, String address) {
        give(pair(name, address));
        give(address);
    }

    /** Counts kept now. */
    long size() {
        counts.cleanUp();
        return counts.estimatedSize();
    }

    private Optional<Duration> take(String key, int limit) {
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

    private void give(String key) {
        counts.asMap()
                .computeIfPresent(
                        key,
                        (same, before) ->
                                before.attempts() <= 1 ? null : new Count(before.attempts() - 1, before.began()));
    }

    /** Names are hashed, so that long ones take no more room; the hash begins with no address. */
    private static String pair(String name, String address) {
        return "#" + java.util.HexFormat.of().formatHex(TokenHash.of(name).bytes()) + "@" + address;
    }
}
