package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * Bounds failed logins: so many per name and address, and more per address whatever the names, in a window that begins
 * with the first. An attempt takes its place before the password is looked at, so that many at once do not slip
 * through, and a good one gives it back. Each gateway counts for itself: with n replicas an attacker gets n times as
 * many. An address here is the key of a network, of IPv6 a /64 ({@link io.lockgate.http.connection.ClientAddress}).
 *
 * <p>Memory is bounded; when it is full the counts least used are forgotten.
 */
public final class LoginLimiter {
    private final int perNameAndAddress;
    private final int perAddress;
    private final AttemptCounter counts;

    public LoginLimiter(int perNameAndAddress, int perAddress, Duration window) {
        this(perNameAndAddress, perAddress, window, Ticker.systemTicker());
    }

    LoginLimiter(int perNameAndAddress, int perAddress, Duration window, Ticker clock) {
        this.perNameAndAddress = perNameAndAddress;
        this.perAddress = perAddress;
        this.counts = new AttemptCounter(window, clock);
    }

    /** Takes a place for an attempt; else says how long there will be none. */
    Optional<Duration> enter(String name, String address) {
        Optional<Duration> wait = counts.take(pair(name, address), perNameAndAddress);
        if (wait.isPresent()) {
            return wait;
        }
        return counts.take(address, perAddress);
    }

    /** The attempt was good: it and those before it under that name and address count no more. */
    void succeeded(String name, String address) {
        counts.forget(pair(name, address));
        counts.give(address);
    }

    /** The attempt could not be judged. */
    void undecided(String name, String address) {
        counts.give(pair(name, address));
        counts.give(address);
    }

    /** Counts kept now. */
    long size() {
        return counts.size();
    }

    /** Names are hashed, so that long ones take no more room; the hash begins with no address. */
    private static String pair(String name, String address) {
        return "#" + java.util.HexFormat.of().formatHex(TokenHash.of(name).bytes()) + "@" + address;
    }
}
