package io.lockgate.door.files;

import io.lockgate.range.ByteRange;
import io.lockgate.range.Lifetime;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockRequest;
import io.lockgate.range.Owner;
import io.lockgate.range.Protocol;
import io.lockgate.range.Space;

/** An asked lock that is in order, before its file is known: an unknown path is reserved only for what is in order. */
record LockOrder(
        String snapshotId,
        String streamId,
        Protocol protocol,
        LockModes modes,
        ByteRange range,
        Owner owner,
        String ownerAddress,
        String nodeAddress,
        Lifetime lifetime) {
    LockRequest on(long fileId) {
        return new LockRequest(
                new Space(fileId, snapshotId, streamId),
                protocol,
                modes,
                range,
                owner,
                ownerAddress,
                nodeAddress,
                lifetime);
    }
}
