package io.lockgate.range;

/**
 * Who asks, as far as this room must know. Every use case takes it.
 *
 * @param principal the authenticated account
 * @param acquires may take, test, renew and free locks of its own ({@code PRIVILEGE_FS_LOCK_ACQUIRE})
 * @param reads may see everybody's locks ({@code PRIVILEGE_FS_LOCK_READ})
 * @param administers may free anybody's locks ({@code PRIVILEGE_FS_LOCK_WRITE})
 */
public record Caller(String principal, boolean acquires, boolean reads, boolean administers) {
    /** Whether this caller may see who holds {@code grant}. */
    public boolean maySee(Grant grant) {
        return reads || owns(grant);
    }

    public boolean owns(Grant grant) {
        return principal.equals(grant.owner().principal());
    }
}
