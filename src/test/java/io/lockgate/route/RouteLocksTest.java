package io.lockgate.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.Permission;
import io.lockgate.testing.Callers;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The break of a lock and its trail. */
class RouteLocksTest {
    private static final RouteLockId WHAT = new RouteLockId("volume", "1");
    private static final Caller ADMIN = Callers.user(2, "admin", Permission.FORCE_LOCKS);

    private final InMemoryRouteLockTable table = new InMemoryRouteLockTable(Set.of(1L));

    @Test
    @DisplayName("A break without an audit entry does not happen")
    void unauditedBreakDoesNotHappen() {
        await(table.acquire(WHAT, 1));
        RouteLocks locks = new RouteLocks(
                table, entry -> Uni.createFrom().failure(new RouteTableUnavailableException("down", new Exception())));

        assertThatExceptionOfType(RouteTableUnavailableException.class)
                .isThrownBy(() -> await(locks.breakLock(ADMIN, WHAT, "reason")));
        assertThat(await(table.find(WHAT))).isPresent();
    }

    @Test
    @DisplayName("The audit entry names the holder and is written before the break; without a lock there is no entry")
    void auditsFirst() {
        List<AuditTrail.Entry> trail = new ArrayList<>();
        RouteLocks locks = new RouteLocks(
                table,
                entry -> table.find(WHAT)
                        .invoke(found -> assertThat(found).isPresent())
                        .invoke(() -> trail.add(entry))
                        .replaceWithVoid());

        assertThat(await(locks.breakLock(ADMIN, WHAT, "why"))).isEqualTo(new RouteRelease.NoSuchLock());
        assertThat(trail).isEmpty();
        await(table.acquire(WHAT, 1));
        assertThat(await(locks.breakLock(ADMIN, WHAT, "why"))).isEqualTo(new RouteRelease.Released());
        assertThat(trail)
                .containsExactly(new AuditTrail.Entry(
                        "admin", "force-route-lock", "route volume id 1", "user", Optional.of("why")));
    }

    private static <T> T await(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(1));
    }
}
