package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Grant;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RequestId;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.LossyProxy;
import io.lockgate.testing.redis.RespClient;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** "No grant is left that nobody was told of" (docs/failures.md), and nothing is lost that somebody was told of. */
@Timeout(60)
@Tag("slow")
class UnacknowledgedGrantsTest {
    private static final long NEVER = 9_999_999_999_999L;

    private static final URI REDIS = RedisTables.database(5);
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final Settings IMPATIENT = SETTINGS.withTimeouts(Duration.ofMillis(150), Duration.ofMillis(400));
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ScriptRunner RUNNER = RedisTables.runner(REDIS, SETTINGS);
    private static final RangeLockTable TABLE = new RedisRangeLockTable(RUNNER, SETTINGS);
    private static final RawScripts BY_HAND = new RawScripts(RUNNER, SETTINGS);

    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A");
    private final LockClient b = LockClient.nlm(space, "B");
    private final LockClient h = LockClient.smb(space, "H");
    private final String request = BY_HAND.newId();

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @AfterEach
    void consistent() {
        TableInvariants.hold(REDIS);
    }

    private String undo() {
        return BY_HAND.undo(request, space);
    }

    // -------------------------------------------------------------------------------------------------- put back

    @Test
    @DisplayName("A fresh grant vanishes without a trace")
    void fresh() {
        BY_HAND.acquire(request, a.space(), a.leasing(Duration.ofHours(1)).lock(X, 0, 10));
        assertThat(undo()).isEqualTo("undone");
        assertThat(a.standing(TABLE)).isEmpty();
        TableInvariants.holdOfNothing(REDIS);
        b.granted(TABLE, X, 0, 10);
    }

    @Test
    @DisplayName("A grant acquired over an expired one vanishes too")
    void overExpired() {
        Grant expired = b.leasing(Duration.ofMillis(20)).granted(TABLE, X, 0, 10);
        await().until(() -> get(TABLE.find(expired.id())).isEmpty());
        BY_HAND.acquire(request, a.space(), a.lock(X, 5, 10));
        assertThat(a.standing(TABLE)).hasSize(1);
        assertThat(undo()).isEqualTo("undone");
        TableInvariants.holdOfNothing(REDIS);
    }

    @Test
    @DisplayName("An upgrade is rolled back to exactly the earlier shared grant, with its id and token")
    void upgrade() {
        Grant before = a.granted(TABLE, S, 0, 10);
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        assertThat(a.standing(TABLE)).isNotEqualTo(List.of(before));
        assertThat(undo()).isEqualTo("undone");
        assertThat(a.standing(TABLE)).containsExactly(before);
        assertThat(a.valid(TABLE, before, 0, 10)).isTrue();
        assertThat(get(TABLE.find(before.id()))).contains(before);
        b.granted(TABLE, S, 0, 10);
    }

    @Test
    @DisplayName("An upgrade of the middle is rolled back to the one earlier row")
    void upgradeOfTheMiddle() {
        Grant before = a.granted(TABLE, S, 0, 30);
        BY_HAND.acquire(request, a.space(), a.lock(X, 10, 10));
        assertThat(a.standing(TABLE)).hasSize(3);
        undo();
        assertThat(a.standing(TABLE)).containsExactly(before);
        assertThat(a.valid(TABLE, before, 0, 30)).isTrue();
    }

    @Test
    @DisplayName("A merge is split again, each part with its own id and token, valid for its own bytes only")
    void merge() {
        Grant left = a.granted(TABLE, X, 0, 10);
        Grant right = a.granted(TABLE, X, 20, 10);
        Grant merged = LockClient.granted(acquired(a.lock(X, 10, 10)));
        assertThat(a.standing(TABLE)).hasSize(1);
        undo();
        assertThat(a.standing(TABLE)).containsExactly(left, right);
        assertThat(get(TABLE.find(right.id()))).contains(right);
        assertThat(a.valid(TABLE, left, 0, 10)).isTrue();
        assertThat(a.valid(TABLE, right, 20, 10)).isTrue();
        assertThat(a.valid(TABLE, left, 20, 10)).isFalse();
        assertThat(a.valid(TABLE, right, 0, 10)).isFalse();
        assertThat(a.valid(TABLE, merged, 0, 10)).as("a token nobody was told").isFalse();
        b.granted(TABLE, X, 10, 10);
    }

