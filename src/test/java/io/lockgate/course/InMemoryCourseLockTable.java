package io.lockgate.course;

import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The double of the table: everything under one monitor. */
final class InMemoryCourseLockTable implements CourseLockTable {
    private static final Duration LOOK = Duration.ofMillis(2);

    private record Row(long id, Gadget on, long owner, long endNanos, long version) {
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
    private long versions;

    private record Waiter(Gadget on, long user, Duration lease) {}

    private final TreeMap<Long, Waiter> queue = new TreeMap<>();
    private long lastPlace;

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
        return step(() -> decide(gadget, user, lease, Long.MAX_VALUE));
    }

    @Override
    public Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease, Waiting waiting) {
        return acquire(gadget, user, lease)
                .chain(outcome -> outcome instanceof CourseAcquisition.HeldByAnother
                        ? step(() -> enqueue(gadget, user, lease))
                                .chain(place -> await(place, waiting, System.nanoTime()))
                        : Uni.createFrom().item(outcome));
    }

    /** How many wait for it. */
    int waiting(Gadget gadget) {
        synchronized (this) {
            return (int) queue.values().stream()
                    .filter(waiter -> waiter.on().equals(gadget))
                    .count();
        }
    }

    private long enqueue(Gadget gadget, long user, Duration lease) {
        queue.put(++lastPlace, new Waiter(gadget, user, lease));
        return lastPlace;
    }

    private Uni<CourseAcquisition> await(long place, Waiting waiting, long since) {
        return waiting.isPermitted().get().chain(permitted -> {
            CourseAcquisition outcome;
            synchronized (this) {
                Waiter waiter = Objects.requireNonNull(queue.get(place));
                outcome = decide(waiter.on(), waiter.user(), waiter.lease(), place);
                boolean over = !permitted
                        || waiting.isGone().getAsBoolean()
                        || System.nanoTime() - since > waiting.time().toNanos();
                if (over || !(outcome instanceof CourseAcquisition.HeldByAnother)) {
                    queue.remove(place);
                    return Uni.createFrom().item(outcome);
                }
            }
            return Uni.createFrom().voidItem().onItem().delayIt().by(LOOK).chain(() -> await(place, waiting, since));
        });
    }

    private CourseAcquisition decide(Gadget gadget, long user, Duration lease, long place) {
        if (!users.contains(user)) {
            return new CourseAcquisition.NoSuchUser();
        }
        if (!gadgets.contains(gadget)) {
            return new CourseAcquisition.NoSuchGadget(gadget.gadgetId());
        }
        Optional<Row> here = rows.stream()
                .filter(row -> row.on().equals(gadget) && row.lives())
                .findFirst();
        boolean first = queue.headMap(place).values().stream()
                .noneMatch(waiter -> waiter.on().equals(gadget) && waiter.user() != user);
        if (here.map(row -> row.owner() != user).orElse(!first)) {
            return new CourseAcquisition.HeldByAnother();
        }
        Optional<CourseClaim.Replaced> replaced = rows.stream()
                .filter(row -> row.owner() == user && !row.on().equals(gadget) && row.lives())
                .findFirst()
                .map(row -> new CourseClaim.Replaced(row.id(), row.on(), Instant.EPOCH.plusNanos(row.endNanos())));
        rows.removeIf(row -> row.owner() == user || row.on().equals(gadget));
        long id = here.map(Row::id).orElseGet(() -> ++ids);
        rows.add(new Row(id, gadget, user, System.nanoTime() + lease.toNanos(), ++versions));
        CourseLock lock = new CourseLock(id, gadget, user, lease);
        return here.isPresent()
                ? new CourseAcquisition.Held(lock)
                : new CourseAcquisition.Held(
                        lock, Optional.of(new CourseClaim(id, user, Long.toString(versions), replaced)));
    }

    @Override
    public Uni<Boolean> rollBack(CourseClaim claim) {
        return step(() -> {
            boolean gone = rows.removeIf(row ->
                    row.id() == claim.lockId() && Long.toString(row.version()).equals(claim.version()));
            claim.replaced().filter(old -> gone).ifPresent(old -> restore(claim.owner(), old));
            return gone;
        });
    }

    private void restore(long owner, CourseClaim.Replaced old) {
        Row row = new Row(
                old.lockId(),
                old.on(),
                owner,
                Duration.between(Instant.EPOCH, old.expiresAt()).toNanos(),
                ++versions);
        boolean free = rows.stream().noneMatch(there -> there.on().equals(old.on()) && there.lives())
                && queue.values().stream().noneMatch(waiter -> waiter.on().equals(old.on()) && waiter.user() != owner);
        if (row.lives() && free) {
            rows.add(row);
        }
    }

    @Override
    public Uni<Void> sweep() {
        return step(() -> rows.removeIf(row -> !row.lives())).replaceWithVoid();
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
