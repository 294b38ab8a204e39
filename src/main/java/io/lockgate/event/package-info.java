/**
 * What happens to route and course locks, as a stream. Values, the port {@link io.lockgate.event.LockEventLog} and the use
 * cases {@link io.lockgate.event.LockEvents}. Plain Java.
 */
@NullMarked
package io.lockgate.event;

import org.jspecify.annotations.NullMarked;
