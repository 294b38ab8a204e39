package io.lockgate.route;

import java.util.Optional;

/** How an acquire ended. */
public sealed interface Acquisition {
    /**
     * The caller holds the lock.
     *
     * @param made for {@link RouteLockTable#rollBack}; empty when the caller held it before this call
     */
    record Held(Optional<Claim> made) implements Acquisition {
        /** Since before. */
        public Held() {
            this(Optional.empty());
        }
    }

    /** Somebody else holds it. */
    record HeldByAnother() implements Acquisition {}

    /** The caller's user has been deleted. */
    record NoSuchUser() implements Acquisition {}
}
