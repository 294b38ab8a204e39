package io.lockgate.course;

import io.lockgate.identity.Waiting;
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
     * another gadget is released in the same step. When somebody else holds it or {@linkplain #acquire(Gadget, long,
     * Duration, Waiting) waits} for it, nothing changes.
     */
    Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease);

    /**
     * The same, but waits while somebody else holds it. The user keeps what they hold until then. Calls of different users
     * get the lock in order of arrival, on whatever gateway they wait, when it is free, or at most about a second after it
     * expired; while a call waits, no later one of another user gets it. A call that may not wait any more, or whose time is
     * over, is refused as if it had not waited, and holds nobody back. It answers within its time and the time of one call
     * of the table.
     */
    Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease, Waiting waiting);

    /**
     * Rolls back a lock when nobody can be told of it. One that its owner has renewed since stays. The lock that it
     * replaced stands again, under its id, if it has not expired meanwhile and its gadget is free.
     *
     * @return whether it was still there as that call made it
     */
    Uni<Boolean> rollBack(CourseClaim claim);

    /**
     * Deletes locks that have expired, some at a time, so that waiters get them. An expired lock that is still there does not
     * stand all the same.
     */
    Uni<Void> sweep();

    /** Releases the lock of {@code user}. */
    Uni<CourseRelease> release(long lockId, long user);
}
