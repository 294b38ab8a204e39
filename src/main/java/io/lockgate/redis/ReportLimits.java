package io.lockgate.redis;

import java.time.Duration;

/** Limits of the distribution map. The settings {@code lockgate.distribution.*} implement it. */
public interface ReportLimits {
    /** Blocks of one provider's report at most. */
    int blocksPerReport();

    /** Reports of one file at most; one answer of Redis names all of them. */
    int reportsPerFile();

    /** How long one read of a report may take; blocks that are removed meanwhile are kept for this time. */
    Duration readTime();
}
