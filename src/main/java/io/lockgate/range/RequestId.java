package io.lockgate.range;

/**
 * Names one acquire or batch that was granted something, so that it can be rolled back. Means something to the {@link
 * RangeLockTable} that made it, and for 30 s.
 *
 * @param space the space that was asked about
 * @param text unique over all gateways
 */
public record RequestId(LockSpace space, String text) {}
