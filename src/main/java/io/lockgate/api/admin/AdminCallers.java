package io.lockgate.api.admin;

import io.lockgate.route.Caller;
import io.vertx.ext.web.RoutingContext;

/** Says who sent a request of this door, in the route room's terms. */
public interface AdminCallers {
    /**
     * The caller, whom the guard has let in: neither without a good credential nor deleted.
     *
     * @throws io.lockgate.identity.IdentityUnavailableException when the identity is only remembered
     */
    Caller current(RoutingContext exchange);
}
