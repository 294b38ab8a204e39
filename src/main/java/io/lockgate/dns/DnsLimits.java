package io.lockgate.dns;

import java.time.Duration;

/** Limits of reverse look-ups. The settings {@code lockgate.files.*} implement it. */
public interface DnsLimits {
    /** Reverse look-ups at the same moment, all requests together. */
    int dnsConcurrency();

    /** Time that one reverse look-up may take, its wait for a thread included. */
    Duration dnsTimeout();

    /** Time that all look-ups of one request may take. */
    Duration dnsDeadline();
}
