package io.lockgate.range;

/** One asked release of a range: POSIX frees exactly these bytes, SMB the lock with exactly this offset and length. */
public record UnlockRequest(LockSpace space, Protocol protocol, ByteRange range, OwnerSelector owner) {}
