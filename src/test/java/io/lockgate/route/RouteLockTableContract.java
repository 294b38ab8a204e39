package io.lockgate.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every table of route locks promises. Stores are shared between tests, so each test makes a route of its own. */
public abstract class RouteLockTableContract {
    private static final int RACERS = 64;
    private static final long NOBODY = 9_000_000_000_000_000_000L;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private final String route = "route-" + UUID.randomUUID();

    protected abstract RouteLockTable table();

    /** A user of its own each time. */
    protected abstract long newUser();

    /** How many calls wait for it. */
    protected abstract long waiting(RouteLockId what);

    @Test
    @DisplayName("A lock is granted again to its holder, refused to others, and free after release")
    protected void oneHolder() {
        long ann = newUser();
        long bob = newUser();
        RouteLockId what = id("1");

        made(what, ann);
        RouteLock lock = await(table().find(what)).orElseThrow();
        assertThat(lock.holder()).isEqualTo(ann);
        assertThat(await(table().acquire(what, ann))).isEqualTo(new RouteAcquisition.Held());
        assertThat(await(table().find(what))).contains(lock);
        assertThat(await(table().acquire(what, bob))).isEqualTo(new RouteAcquisition.HeldByAnother());
        assertThat(await(table().release(what, bob))).isEqualTo(new RouteRelease.NotYours());
        assertThat(await(table().release(what, ann))).isEqualTo(new RouteRelease.Released());
        assertThat(await(table().release(what, ann))).isEqualTo(new RouteRelease.NoSuchLock());
        made(what, bob);
    }

    @Test
    @DisplayName("A call rolls back only its own lock, and only if it was not requested again and did not change hands")
    protected void rollsBackWhatThatCallMade() {
        long ann = newUser();
        long bob = newUser();

        RouteClaim first = made(id("1"), ann);
        assertThat(await(table().rollBack(first))).isTrue();
        assertThat(await(table().find(id("1")))).isEmpty();
        assertThat(await(table().rollBack(first))).isFalse();

        RouteClaim told = made(id("1"), ann);
        assertThat(await(table().acquire(id("1"), ann))).isEqualTo(new RouteAcquisition.Held());
        assertThat(await(table().rollBack(told))).as("told again since").isFalse();
        assertThat(await(table().find(id("1")))).isPresent();

        await(table().release(id("1"), ann));
        RouteClaim mine = made(id("1"), ann);
        await(table().release(id("1"), ann));
        made(id("1"), bob);
        assertThat(await(table().rollBack(mine))).as("another's by now").isFalse();
        await(table().release(id("1"), bob));
        made(id("1"), ann);
        assertThat(await(table().rollBack(mine))).as("made by a later call").isFalse();
        assertThat(await(table().find(id("1")))).isPresent();
    }

    @Test
    @DisplayName("A deleted user acquires and releases nothing")
    protected void deletedUser() {
        assertThat(await(table().acquire(id("1"), NOBODY))).isEqualTo(new RouteAcquisition.NoSuchUser());
        assertThat(await(table().release(id("1"), NOBODY))).isEqualTo(new RouteRelease.NoSuchUser());
        assertThat(await(table().find(id("1")))).isEmpty();
    }

    @Test
    @DisplayName("A break ends exactly the lock that was found, not a later one")
    protected void breaksExactlyThatLock() {
        long ann = newUser();
        await(table().acquire(id("1"), ann));
        RouteLock old = await(table().find(id("1"))).orElseThrow();
        await(table().release(id("1"), ann));
        await(table().acquire(id("1"), newUser()));

        assertThat(await(table().breakLock(old))).isEqualTo(new RouteRelease.NoSuchLock());
        RouteLock now = await(table().find(id("1"))).orElseThrow();
        assertThat(await(table().breakLock(now))).isEqualTo(new RouteRelease.Released());
        assertThat(await(table().find(id("1")))).isEmpty();
    }

