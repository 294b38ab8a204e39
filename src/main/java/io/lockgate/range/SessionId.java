package io.lockgate.range;

import java.util.Optional;

/**
 * Name of a client session: the bucket that is its home, and its number there, written like a {@link GrantId}. Never
 * given twice. An id is not a capability.
 *
 * @param home 0 to 65535
 * @param number unsigned 64-bit
 */
public record SessionId(int home, long number) {
    /** Reads {@code "7-0000010000000001"}; empty for any other shape. */
    public static Optional<SessionId> parse(String text) {
        return GrantId.parse(text).map(id -> new SessionId(id.bucket(), id.sequence()));
    }

    @Override
    public String toString() {
        return new GrantId(home, number).toString();
    }
}
