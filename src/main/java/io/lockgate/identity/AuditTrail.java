package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * The port of the audit trail: every break of a lock, and every change of a user or token. An entry is written
 * <em>before</em> the change, and a trail that fails prevents it: there is no unaudited change
 * (docs/failures.md). An entry therefore says what was asked for, not that it succeeded. The time is the store's own.
 */
public interface AuditTrail {
    Uni<Void> record(Entry entry);

    /**
     * One entry.
     *
     * @param who principal of the administrator
     * @param what the verb, such as {@code release}, {@code release-grant} or {@code release-by-client}
     * @param target what it was done to, in words: range and file, grant id, or filter
     * @param whose the owner whose lock it is, as far as the request names one
     * @param why the reason given, empty when the API has no place for one
     */
    record Entry(String who, String what, String target, String whose, Optional<String> why) {}
}
