package io.lockgate.http;

import io.lockgate.identity.Identity;
import io.lockgate.identity.Permission;
import io.lockgate.range.Caller;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/** Callers by their verified identity. */
@Singleton
public class VerifiedLockCallers implements LockCallers {
    @Override
    public Caller current(RoutingContext exchange) {
        return everywhere(CurrentIdentity.confirmed(exchange));
    }

    @Override
    public Caller on(RoutingContext exchange, String file) {
        return onFile(CurrentIdentity.confirmed(exchange), file);
    }

    @Override
    public Caller keeping(RoutingContext exchange) {
        return kept(exchange, everywhere(CurrentIdentity.remembered(exchange)));
    }

    @Override
    public Caller releasing(RoutingContext exchange, boolean anyOwner) {
        return anyOwner ? current(exchange) : keeping(exchange);
    }

    @Override
    public Caller releasingOn(RoutingContext exchange, String file, boolean anyOwner) {
        return anyOwner ? on(exchange, file) : kept(exchange, onFile(CurrentIdentity.remembered(exchange), file));
    }

    @Override
    public void confirmRightsOverOthers(RoutingContext exchange) {
        Identity identity = CurrentIdentity.remembered(exchange);
        if (identity.may(Permission.LOCK_READ) || identity.may(Permission.LOCK_WRITE)) {
            CurrentIdentity.confirmed(exchange);
        }
    }

    @Override
    public boolean mayKnow(RoutingContext exchange, String file) {
        Identity identity = CurrentIdentity.confirmed(exchange);
        return identity.may(Permission.LOCK_ACQUIRE, file)
                || identity.may(Permission.LOCK_READ, file)
                || identity.may(Permission.LOCK_WRITE, file);
    }

    @Override
    public boolean maySetOwnerAddress(RoutingContext exchange) {
        return CurrentIdentity.confirmed(exchange).maySomewhere(Permission.SET_OWNER_ADDRESS);
    }

    /** Who has nothing of their own to keep wants something of others', and for that the store must answer. */
    private static Caller kept(RoutingContext exchange, Caller caller) {
        if (!caller.acquires()) {
            CurrentIdentity.confirmed(exchange);
        }
        return caller;
    }

    private static Caller everywhere(Identity identity) {
        return new Caller(
                identity.principal(),
                identity.maySomewhere(Permission.LOCK_ACQUIRE),
                identity.confirmed() && identity.may(Permission.LOCK_READ),
                identity.confirmed() && identity.may(Permission.LOCK_WRITE));
    }

    private static Caller onFile(Identity identity, String file) {
        return new Caller(
                identity.principal(),
                identity.may(Permission.LOCK_ACQUIRE, file),
                identity.confirmed() && identity.may(Permission.LOCK_READ, file),
                identity.confirmed() && identity.may(Permission.LOCK_WRITE, file));
    }
}
