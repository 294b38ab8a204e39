package io.lockgate.redis;

import java.time.Duration;

/**
 * Bounds of the distribution map.
 *
 * @param blocksPerReport blocks of one provider's report at most
 * @param reportsPerFile reports of one file at most; all of them are named in one answer of Redis
 * @param readTime how long one read of a report may take; blocks that went meanwhile are kept for as long
 * @param pageBlocks blocks that one script hands out
 */
public record ReportLimits(int blocksPerReport, int reportsPerFile, Duration readTime, int pageBlocks) {}
