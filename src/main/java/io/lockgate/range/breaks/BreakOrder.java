package io.lockgate.range.breaks;

import java.time.Duration;

/**
 * How locks are to be broken.
 *
 * @param dryRun whether only to tell what would be broken
 * @param reason for the audit trail and the owners, 1 to {@value #MAX_REASON_BYTES} bytes, no control characters; may be
 *     empty with {@code dryRun}
 * @param notice how long before the owners are told; zero breaks at once, at most {@link #MAX_NOTICE}
 */
public record BreakOrder(boolean dryRun, String reason, Duration notice) {
    /** The longest reason, in bytes of UTF-8. */
    public static final int MAX_REASON_BYTES = 1_024;

    public static final Duration MAX_NOTICE = Duration.ofHours(1);
}
