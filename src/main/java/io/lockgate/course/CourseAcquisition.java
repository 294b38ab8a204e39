package io.lockgate.course;

/** How an acquire ended. */
public sealed interface CourseAcquisition {
    /** The caller holds the lock, new or renewed, and no other one of its type. */
    record Held(CourseLock lock) implements CourseAcquisition {}

    /** Somebody else holds it; what the caller held before stands. */
    record HeldByAnother() implements CourseAcquisition {}

    /** The key names no course. */
    record NoSuchCourse(String courseKey) implements CourseAcquisition {}

    /** The course has no such gadget. */
    record NoSuchGadget(String gadgetId) implements CourseAcquisition {}

    /** The caller's user has been deleted. */
    record NoSuchUser() implements CourseAcquisition {}
}
