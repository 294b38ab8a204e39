package io.lockgate.route;

import io.smallrye.mutiny.Uni;

/**
 * The port for what must be remembered: every removal of somebody else's lock. An entry is written <em>before</em> the deed,
 * and a trail that fails prevents it (docs/failures.md). So an entry says what was asked for, not that it succeeded.
 */
public interface RouteAuditTrail {
    /** Fails when the entry is not kept, with {@link RouteTableUnavailableException} when that may change. */
    Uni<Void> record(Entry entry);

    /**
     * What is kept of one removal.
     *
     * @param who name of the administrator
     * @param what the lock
     * @param whose name of its holder
     * @param why the reason given
     */
    record Entry(String who, RouteLockId what, String whose, String why) {}
}
