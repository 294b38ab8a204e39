package io.lockgate.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every table of route locks promises. Stores are shared between tests, so each test makes a route of its own. */
public abstract class RouteLockTableContract {
    private static final int RACERS = 64;
    private static final long NOBODY = 9_000_000_000_000_000_000L;

    private final String route = "route-" + UUID.randomUUID();

    protected abstract RouteLockTable table();

    /** A user of its own each time. */
    protected abstract long newUser();

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

    private RouteClaim made(RouteLockId what, long user) {
        RouteAcquisition outcome = await(table().acquire(what, user));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        RouteAcquisition.Held.class,
                        held -> assertThat(held.made()).isPresent());
        return ((RouteAcquisition.Held) outcome).made().orElseThrow();
    }

    private RouteLockId id(String id) {
        return new RouteLockId(route, id);
    }

    private static <T> T await(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(10));
    }
}
