package io.lockgate.door.distribution;

/**
 * Limits of the distribution door.
 *
 * @param reportBytes longest body of a report
 * @param patchBytes longest body of a patch
 * @param patchRanges ranges that a patch takes out and brings in, together
 * @param reportRanges ranges in a report, before those that overlap or touch are merged
 * @param reportsAtOnce reports read at the same time; more are told to come again
 */
public record DistributionLimits(
        int reportBytes, int patchBytes, int patchRanges, int reportRanges, int reportsAtOnce) {}
