package io.lockgate.range;

import java.util.Optional;

/**
 * Which grants a list shows; all parts together must hold.
 *
 * @param type opens are of SMB
 * @param file file and snapshot, all streams
 */
public record GrantFilter(
        Protocol protocol,
        LockType type,
        Optional<FileVersion> file,
        Optional<String> ownerAddress,
        Optional<String> ownerName,
        Optional<String> ownerId,
        Optional<String> principal) {

    /** Of byte ranges. */
    public GrantFilter(
            Protocol protocol,
            Optional<FileVersion> file,
            Optional<String> ownerAddress,
            Optional<String> ownerName,
            Optional<String> ownerId,
            Optional<String> principal) {
        this(protocol, LockType.BYTE_RANGE, file, ownerAddress, ownerName, ownerId, principal);
    }

    /** One version of one file. */
    public record FileVersion(long fileId, String snapshotId) {}

    public static GrantFilter all(Protocol protocol) {
        return new GrantFilter(
                protocol, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static GrantFilter ofFile(Protocol protocol, long fileId, String snapshotId) {
        return new GrantFilter(
                protocol,
                Optional.of(new FileVersion(fileId, snapshotId)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** What this filter matches of the other type. */
    public GrantFilter ofType(LockType other) {
        return new GrantFilter(protocol, other, file, ownerAddress, ownerName, ownerId, principal);
    }

    /** What this filter matches, but only what that account holds. */
    public GrantFilter ofPrincipal(String name) {
        return new GrantFilter(protocol, type, file, ownerAddress, ownerName, ownerId, Optional.of(name));
    }

    public boolean matches(Grant grant) {
        return grant.protocol() == protocol
                && grant.modes().type() == type
                && file.map(f -> f.fileId() == grant.space().fileId()
                                && f.snapshotId().equals(grant.space().snapshotId()))
                        .orElse(true)
                && ownerAddress.map(grant.ownerAddress()::equals).orElse(true)
                && ownerName.map(grant.owner().ownerName()::equals).orElse(true)
                && ownerId.map(grant.owner().ownerId()::equals).orElse(true)
                && principal.map(grant.owner().principal()::equals).orElse(true);
    }
}
