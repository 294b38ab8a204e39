/**
 * What a byte-range lock is: values, outcomes, one port ({@link io.lockgate.range.RangeLockTable}) and the use
 * cases: {@link io.lockgate.range.RangeLocks}, and {@link io.lockgate.range.FileLocks} for locks on one file. Plain Java;
 * no HTTP, no Redis.
 */
@NullMarked
package io.lockgate.range;

import org.jspecify.annotations.NullMarked;
