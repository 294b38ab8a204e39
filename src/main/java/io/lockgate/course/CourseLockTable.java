package io.lockgate.course;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The port of courses, gadgets and their locks. At no time does a gadget have two locks that stand, or a user two of
 * one type; an expired lock does not stand, by the table's clock. Every method is one atomic step and safe to repeat. A
 * table that does not answer within a bounded time (below two seconds) fails the {@code Uni} with {@link
 * CourseTableUnavailableException}; what was asked may then have happened all the same.
 */
public interface CourseLockTable {
    /** The course of a key: of its id, or of its internal one in decimal. */
    Uni<Optional<Course>> findCourse(String courseKey);

    /** Makes a course known, or finds it. */
    Uni<Course> putCourse(String courseId);

    /** Makes a gadget of a known course known, or finds it. */
    Uni<Void> putGadget(Gadget gadget);

    /** The locks of a course that stand, the oldest id first. */
    Uni<List<CourseLock>> list(String courseId);

    /**
     * Acquires the lock for {@code user}. One that the user holds on the same gadget is renewed and keeps its id; one on
     * another gadget is released in the same step. When somebody else holds it, nothing changes.
     */
    Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease);

    /** Releases the lock of {@code user}. */
    Uni<CourseRelease> release(long lockId, long user);
}
