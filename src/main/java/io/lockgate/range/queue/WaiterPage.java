package io.lockgate.range.queue;

import io.lockgate.range.Cursor;
import java.util.List;

/**
 * Some waiting requests, in order of arrival within each space, or those of a session within each bucket.
 *
 * @param next where the next page begins, also behind the last one
 */
public record WaiterPage(List<Waiter> waiters, Cursor next) {}
