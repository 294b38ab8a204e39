package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Grant;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.queue.Deadlocks;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.topology.Subscription;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RespClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What queues cost Redis: nothing grows with the number of those who wait for one range, and nobody asks in a loop. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
@Tag("slow")
class RedisQueueCostTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int MANY = 1_000;
    private static final int GRANTED_AT_ONCE = 64;

    private BreakableRedis redis;
    private RespClient probe;
    private RedisRangeLockTable table;

    private LockSpace space = LockSpace.head(1);
    private LockClient holder = LockClient.nlm(space, "holder");

    @BeforeAll
    void start() {
        redis = BreakableRedis.start();
        probe = redis.probe();
        table = table(redis.uri(), Settings.DEFAULT);
    }

    @AfterAll
    void stop() {
        probe.close();
        redis.close();
    }

    @BeforeEach
    void freshSpace() {
        space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
        holder = LockClient.nlm(space, "holder");
    }

    @AfterEach
    void consistent() {
        TableInvariants.hold(redis.uri());
        probe.send("FLUSHALL");
    }

    private static RedisRangeLockTable table(URI redis, Settings settings) {
        // What a test machine does not get done for a while is no failure, and nothing is sent twice.
        Duration patience = Duration.ofSeconds(15);
        return RedisTables.table(redis, settings.withWaiters(2 * MANY, 2 * MANY).withTimeouts(patience, patience));
    }

    private LockClient owner(int number) {
        return LockClient.nlm(space, "owner " + number);
    }

    private static WaiterId waits(RedisRangeLockTable table, LockClient client, LockSpec lock) {
        Queueing answer = get(table.queue().acquire(client.space(), lock, HOUR));
        assertThat(answer).isInstanceOf(Queueing.Queued.class);
        return ((Queueing.Queued) answer).id();
    }

    /** Owners who all want the first ten bytes to themselves. */
    private List<WaiterId> writersWait(RedisRangeLockTable queued, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> waits(queued, owner(i), owner(i).lock(X, 0, 10)))
                .toList();
    }

    private WaitOutcome poll(WaiterId id) {
        return get(table.queue().poll(id, Optional.of("p")));
    }

    private long commands() {
        return CommandStats.ofLocks(probe);
    }

    private long scripts() {
        return CommandStats.scripts(probe);
    }

    // -------------------------------------------------------------------------------------------------- being served

    @Test
    @DisplayName("M31 a thousand waiters for one range are served in order, and a release costs what it does with ten")
    void inOrderAtOneCost() {
        // The first call of a script brings its text.
        costsOfReleases(2);
        freshSpace();
        Set<Long> costsOfTen = costsOfReleases(10);
        freshSpace();
        Set<Long> costsOfMany = costsOfReleases(MANY);
        System.out.printf(
                "queue: commands of one release with 10 waiters %s, with %d waiters %s%n",
                costsOfTen, MANY, costsOfMany);
        assertThat(costsOfTen).hasSize(1);
        assertThat(costsOfMany).first().isEqualTo(costsOfTen.iterator().next());
        // The lists of grants have grown by then.
        assertThat(costsOfMany)
                .last()
                .matches(most -> most <= costsOfTen.iterator().next() + 5);
    }

    /** Serves so many waiters one after the other; the numbers of commands that their releases have cost. */
    private Set<Long> costsOfReleases(int waiters) {
        holder.granted(table, X, 0, 10);
        List<WaiterId> ids = writersWait(table, waiters);
        Set<Long> costs = new TreeSet<>();
        LockClient holds = holder;
        for (int i = 0; i < waiters; i++) {
            long before = commands();
            assertThat(holds.released(table, 0, 10)).isEqualTo(1);
            costs.add(commands() - before);
            holds = owner(i);
            assertThat(poll(ids.get(i)))
                    .isInstanceOfSatisfying(
                            WaitOutcome.Granted.class,
                            granted -> get(table.confirm(
                                    granted.grant().id(), granted.grant().protocol(), "p")));
            if (i + 1 < waiters) {
                assertThat(poll(ids.get(i + 1))).isInstanceOf(WaitOutcome.Waiting.class);
            }
        }
        holds.released(table, 0, 10);
        return costs;
    }

    @Test
    @DisplayName("A thousand readers behind a writer are all granted, at most 64 by one script and each once")
    void manyReaders() {
        allGranted(IntStream.range(0, MANY).mapToObj(i -> owner(i).lock(S, 0, 10)));
    }

    @Test
    @DisplayName("A thousand waiters of one owner for one range, too")
    void manyOfOneOwner() {
        allGranted(IntStream.range(0, MANY).mapToObj(i -> owner(0).lock(X, 0, 10)));
    }

    @Test
    @DisplayName(
            "To look twice at each of a thousand writers, or readers, costs some commands for each, and finds a deadlock there")
    void deadlocks() {
        long[] ofEach = new long[2];
        for (int shape = 0; shape < 2; shape++) {
            boolean writers = shape == 0;
            freshSpace();
            holder.granted(table, X, 0, 10);
            List<WaiterId> ids = writers
                    ? writersWait(table, MANY)
                    : Stream.concat(
                                    Stream.of(owner(MANY).lock(X, 0, 10)),
                                    IntStream.range(1, MANY).mapToObj(i -> owner(i).lock(S, 0, 10)))
                            .map(lock -> waits(table, holder, lock))
                            .toList();
            AtomicLong clock = new AtomicLong();
            Deadlocks search = new Deadlocks(table.queue().graph(), Runnable::run, clock::get);
            ids.forEach(id -> search.suspect("p", id));
            long before = commands();
            for (int round = 0; round < 20; round++) {
                clock.addAndGet(Duration.ofMinutes(1).toNanos());
                get(search.round());
            }
            ofEach[shape] = (commands() - before) / MANY;
            assertThat(poll(ids.getLast())).isInstanceOf(WaitOutcome.Waiting.class);

            // The last of them has something that the holder wants.
            LockClient last = owner(MANY - 1).at(LockSpace.head(space.fileId() + 1));
            last.granted(table, X, 0, 10);
            WaiterId closes = waits(table, holder.at(last.space()), holder.lock(X, 0, 10));
            search.suspect("p", closes);
            for (int round = 0; round < 2; round++) {
                clock.addAndGet(Duration.ofMinutes(1).toNanos());
                get(search.round());
            }
            assertThat(poll(closes)).isInstanceOf(WaitOutcome.Deadlocked.class);
        }
        System.out.printf(
                "queue: commands to look for deadlocks, for each of %d writers %d, of %d readers behind one %d%n",
                MANY, ofEach[0], MANY, ofEach[1]);
        assertThat(LongStream.of(ofEach)).allMatch(commands -> commands < 80);
    }

    /** @param asked for bytes that the holder has, and that nobody but the holder keeps from any of them */
    private void allGranted(Stream<LockSpec> asked) {
        holder.granted(table, X, 0, 10);
        List<WaiterId> ids = asked.map(lock -> waits(table, holder, lock)).toList();
        Queue<List<String>> told = new ConcurrentLinkedQueue<>();
        Subscription subscription = Objects.requireNonNull(RedisTables.runner(redis.uri(), Settings.DEFAULT)
                .subscribe(
                        "lg:1:wake",
                        message -> told.add(List.of(message.split(" ", -1)).subList(1, message.split(" ", -1).length)),
                        () -> {}));
        try {
            await().until(subscription::isUp);
            holder.released(table, 0, 10);
            get(table.sweep());
            await().until(() -> told.stream().mapToInt(List::size).sum() >= MANY);
        } finally {
            subscription.end();
        }
        assertThat(told).allSatisfy(granted -> assertThat(granted).hasSizeLessThanOrEqualTo(GRANTED_AT_ONCE));
        assertThat(told.stream().flatMap(List::stream))
                .containsExactlyElementsOf(
                        ids.stream().map(id -> GrantRows.hex(id.sequence())).toList());
        assertThat(poll(ids.getLast())).isInstanceOf(WaitOutcome.Granted.class);
    }

    @Test
    @DisplayName("With ten steps a script a queue is served to its end, behind a hundred who wait for something else")
    void goesOn() {
        RedisRangeLockTable inSteps = table(redis.uri(), Settings.DEFAULT.withMaxSteps(10));
        holder.granted(table, X, 0, 10);
        LockClient other = LockClient.nlm(space, "other");
        other.granted(table, X, 1_000, 1_000);
        List<WaiterId> others = IntStream.range(0, 100)
                .mapToObj(i -> waits(table, owner(i), owner(i).lock(X, 1_000 + 10L * i, 10)))
                .toList();
        WaiterId last = waits(table, owner(100), owner(100).lock(X, 5, 10));
        holder.released(inSteps, 0, 10);
        assertThat(poll(last)).isInstanceOf(WaitOutcome.Waiting.class);
        get(inSteps.sweep());
        assertThat(poll(last)).isInstanceOf(WaitOutcome.Granted.class);
        assertThat(others).allSatisfy(id -> assertThat(poll(id)).isInstanceOf(WaitOutcome.Waiting.class));
        // The next release begins again at the front.
        other.released(inSteps, 1_000, 1_000);
        get(inSteps.sweep());
        assertThat(others).allSatisfy(id -> assertThat(poll(id)).isInstanceOf(WaitOutcome.Granted.class));
        String bucket = "lg:1:{b" + last.bucket() + "}:";
        assertThat(probe.list("HKEYS", bucket + "waiters")).noneMatch(field -> field.startsWith("V"));
    }

    // ------------------------------------------------------------------------------------------------- being held

    private CompletableFuture<WaitOutcome> held(RedisRangeLockTable waitedFor, WaiterId id) {
        return waitedFor
                .queue()
                .await(id, "p", Duration.ofMinutes(1), () -> false)
                .subscribeAsCompletionStage();
    }

    @Test
    @DisplayName(
            "A gateway that holds a thousand calls asks Redis for all of them every ten seconds, and is told at once")
    void holdsMany() {
        RedisRangeLockTable gateway = table(redis.uri(), Settings.DEFAULT);
        RedisLockQueue queue = gateway.queue();
        holder.granted(table, X, 0, 10);
        List<WaiterId> ids = writersWait(table, MANY);
        List<CompletableFuture<WaitOutcome>> calls = new ArrayList<>();
        for (WaiterId id : ids) {
            calls.add(held(gateway, id));
            if (calls.size() % 100 == 0) {
                // One user may not ask more at once.
                awaitHeld(gateway, calls);
            }
        }
        await().until(queue::isToldAtOnce);
        awaitQuiet();
        long scripts = scripts();
        long commands = commands();
        long from = System.nanoTime();
        await().pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(15))
                .until(() -> System.nanoTime() - from > Duration.ofSeconds(10).toNanos());
        scripts = scripts() - scripts;
        commands = commands() - commands;
        System.out.printf(
                "queue: a gateway that holds %d calls sends %d scripts in 10 s, which run %d commands%n",
                MANY, scripts, commands - scripts);
        // Parts of a hundred; two looks may fall into the time.
        assertThat(scripts).isBetween(MANY / 100L, 2L * MANY / 100 + 5);
        assertThat(commands).isLessThan(2 * 4L * MANY);

        List<Duration> delays = new ArrayList<>();
        LockClient holds = holder;
        for (int i = 0; i < 5; i++) {
            long released = System.nanoTime();
            holds.released(table, 0, 10);
            assertThat(calls.get(i).join())
                    .isInstanceOfSatisfying(
                            WaitOutcome.Granted.class,
                            granted -> get(table.confirm(
                                    granted.grant().id(), granted.grant().protocol(), "p")));
            delays.add(Duration.ofNanos(System.nanoTime() - released));
            holds = owner(i);
        }
        System.out.printf("queue: from release to confirmation %s%n", delays);
        assertThat(delays.stream().sorted().toList().get(2)).isLessThan(Duration.ofSeconds(1));
        queue.stop();
        // All ask once more, some at a time, and every one is answered.
        assertThat(calls.subList(5, calls.size()))
                .allSatisfy(call -> assertThat(call.join()).isInstanceOf(WaitOutcome.Waiting.class));
        assertThat(queue.heldCalls()).isZero();
    }

    private static void awaitHeld(RedisRangeLockTable gateway, List<CompletableFuture<WaitOutcome>> calls) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(calls).noneMatch(CompletableFuture::isDone);
            assertThat(gateway.queue().heldCalls()).isEqualTo(calls.size());
        });
    }

    /** Until Redis has run no script for a moment. */
    private void awaitQuiet() {
        long[] before = {scripts()};
        await().pollInterval(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(30))
                .until(() -> {
                    long now = scripts();
                    boolean quiet = now == before[0];
                    before[0] = now;
                    return quiet;
                });
    }

    @Test
    @DisplayName("What was published before a gateway listens is made up for as soon as it does")
    void listensTooLate() throws IOException {
        probe.send(RedisRightsTest.setUser("&lg:1:wake", "+publish", "+subscribe"));
        RedisRangeLockTable late = table(RedisRightsTest.as(redis), Settings.DEFAULT);
        holder.granted(late, X, 0, 10);
        WaiterId id = writersWait(late, 1).getFirst();
        CompletableFuture<WaitOutcome> call = held(late, id);
        awaitHeld(late, List.of(call));
        awaitQuiet();
        // Behind one of its looks: the next is two seconds away, and ten when it listens by then.
        long looks = scripts();
        await().pollInterval(Duration.ofMillis(10)).until(() -> scripts() > looks);
        holder.released(late, 0, 10);
        probe.send(RedisRightsTest.setUser());
        // A gateway that listens asks every ten seconds, and the grant is lost after five.
        assertThat(call.join()).isInstanceOf(WaitOutcome.Granted.class);
        assertThat(late.queue().isToldAtOnce()).isTrue();
        get(late.queue().withdraw(id, Optional.empty()));
    }

    @Test
    @DisplayName("A gateway that may not listen, nor publish, says so, and serves its calls within seconds")
    void isNotTold() throws IOException {
        probe.send(RedisRightsTest.setUser("&lg:1:wake", "+publish", "+subscribe"));
        RedisRangeLockTable untold = table(RedisRightsTest.as(redis), Settings.DEFAULT);
        holder.granted(untold, X, 0, 10);
        WaiterId id = writersWait(untold, 1).getFirst();
        CompletableFuture<WaitOutcome> call = held(untold, id);
        awaitHeld(untold, List.of(call));
        await().during(Duration.ofSeconds(1)).until(() -> !untold.queue().isToldAtOnce());
        holder.released(untold, 0, 10);
        await().atMost(Duration.ofSeconds(5)).until(call::isDone);
        Grant granted = ((WaitOutcome.Granted) call.join()).grant();
        get(untold.confirm(granted.id(), granted.protocol(), "p"));
        assertThat(owner(0).valid(untold, granted, 0, 10)).isTrue();
    }
}
