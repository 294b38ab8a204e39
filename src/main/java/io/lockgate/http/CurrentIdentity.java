package io.lockgate.http;

import io.lockgate.identity.Identity;
import io.lockgate.identity.IdentityUnavailableException;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Who sent a request. Kept on the request itself and asked for with it in hand: there is no request of a thread or a scope. */
public final class CurrentIdentity {
    private static final String KEY = "lockgate.identity";

    private CurrentIdentity() {}

    static void set(RoutingContext exchange, Identity identity) {
        exchange.put(KEY, identity);
    }

    /** Who it is, possibly from memory while the store does not answer: for keeping and freeing one's own, no more. */
    public static Identity remembered(RoutingContext exchange) {
        @Nullable Identity identity = exchange.get(KEY);
        if (identity == null) {
            throw new IllegalStateException("this call is open to everybody, so nobody is known");
        }
        return identity;
    }

    /**
     * Who it is, as the store says.
     *
     * @throws IdentityUnavailableException when that is only remembered
     */
    public static Identity confirmed(RoutingContext exchange) {
        Identity identity = remembered(exchange);
        if (!identity.confirmed()) {
            throw new IdentityUnavailableException("the identity is only remembered");
        }
        return identity;
    }
}
