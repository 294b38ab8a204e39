package io.lockgate.identity;

import io.lockgate.range.Caller;

/**
 * Says who sent the current request, in the range room's terms. The doors ask it once per request and hand the answer on as a
 * parameter.
 *
 * <p>A permission with a scope holds for calls on a file that the scope names as the request does: a path prefix for calls by
 * path, a file id for calls by id. It never holds for others' locks on all files.
 */
public interface Callers {
    /**
     * For a call on no file or on all. A scoped right to acquire counts, since it shows and touches one's own alone.
     *
     * @throws IdentityUnavailableException when the identity is only remembered
     */
    Caller current();

    /**
     * For a call on one file.
     *
     * @param file its absolute path, or its id in decimal
     * @throws IdentityUnavailableException when the identity is only remembered
     */
    Caller on(String file);

    /**
     * For what keeps, frees or looks at one's own: also good while the store of identities does not answer, then without any
     * right over others.
     */
    Caller keeping();

    /** The same on one file. */
    Caller keepingOn(String file);

    /** May act for other machines. */
    boolean maySetOwnerAddress();
}
