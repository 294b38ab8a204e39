package io.lockgate.range;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a lock was refused.
 *
 * @param blockers the first blockers by offset, at most {@link #MAX_BLOCKERS}
 * @param free the parts of the asked range that no blocker covers, ascending; exact up to the end of the last listed
 *     blocker, and beyond it only when {@code more} is false
 * @param more whether there are blockers that are not listed
 * @param retryAfter when the listed blockers will have ended at the latest, or {@code null} when that is not known
 */
public record Conflict(List<Grant> blockers, List<ByteRange> free, boolean more, @Nullable Duration retryAfter) {
    /** How many blockers a refusal names. */
    public static final int MAX_BLOCKERS = 16;
}
