package io.lockgate.api.distribution;

import io.lockgate.distribution.Caller;
import io.vertx.ext.web.RoutingContext;

/** Says who sent a request of this door, in the distribution room's terms. */
public interface DistributionCallers {
    /**
     * The caller, whom the guard has let in.
     *
     * @throws io.lockgate.identity.IdentityUnavailableException when the identity is only remembered
     */
    Caller current(RoutingContext exchange);
}
