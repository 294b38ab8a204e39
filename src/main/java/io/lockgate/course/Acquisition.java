package io.lockgate.course;

/** How an acquire ended. */
public sealed interface Acquisition {
    /** The caller holds the lock, new or renewed, and no other one of its type. */
    record Held(CourseLock lock) implements Acquisition {}

    /** Somebody else holds it; what the caller held before stands. */
    record HeldByAnother() implements Acquisition {}

    /** The key names no course. */
    record NoSuchCourse(String courseKey) implements Acquisition {}

    /** The course has no such gadget. */
    record NoSuchGadget(String gadgetId) implements Acquisition {}

    /** The caller's user has been deleted. */
    record NoSuchUser() implements Acquisition {}
}
