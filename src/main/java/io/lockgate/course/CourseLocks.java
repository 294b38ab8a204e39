package io.lockgate.course;

import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;

/**
 * The use cases of the course locks (docs/api-courses.md). They are the only orchestration of this domain. A caller
 * without the permission named gets {@link NotPermittedException}: a caller without the permission for any course before
 * anything is asked, a caller whose permission is for other courses after the key was looked up.
 */
public final class CourseLocks {
    /** How long a rollback is repeated while the table does not answer. No caller waits for it. */
    private static final Duration ROLLBACK_LIMIT = Duration.ofSeconds(30);

    private static final Duration ROLLBACK_PAUSE = Duration.ofMillis(500);

    private final CourseLockTable table;
    private final Duration lease;

    /**
     * @param lease how long a lock stands after it was acquired or renewed
     */
    public CourseLocks(CourseLockTable table, Duration lease) {
        this.table = table;
        this.lease = lease;
    }

    /** Fails a caller who may see no lock at all; to be called before the request is parsed. */
    public void requireEdit(Caller caller) {
        require(caller.maySomewhere(Permission.EDIT_COURSE), Permission.EDIT_COURSE);
    }

    /** Fails a caller who may acquire or release no lock at all. */
    public void requireEditingUser(Caller caller) {
        if (caller.user().isEmpty()) {
            throw new NotAUserException();
        }
        requireEdit(caller);
    }

    /** Fails a caller who may register nothing at all. */
    public void requireCatalog(Caller caller) {
        require(caller.maySomewhere(Permission.MANAGE_CATALOG), Permission.MANAGE_CATALOG);
    }

    /** The locks of a course. */
    public Uni<CourseListing> list(Caller caller, String courseKey) {
        requireEdit(caller);
        return table.findCourse(courseKey).chain(found -> {
            if (found.isEmpty()) {
                return item(new CourseListing.NoSuchCourse(courseKey));
            }
            String course = found.get().id();
            requireOn(caller, Permission.EDIT_COURSE, course);
            return table.list(course).map(CourseListing.Found::new);
        });
    }

    /** Acquires the lock of a gadget, or renews it; this releases any other lock of the caller. */
    public Uni<CourseAcquisition> acquire(Caller caller, String courseKey, String gadgetId) {
        requireEditingUser(caller);
        return table.findCourse(courseKey).chain(found -> {
            if (found.isEmpty()) {
                return item(new CourseAcquisition.NoSuchCourse(courseKey));
            }
            String course = found.get().id();
            requireOn(caller, Permission.EDIT_COURSE, course);
            return table.acquire(new Gadget(course, gadgetId), caller.userId(), lease);
        });
    }

    /**
     * The same, but waits for the lock while somebody else has it; until then the caller's other lock stands. The caller's
     * credential and permission are looked at again while it waits and before it is told of a lock: when they are no longer
     * good, it gets what it would get without them, and no lock.
     *
     * @param time to wait at most; zero: not at all
     * @param client whose new lock is rolled back when it has left before the answer; a call that does not wait is finished
     */
    public Uni<CourseAcquisition> acquire(
            Caller caller, String courseKey, String gadgetId, Duration time, Recipient client) {
        if (time.isZero()) {
            return acquire(caller, courseKey, gadgetId);
        }
        requireEditingUser(caller);
        return table.findCourse(courseKey).chain(found -> {
            if (found.isEmpty()) {
                return item(new CourseAcquisition.NoSuchCourse(courseKey));
            }
            String course = found.get().id();
            requireOn(caller, Permission.EDIT_COURSE, course);
            return acquire(caller, new Gadget(course, gadgetId), time, client);
        });
    }

    private Uni<CourseAcquisition> acquire(Caller caller, Gadget gadget, Duration time, Recipient client) {
        Uni<Caller> again = client.caller();
        Uni<Boolean> isPermitted = again.map(now -> now.mayExactly(Permission.EDIT_COURSE, gadget.courseId()))
                .onFailure(failure -> !(failure instanceof IdentityUnavailableException))
                .recoverWithItem(false);
        return table.acquire(gadget, caller.userId(), lease, new Waiting(time, client::isGone, () -> isPermitted))
                .chain(outcome -> again.invoke(now -> requireOn(now, Permission.EDIT_COURSE, gadget.courseId()))
                        .replaceWith(outcome)
                        .onFailure()
                        .call(failure -> madeBy(outcome)
                                .map(this::rollBack)
                                .orElseGet(() -> Uni.createFrom().item(false))))
                .invoke(outcome -> madeBy(outcome)
                        .ifPresent(claim -> client.ifGone("the lock on " + gadget, () -> rollBack(claim))));
    }

    private static Optional<CourseClaim> madeBy(CourseAcquisition outcome) {
        return outcome instanceof CourseAcquisition.Held held ? held.made() : Optional.empty();
    }

    /** Whether the lock was still there as {@link #acquire} made it. */
    private Uni<Boolean> rollBack(CourseClaim claim) {
        return table.rollBack(claim)
                .onFailure(CourseTableUnavailableException.class)
                .retry()
                .withBackOff(ROLLBACK_PAUSE, ROLLBACK_PAUSE)
                .expireIn(ROLLBACK_LIMIT.toMillis());
    }

    /** Releases a lock of the caller's own, whichever course it is in. */
    public Uni<CourseRelease> release(Caller caller, long lockId) {
        requireEditingUser(caller);
        return table.release(lockId, caller.userId());
    }

    /** Registers a course. */
    public Uni<CatalogOutcome> putCourse(Caller caller, String courseId) {
        requireOn(caller, Permission.MANAGE_CATALOG, courseId);
        return table.putCourse(courseId).map(CatalogOutcome.CourseKnown::new);
    }

    /** Registers a gadget of a known course. */
    public Uni<CatalogOutcome> putGadget(Caller caller, String courseKey, String gadgetId) {
        requireCatalog(caller);
        return table.findCourse(courseKey).chain(found -> {
            if (found.isEmpty()) {
                return item(new CatalogOutcome.NoSuchCourse(courseKey));
            }
            Gadget gadget = new Gadget(found.get().id(), gadgetId);
            requireOn(caller, Permission.MANAGE_CATALOG, gadget.courseId());
            return table.putGadget(gadget).replaceWith(new CatalogOutcome.GadgetKnown(gadget));
        });
    }

    private static <T> Uni<T> item(T outcome) {
        return Uni.createFrom().item(outcome);
    }

    private static void requireOn(Caller caller, String permission, String courseId) {
        require(caller.mayExactly(permission, courseId), permission);
    }

    private static void require(boolean permitted, String permission) {
        if (!permitted) {
            throw new NotPermittedException(permission);
        }
    }
}
