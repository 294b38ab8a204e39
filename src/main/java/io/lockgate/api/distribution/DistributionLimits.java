package io.lockgate.api.distribution;

import java.time.Duration;

/**
 * Limits of the distribution door.
 *
 * @param reportBytes longest body of a report
 * @param patchBytes longest body of a patch
 * @param patchRanges ranges that a patch takes out and brings in, together
 * @param reportRanges ranges in a report, before those that overlap or touch are merged
 * @param reportsAtOnce long reports taken in at the same time; more are told to come again
 * @param reportTime how long a report may take to arrive
 * @param readTime how long an answer may take to be read, after which the connection is closed
 */
public record DistributionLimits(
        int reportBytes,
        int patchBytes,
        int patchRanges,
        int reportRanges,
        int reportsAtOnce,
        Duration reportTime,
        Duration readTime) {}
