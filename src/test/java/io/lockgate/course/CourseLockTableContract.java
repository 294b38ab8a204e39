package io.lockgate.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every table of course locks promises. Stores are shared between tests, so each test makes a course of its own.
 */
public abstract class CourseLockTableContract {
    private static final int RACERS = 64;
    private static final Duration LEASE = Duration.ofMinutes(1);

    private String course = "";

    protected abstract CourseLockTable table();

    /** A user of its own each time. */
    protected abstract long newUser();

    @BeforeEach
    protected void makeCourse() {
        course = "c" + UUID.randomUUID().toString().replace("-", "");
        await(table().putCourse(course));
        for (int i = 0; i < 8; i++) {
            await(table().putGadget(gadget("g" + i)));
        }
    }

    @Test
    @DisplayName("Both keys find a course, and registering it again changes nothing")
    protected void eitherKeyFindsACourse() {
        Course known = await(table().putCourse(course));

        assertThat(known.id()).isEqualTo(course);
        assertThat(await(table().findCourse(course))).contains(known);
        assertThat(await(table().findCourse(Long.toString(known.internalId())))).contains(known);
        assertThat(await(table().findCourse("0"))).isEmpty();
        assertThat(await(table().findCourse("nosuch"))).isEmpty();
        assertThat(await(table().findCourse("99999999999999999999"))).isEmpty();
    }

    @Test
    @DisplayName("A lock is renewed under the same id, refused to others, and released by its owner alone")
    protected void oneHolder() {
        long ann = newUser();
        long bob = newUser();
        CourseLock lock = held(acquire("g1", ann));

        assertThat(lock).isEqualTo(new CourseLock(lock.id(), gadget("g1"), ann, LEASE));
        assertThat(held(acquire("g1", ann)).id()).isEqualTo(lock.id());
        assertThat(acquire("g1", bob)).isEqualTo(new CourseAcquisition.HeldByAnother());
        assertThat(await(table().list(course))).extracting(CourseLock::id).containsExactly(lock.id());
        assertThat(await(table().release(lock.id(), bob))).isEqualTo(new CourseRelease.NotYours());
        assertThat(await(table().release(lock.id(), ann))).isEqualTo(new CourseRelease.Released());
        assertThat(await(table().release(lock.id(), ann))).isEqualTo(new CourseRelease.NoSuchLock(lock.id()));
        held(acquire("g1", bob));
    }

    @Test
    @DisplayName("A refusal keeps the caller's old lock; a success releases it")
    protected void oneLockPerUser() {
        long ann = newUser();
        long bob = newUser();
        CourseLock first = held(acquire("g1", ann));
        held(acquire("g2", bob));

        assertThat(acquire("g2", ann)).isEqualTo(new CourseAcquisition.HeldByAnother());
        assertThat(await(table().list(course))).extracting(CourseLock::id).contains(first.id());
        CourseLock second = held(acquire("g3", ann));
        assertThat(await(table().list(course)))
                .extracting(CourseLock::id)
                .contains(second.id())
                .hasSize(2);
        assertThat(await(table().release(first.id(), ann))).isEqualTo(new CourseRelease.NoSuchLock(first.id()));
    }

    @Test
    @DisplayName("An expired lock is free at once, never listed, and no longer its owner's")
    protected void expiredIsFree() throws InterruptedException {
        long ann = newUser();
        CourseLock lock = held(await(table().acquire(gadget("g1"), ann, Duration.ofMillis(50))));
        Thread.sleep(100);

        assertThat(await(table().list(course))).isEmpty();
        assertThat(await(table().release(lock.id(), ann))).isEqualTo(new CourseRelease.NoSuchLock(lock.id()));
        assertThat(held(acquire("g1", newUser())).id()).isNotEqualTo(lock.id());
        assertThat(acquire("g1", ann)).isEqualTo(new CourseAcquisition.HeldByAnother());
    }

    @Test
    @DisplayName("An unknown course or gadget cannot be locked, and an unknown user cannot lock")
    protected void unknown() {
        assertThat(acquire("nosuch", newUser())).isEqualTo(new CourseAcquisition.NoSuchGadget("nosuch"));
        assertThat(acquire("g1", 9_000_000_000_000_000_000L)).isEqualTo(new CourseAcquisition.NoSuchUser());
    }

    @Test
    @DisplayName("Users who move between gadgets at the same time never share one, and no call fails")
    protected void racersNeverShare() {
        List<Long> users = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            users.add(newUser());
        }
        for (int round = 0; round < 10; round++) {
            List<Uni<CourseAcquisition>> calls = new ArrayList<>();
            for (int i = 0; i < RACERS; i++) {
                // So short that others' expired locks must be cleared away by those who are on their way elsewhere.
                calls.add(table().acquire(
                                gadget("g" + (i + round * (1 + i % 3)) % 8), users.get(i), Duration.ofMillis(30)));
            }
            assertThat(await(Uni.join().all(calls).andFailFast()))
                    .allMatch(end ->
                            end instanceof CourseAcquisition.Held || end instanceof CourseAcquisition.HeldByAnother);
            List<CourseLock> standing = await(table().list(course));
            assertThat(standing).extracting(CourseLock::on).doesNotHaveDuplicates();
            assertThat(standing).extracting(CourseLock::owner).doesNotHaveDuplicates();
        }
    }

    private CourseAcquisition acquire(String gadget, long user) {
        return await(table().acquire(gadget(gadget), user, LEASE));
    }

    private Gadget gadget(String id) {
        return new Gadget(course, id);
    }

    private static CourseLock held(CourseAcquisition outcome) {
        assertThat(outcome).isInstanceOf(CourseAcquisition.Held.class);
        return ((CourseAcquisition.Held) outcome).lock();
    }

    private static <T> T await(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(10));
    }
}
