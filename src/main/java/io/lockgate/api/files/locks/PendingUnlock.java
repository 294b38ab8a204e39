package io.lockgate.api.files.locks;

import io.lockgate.range.ByteRange;
import io.lockgate.range.LockSpace;
import io.lockgate.range.OwnReleaseRequest;
import io.lockgate.range.Protocol;
import java.util.Optional;

/** An asked release that is in order, before its file is known. */
record PendingUnlock(
        String snapshotId,
        String streamId,
        Protocol protocol,
        ByteRange range,
        String ownerId,
        Optional<String> ownerName,
        boolean anyOwner) {
    OwnReleaseRequest on(long fileId) {
        return new OwnReleaseRequest(
                new LockSpace(fileId, snapshotId, streamId), protocol, range, ownerId, ownerName, anyOwner);
    }
}
