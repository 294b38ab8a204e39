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
        return kept(everywhere(current.remembered()));
    }

    @Override
    public Caller keepingOn(String file) {
        return kept(onFile(current.remembered(), file));
    }

    @Override
    public boolean maySetOwnerAddress() {
        return current.confirmed().maySomewhere(Permission.SET_OWNER_ADDRESS);
    }

    /** Who has nothing of their own to keep wants something of others', and for that the store must answer. */
    private Caller kept(Caller caller) {
        if (!caller.acquires()) {
            current.confirmed();
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
