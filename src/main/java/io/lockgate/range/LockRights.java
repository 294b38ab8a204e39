package io.lockgate.range;

import io.lockgate.file.FileRef;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;

/**
 * What a caller may do with byte-range locks in one call (docs/lock-semantics.md, "Permissions and visibility").
 *
 * <p>A permission with a scope holds for calls on a file that the scope names as the request does: a path prefix for
 * calls by path, a file id for calls by id. It never holds for others' locks on all files.
 *
 * @param principal the authenticated account
 * @param acquires may acquire, test, renew and release locks of its own ({@code PRIVILEGE_FS_LOCK_ACQUIRE})
 * @param reads may see everybody's locks ({@code PRIVILEGE_FS_LOCK_READ})
 * @param administers may break anybody's locks ({@code PRIVILEGE_FS_LOCK_WRITE})
 */
public record LockRights(String principal, boolean acquires, boolean reads, boolean administers) {
    /**
     * For a call on no file or on all. A scoped right to acquire counts, since it shows and touches one's own locks
     * alone.
     *
     * @throws IdentityUnavailableException when the caller is only remembered
     */
    public static LockRights everywhere(Caller caller) {
        return rightsEverywhere(caller.requireConfirmed());
    }

    /**
     * For a call on one file.
     *
     * @throws IdentityUnavailableException when the caller is only remembered
     */
    public static LockRights onFile(Caller caller, FileRef file) {
        return rightsOnFile(caller.requireConfirmed(), file.scope());
    }

    /**
     * For a call that keeps, releases or looks at the caller's own locks: also good while the store of identities does
     * not answer, then without any right over others.
     *
     * @throws IdentityUnavailableException when the caller is only remembered and may not acquire
     */
    public static LockRights ofOwnLocks(Caller caller) {
        return confirmedUnlessOwn(caller, rightsEverywhere(caller));
    }

    /**
     * For a release on all files: as {@link #everywhere} with {@code anyOwner}, which may break locks of others; else as
     * {@link #ofOwnLocks}.
     *
     * @throws IdentityUnavailableException when the caller is only remembered, and says {@code anyOwner} or may not
     *     acquire
     */
    public static LockRights forRelease(Caller caller, boolean anyOwner) {
        return anyOwner ? everywhere(caller) : ofOwnLocks(caller);
    }

    /**
     * For a release on one file: as {@link #onFile} with {@code anyOwner}, which may break locks of others. Else a
     * caller who is only remembered may release its own locks there, without any right over others.
     *
     * @throws IdentityUnavailableException when the caller is only remembered, and says {@code anyOwner} or may not
     *     acquire
     */
    public static LockRights forReleaseOn(Caller caller, FileRef file, boolean anyOwner) {
        return anyOwner ? onFile(caller, file) : confirmedUnlessOwn(caller, rightsOnFile(caller, file.scope()));
    }

    /**
     * To be called before "no such lock" is answered: while rights over others' locks are only remembered, the caller
     * may be allowed to see it.
     *
     * @throws IdentityUnavailableException when such rights are remembered and cannot be confirmed
     */
    public static void confirmRightsOverOthers(Caller caller) {
        if (caller.may(Permission.LOCK_READ) || caller.may(Permission.LOCK_WRITE)) {
            caller.requireConfirmed();
        }
    }

    /**
     * Whether the caller may know of {@code file}: holds any permission of locks there.
     *
     * @throws IdentityUnavailableException when the caller is only remembered
     */
    public static boolean mayKnow(Caller caller, FileRef file) {
        caller.requireConfirmed();
        return caller.may(Permission.LOCK_ACQUIRE, file.scope())
                || caller.may(Permission.LOCK_READ, file.scope())
                || caller.may(Permission.LOCK_WRITE, file.scope());
    }

    /** Whether the caller may name another machine than its own as the owner. */
    public static boolean maySetOwnerAddress(Caller caller) {
        return caller.requireConfirmed().maySomewhere(Permission.SET_OWNER_ADDRESS);
    }

    /**
     * Fails a caller without any permission of locks. For answers that everybody with one of them may have.
     *
     * @throws NotPermittedException when the caller may neither acquire nor read nor break locks
     */
    public void requireAny() {
        if (!acquires && !reads && !administers) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
    }

    /**
     * {@code lock}, which a caller acquires for its own principal.
     *
     * @throws IllegalArgumentException when it is for another
     */
    public LockSpec requireOwn(LockSpec lock) {
        if (!principal.equals(lock.owner().principal())) {
            throw new IllegalArgumentException("a lock is acquired for the caller's own principal");
        }
        return lock;
    }

    /** Whether this caller may see who holds {@code grant}. */
    public boolean maySee(Grant grant) {
        return reads || owns(grant);
    }

    /**
     * The same, for showing locks that the caller may break: who may break a lock may see whose it is. Tokens stay with
     * their owners.
     *
     * @throws IllegalStateException when the caller may not break locks
     */
    public LockRights forShowingBroken() {
        if (!administers) {
            throw new IllegalStateException("the caller may not break locks");
        }
        return new LockRights(principal, acquires, true, true);
    }

    public boolean owns(Grant grant) {
        return principal.equals(grant.owner().principal());
    }

    /** A caller that may not acquire can only act on others' locks, which needs a confirmed identity. */
    private static LockRights confirmedUnlessOwn(Caller caller, LockRights rights) {
        if (!rights.acquires()) {
            caller.requireConfirmed();
        }
        return rights;
    }

    private static LockRights rightsEverywhere(Caller caller) {
        return new LockRights(
                caller.principal(),
                caller.maySomewhere(Permission.LOCK_ACQUIRE),
                caller.confirmed() && caller.may(Permission.LOCK_READ),
                caller.confirmed() && caller.may(Permission.LOCK_WRITE));
    }

    private static LockRights rightsOnFile(Caller caller, String file) {
        return new LockRights(
                caller.principal(),
                caller.may(Permission.LOCK_ACQUIRE, file),
                caller.confirmed() && caller.may(Permission.LOCK_READ, file),
                caller.confirmed() && caller.may(Permission.LOCK_WRITE, file));
    }
}
