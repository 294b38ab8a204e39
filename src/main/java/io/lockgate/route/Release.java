package io.lockgate.route;

/** How a release, ordinary or forced, ended. */
public sealed interface Release {
    /** It is free now. */
    record Released() implements Release {}

    /** Somebody else holds it; only from an ordinary release. */
    record NotYours() implements Release {}

    /** Nobody holds it. So is a release answered whose first answer was lost. */
    record NoSuchLock() implements Release {}

    /** The caller's user has been deleted; only from an ordinary release. */
    record NoSuchUser() implements Release {}
}
