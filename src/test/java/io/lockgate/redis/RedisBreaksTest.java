package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Grant;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Notice;
import io.lockgate.range.Protocol;
import io.lockgate.range.Renewal;
import io.lockgate.range.breaks.Standing;
import io.lockgate.range.breaks.Undoing;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.ScriptKiller;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Breaks of locks that have merged and split, that meet other calls, and whose scripts die. */
@Timeout(120)
@Tag("slow")
class RedisBreaksTest {
    private static final URI REDIS = RedisTables.database(13);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);
    private static final RedisLockBreaker BREAKER = TABLE.breaker();
    private static final ScriptKiller KILLER = new ScriptKiller(REDIS);
    private static final RedisRangeLockTable DYING = RedisTables.table(KILLER.uri(), Settings.DEFAULT);
    private static final Duration SOON = Duration.ofMillis(300);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final LockModes READS = LockModes.of(LockMode.READ);

    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A");
    private final LockClient b = LockClient.nlm(space, "B").of("q");
    private final LockClient h = LockClient.smb(space, "H");

    @AfterAll
    static void close() {
        KILLER.close();
    }

    @BeforeEach
    void empty() {
        KILLER.allowAll();
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @AfterEach
    void consistent() {
        TableInvariants.hold(REDIS);
    }

    private static Standing announced(Grant grant, Duration in) {
        return get(BREAKER.announce(grant.id(), in, "reason")).orElseThrow();
    }

    private static boolean stands(Grant grant) {
        return get(TABLE.find(grant.id())).isPresent();
    }

    /** Until what is due soon has been done, as {@code marker}, which was announced last, shows. */
    private void untilDue() {
        Grant marker = a.named("marker").granted(TABLE, X, 1L << 40, 1);
        announced(marker, SOON);
        await().until(() -> {
            get(TABLE.sweep());
            return !stands(marker);
        });
    }

    @Test
    @DisplayName(
            "An order is taken back by the lock into which the one that it named has merged, whatever orders there are")
    void cancelledAfterMerge() {
        Grant first = a.granted(TABLE, X, 0, 10);
        Grant second = a.granted(TABLE, X, 20, 10);
        announced(first, HOUR);
        announced(second, SOON);
        Grant merged = a.granted(TABLE, X, 10, 10);
        assertThat(get(BREAKER.cancel(merged.id()))).isTrue();
        assertThat(get(BREAKER.cancel(second.id()))).isFalse();
        untilDue();
        assertThat(stands(merged)).isTrue();
    }

    @Test
    @DisplayName("An order for a merged lock takes the place of those for its parts")
    void replacedAfterMerge() {
        a.granted(TABLE, X, 0, 10);
        announced(a.granted(TABLE, X, 20, 10), SOON);
        Grant merged = a.granted(TABLE, X, 10, 10);
        announced(merged, HOUR);
        untilDue();
        assertThat(stands(merged)).isTrue();
    }

    @Test
    @DisplayName("The rest of a lock whose first part was released shows the order, and it is taken back by either id")
    void cancelledByRest() {
        for (boolean byRest : new boolean[] {true, false}) {
            Grant lock = a.granted(TABLE, X, 0, 30);
            announced(lock, HOUR);
            a.released(TABLE, 10, 10);
            a.released(TABLE, 0, 10);
            Grant rest = a.standing(TABLE).getFirst();
            assertThat(rest.stage()).isNotEqualTo(Grant.HELD);
            assertThat(get(BREAKER.cancel(byRest ? rest.id() : lock.id()))).isTrue();
            assertThat(a.standing(TABLE).getFirst().stage()).isEqualTo(Grant.HELD);
            a.released(TABLE, 0, 0);
        }
    }

    @Test
    @DisplayName("A part with a newer token shows the order too")
    void shownOnParts() {
        Grant lock = a.granted(TABLE, X, 0, 30);
        a.released(TABLE, 10, 10);
        a.granted(TABLE, X, 10, 2);
        announced(lock, HOUR);
        assertThat(a.standing(TABLE)).hasSize(2).noneMatch(part -> part.stage().equals(Grant.HELD));
    }

    @Test
    @DisplayName("A lock that has had seventy tokens since is broken whole, the part that was split off too")
    void manyTokens() {
        Grant lock = a.granted(TABLE, X, 0, 1_000);
        announced(lock, SOON);
        for (int i = 0; i < 70; i++) {
            a.granted(TABLE, X, 1_000 + i, 1);
        }
        a.released(TABLE, 500, 1);
        untilDue();
        assertThat(a.standing(TABLE)).isEmpty();
    }

    @Test
    @DisplayName("A break is undone by the id under which the lock stood")
    void undoneByListedId() {
        a.granted(TABLE, X, 0, 10);
        announced(a.granted(TABLE, X, 20, 10), SOON);
        Grant merged = a.granted(TABLE, X, 10, 10);
        untilDue();
        assertThat(stands(merged)).isFalse();
        assertThat(get(BREAKER.undo(merged.id()))).isInstanceOf(Undoing.Restored.class);
        assertThat(stands(merged)).isTrue();
    }

    @Test
    @DisplayName(
            "A range is not restored when the open that its handle had is gone, also when the handle has another open")
    void handleClosed() {
        for (boolean anew : new boolean[] {false, true}) {
            Grant open = h.opened(TABLE, READS);
            Grant range = h.granted(TABLE, X, 0, 10);
            get(BREAKER.breakNow(range.id()));
            get(TABLE.releaseGrant(open.id(), Optional.of("p")));
            Optional<Grant> again = anew ? Optional.of(h.opened(TABLE, READS)) : Optional.empty();
            assertThat(get(BREAKER.undo(range.id()))).isInstanceOf(Undoing.Expired.class);
            again.ifPresent(its -> get(TABLE.releaseGrant(its.id(), Optional.of("p"))));
        }
    }

    @Test
    @DisplayName("The token of a lock that was broken and restored stays refused when the lock splits, and a day later")
    void oldTokenStaysRefused() {
        Grant lock = a.granted(TABLE, X, 0, 30);
        get(BREAKER.breakNow(lock.id()));
        get(BREAKER.undo(lock.id()));
        a.released(TABLE, 10, 10);
        a.released(TABLE, 0, 10);
        assertThat(a.valid(TABLE, lock, 20, 10)).isFalse();
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send(
                    "ZADD",
                    new RedisKeys(Settings.DEFAULT.buckets()).prefix(lock.id().bucket()) + "break-due",
                    "1",
                    "R" + GrantRows.hex(lock.id().sequence()));
        }
        get(TABLE.sweep());
        assertThat(a.valid(TABLE, lock, 20, 10)).isFalse();
    }

    @Test
    @DisplayName("One sweep breaks all that is due, however much that is")
    void manyAreDue() {
        for (int i = 0; i < 250; i++) {
            announced(a.granted(TABLE, X, 10L * i, 2), Duration.ofMillis(1));
        }
        assertThat(get(TABLE.sweep())).isGreaterThanOrEqualTo(250);
        assertThat(a.standing(TABLE)).isEmpty();
    }

    @Test
    @DisplayName("A break that meets the confirmation of a lock leaves the space as it must be")
    void meetsConfirmation() {
        for (int i = 0; i < 60; i++) {
            a.granted(TABLE, X, 0, 10);
            WaiterId waiter = ((Queueing.Queued) get(TABLE.queue().acquire(space, b.lock(X, 0, 10), HOUR))).id();
            a.released(TABLE, 0, 10);
            Grant grant = ((WaitOutcome.Granted) get(TABLE.queue().poll(waiter, Optional.of("q")))).grant();
            CompletionStage<Renewal> confirmed =
                    TABLE.confirm(grant.id(), Protocol.NLM, "q").subscribeAsCompletionStage();
            get(BREAKER.breakNow(grant.id()));
            confirmed.toCompletableFuture().join();
            TableInvariants.hold(REDIS);
            b.released(TABLE, 0, 10);
        }
    }

    /** Lets {@code step} die behind one write, then behind two, until it lives; looks at what is left each time. */
    private void dying(Runnable before, Runnable step, IntConsumer behind) {
        for (int writes = 1; ; writes++) {
            empty();
            before.run();
            KILLER.allow(writes);
            boolean died = false;
            try {
                step.run();
            } catch (LockTableUnavailableException e) {
                died = true;
            }
            KILLER.allowAll();
            behind.accept(writes);
            if (!died) {
                assertThat(writes).isGreaterThan(1);
                return;
            }
        }
    }

    @Test
    @DisplayName("A broken token stays refused wherever the script of an undo dies")
    void undoDies() {
        List<Grant> lock = new ArrayList<>();
        dying(
                () -> {
                    lock.clear();
                    lock.add(a.granted(TABLE, X, 0, 10));
                    get(BREAKER.breakNow(lock.getFirst().id()));
                },
                () -> get(DYING.breaker().undo(lock.getFirst().id())),
                writes -> assertThat(a.valid(TABLE, lock.getFirst(), 0, 10))
                        .as("behind write %d", writes)
                        .isFalse());
    }

    @Test
    @DisplayName("Nobody is told that an order was taken back while it stands, wherever that script dies")
    void cancelDies() {
        LockClient leasing = a.leasing(HOUR);
        List<Grant> lock = new ArrayList<>();
        dying(
                () -> {
                    lock.clear();
                    lock.add(leasing.granted(TABLE, X, 0, 10));
                    announced(lock.getFirst(), HOUR);
                    get(TABLE.renew(lock.getFirst().id(), Protocol.NLM, "p", HOUR));
                },
                () -> get(DYING.breaker().cancel(lock.getFirst().id())),
                writes -> {
                    Renewal.Renewed renewed =
                            (Renewal.Renewed) get(TABLE.renew(lock.getFirst().id(), Protocol.NLM, "p", HOUR));
                    boolean told =
                            renewed.notices().stream().anyMatch(notice -> notice.kind() == Notice.Kind.CANCELLED);
                    assertThat(told && get(BREAKER.cancel(lock.getFirst().id())))
                            .as("behind write %d", writes)
                            .isFalse();
                });
    }
}
