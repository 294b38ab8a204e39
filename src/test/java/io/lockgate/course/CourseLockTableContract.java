package io.lockgate.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every table of course locks promises. Stores are shared between tests, so each test makes a course of its own.
 */
public abstract class CourseLockTableContract {
    private static final int RACERS = 64;
    private static final Duration LEASE = Duration.ofMinutes(1);

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private String course = "";

    protected abstract CourseLockTable table();

    /** A user of its own each time. */
    protected abstract long newUser();

    /** How many calls wait for it. */
    protected abstract long waiting(Gadget gadget);

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

    // ----------------------------------------------------------------------------------------------------- waiting

    @Test
    @DisplayName("Waiting calls get the lock in order of arrival, and later ones that do not wait are refused")
    protected void inOrder() {
        long ann = newUser();
        CourseLock held = held(acquire("g1", ann));
        List<Long> users = List.of(newUser(), newUser(), newUser());
        var calls = users.stream().map(user -> waits("g1", user, patient())).toList();
        for (int i = 0; i < 3; i++) {
            assertThat(calls.subList(i, 3)).noneMatch(CompletableFuture::isDone);
            await(table().release(held.id(), held.owner()));
            assertThat(acquire("g1", newUser())).isEqualTo(new CourseAcquisition.HeldByAnother());
            held = held(calls.get(i).join());
            assertThat(held.owner()).isEqualTo(users.get(i));
        }
    }

    @Test
    @DisplayName("A user who waits keeps the old lock until the new one is granted, and then the old one is free")
    protected void keepsTheOldLock() {
        long ann = newUser();
        long bob = newUser();
        long carl = newUser();
        CourseLock anns = held(acquire("g1", ann));
        CourseLock bobs = held(acquire("g2", bob));
        var bobMoves = waits("g1", bob, patient());
        var carlWaits = waits("g2", carl, patient());
        assertThat(await(table().list(course))).extracting(CourseLock::id).contains(bobs.id());
        assertThat(held(acquire("g2", bob)).id()).as("renewed while it waits").isEqualTo(bobs.id());
        await(table().release(anns.id(), ann));
        CourseLock moved = held(bobMoves.join());
        assertThat(moved.on()).isEqualTo(gadget("g1"));
        assertThat(held(carlWaits.join()).on()).isEqualTo(gadget("g2"));
        assertThat(await(table().list(course))).extracting(CourseLock::owner).containsExactlyInAnyOrder(bob, carl);
    }

    @Test
    @DisplayName("A wait that is over keeps the old lock and holds nobody back")
    protected void timeIsOver() {
        long ann = newUser();
        long bob = newUser();
        CourseLock anns = held(acquire("g1", ann));
        CourseLock bobs = held(acquire("g2", bob));
        Waiting brief = new Waiting(Duration.ofMillis(200), () -> false, CourseLockTableContract::permitted);
        assertThat(await(table().acquire(gadget("g1"), bob, LEASE, brief)))
                .isEqualTo(new CourseAcquisition.HeldByAnother());
        assertThat(await(table().list(course))).extracting(CourseLock::id).contains(bobs.id());
        await(table().release(anns.id(), ann));
        held(acquire("g1", newUser()));
        assertThat(await(table().acquire(gadget("nosuch"), bob, LEASE, patient())))
                .isEqualTo(new CourseAcquisition.NoSuchGadget("nosuch"));
    }

    @Test
    @DisplayName("A lock that expires serves the next waiter")
    protected void expiryServes() {
        held(await(table().acquire(gadget("g1"), newUser(), Duration.ofMillis(100))));
        var call = waits("g1", newUser(), patient());
        Awaitility.await().untilAsserted(() -> {
            await(table().sweep());
            assertThat(call).isDone();
        });
        held(call.join());
    }

    @Test
    @DisplayName("A client that leaves gives its place back, and a caller no longer permitted is refused")
    protected void hangUp() {
        AtomicBoolean gone = new AtomicBoolean();
        AtomicBoolean may = new AtomicBoolean(true);
        CourseLock held = held(acquire("g1", newUser()));
        var leaver = waits("g1", newUser(), new Waiting(PATIENCE, gone::get, CourseLockTableContract::permitted));
        var refused = waits(
                "g1",
                newUser(),
                new Waiting(PATIENCE, () -> false, () -> Uni.createFrom().item(may::get)));
        var next = waits("g1", newUser(), patient());
        gone.set(true);
        may.set(false);
        assertThat(leaver.join()).isEqualTo(new CourseAcquisition.HeldByAnother());
        assertThat(refused.join()).isEqualTo(new CourseAcquisition.HeldByAnother());
        await(table().release(held.id(), held.owner()));
        held(next.join());
    }

    @Test
    @DisplayName(
            "A rollback takes back what that call made, brings the old lock back where it is free, and serves the next")
    protected void rollsBack() {
        long ann = newUser();
        CourseLock old = held(acquire("g1", ann));
        CourseClaim moved = made(acquire("g2", ann));
        var next = waits("g2", newUser(), patient());
        assertThat(await(table().rollBack(moved))).isTrue();
        held(next.join());
        assertThat(await(table().list(course)))
                .filteredOn(lock -> lock.owner() == ann)
                .singleElement()
                .satisfies(lock -> {
                    assertThat(lock.id()).isEqualTo(old.id());
                    assertThat(lock.on()).isEqualTo(gadget("g1"));
                    assertThat(lock.expiresIn()).isBetween(Duration.ofSeconds(1), LEASE);
                });
        assertThat(await(table().rollBack(moved))).isFalse();
    }

    @Test
    @DisplayName("A rollback leaves a renewed lock, and an old one that somebody else has by now")
    protected void rollsBackNothingElse() {
        long ann = newUser();
        long bob = newUser();
        CourseClaim told = made(acquire("g1", ann));
        assertThat(((CourseAcquisition.Held) acquire("g1", ann)).made()).isEmpty();
        assertThat(await(table().rollBack(told))).as("renewed since").isFalse();
        CourseClaim moved = made(acquire("g2", ann));
        CourseLock bobs = held(acquire("g1", bob));
        assertThat(await(table().rollBack(moved))).isTrue();
        assertThat(await(table().list(course))).extracting(CourseLock::id).containsExactly(bobs.id());
    }

    private static CourseClaim made(CourseAcquisition outcome) {
        assertThat(outcome).isInstanceOf(CourseAcquisition.Held.class);
        return ((CourseAcquisition.Held) outcome).made().orElseThrow();
    }

    private static Uni<Boolean> permitted() {
        return Uni.createFrom().item(true);
    }

    private static Waiting patient() {
        return new Waiting(PATIENCE, () -> false, CourseLockTableContract::permitted);
    }

    /** A call that has its place when this returns. */
    private CompletableFuture<CourseAcquisition> waits(String gadget, long user, Waiting waiting) {
        long before = waiting(gadget(gadget));
        CompletableFuture<CourseAcquisition> call = table().acquire(gadget(gadget), user, LEASE, waiting)
                .subscribeAsCompletionStage()
                .orTimeout(30, TimeUnit.SECONDS);
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> waiting(gadget(gadget)) == before + 1);
        return call;
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
