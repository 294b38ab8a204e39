package io.lockgate.range;

import java.time.Duration;

/** How long a grant lasts when nobody releases it. Grants merge only within one kind. */
public sealed interface LockLifetime {
    /** Until released: what NLM does. */
    record UntilReleased() implements LockLifetime {}

    /** Until {@code length} after the last acquire or renew, by the store's clock. */
    record Lease(Duration length) implements LockLifetime {}

    /** As long as a client session: the lock's principal must have opened it. */
    record InSession(SessionId session) implements LockLifetime {}

    LockLifetime UNTIL_RELEASED = new UntilReleased();

    static LockLifetime lease(Duration length) {
        return new Lease(length);
    }

    static LockLifetime of(SessionId session) {
        return new InSession(session);
    }
}
