package io.lockgate.range;

import java.util.Optional;

/**
 * The owners whose locks a release by range releases.
 *
 * @param principal the account, or empty for every account (a break)
 * @param ownerName the machine name, or empty for every name under (principal, ownerId); SMB ignores it
 */
public record OwnerSelector(String ownerId, Optional<String> principal, Optional<String> ownerName) {
    /** That owner alone. */
    public static OwnerSelector exactly(Owner owner) {
        return new OwnerSelector(owner.ownerId(), Optional.of(owner.principal()), Optional.of(owner.ownerName()));
    }

    /** The owners with this owner id and machine name, but only under that principal. */
    public OwnerSelector ofPrincipal(String only) {
        return new OwnerSelector(ownerId, Optional.of(only), ownerName);
    }

    /** The owners with this owner id and machine name, under every principal. */
    OwnerSelector ofAnyPrincipal() {
        return new OwnerSelector(ownerId, Optional.empty(), ownerName);
    }

    /** Every owner with that id, whatever the principal and the machine. */
    public static OwnerSelector anybody(String ownerId) {
        return new OwnerSelector(ownerId, Optional.empty(), Optional.empty());
    }
}
