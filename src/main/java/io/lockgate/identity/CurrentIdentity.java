package io.lockgate.identity;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** Who sent the current request, for doors to ask. */
@Singleton
public class CurrentIdentity {
    private static final String KEY = "lockgate.identity";

    private final CurrentVertxRequest request;

    CurrentIdentity(CurrentVertxRequest request) {
        this.request = request;
    }

    static void set(RoutingContext exchange, Identity identity) {
        exchange.put(KEY, identity);
    }

    /** Who it is, possibly from memory while the store does not answer: for keeping and freeing one's own, no more. */
    public Identity remembered() {
        return of(request.getCurrent());
    }

    /**
     * Who it is, as the store says.
     *
     * @throws IdentityUnavailableException when that is only remembered
     */
    public Identity confirmed() {
        Identity identity = remembered();
        if (!identity.confirmed()) {
            throw new IdentityUnavailableException("the identity is only remembered");
        }
        return identity;
    }

    /** The same for a request at hand. */
    public static Identity of(RoutingContext exchange) {
        @Nullable Identity identity = exchange.get(KEY);
        if (identity == null) {
            throw new IllegalStateException("this call is open to everybody, so nobody is known");
        }
        return identity;
    }
}
