package io.lockgate.http;

import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The caller of a request. It is kept on the request itself, not in a thread or a scope. */
public final class CurrentCaller {
    private static final String KEY = "lockgate.caller";
    private static final String AGAIN = "lockgate.caller.again";

    private CurrentCaller() {}

    /** @param again looks the caller up as for the request itself */
    static void set(RoutingContext context, Caller caller, Supplier<Uni<Caller>> again) {
        context.put(KEY, caller);
        context.put(AGAIN, again);
    }

    /** The caller as {@link #confirmed} would be now. Fails as authentication would, and when they are only remembered. */
    static Uni<Caller> lookUpAgain(RoutingContext context) {
        @Nullable Supplier<Uni<Caller>> again = context.get(AGAIN);
        if (again == null) {
            throw new IllegalStateException("this call needs no credential, so it has no caller");
        }
        return again.get().map(Caller::requireConfirmed);
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
