package io.lockgate.http;

import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.range.Caller;
import io.vertx.ext.web.RoutingContext;

/**
 * Says who sent a request, in the range room's terms. The doors ask it once per request and hand the answer on as a
 * parameter.
 *
 * <p>A permission with a scope holds for calls on a file that the scope names as the request does: a path prefix for calls by
 * path, a file id for calls by id. It never holds for others' locks on all files.
 */
public interface LockCallers {
    /**
     * For a call on no file or on all. A scoped right to acquire counts, since it shows and touches one's own alone.
     *
     * @throws IdentityUnavailableException when the identity is only remembered
     */
    Caller current(RoutingContext exchange);

    /**
     * For a call on one file.
     *
     * @param file its absolute path, or its id in decimal
     * @throws IdentityUnavailableException when the identity is only remembered
     */
    Caller on(RoutingContext exchange, String file);

    /**
     * For what keeps, frees or looks at one's own: also good while the store of identities does not answer, then without any
     * right over others.
     */
    Caller keeping(RoutingContext exchange);

    /** The same for a release on all files. With {@code anyOwner} the identity must be confirmed, as for {@link #current}. */
    Caller releasing(RoutingContext exchange, boolean anyOwner);

    /** The same on one file. */
    Caller releasingOn(RoutingContext exchange, String file, boolean anyOwner);

    /**
     * To be asked before "no such lock" is answered: while rights over others' locks are only remembered, the caller may be allowed to
     * see it.
     *
     * @throws IdentityUnavailableException when such rights are remembered and cannot be confirmed
     */
    void confirmRightsOverOthers(RoutingContext exchange);

    /**
     * Whether the caller may know of {@code file}: holds any permission of locks there.
     *
     * @param file its absolute path, or its id in decimal
     * @throws IdentityUnavailableException when the identity is only remembered
     */
    boolean mayKnow(RoutingContext exchange, String file);

    /** May act for other machines. */
    boolean maySetOwnerAddress(RoutingContext exchange);
}
