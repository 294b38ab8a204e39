package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of the files door. */
@ConfigMapping(prefix = "lockgate.files")
public interface FilesApiSettings {
    /**
     * Rows of a page when a list is asked for without {@code limit} (1 to 10,000). The clients that send no limit also
     * follow no paging, so a small number hides locks from them.
     */
    @WithDefault("1000")
    int pageDefault();

    /**
     * Rows of a page at most (1,000 to 10,000); a greater {@code limit} is this many. The official client asks for
     * 1,000 and takes a shorter page for the last one, so less would silently end its lists early.
     */
    @WithDefault("10000")
    int pageMax();

    /** Longest request body in bytes (1,024 to 1,048,576); more is 413. */
    @WithDefault("65536")
    int bodyLimit();

    /** Ranges of one batch, locks and unlocks together (1 to 100): one atomic step stalls all others while it runs. */
    @WithDefault("100")
    int batchLimit();

    /** Ids or addresses in one resolve call (1 to 10,000). */
    @WithDefault("1000")
    int resolveLimit();

    /** Reverse look-ups of addresses at the same moment, all requests together (1 to 256); each holds a thread. */
    @WithDefault("32")
    int dnsConcurrency();

    /** Time that the look-up of one address may take (100 ms to 10 s); then its result is {@code TIMEOUT}. */
    @WithDefault("1s")
    Duration dnsTimeout();

    /** Time that all look-ups of one request may take (1 s to 60 s); those not answered then are {@code TIMEOUT}. */
    @WithDefault("20s")
    Duration dnsDeadline();
}
