package io.lockgate.range;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * The port for what must be remembered: every release of somebody else's lock. An entry is written <em>before</em> the
 * deed, and a trail that fails prevents it: there is no unaudited release (docs/failures.md). An entry therefore
 * says what was asked for, not that it succeeded. The time is the store's own.
 */
public interface LockAuditTrail {
    Uni<Void> record(Entry entry);

    /**
     * What is kept of one release.
     *
     * @param who principal of the administrator
     * @param what the verb: {@code release}, {@code release-grant} or {@code release-by-client}
     * @param target what it was done to, in words: range and file, grant id, or filter
     * @param whose the owner whose lock it is, as far as the request names one
     * @param why the reason given, empty when the door has no place for one
     */
    record Entry(String who, String what, String target, String whose, Optional<String> why) {}
}
