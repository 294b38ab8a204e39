package io.lockgate.range;

/** The release of a range: POSIX releases exactly these bytes, SMB the lock with exactly this offset and length. */
public record UnlockSpec(Protocol protocol, ByteRange range, OwnerSelector owner) {
    /** The release of the same range, of the locks of {@code principal} alone. */
    UnlockSpec ofPrincipal(String principal) {
        return new UnlockSpec(protocol, range, owner.ofPrincipal(principal));
    }

    /** The release of the same range, of the locks of every account. */
    UnlockSpec ofAnyPrincipal() {
        return new UnlockSpec(protocol, range, owner.ofAnyPrincipal());
    }
}
