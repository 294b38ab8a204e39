package io.lockgate.course;

/** How a release ended. */
public sealed interface Release {
    /** It is free now. */
    record Released() implements Release {}

    /** Somebody else holds it. */
    record NotYours() implements Release {}

    /** There is none with this id: never was, released, or expired. */
    record NoSuchLock(long lockId) implements Release {}
}
