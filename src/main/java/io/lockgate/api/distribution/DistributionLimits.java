package io.lockgate.api.distribution;

import java.time.Duration;

/** Limits of the distribution API. The settings {@code lockgate.distribution.*} implement it. */
public interface DistributionLimits {
    /** Longest body of a patch in bytes. */
    int PATCH_BYTES = 65_536;

    /** Ranges that a patch removes and adds, together. */
    int PATCH_RANGES = 100;

    /** Longest body of a report in bytes. */
    int bodyLimit();

    /**
     * Ranges in a report, before those that overlap or touch are merged. Ranges that touch are merged as they come, so
     * a sender in order can have as many as blocks.
     */
    int blocksPerReport();

    /** Long reports taken in at the same time; more are refused until one has ended. */
    int reportsAtOnce();

    /** How long a report may take to arrive. */
    Duration reportTime();

    /** How long a client may take to read an answer; then the connection is closed. */
    Duration readTime();
}