    @Test
    @DisplayName("A list continues after the given key, in byte order, within the requested routes")
    protected void listsInOrder() {
        long ann = newUser();
        for (String one : List.of("b", "B", "a", "10", "9")) {
            await(table().acquire(id(one), ann));
        }
        RouteLockFilter filter = new RouteLockFilter(Optional.of(Set.of(route)));

        assertThat(await(table().list(filter, Optional.empty(), 100)))
                .extracting(lock -> lock.what().id())
                .containsExactly("10", "9", "B", "a", "b");
        assertThat(await(table().list(filter, Optional.of(id("9")), 2)))
                .extracting(lock -> lock.what().id())
                .containsExactly("B", "a");
        assertThat(await(table().list(new RouteLockFilter(Optional.of(Set.of())), Optional.empty(), 5)))
                .isEmpty();
    }

    @Test
    @DisplayName("Of many concurrent callers exactly one gets the lock")
    protected void oneWins() {
        List<Long> users = IntStream.range(0, RACERS).mapToObj(i -> newUser()).toList();
        for (int round = 0; round < 10; round++) {
            RouteLockId what = id("race" + round);
            List<RouteAcquisition> ends = await(Uni.join()
                    .all(users.stream().map(user -> table().acquire(what, user)).toList())
                    .andFailFast());
            assertThat(ends).filteredOn(RouteAcquisition.Held.class::isInstance).hasSize(1);
            assertThat(ends)
                    .filteredOn(RouteAcquisition.HeldByAnother.class::isInstance)
                    .hasSize(RACERS - 1);
        }
    }

    // ----------------------------------------------------------------------------------------------------- waiting

    @Test
    @DisplayName("A waiting call gets a free lock at once, and one of its own user too")
    protected void freeAtOnce() {
        long ann = newUser();
        assertThat(await(table().acquire(id("1"), ann, patient()))).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(await(table().acquire(id("1"), ann, patient()))).isEqualTo(new RouteAcquisition.Held());
        assertThat(await(table().acquire(id("1"), NOBODY, patient()))).isEqualTo(new RouteAcquisition.NoSuchUser());
    }

    @Test
    @DisplayName("Waiting calls get the lock in order of arrival, one for each release")
    protected void inOrder() {
        RouteLockId what = id("1");
        List<Long> users = new ArrayList<>(List.of(newUser()));
        List<CompletableFuture<RouteAcquisition>> calls = new ArrayList<>();
        made(what, users.getFirst());
        for (int i = 1; i <= 5; i++) {
            users.add(newUser());
            calls.add(waits(what, users.get(i), patient()));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(calls.get(i)).isNotDone();
            assertThat(await(table().release(what, users.get(i)))).isEqualTo(new RouteRelease.Released());
            assertThat(calls.get(i).join()).isInstanceOf(RouteAcquisition.Held.class);
            assertThat(calls.subList(i + 1, 5)).noneMatch(CompletableFuture::isDone);
        }
    }

    @Test
    @DisplayName(
            "While a call waits, no later one of another user gets the lock, but its holder and the waiting user do")
    protected void newcomersStandBehind() {
        RouteLockId what = id("1");
        long ann = newUser();
        long bob = newUser();
        long eve = newUser();
        made(what, ann);
        var bobs = waits(what, bob, patient());
        assertThat(await(table().acquire(what, ann))).isEqualTo(new RouteAcquisition.Held());
        await(table().release(what, ann));
        assertThat(await(table().acquire(what, eve))).isEqualTo(new RouteAcquisition.HeldByAnother());
        assertThat(await(table().acquire(what, bob))).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(bobs.join()).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(await(table().find(what)).orElseThrow().holder()).isEqualTo(bob);
    }

    @Test
    @DisplayName("All waiting calls of one user get the lock together")
    protected void oneUserTwice() {
        RouteLockId what = id("1");
        long ann = newUser();
        long bob = newUser();
        made(what, ann);
        var first = waits(what, bob, patient());
        var second = waits(what, bob, patient());
        await(table().release(what, ann));
        assertThat(first.join()).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(second.join()).isInstanceOf(RouteAcquisition.Held.class);
    }

