package io.lockgate.api.admin;

/** Limits of the admin API. The settings {@code lockgate.admin.*} implement it. */
public interface AdminLimits {
    /** Longest request body in bytes. */
    int bodyLimit();

    /** Rows of a page when no limit is asked for. */
    int pageDefault();

    /** Rows of a page at most. */
    int pageMax();
}
