package io.lockgate.range;

import java.util.Optional;

/**
 * A wish to free a range; {@link RangeLocks} decides whose locks it may touch.
 *
 * @param ownerName the machine name, or empty for every name under the owner id
 * @param anyOwner whether a caller who holds both permissions means others' locks too
 */
public record OwnReleaseRequest(
        LockSpace space,
        Protocol protocol,
        ByteRange range,
        String ownerId,
        Optional<String> ownerName,
        boolean anyOwner) {}