    @Test
    @DisplayName("A merge of merged parts is split again: earlier tokens stay, those of the rolled-back call go")
    void mergeOfMerged() {
        Grant early = a.granted(TABLE, X, 0, 5);
        Grant left = a.granted(TABLE, X, 5, 5);
        Grant absorbed = a.granted(TABLE, X, 20, 5);
        Grant right = a.granted(TABLE, X, 25, 5);
        Grant merged = LockClient.granted(acquired(a.lock(X, 10, 10)));
        undo();
        assertThat(a.standing(TABLE)).containsExactly(left, right);
        assertThat(a.valid(TABLE, early, 0, 10)).isTrue();
        assertThat(a.valid(TABLE, left, 0, 10)).isTrue();
        assertThat(a.valid(TABLE, absorbed, 20, 10)).isTrue();
        assertThat(a.valid(TABLE, right, 20, 10)).isTrue();
        assertThat(a.valid(TABLE, merged, 0, 10)).as("a token nobody was told").isFalse();
        assertThat(a.valid(TABLE, absorbed, 0, 10))
                .as("the right part's token on the left")
                .isFalse();
        assertThat(a.valid(TABLE, right, 0, 10))
                .as("the right part's token on the left")
                .isFalse();
        assertThat(a.valid(TABLE, early, 20, 10))
                .as("the left part's token on the right")
                .isFalse();
        assertThat(a.valid(TABLE, left, 20, 10))
                .as("the left part's token on the right")
                .isFalse();
    }

    @Test
    @DisplayName("A renewed deadline is rolled back with the acquire that set it")
    void deadline() {
        Grant before = a.leasing(Duration.ofHours(1)).granted(TABLE, X, 0, 10);
        BY_HAND.acquire(request, a.space(), a.leasing(Duration.ofHours(5)).lock(X, 0, 10));
        undo();
        Grant after = a.standing(TABLE).getFirst();
        assertThat(after.token()).isEqualTo(before.token());
        assertThat(Optional.ofNullable(after.expiresIn()).orElseThrow()).isLessThanOrEqualTo(Duration.ofHours(1));
    }

    @Test
    @DisplayName("A grant that expired meanwhile is not restored")
    void expiredMeanwhile() {
        Grant before = a.leasing(Duration.ofMillis(200)).granted(TABLE, S, 0, 10);
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        Duration left = Optional.ofNullable(before.expiresIn()).orElseThrow();
        await().pollDelay(left.plusMillis(50)).until(() -> true);
        undo();
        assertThat(a.standing(TABLE)).isEmpty();
        TableInvariants.holdOfNothing(REDIS);
    }

    // ------------------------------------------------------------------------------------------------ bytes gained

    @Test
    @DisplayName("A downgrade is never reverted to an exclusive lock: only the bytes it gained are released")
    void downgrade() {
        a.granted(TABLE, X, 10, 10);
        BY_HAND.acquire(request, a.space(), a.lock(S, 0, 30));
        Grant other = b.granted(TABLE, S, 12, 2);
        assertThat(undo()).isEqualTo("undone");
        assertThat(a.standing(TABLE))
                .filteredOn(grant -> !grant.owner().equals(b.owner()))
                .singleElement()
                .satisfies(grant -> {
                    assertThat(grant.modes()).isEqualTo(S);
                    assertThat(grant.range()).isEqualTo(a.range(10, 10));
                });
        assertThat(b.standing(TABLE)).contains(other);
        b.granted(TABLE, X, 0, 10);
        b.granted(TABLE, X, 20, 10);
    }

    @Test
    @DisplayName("Of a batch that unlocked and locked, the locks are released, and the unlocked bytes stay free")
    void batchWithUnlocks() {
        a.granted(TABLE, X, 0, 10);
        BY_HAND.batch(request, space, List.of(a.unlock(0, 10)), List.of(a.lock(X, 100, 10), a.lock(S, 200, 10)));
        assertThat(undo()).isEqualTo("undone");
        assertThat(a.standing(TABLE)).isEmpty();
        b.granted(TABLE, X, 0, 0);
    }

    @Test
    @DisplayName("A batch of locks is rolled back as a whole, to the state before")
    void batch() {
        Grant before = a.granted(TABLE, S, 0, 10);
        BY_HAND.batch(request, space, List.of(), List.of(a.lock(X, 5, 10), a.lock(X, 100, 1), a.lock(X, 15, 5)));
        undo();
        assertThat(a.standing(TABLE)).containsExactly(before);
        assertThat(a.valid(TABLE, before, 0, 10)).isTrue();
    }

    @Test
    @DisplayName("An SMB batch is rolled back, and equal earlier locks stay")
    void smbBatch() {
        Grant before = h.granted(TABLE, S, 0, 10);
        BY_HAND.batch(request, space, List.of(), List.of(h.lock(S, 0, 10), h.lock(S, 0, 10), h.lock(X, 50, 0)));
        assertThat(h.standing(TABLE)).hasSize(4);
        assertThat(undo()).isEqualTo("undone");
        assertThat(h.standing(TABLE)).containsExactly(before);
    }

