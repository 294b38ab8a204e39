package io.lockgate.course;

import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.smallrye.mutiny.Uni;
import java.time.Duration;

/**
 * The use cases of the course locks (docs/api-courses.md). They are the only orchestration of this domain. A caller
 * without the permission named gets {@link NotPermittedException}: a caller without the permission for any course before
 * anything is asked, a caller whose permission is for other courses after the key was looked up.
 */
public final class CourseLocks {
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
