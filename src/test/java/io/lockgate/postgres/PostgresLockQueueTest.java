package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.lockgate.identity.Waiting;
import io.lockgate.route.RouteAcquisition;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockTable;
import io.lockgate.route.RouteRelease;
import io.lockgate.testing.LockedTable;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several gateways with one queue, and what it costs. Each queue here is a gateway. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class PostgresLockQueueTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Well below the second after which the table is asked: what comes sooner was notified. */
    private static final Duration NOTIFIED = Duration.ofMillis(900);

    @Inject
    AgroalDataSource database;

    @Inject
    TestQueues queues;

    @Inject
    PostgresBulkheads bulkheads;

    private final RouteLockId what = new RouteLockId("route-" + UUID.randomUUID(), "1");
    private final List<PostgresLockQueue> made = new ArrayList<>();

    @AfterEach
    void end() {
        made.forEach(PostgresLockQueue::close);
    }

    @Test
    @DisplayName("Calls that wait on three gateways are served in order of arrival by releases on any of them")
    void anyGatewayServes() {
        List<RouteLockTable> gateways = List.of(gateway(), gateway(), gateway());
        List<Long> users = new ArrayList<>(List.of(newUser()));
        assertThat(await(gateways.getFirst().acquire(what, users.getFirst())))
                .isInstanceOf(RouteAcquisition.Held.class);
        List<CompletableFuture<RouteAcquisition>> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            users.add(newUser());
            calls.add(waits(gateways.get(i % 3), users.getLast()));
        }
        for (int i = 0; i < 12; i++) {
            assertThat(await(gateways.get((i + 1) % 3).release(what, users.get(i))))
                    .isEqualTo(new RouteRelease.Released());
            assertThat(calls.get(i).join()).isInstanceOf(RouteAcquisition.Held.class);
            assertThat(calls.subList(i + 1, 12)).noneMatch(CompletableFuture::isDone);
        }
    }

    @Test
    @DisplayName("Waiters of a gateway that died are skipped within seconds, and hold no newcomer back")
    void deadGateway() {
        RouteLockTable gateway = gateway();
        long ann = newUser();
        await(gateway.acquire(what, ann));
        String dead = UUID.randomUUID().toString();
        Users.execute(database, "INSERT INTO lock_gateways VALUES ('" + dead + "', now() - INTERVAL '4 seconds')");
        for (int i = 0; i < 100; i++) {
            Users.execute(
                    database,
                    "INSERT INTO lock_waiters (kind, scope, name, waiter, gateway, ends_at) VALUES ('route', '"
                            + what.route() + "', '1', " + (1_000_000_000 + i) + ", '" + dead
                            + "', now() + INTERVAL '25 seconds')");
        }
        var call = waits(gateway, newUser());
        await(gateway.release(what, ann));
        assertThat(await(gateway.acquire(what, newUser()))).isEqualTo(new RouteAcquisition.HeldByAnother());
        assertThat(call.join()).isInstanceOf(RouteAcquisition.Held.class);
    }

    @Test
    @DisplayName("Without notifications a waiter is served by the poll, and the gateway listens again afterwards")
    void withoutNotifications() {
        RouteLockTable gateway = gateway();
        long ann = newUser();
        long bob = newUser();
        await(gateway.acquire(what, ann));
        var bobs = waits(gateway, bob);
        Awaitility.await().until(() -> listening() > 0);
        Users.number(
                database,
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'lockgate-notifications'");
        await(gateway.release(what, ann));
        assertThat(bobs.join()).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(waits(gateway, newUser())).isNotDone();
        Awaitility.await().until(() -> listening() > 0);
    }

    @Test
    @DisplayName("A release tells the waiters of other gateways at once")
    void notified() {
        RouteLockTable one = gateway();
        RouteLockTable two = gateway();
        long ann = newUser();
        await(one.acquire(what, ann));
        List<Long> waited = new ArrayList<>();
        long holder = ann;
        for (int i = 0; i < 3; i++) {
            long next = newUser();
            var call = waits(two, next);
            Awaitility.await().until(() -> listening() > 0);
            long released = System.nanoTime();
            await(one.release(what, holder));
            call.join();
            waited.add(System.nanoTime() - released);
            holder = next;
        }
        assertThat(waited).anyMatch(nanos -> nanos < NOTIFIED.toNanos());
    }

    @Test
    @DisplayName("A user, and a gateway, hold as many waiting calls as they may; others are not affected")
    void limits() {
        PostgresLockQueue queue = queues.queue(3, 2);
        made.add(queue);
        RouteLockTable gateway = queues.routes(queue);
        long ann = newUser();
        long bob = newUser();
        await(gateway.acquire(what, ann));
        var first = waits(gateway, bob);
        var second = waits(gateway, bob);
        assertThat(await(gateway.acquire(what, bob, patient()))).isEqualTo(new RouteAcquisition.TooManyWaiting(true));
        var carl = waits(gateway, newUser());
        assertThat(await(gateway.acquire(what, newUser(), patient())))
                .isEqualTo(new RouteAcquisition.TooManyWaiting(false));
        assertThat(await(gateway.acquire(what, newUser()))).isEqualTo(new RouteAcquisition.HeldByAnother());
        await(gateway.release(what, ann));
        assertThat(first.join()).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(second.join()).isInstanceOf(RouteAcquisition.Held.class);
        await(gateway.release(what, bob));
        assertThat(carl.join()).isInstanceOf(RouteAcquisition.Held.class);
        assertThat(waits(gateway, newUser())).isNotDone();
    }

    @Test
    @DisplayName("A gateway that stops refuses all that wait, holds nobody any more, and leaves no row")
    void stops() {
        PostgresLockQueue queue = queues.queue();
        made.add(queue);
        RouteLockTable stopping = queues.routes(queue);
        RouteLockTable other = gateway();
        long ann = newUser();
        await(stopping.acquire(what, ann));
        List<CompletableFuture<RouteAcquisition>> calls =
                IntStream.range(0, 20).mapToObj(i -> waits(stopping, newUser())).toList();
        var elsewhere = waits(other, newUser());
        queue.stop();
        calls.forEach(call -> assertThat(call.join()).isEqualTo(new RouteAcquisition.HeldByAnother()));
        assertThat(await(stopping.acquire(what, newUser(), patient()))).isEqualTo(new RouteAcquisition.HeldByAnother());
        await(other.release(what, ann));
        assertThat(elsewhere.join()).isInstanceOf(RouteAcquisition.Held.class);
        Awaitility.await().until(() -> queues.waiting("route", what.route(), "1") == 0);
    }

    @Test
    @DisplayName(
            "A thousand calls that wait hold no connection and no place, start no thread, and cost a few statements a second")
    void waitingIsCheap() {
        RouteLockTable gateway = gateway();
        await(gateway.acquire(what, newUser()));
        long threads = Thread.getAllStackTraces().size();
        List<CompletableFuture<RouteAcquisition>> waiting = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            long user = newUser();
            waiting.add(gateway.acquire(
                            what,
                            user,
                            new Waiting(Duration.ofSeconds(60), () -> false, PostgresLockQueueTest::permitted))
                    .subscribeAsCompletionStage()
                    .orTimeout(90, TimeUnit.SECONDS));
        }
        Awaitility.await().atMost(PATIENCE).until(() -> queues.waiting("route", what.route(), "1") == 1_000);
        Awaitility.await().until(() -> bulkheads.running(PostgresUse.ROUTE_LOCKS) == 0);
        assertThat(bulkheads.waiting(PostgresUse.ROUTE_LOCKS)).isZero();
        assertThat(Thread.getAllStackTraces().size()).isLessThan((int) threads + 20);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        // Postgres counts late what a session has done, and later when it is busy: of that there is an end.
        Awaitility.await().atMost(PATIENCE).until(() -> statementsInTwoSeconds() < 100);
        made.forEach(PostgresLockQueue::stop);
        waiting.forEach(call -> assertThat(call.join()).isEqualTo(new RouteAcquisition.HeldByAnother()));
    }

    @Test
    @DisplayName("While the table of the queue is locked, calls wait or fail in time; afterwards they are served")
    void lockedQueue() {
        RouteLockTable gateway = gateway();
        long ann = newUser();
        await(gateway.acquire(what, ann));
        var call = waits(gateway, newUser());
        try (LockedTable _ = new LockedTable("lock_gateways")) {
            Awaitility.await().pollDelay(Duration.ofSeconds(2)).until(() -> !call.isDone());
        }
        await(gateway.release(what, ann));
        assertThat(call.join()).isInstanceOf(RouteAcquisition.Held.class);
    }

    private long statementsInTwoSeconds() {
        long before = statements();
        Awaitility.await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
        return statements() - before;
    }

    /** Transactions of this database that have ended; each statement here is one. */
    private long statements() {
        return Users.number(
                database,
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()");
    }

    private long listening() {
        return Users.number(
                database, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockgate-notifications'");
    }

    private RouteLockTable gateway() {
        PostgresLockQueue queue = queues.queue();
        made.add(queue);
        return queues.routes(queue);
    }

    private static Uni<Boolean> permitted() {
        return Uni.createFrom().item(true);
    }

    private static Waiting patient() {
        return new Waiting(PATIENCE, () -> false, PostgresLockQueueTest::permitted);
    }

    private CompletableFuture<RouteAcquisition> waits(RouteLockTable gateway, long user) {
        long before = queues.waiting("route", what.route(), "1");
        CompletableFuture<RouteAcquisition> call = gateway.acquire(what, user, patient())
                .subscribeAsCompletionStage()
                .orTimeout(30, TimeUnit.SECONDS);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .until(() -> queues.waiting("route", what.route(), "1") == before + 1);
        return call;
    }

    private long newUser() {
        return Users.make(database);
    }

    private static <T> T await(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(25));
    }
}
