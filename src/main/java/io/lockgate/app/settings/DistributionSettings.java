package io.lockgate.app.settings;

import io.lockgate.api.distribution.DistributionLimits;
import io.lockgate.api.distribution.ErrorFormat;
import io.lockgate.redis.ReportLimits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The distribution map, and limits of its API. */
@ConfigMapping(prefix = "lockgate.distribution")
@RegisterForReflection
public interface DistributionSettings extends DistributionLimits, ReportLimits {
    /**
     * Form of the API's errors: {@code flat} as the published description has them, {@code nested} as servers of this
     * API have sent them since 20.02.
     */
    @WithDefault("flat")
    ErrorFormat errorFormat();

    /**
     * {@code opaque}: any text is the id of a file. {@code strict}: only hex object ids are
     * (docs/api-distribution.md). Changed on an empty map only: the same file has another name in the other form.
     */
    @WithDefault("opaque")
    Ids ids();

    /** What errors of strict ids call this gateway. */
    @WithDefault("lockgate")
    String providerId();

    /** Longest body of a report in bytes; more is 413. */
    @Override
    @WithDefault("8388608")
    @Within(min = 65_536, max = 8_388_608)
    int bodyLimit();

    /** Reports of more than 64 KiB taken in at the same time; more get 503 at once. Each takes up to some 20 MB. */
    @Override
    @WithDefault("4")
    @Within(min = 1, max = 100)
    int reportsAtOnce();

    /**
     * How long a report may take to arrive; then 408. Until then it holds one of the places of
     * {@code lockgate.distribution.reports-at-once}.
     */
    @Override
    @WithDefault("30s")
    @WithinTime(min = "1s", max = "10m")
    Duration reportTime();

    /** Blocks of one provider's report at most; more are refused. */
    @Override
    @WithDefault("1000000")
    @Within(min = 1_000, max = 2_000_000)
    int blocksPerReport();

    /** Providers that report of one file at most. */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 2_000)
    int reportsPerFile();

    /**
     * How long a client may take to read the answer of a file or of a provider; then the connection is closed in the
     * middle. Blocks that are removed meanwhile are kept for this time.
     */
    @Override
    @WithDefault("1m")
    @WithinTime(min = "1s", max = "1h")
    Duration readTime();

    /** See {@link #ids()}. */
    enum Ids {
        OPAQUE,
        STRICT
    }
}
