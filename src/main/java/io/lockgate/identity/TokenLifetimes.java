package io.lockgate.identity;

import java.time.Duration;

/**
 * How long tokens live.
 *
 * @param login bearer tokens from a login (10 h)
 * @param refresh refresh cookies
 * @param session SID sessions, from their last use (30 days)
 */
public record TokenLifetimes(Duration login, Duration refresh, Duration session) {
    /** The longest life an administrator may give a token. */
    public static final Duration MAX = Duration.ofDays(3_650);
}
