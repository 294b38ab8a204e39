package io.lockgate.identity;

import io.lockgate.range.Caller;
import jakarta.inject.Singleton;

/** Callers by their verified identity. */
@Singleton
public class VerifiedCallers implements Callers {
    private final CurrentIdentity current;

    VerifiedCallers(CurrentIdentity current) {
        this.current = current;
    }

    @Override
    public Caller current() {
        return everywhere(current.confirmed());
    }

    @Override
    public Caller on(String file) {
        return onFile(current.confirmed(), file);
    }

    @Override
    public Caller keeping() {
        return everywhere(current.remembered());
    }

    @Override
    public Caller keepingOn(String file) {
        return onFile(current.remembered(), file);
    }

    @Override
    public boolean maySetOwnerAddress() {
        return current.confirmed().maySomewhere(Permission.SET_OWNER_ADDRESS);
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
