package io.lockgate.range;

/** The outcome of a renew or a confirm. */
public sealed interface Renewal {
    record Renewed(Grant grant) implements Renewal {}

    /** It was granted once and stands no more: expired, released, or not confirmed in time. */
    record Lost() implements Renewal {}

    /** No grant of this caller ever had this id. */
    record NoSuchLock() implements Renewal {}

    /** The grant does not expire, so it takes no lease. */
    record NotLeased() implements Renewal {}
}
