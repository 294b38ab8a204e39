package io.lockgate.route;

import java.util.Optional;

/** How an acquire ended. */
public sealed interface RouteAcquisition {
    /**
     * The caller holds the lock.
     *
     * @param made for {@link RouteLockTable#rollBack}; empty when the caller held it before this call
     */
    record Held(Optional<RouteClaim> made) implements RouteAcquisition {
        /** Since before. */
        public Held() {
            this(Optional.empty());
        }
    }

    /** Somebody else holds it, or waits for it. */
    record HeldByAnother() implements RouteAcquisition {}

    /**
     * The call did not wait: as many calls do as may on this gateway.
     *
     * @param ofUser whether of this user; else of all
     */
    record TooManyWaiting(boolean ofUser) implements RouteAcquisition {}

    /** The caller's user has been deleted. */
    record NoSuchUser() implements RouteAcquisition {}
}
