package io.lockgate.course;

import java.util.Optional;

/** How an acquire ended. */
public sealed interface CourseAcquisition {
    /**
     * The caller holds the lock, new or renewed, and no other one of its type.
     *
     * @param made for {@link CourseLockTable#rollBack}; empty when it was renewed
     */
    record Held(CourseLock lock, Optional<CourseClaim> made) implements CourseAcquisition {
        /** Renewed. */
        public Held(CourseLock lock) {
            this(lock, Optional.empty());
        }
    }

    /** Somebody else holds it, or waits for it; what the caller held before stands. */
    record HeldByAnother() implements CourseAcquisition {}

    /**
     * The call did not wait: as many calls do as may on this gateway.
     *
     * @param ofUser whether of this user; else of all
     */
    record TooManyWaiting(boolean ofUser) implements CourseAcquisition {}

    /** The key names no course. */
    record NoSuchCourse(String courseKey) implements CourseAcquisition {}

    /** The course has no such gadget. */
    record NoSuchGadget(String gadgetId) implements CourseAcquisition {}

    /** The caller's user has been deleted. */
    record NoSuchUser() implements CourseAcquisition {}
}
