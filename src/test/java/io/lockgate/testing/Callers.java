package io.lockgate.testing;

import io.lockgate.identity.Caller;
import io.lockgate.identity.Permission;
import io.lockgate.identity.TokenKind;
import java.util.stream.Stream;

/** Callers for tests of the domains. */
public final class Callers {
    private Callers() {}

    /** A confirmed user that holds these permissions everywhere. */
    public static Caller user(long id, String name, String... permissions) {
        return new Caller(
                name,
                id,
                TokenKind.BEARER,
                Caller.NO_TOKEN,
                true,
                true,
                Stream.of(permissions).map(Permission::everywhere).toList());
    }
}
