package io.lockgate.range;

import java.time.Duration;

/** How long a grant lasts when nobody releases it. Grants merge only within one kind. */
public sealed interface LockTerm {
    /** Until released: what NLM does. */
    record UntilReleased() implements LockTerm {}

    /** Until {@code length} after the last acquire or renew, by the store's clock. */
    record Lease(Duration length) implements LockTerm {}

    LockTerm UNTIL_RELEASED = new UntilReleased();

    static LockTerm lease(Duration length) {
        return new Lease(length);
    }
}