    // --------------------------------------------------------------------------------------------- asked for again

    @Test
    @DisplayName("A retry by the same owner after the time-out keeps its lock")
    void retry() {
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        Grant retried = a.granted(TABLE, X, 0, 10);
        undo();
        assertThat(a.standing(TABLE)).containsExactly(retried);
        assertThat(a.valid(TABLE, retried, 0, 10)).isTrue();
    }

    @Test
    @DisplayName("A retry of an upgrade keeps the exclusive lock")
    void retriedUpgrade() {
        a.granted(TABLE, S, 0, 10);
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        Grant retried = a.granted(TABLE, X, 0, 10);
        undo();
        assertThat(a.standing(TABLE)).containsExactly(retried);
    }

    @Test
    @DisplayName("A retry of a longer range keeps all that was confirmed")
    void retriedWider() {
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        Grant wider = a.granted(TABLE, X, 0, 20);
        undo();
        assertThat(a.standing(TABLE)).containsExactly(wider);
    }

    @Test
    @DisplayName("A renewed grant is known to its owner and stays")
    void renewed() {
        Grant grant = LockClient.granted(acquired(a.leasing(Duration.ofHours(1)).lock(X, 0, 10)));
        get(TABLE.renew(grant.id(), grant.protocol(), "p", Duration.ofHours(2)));
        undo();
        assertThat(a.standing(TABLE)).hasSize(1);
    }

    @Test
    @DisplayName("SMB: of a retry one lock stays, not two")
    void smbRetry() {
        BY_HAND.acquire(request, h.space(), h.lock(S, 0, 10));
        Grant retried = h.granted(TABLE, S, 0, 10);
        undo();
        assertThat(h.standing(TABLE)).containsExactly(retried);
    }

