package io.lockgate.range;

/**
 * One asked lock.
 *
 * @param ownerAddress address to record, an IP in text form
 * @param nodeAddress address of this gateway node
 */
public record LockRequest(
        LockSpace space,
        Protocol protocol,
        LockModes modes,
        ByteRange range,
        Owner owner,
        String ownerAddress,
        String nodeAddress,
        LockTerm lifetime) {}
