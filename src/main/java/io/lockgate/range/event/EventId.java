package io.lockgate.range.event;

/**
 * Name of an event: the bucket that keeps it, and its place there. Places grow within a bucket.
 *
 * @param bucket 0 to 65535
 * @param millis store time at which it was written, or somewhat later
 * @param sequence among those of the same millisecond; not negative
 */
public record EventId(int bucket, long millis, long sequence) {}
