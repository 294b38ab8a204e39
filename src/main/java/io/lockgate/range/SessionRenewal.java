package io.lockgate.range;

import java.util.List;

/** The outcome of a heartbeat. */
public sealed interface SessionRenewal {
    /** Locks that a renewal tells at most. */
    int MOST_LOST = 100;

    /**
     * It lives for its whole length again, in every bucket.
     *
     * @param lost what an administrator has released of its locks, as it stood: of a lock that was cut the lost range.
     *     Told by one renewal, and known from the next one on
     * @param notices what else its owner is told, with {@code lost} at most {@link #MOST_LOST}
     * @param more whether there is more than is told
     */
    record Renewed(Session session, List<Grant> lost, List<Notice> notices, boolean more) implements SessionRenewal {}

    /** It has expired or was ended, and all its locks with it. Answered for 10 minutes. */
    record Lost() implements SessionRenewal {}

    /** No session of this caller has this id, or it ended more than 10 minutes ago. */
    record NoSuchSession() implements SessionRenewal {}
}
