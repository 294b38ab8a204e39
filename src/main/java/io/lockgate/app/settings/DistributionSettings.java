package io.lockgate.app.settings;

import io.lockgate.api.distribution.ErrorFormat;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the distribution door. */
@ConfigMapping(prefix = "lockgate.distribution")
public interface DistributionSettings {
    /** {@code flat} as the seed has errors, {@code nested} as servers of this dialect have sent them since 20.02. */
    @WithDefault("flat")
    ErrorFormat errorFormat();

    enum Ids {
        OPAQUE,
        STRICT
    }

    /**
     * {@code opaque}: any text is the id of a file. {@code strict}: only hex object ids are (docs/api-distribution.md). Changed on an empty map
     * only: the same file is called otherwise.
     */
    @WithDefault("opaque")
    Ids ids();

    /** What errors of strict ids call this gateway. */
    @WithDefault("lockgate")
    String providerId();

    /** Longest body of a report in bytes (64 KiB to 8 MiB). */
    @WithDefault("8388608")
    int bodyLimit();

    /** Reports of more than 64 KiB taken in at the same time (1 to 100); more get 503 at once. Each takes up to some 20 MB. */
    @WithDefault("4")
    int reportsAtOnce();

    /** How long a report may take to arrive (1 s to 10 min); then 408. Until then it holds one of the places above. */
    @WithDefault("30s")
    Duration reportTime();

    /** Blocks of one provider's report at most (1,000 to 2,000,000). */
    @WithDefault("1000000")
    int blocksPerReport();

    /** Providers that report of one file at most (1 to 2,000). */
    @WithDefault("1000")
    int reportsPerFile();

    /**
     * How long a client may take to read the answer of a file or of a provider (1 s to 1 h); after it the connection is closed in
     * the middle. What changes meanwhile is kept for as long.
     */
    @WithDefault("1m")
    Duration readTime();
}
