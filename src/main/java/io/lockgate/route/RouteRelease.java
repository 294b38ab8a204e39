package io.lockgate.route;

/** How a release or a break ended. */
public sealed interface RouteRelease {
    /** It is free now. */
    record Released() implements RouteRelease {}

    /** Somebody else holds it; only from an ordinary release. */
    record NotYours() implements RouteRelease {}

    /** Nobody holds it. So is a release answered whose first answer was lost. */
    record NoSuchLock() implements RouteRelease {}

    /** The caller's user has been deleted; only from an ordinary release. */
    record NoSuchUser() implements RouteRelease {}
}
