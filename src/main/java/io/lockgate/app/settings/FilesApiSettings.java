package io.lockgate.app.settings;

import io.lockgate.api.files.FilesLimits;
import io.lockgate.dns.DnsLimits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Files, and limits of the files API. */
@ConfigMapping(prefix = "lockgate.files")
@RegisterForReflection
public interface FilesApiSettings extends FilesLimits, DnsLimits {
    /**
     * Rows of a page when a list is asked for without {@code limit}; at most {@code lockgate.files.page-max}. The
     * clients that send no limit also follow no paging, so a small number hides locks from them.
     */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 10_000)
    int pageDefault();

    /**
     * Rows of a page at most; a greater {@code limit} is this many. The official client asks for 1,000 and takes a
     * shorter page for the last one, so less would silently end its lists early.
     */
    @Override
    @WithDefault("10000")
    @Within(min = 1_000, max = 10_000)
    int pageMax();

    /** Longest request body in bytes; more is 413. */
    @Override
    @WithDefault("65536")
    @Within(min = 1_024, max = 1_048_576)
    int bodyLimit();

    /** Ranges of one batch, locks and unlocks together: one atomic step stalls all others while it runs. */
    @Override
    @WithDefault("100")
    @Within(min = 1, max = 100)
    int batchLimit();

    /** Ids or addresses in one resolve call. */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 10_000)
    int resolveLimit();

    /** Reverse look-ups of addresses at the same moment, all requests together; each holds a thread. */
    @Override
    @WithDefault("32")
    @Within(min = 1, max = 256)
    int dnsConcurrency();

    /**
     * Time that the look-up of one address may take, its wait for a thread included; then its result is
     * {@code TIMEOUT}.
     */
    @Override
    @WithDefault("1s")
    @WithinTime(min = "100ms", max = "10s")
    Duration dnsTimeout();

    /** Time that all look-ups of one request may take; those without an answer then are {@code TIMEOUT}. */
    @Override
    @WithDefault("20s")
    @WithinTime(min = "1s", max = "60s")
    Duration dnsDeadline();
}
