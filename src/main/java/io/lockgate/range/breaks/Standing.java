package io.lockgate.range.breaks;

import io.lockgate.range.Grant;
import io.lockgate.range.queue.Waiter;
import java.time.Instant;
import java.util.List;

/**
 * A lock that stands, or stood before it was broken.
 *
 * @param since when it was acquired, by the store's clock; of a merged lock the oldest part
 * @param next the first requests that would be granted if it ended, in order of arrival, at most {@link
 *     LockBreaker#MOST_NEXT}
 * @param more whether there may be more of them
 */
public record Standing(Grant grant, Instant since, List<Waiter> next, boolean more) {}
