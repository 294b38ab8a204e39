package io.lockgate.range;

/**
 * A lock as a caller wants it; the {@link LockSpace} that it is for is an argument of the call.
 *
 * @param range of an open {@link ByteRange#ALL}
 * @param ownerAddress address to record, an IP in text form
 * @param nodeAddress address of this gateway node
 */
public record LockSpec(
        Protocol protocol,
        LockModes modes,
        ByteRange range,
        Owner owner,
        String ownerAddress,
        String nodeAddress,
        LockLifetime lifetime) {}
