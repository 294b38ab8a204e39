package io.lockgate.redis;

/**
 * On whose account a call of Redis goes and how much work it is, for {@link FairQueue}.
 *
 * @param principal the user who asked, or {@link #SYSTEM}
 * @param kept whether it keeps or gives back what somebody holds (renew, release, fence check, find, rollback): such calls have a
 *     window of their own and are never refused for the number of the caller's requests
 * @param continued whether it goes on with a request that has begun: it counts, but is not refused half way
 * @param cost about how many times the work of one acquire; at least 1
 */
record Share(String principal, boolean kept, boolean continued, int cost) {
    /** Sweeps, checks and rollbacks: one share among those of the users. No user has an empty name. */
    static final String SYSTEM = "";

    /** Entries read by a list that cost about as much as one acquire. */
    private static final int ENTRIES = 25;

    Share {
        cost = Math.max(1, cost);
    }

    /** A new request of a user. */
    static Share asked(String principal, int cost) {
        return new Share(principal, false, false, cost);
    }

    static Share kept(String principal, int cost) {
        return new Share(principal, true, false, cost);
    }

    /** What reading so many entries costs. */
    static int ofEntries(int entries) {
        return 1 + entries / ENTRIES;
    }

    /** A further call of the same request. */
    Share continuing(int nextCost) {
        return new Share(principal, kept, true, nextCost);
    }

    /** Whether it counts as a request of its principal. */
    boolean counted() {
        return !kept && !principal.isEmpty();
    }
}
