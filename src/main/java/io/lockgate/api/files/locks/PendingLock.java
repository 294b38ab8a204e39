package io.lockgate.api.files.locks;

import io.lockgate.range.ByteRange;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockRequest;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTerm;
import io.lockgate.range.Owner;
import io.lockgate.range.Protocol;

/** An asked lock that is in order, before its file is known: an unknown path is reserved only for what is in order. */
record PendingLock(
        String snapshotId,
        String streamId,
        Protocol protocol,
        LockModes modes,
        ByteRange range,
        Owner owner,
        String ownerAddress,
        String nodeAddress,
        LockTerm lifetime) {
    LockRequest on(long fileId) {
        return new LockRequest(
                new LockSpace(fileId, snapshotId, streamId),
                protocol,
                modes,
                range,
                owner,
                ownerAddress,
                nodeAddress,
                lifetime);
    }
}
