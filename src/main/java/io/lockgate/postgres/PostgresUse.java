package io.lockgate.postgres;

/** What Postgres is asked for. Each use has places of its own in the pool, so that a slow table stops no other use. */
public enum PostgresUse {
    /** Whose token or subject that is. */
    IDENTITY(4, 2),
    /** Passwords, new tokens, the end of one's own. */
    LOGINS(1, 1),
    FILES(2, 1),
    ROUTE_LOCKS(1, 1),
    COURSE_LOCKS(1, 1),
    /** What gateways say of the calls that wait for those locks. The attempts to acquire are of the uses above. */
    LOCK_QUEUE(1, 1),
    /** New rows of the audit trail, without which no lock is broken. */
    AUDIT(1, 1),
    /** Users, tokens and the trail, for administrators; and the sweep of ended tokens. */
    ACCOUNTS(1, 1),
    HEALTH(1, 1);

    private final int places;
    private final int fewest;

    PostgresUse(int places, int fewest) {
        this.places = places;
        this.fewest = fewest;
    }

    /** Connections kept for this use, in a pool large enough for all. */
    int places() {
        return places;
    }

    /** Connections kept for this use in a smaller pool. */
    int fewest() {
        return fewest;
    }
}
