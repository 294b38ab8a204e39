package io.lockgate.http;

import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** The caller of a request. It is kept on the request itself, not in a thread or a scope. */
public final class CurrentCaller {
    private static final String KEY = "lockgate.caller";

    private CurrentCaller() {}

    static void set(RoutingContext context, Caller caller) {
        context.put(KEY, caller);
    }

    /**
     * The caller, possibly from memory while the store does not answer ({@link Caller#confirmed()}): then good for
     * keeping and releasing the caller's own locks, and for nothing else.
     */
    public static Caller of(RoutingContext context) {
        @Nullable Caller caller = context.get(KEY);
        if (caller == null) {
            throw new IllegalStateException("this call needs no credential, so it has no caller");
        }
        return caller;
    }

    /**
     * The caller as the store says.
     *
     * @throws IdentityUnavailableException when they are only remembered
     */
    public static Caller confirmed(RoutingContext context) {
        return of(context).requireConfirmed();
    }
}
