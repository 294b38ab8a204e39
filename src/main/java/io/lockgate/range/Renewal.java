package io.lockgate.range;

import java.util.List;

/** The outcome of a renew or a confirm. */
public sealed interface Renewal {
    /**
     * It stands.
     *
     * @param lost what an administrator has released of it, each as it stood with the lost range, at most {@link
     *     SessionRenewal#MOST_LOST}. Told by one renewal, and known from the next one on. Of a lock of a session the
     *     renewal of the session tells it
     * @param notices what else its owner is told, with {@code lost} at most {@link SessionRenewal#MOST_LOST}
     * @param more whether there is more than is told
     */
    record Renewed(Grant grant, List<Grant> lost, List<Notice> notices, boolean more) implements Renewal {
        /** Of which nothing was lost. */
        public Renewed(Grant grant) {
            this(grant, List.of(), List.of(), false);
        }
    }

    /** It was granted once and stands no more: expired, released, or not confirmed in time. */
    record Lost() implements Renewal {}

    /** No grant of this caller ever had this id. */
    record NoSuchLock() implements Renewal {}

    /** The grant does not expire, so it takes no lease. */
    record NotLeased() implements Renewal {}
}
