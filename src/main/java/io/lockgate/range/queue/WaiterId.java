package io.lockgate.range.queue;

import io.lockgate.range.GrantId;
import java.util.Optional;

/**
 * Name of a waiting request: the bucket that keeps it and its sequence there, which is its order of arrival. Drawn from the
 * counter of grants and tokens, so it is never given twice. Not a capability.
 *
 * @param bucket 0 to 65535
 * @param sequence unsigned 64-bit
 */
public record WaiterId(int bucket, long sequence) {
    /** Reads {@code "7-0000010000000001"}; empty for any other shape. */
    public static Optional<WaiterId> parse(String text) {
        return GrantId.parse(text).map(id -> new WaiterId(id.bucket(), id.sequence()));
    }

    @Override
    public String toString() {
        return new GrantId(bucket, sequence).toString();
    }
}
