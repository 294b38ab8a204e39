package io.lockgate.range;

/**
 * One asked lock.
 *
 * @param ownerAddress address to record, an IP in text form
 * @param nodeAddress address of this gateway node
 */
public record LockRequest(
        Space space,
        Protocol protocol,
        LockModes modes,
        ByteRange range,
        Owner owner,
        String ownerAddress,
        String nodeAddress,
        Lifetime lifetime) {}