    @Test
    @DisplayName("A wait that is over is a refusal, and holds nobody back")
    protected void timeIsOver() {
        RouteLockId what = id("1");
        long ann = newUser();
        made(what, ann);
        assertThat(await(table().acquire(
                                what,
                                newUser(),
                                new Waiting(Duration.ofMillis(200), () -> false, RouteLockTableContract::permitted))))
                .isEqualTo(new RouteAcquisition.HeldByAnother());
        await(table().release(what, ann));
        made(what, newUser());
    }

    @Test
    @DisplayName("A client that leaves gives its place back, and the next is served")
    protected void hangUp() {
        RouteLockId what = id("1");
        long ann = newUser();
        AtomicBoolean gone = new AtomicBoolean();
        made(what, ann);
        var leaver = waits(what, newUser(), new Waiting(PATIENCE, gone::get, RouteLockTableContract::permitted));
        var next = waits(what, newUser(), patient());
        gone.set(true);
        assertThat(leaver.join()).isEqualTo(new RouteAcquisition.HeldByAnother());
        await(table().release(what, ann));
        assertThat(next.join()).isInstanceOf(RouteAcquisition.Held.class);
    }

    @Test
    @DisplayName("A caller who may no longer have the lock is refused while it waits")
    protected void noLongerPermitted() {
        RouteLockId what = id("1");
        AtomicBoolean may = new AtomicBoolean(true);
        made(what, newUser());
        var call = waits(
                what,
                newUser(),
                new Waiting(PATIENCE, () -> false, () -> Uni.createFrom().item(may::get)));
        may.set(false);
        assertThat(call.join()).isEqualTo(new RouteAcquisition.HeldByAnother());
    }

    @Test
    @DisplayName("A break, and a rollback, serve the next waiter")
    protected void breakAndRollBackServe() {
        RouteLockId what = id("1");
        RouteClaim claim = made(what, newUser());
        var first = waits(what, newUser(), patient());
        var second = waits(what, newUser(), patient());
        assertThat(await(table().rollBack(claim))).isTrue();
        assertThat(first.join()).isInstanceOf(RouteAcquisition.Held.class);
        await(table().breakLock(await(table().find(what)).orElseThrow()));
        assertThat(second.join()).isInstanceOf(RouteAcquisition.Held.class);
    }

    @Test
    @DisplayName("Of 64 users who wait at once each gets the lock once, and never two at a time")
    protected void crowdIsServed() {
        RouteLockId what = id("crowd");
        AtomicInteger holders = new AtomicInteger();
        List<Uni<RouteRelease>> calls = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            long user = newUser();
            calls.add(table().acquire(what, user, patient()).chain(outcome -> {
                assertThat(outcome).isInstanceOf(RouteAcquisition.Held.class);
                assertThat(holders.incrementAndGet()).isEqualTo(1);
                holders.decrementAndGet();
                return table().release(what, user);
            }));
        }
        assertThat(Uni.join().all(calls).andFailFast().await().atMost(PATIENCE.multipliedBy(2)))
                .hasSize(RACERS)
                .allMatch(RouteRelease.Released.class::isInstance);
    }

    private static Uni<Boolean> permitted() {
        return Uni.createFrom().item(true);
    }

    private static Waiting patient() {
        return new Waiting(PATIENCE, () -> false, RouteLockTableContract::permitted);
    }

    /** A call that has its place when this returns. */
    protected CompletableFuture<RouteAcquisition> waits(RouteLockId what, long user, Waiting waiting) {
        long before = waiting(what);
        CompletableFuture<RouteAcquisition> call = table().acquire(what, user, waiting)
                .subscribeAsCompletionStage()
                .orTimeout(30, TimeUnit.SECONDS);
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> waiting(what) == before + 1);
        return call;
    }

    protected RouteClaim made(RouteLockId what, long user) {
        RouteAcquisition outcome = await(table().acquire(what, user));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        RouteAcquisition.Held.class,
                        held -> assertThat(held.made()).isPresent());
        return ((RouteAcquisition.Held) outcome).made().orElseThrow();
    }

    protected RouteLockId id(String id) {
        return new RouteLockId(route, id);
    }

    private static <T> T await(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(10));
    }
}
