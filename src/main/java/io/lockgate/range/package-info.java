/**
 * What a byte-range lock is: values, outcomes, one port ({@link io.lockgate.range.RangeLockTable}) and its only
 * orchestration ({@link io.lockgate.range.RangeLocks}). Plain Java; no HTTP, no Redis.
 */
@NullMarked
package io.lockgate.range;

import org.jspecify.annotations.NullMarked;
