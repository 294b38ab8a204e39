package io.lockgate.redis;

import java.time.Duration;

/** Limits of the distribution map that a test chooses. */
public record TestReportLimits(int blocksPerReport, int reportsPerFile, Duration readTime) implements ReportLimits {}
