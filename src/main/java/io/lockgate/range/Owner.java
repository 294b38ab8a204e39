package io.lockgate.range;

/**
 * The holder of a lock. In POSIX the owner is all three; in SMB it is the handle, (principal, ownerId), and
 * {@code ownerName} is only shown (docs/lock-semantics.md).
 *
 * @param principal the authenticated account, never chosen by the client
 * @param ownerId opaque id of the process or handle, 1 to 256 bytes, no control characters
 * @param ownerName name of the machine, 0 to 256 bytes, no control characters
 */
public record Owner(String principal, String ownerId, String ownerName) {}
