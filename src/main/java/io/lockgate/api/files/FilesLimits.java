package io.lockgate.api.files;

import java.time.Duration;

/**
 * Limits of the files door; where they come from is none of its business.
 *
 * @param pageDefault rows of a page when the client asks for no number
 * @param pageMax rows of a page at most; more asked is this many
 * @param bodyBytes longest request body
 * @param batchRanges ranges of one batch, locks and unlocks together
 * @param resolveIds ids or addresses of one resolve call
 * @param dnsConcurrency reverse look-ups at the same moment, all requests together
 * @param dnsTimeout time that one reverse look-up may take, waiting for its turn not counted
 * @param dnsDeadline time that all look-ups of one request may take; what is not answered then is {@code TIMEOUT}
 */
public record FilesLimits(
        int pageDefault,
        int pageMax,
        int bodyBytes,
        int batchRanges,
        int resolveIds,
        int dnsConcurrency,
        Duration dnsTimeout,
        Duration dnsDeadline) {}
