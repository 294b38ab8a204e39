package io.lockgate.route;

/** How an acquire ended. */
public sealed interface Acquisition {
    /** The caller holds the lock, since now or since before. */
    record Held() implements Acquisition {}

    /** Somebody else holds it. */
    record HeldByAnother() implements Acquisition {}

    /** The caller's user has been deleted. */
    record NoSuchUser() implements Acquisition {}
}
