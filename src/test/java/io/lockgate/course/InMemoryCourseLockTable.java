package io.lockgate.course;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The double of the table: everything under one monitor. */
final class InMemoryCourseLockTable implements CourseLockTable {
    private record Row(long id, Gadget on, long owner, long endNanos) {
        boolean lives() {
            return endNanos - System.nanoTime() > 0;
        }

        CourseLock shown() {
            return new CourseLock(id, on, owner, Duration.ofNanos(endNanos - System.nanoTime()));
        }
    }

    private final Set<Long> users;
    private final Map<String, Course> courses = new LinkedHashMap<>();
    private final Set<Gadget> gadgets = new HashSet<>();
    private final List<Row> rows = new ArrayList<>();
    private long ids;

    InMemoryCourseLockTable(Set<Long> users) {
        this.users = users;
    }

    @Override
    public Uni<Optional<Course>> findCourse(String courseKey) {
        return step(() -> courses.values().stream()
                .filter(course -> course.id().equals(courseKey)
                        || Long.toString(course.internalId()).equals(courseKey))
                .findFirst());
    }

    @Override
    public Uni<Course> putCourse(String courseId) {
        return step(() -> courses.computeIfAbsent(courseId, id -> new Course(id, ++ids)));
    }

    @Override
    public Uni<Void> putGadget(Gadget gadget) {
        return step(() -> gadgets.add(gadget)).replaceWithVoid();
    }

    @Override
    public Uni<List<CourseLock>> list(String courseId) {
        return step(() -> rows.stream()
                .filter(row -> row.on().courseId().equals(courseId) && row.lives())
                .map(Row::shown)
                .toList());
    }

    @Override
    public Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease) {
        return step(() -> {
            if (!users.contains(user)) {
                return new CourseAcquisition.NoSuchUser();
            }
            if (!gadgets.contains(gadget)) {
                return new CourseAcquisition.NoSuchGadget(gadget.gadgetId());
            }
            Optional<Row> here = rows.stream()
                    .filter(row -> row.on().equals(gadget) && row.lives())
                    .findFirst();
            if (here.filter(row -> row.owner() != user).isPresent()) {
                return new CourseAcquisition.HeldByAnother();
            }
            rows.removeIf(row -> row.owner() == user || row.on().equals(gadget));
            long id = here.map(Row::id).orElseGet(() -> ++ids);
            rows.add(new Row(id, gadget, user, System.nanoTime() + lease.toNanos()));
            return new CourseAcquisition.Held(new CourseLock(id, gadget, user, lease));
        });
    }

    @Override
    public Uni<CourseRelease> release(long lockId, long user) {
        return step(() -> {
            Optional<Row> found = rows.stream()
                    .filter(row -> row.id() == lockId && row.lives())
                    .findFirst();
            if (found.isEmpty()) {
                return new CourseRelease.NoSuchLock(lockId);
            }
            if (found.get().owner() != user) {
                return new CourseRelease.NotYours();
            }
            rows.remove(found.get());
            return new CourseRelease.Released();
        });
    }

    private <T> Uni<T> step(Supplier<T> work) {
        return Uni.createFrom().item(() -> {
            synchronized (this) {
                return work.get();
            }
        });
    }
}
