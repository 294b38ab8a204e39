package io.lockgate.redis.topology;

/**
 * On whose account a call of Redis goes and how much work it is, for {@link FairQueue}.
 *
 * @param principal the user who asked, or {@link #SYSTEM}
 * @param kept whether it keeps or releases what somebody holds (renew, release, fence check, find, rollback): such
 *     calls have a window of their own and are never refused for the number of the caller's requests
 * @param continued whether it goes on with a request that has begun: it counts, but is not refused half way
 * @param renewal whether it renews a lease: it waits in a queue of its own, not behind the releases of its principal
 * @param cost about how many times the work of one acquire; at least 1
 */
public record CallCost(String principal, boolean kept, boolean continued, boolean renewal, int cost) {
    /** Sweeps, checks and rollbacks: one share among those of the users. No user has an empty name. */
    public static final String SYSTEM = "";

    /** Looks for events, for all who listen: a share of their own, so that sweeps do not wait for them. */
    public static final String EVENTS = "\0events";

    /** No name of a user begins so. */
    private static final String RENEWALS = "\0renew ";

    /** Entries read by a list that cost about as much as one acquire. */
    private static final int ENTRIES = 25;

    public CallCost {
        cost = Math.max(1, cost);
    }

    /** A new request of a user. */
    public static CallCost asked(String principal, int cost) {
        return new CallCost(principal, false, false, false, cost);
    }

    public static CallCost kept(String principal, int cost) {
        return new CallCost(principal, true, false, false, cost);
    }

    /** The renewal of a lease. */
    public static CallCost renewed(String principal) {
        return new CallCost(principal, true, false, true, 1);
    }

    /** The cost of reading that many entries. */
    public static int ofEntries(int entries) {
        return 1 + entries / ENTRIES;
    }

    /** A further call of the same request. */
    public CallCost continuing(int nextCost) {
        return new CallCost(principal, kept, true, renewal, nextCost);
    }

    /**
     * Whose share of the server it takes. A lease ends while its renewal waits, a lock that is released late only stands
     * longer: so a user's renewals have a share beside that of the user's releases.
     */
    public String flow() {
        return renewal ? RENEWALS + principal : principal;
    }

    /** Whether it counts as a request of its principal. */
    public boolean counted() {
        return !kept && !principal.equals(SYSTEM) && !principal.equals(EVENTS);
    }
}
