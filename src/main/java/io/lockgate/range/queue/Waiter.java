package io.lockgate.range.queue;

import io.lockgate.range.Grant;
import java.time.Duration;

/**
 * A request that waits, as it stood at one moment.
 *
 * @param id its place in the order of arrival
 * @param asked the lock that it waits for, at the stage {@link Grant.Waiting}; its id names nothing
 * @param left until it is refused, by the store's clock
 */
public record Waiter(WaiterId id, Grant asked, Duration left) {}
