package io.lockgate.course;

/** How a release ended. */
public sealed interface CourseRelease {
    /** It is free now. */
    record Released() implements CourseRelease {}

    /** Somebody else holds it. */
    record NotYours() implements CourseRelease {}

    /** There is none with this id: never was, released, or expired. */
    record NoSuchLock(long lockId) implements CourseRelease {}
}
