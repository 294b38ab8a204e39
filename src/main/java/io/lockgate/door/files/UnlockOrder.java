package io.lockgate.door.files;

import io.lockgate.range.ByteRange;
import io.lockgate.range.Protocol;
import io.lockgate.range.ReleaseOrder;
import io.lockgate.range.Space;
import java.util.Optional;

/** An asked release that is in order, before its file is known. */
record UnlockOrder(
        String snapshotId,
        String streamId,
        Protocol protocol,
        ByteRange range,
        String ownerId,
        Optional<String> ownerName,
        boolean anyOwner) {
    ReleaseOrder on(long fileId) {
        return new ReleaseOrder(new Space(fileId, snapshotId, streamId), protocol, range, ownerId, ownerName, anyOwner);
    }
}
