package io.lockgate.identity;

import java.time.Duration;

/**
 * Bounds for credentials that this gateway has not seen good.
 *
 * @param atOnce look-ups in the store at once; below the places that identity has there, so that known callers always
 *     find one
 * @param perNetwork look-ups of one network that may wait
 * @param total look-ups that may wait
 */
public record UnknownCredentialLimits(int atOnce, int perNetwork, int total) {
    /** Longest wait for a turn. On a busy machine 64 users behind one address, all new, take half of it. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Longest wait for the answer, with that for the turn: two seconds are promised. */
    static final Duration ANSWER = Duration.ofMillis(1_900);

    /** Signed tokens of one network found bad in a second; more are refused unseen. A check takes up to 0.3 ms. */
    static final int BAD_SIGNED_PER_SECOND = 500;
}
