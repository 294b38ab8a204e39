/**
 * What happens to byte-range locks, as a stream. Values, the port {@link io.lockgate.range.event.RangeEventLog} and the use
 * cases {@link io.lockgate.range.event.RangeEvents}. Plain Java.
 */
@NullMarked
package io.lockgate.range.event;

import org.jspecify.annotations.NullMarked;
