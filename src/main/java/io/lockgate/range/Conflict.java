package io.lockgate.range;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a lock was refused.
 *
 * @param blockers the first blockers, at most {@link #MAX_BLOCKERS}: grants by offset, then provisional grants and
 *     requests that wait, in order of arrival
 * @param free of byte ranges the parts of the asked range that no blocker covers, ascending; exact up to the end of the last listed
 *     blocker, and beyond it only when {@code more} is false
 * @param more whether there are blockers that are not listed
 * @param retryAfter when all listed blockers will have ended at the latest, or {@code null} when one of them has no
 *     end; with {@code more} others may stand for longer
 */
public record Conflict(
        List<Grant> blockers,
        List<ByteRange> free,
        boolean more,
        @Nullable Duration retryAfter) {
    /** How many blockers a refusal names. */
    public static final int MAX_BLOCKERS = 16;

    /**
     * Works out the free parts and the time to retry.
     *
     * @param asked the range that was refused
     * @param blockers the first blockers: grants in order of their first byte within {@code asked}, then waiters
     */
    public static Conflict explain(ByteRange asked, List<Grant> blockers, boolean more) {
        List<ByteRange> free = new ArrayList<>();
        if (!asked.empty()) {
            long next = asked.first();
            boolean open = true;
            List<ByteRange> ranges = blockers.stream()
                    .map(Grant::range)
                    .sorted((a, b) -> Long.compareUnsigned(a.first(), b.first()))
                    .toList();
            for (ByteRange range : ranges) {
                if (range.empty() || Long.compareUnsigned(range.last(), next) < 0) {
                    continue;
                }
                if (Long.compareUnsigned(range.first(), next) > 0) {
                    free.add(ByteRange.between(next, range.first() - 1));
                }
                if (Long.compareUnsigned(range.last(), asked.last()) >= 0) {
                    open = false;
                    break;
                }
                next = range.last() + 1;
            }
            ByteRange last = ranges.getLast();
            if (open && !more) {
                free.add(ByteRange.between(next, asked.last()));
            } else if (open && last.empty() && Long.compareUnsigned(next, last.first()) < 0) {
                // The list ends at a position that holds no byte: what lies before it is known to be free.
                free.add(ByteRange.between(next, last.first() - 1));
            }
        }
        return new Conflict(List.copyOf(blockers), List.copyOf(free), more, longest(blockers));
    }

    /** Nothing is in the way of {@code asked} any more. */
    public static Conflict over(ByteRange asked) {
        return new Conflict(List.of(), asked.empty() ? List.of() : List.of(asked), false, Duration.ZERO);
    }

    /** Nothing is in the way of {@code asked} any more; an open has no parts that could be free. */
    public static Conflict over(Grant asked) {
        return asked.modes().type() == LockType.SHARE_MODE
                ? new Conflict(List.of(), List.of(), false, Duration.ZERO)
                : over(asked.range());
    }

    private static @Nullable Duration longest(List<Grant> blockers) {
        Duration longest = Duration.ZERO;
        for (Grant blocker : blockers) {
            Duration left = blocker.expiresIn();
            if (left == null) {
                return null;
            }
            longest = left.compareTo(longest) > 0 ? left : longest;
        }
        return longest;
    }
}
