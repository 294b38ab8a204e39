package io.lockgate.range.event;

import io.lockgate.range.Grant;
import io.lockgate.range.LockRights;
import io.lockgate.range.SessionId;
import java.util.Optional;

/**
 * Which events a stream tells; all parts together must hold.
 *
 * @param fileId unsigned 64-bit
 * @param snapshotId a version of the file, empty text for the head; no value for all versions
 */
public record EventFilter(
        Optional<Long> fileId,
        Optional<String> snapshotId,
        Optional<String> ownerAddress,
        Optional<String> ownerName,
        Optional<String> ownerId,
        Optional<SessionId> session,
        boolean mine) {

    /** The same for one file. */
    public EventFilter onFile(long id) {
        return new EventFilter(Optional.of(id), snapshotId, ownerAddress, ownerName, ownerId, session, mine);
    }

    /** Whether the holder of {@code rights} is told: without the right to read, of its own locks alone. */
    boolean matches(LockRights rights, Grant grant) {
        return ((rights.reads() && !mine) || rights.owns(grant))
                && fileId.map(id -> id == grant.space().fileId()).orElse(true)
                && snapshotId.map(grant.space().snapshotId()::equals).orElse(true)
                && ownerAddress.map(grant.ownerAddress()::equals).orElse(true)
                && ownerName.map(grant.owner().ownerName()::equals).orElse(true)
                && ownerId.map(grant.owner().ownerId()::equals).orElse(true)
                && (session.isEmpty() || session.equals(grant.session()));
    }
}
