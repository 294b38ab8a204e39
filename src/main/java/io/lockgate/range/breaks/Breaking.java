package io.lockgate.range.breaks;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What came of the order to break one lock.
 *
 * @param lock as it stands, or stood before it was broken
 * @param lastHeartbeat of its session; empty of a lock without one, and when the store did not say
 * @param broken whether it was broken
 * @param breaksIn time left until it will be, when that was announced now
 */
public record Breaking(Standing lock, Optional<Instant> lastHeartbeat, boolean broken, Optional<Duration> breaksIn) {}