    @Test
    @DisplayName("If the owner has cut into the lost grant since, the rest of it goes")
    void cutSince() {
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 100));
        Grant asked = a.granted(TABLE, S, 50, 10);
        undo();
        assertThat(a.standing(TABLE)).containsExactly(asked);
    }

    @Test
    @DisplayName(
            "If the owner has released a part of the lost grant since, the rest goes, and no released part comes back")
    void freedSince() {
        a.granted(TABLE, S, 0, 30);
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 50));
        a.released(TABLE, 0, 10);
        undo();
        b.granted(TABLE, X, 0, 10);
        b.granted(TABLE, X, 30, 20);
        assertThat(b.outcome(TABLE, X, 10, 20)).as("told before").isInstanceOf(Acquisition.Refused.class);
    }

    // ---------------------------------------------------------------------------------------------------- when to

    @Test
    @DisplayName("Before its deadline the request may still arrive, so the rollback is too early and touches nothing")
    void early() {
        assertThat(BY_HAND.undo(request, space, NEVER)).isEqualTo("early");
        assertThat(a.standing(TABLE)).isEmpty();
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        assertThat(a.standing(TABLE)).hasSize(1);
    }

    @Test
    @DisplayName("A request that has run is rolled back at once, whatever its deadline, and a later copy does nothing")
    void atOnce() {
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        assertThat(BY_HAND.undo(request, space, NEVER)).isEqualTo("undone");
        assertThatThrownBy(() -> BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10)))
                .isInstanceOf(LockTableUnavailableException.class);
        assertThat(a.standing(TABLE)).isEmpty();
    }

    @Test
    @DisplayName("A second rollback is harmless, also if the owner has acquired the bytes again in between")
    void twice() {
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        assertThat(undo()).isEqualTo("undone");
        Grant again = a.granted(TABLE, X, 0, 10);
        assertThat(undo()).isEqualTo("nothing");
        assertThat(a.standing(TABLE)).containsExactly(again);
    }

    @Test
    @DisplayName("A request that never arrived, or was refused, needs no rollback")
    void nothing() {
        assertThat(undo()).isEqualTo("nothing");
        b.granted(TABLE, X, 0, 10);
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        assertThat(undo()).isEqualTo("nothing");
        assertThat(b.standing(TABLE)).hasSize(1);
    }

    @Test
    @DisplayName("After a rollback a later copy of the request changes nothing")
    void lateCopy() {
        BY_HAND.acquire(request, a.space(), a.lock(X, 0, 10));
        undo();
        try (RespClient probe = new RespClient(REDIS)) {
            List<String> keys = BY_HAND.keys(request, space);
            List<String> words =
                    new ArrayList<>(List.of("EVAL", BY_HAND.scripts().acquire().text(), Integer.toString(keys.size())));
            words.addAll(keys);
            words.addAll(List.of(request, "9999999999999", "1"));
            words.addAll(BY_HAND.acquireArguments(a.space(), a.lock(X, 0, 10)));
            assertThat(probe.list(words.toArray(String[]::new)).getFirst()).isEqualTo("late");
        }
        assertThat(a.standing(TABLE)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------- end to end

    @Test
    @DisplayName("A grant whose answer was lost is gone soon after: acquire, upgrade, merge, batch and SMB")
    void lostAnswers() {
        try (LossyProxy proxy = new LossyProxy(REDIS)) {
            RangeLockTable table = RedisTables.table(proxy.uri(), IMPATIENT);
            a.granted(table, S, 0, 10);
            a.granted(table, X, 100, 10);
            List<Grant> before = a.standing(table);
            // So that Redis knows all scripts: else it is "I do not know it" that is lost, and nothing is done.
            get(table.batch(a.space(), List.of(), List.of(a.lock(X, 100, 1))));
            proxy.loseAnswers();
            List<CompletableFuture<?>> lost = askForALot(table);
            assertAllUnknown(lost);
            assertThat(h.standing(TABLE)).as("it was done").hasSize(1);
            assertThat(a.standing(TABLE)).as("it was done").hasSize(5);
            proxy.heal();
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(a.standing(TABLE)).isEqualTo(before);
                assertThat(h.standing(TABLE)).isEmpty();
            });
            a.granted(table, X, 300, 10);
        }
    }

    @Test
    @DisplayName("A paused Redis never executes a request after its deadline: acquire, upgrade, merge, batch and SMB")
    void paused() {
        try (BreakableRedis redis = BreakableRedis.start();
                RespClient probe = redis.probe()) {
            RangeLockTable table = RedisTables.table(redis.uri(), IMPATIENT);
            a.granted(table, S, 0, 10);
            a.granted(table, X, 100, 10);
            List<Grant> before = a.standing(table);
            probe.send("CLIENT", "PAUSE", "1500", "WRITE");
            assertAllUnknown(askForALot(table));
            // Longer than the pause and than a rollback takes; nothing may have come to stand at any moment.
            await().during(Duration.ofSeconds(3))
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(a.standing(table)).isEqualTo(before);
                        assertThat(h.standing(table)).isEmpty();
                    });
            a.granted(table, X, 300, 10);
            TableInvariants.hold(redis.uri());
        }
    }

    @Test
    @DisplayName("The rollback of a known outcome goes on while Redis does not answer, and is done when it does")
    void rolledBackAfterAnOutage() {
        try (BreakableRedis redis = BreakableRedis.start()) {
            RangeLockTable table = RedisTables.table(redis.uri(), IMPATIENT);
            a.granted(table, S, 0, 10);
            List<Grant> before = a.standing(table);
            RequestId known = ((Acquisition.Granted) a.outcome(table, X, 0, 10)).request();
            redis.freeze();
            CompletableFuture<Boolean> rollback = table.rollBack(known).subscribeAsCompletionStage();
            await().pollDelay(Duration.ofSeconds(2)).until(() -> !rollback.isDone());
            redis.thaw();
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(a.standing(table)).isEqualTo(before));
            assertThat(rollback).succeedsWithin(PATIENCE);
            TableInvariants.hold(redis.uri());
        }
    }

    private List<CompletableFuture<?>> askForALot(RangeLockTable table) {
        return List.of(
                start(a.acquire(table, X, 0, 10)),
                start(a.acquire(table, X, 110, 10)),
                start(b.acquire(table, X, 300, 10)),
                start(table.batch(b.space(), List.of(), List.of(b.lock(X, 400, 10), b.lock(S, 500, 10)))),
                start(h.acquire(table, X, 0, 10)));
    }

    private static void assertAllUnknown(List<CompletableFuture<?>> calls) {
        for (CompletableFuture<?> call : calls) {
            assertThatThrownBy(call::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            LockTableUnavailableException.class,
                            failure -> assertThat(failure.outcomeKnown()).isFalse());
        }
    }

    private static <T> CompletableFuture<T> start(Uni<T> call) {
        return call.subscribeAsCompletionStage();
    }

    private Acquisition acquired(LockSpec lock) {
        ScriptRunner.Reply reply = BY_HAND.acquire(request, a.space(), lock);
        assertThat(reply.status()).isEqualTo("granted");
        int bucket = new RedisKeys(SETTINGS.buckets()).bucketOf(space.fileId());
        return new Acquisition.Granted(
                GrantRows.grant(bucket, reply.text(2), reply.text(3), reply.nowMillis()),
                List.of(),
                new RequestId(space, request));
    }
}
