package io.lockgate.distribution;

/** Who asks, as far as this room must know. */
public interface Caller {
    /** The authenticated account. */
    String principal();

    /** Holds {@code read-distribution} for that file. */
    boolean mayRead(String file);

    /** Is bound to that provider by {@code report-distribution}, or holds {@code report-any-distribution}. */
    boolean mayReport(String provider);
}
