package io.lockgate.range;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link RangeLockTable} does with calls that carry an {@link IdempotencyKey}: the second half of {@link
 * RangeLockTableContract}. Each test has a space, a principal and keys of its own.
 */
public abstract class OnceContract {
    private final String principal = "once-" + UUID.randomUUID();
    private RangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, 0);
    private LockSpace space = LockSpace.head(0);
    private LockClient a = LockClient.nlm(space, "A");
    private LockClient b = LockClient.nlm(space, "B");
    private LockClient h = LockClient.smb(space, "H");
    private IdempotencyKey key = key("k", "request");

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** A table in which one principal may use {@code keys} keys. */
    protected abstract RangeLockTable tableWithKeys(int keys);

    /** A space nobody else uses. */
    protected LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    @BeforeEach
    void begin() {
        table = table();
        space = freshSpace();
        a = of("A", Protocol.NLM);
        b = of("B", Protocol.NLM);
        h = of("H", Protocol.SMB);
    }

    private LockClient of(String ownerId, Protocol protocol) {
        return new LockClient(space, protocol, new Owner(principal, ownerId, "m"), LockLifetime.UNTIL_RELEASED);
    }

    private IdempotencyKey key(String text, String request) {
        return new IdempotencyKey(principal, text, request);
    }

    private RangeLockTable once() {
        return table.once(key);
    }

    private static <T> T get(Uni<T> answer) {
        return LockClient.get(answer);
    }

    private static Acquisition.Granted granted(Acquisition answer) {
        assertThat(answer).isInstanceOf(Acquisition.Granted.class);
        return (Acquisition.Granted) answer;
    }

    private static BatchOutcome.Done done(BatchOutcome answer) {
        assertThat(answer).isInstanceOf(BatchOutcome.Done.class);
        return (BatchOutcome.Done) answer;
    }

    private static void fails(IdempotencyKeyException.Reason reason, Uni<?> call) {
        assertThatExceptionOfType(IdempotencyKeyException.class)
                .isThrownBy(() -> call.await().atMost(Duration.ofSeconds(10)))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    // ------------------------------------------------------------------------------------------------------ acquire

    @Test
    @DisplayName("An acquire that is repeated under its key answers the same grant, and in smb takes no second lock")
    void acquireOnce() {
        for (LockClient client : List.of(a, h)) {
            key = key(client.owner().ownerId(), "request");
            Grant first = client.granted(once(), LockClient.S, 0, 10);
            assertThat(client.granted(once(), LockClient.S, 0, 10)).isEqualTo(first);
            assertThat(client.standing(table)).containsExactly(first);
        }
        key = key("another", "request");
        h.granted(once(), LockClient.S, 0, 10);
        assertThat(h.standing(table)).as("another key is another call").hasSize(2);
    }

    @Test
    @DisplayName("A repeat names again the other grants that the call cut, as far as they stand")
    void changedAgain() {
        a.granted(table, LockClient.X, 0, 30);
        List<Grant> sides = granted(a.outcome(once(), LockClient.S, 10, 10)).changed();
        assertThat(sides).hasSize(2);
        assertThat(granted(a.outcome(once(), LockClient.S, 10, 10)).changed()).isEqualTo(sides);
        a.released(table, 20, 10);
        assertThat(granted(a.outcome(once(), LockClient.S, 10, 10)).changed()).containsExactly(sides.getFirst());
    }

    @Test
    @DisplayName("A refusal is not kept: the repeat acquires as soon as the range is free")
    void refusedIsNotKept() {
        b.granted(table, LockClient.X, 0, 10);
        assertThat(a.outcome(once(), LockClient.X, 5, 10)).isInstanceOf(Acquisition.Refused.class);
        b.released(table, 0, 10);
        a.granted(once(), LockClient.X, 5, 10);
    }

    @Test
    @DisplayName(
            "A grant that has grown, or was renewed or released in part beside what was asked, is shown as it stands")
    void shownAsItStands() {
        a.granted(table, LockClient.X, 10, 10);
        LockClient leasing = a.leasing(Duration.ofHours(1));
        key = key("l", "request");
        Grant leased = leasing.granted(once(), LockClient.X, 100, 10);
        get(table.renew(leased.id(), leased.protocol(), principal, Duration.ofHours(9)));
        Grant renewed = leasing.granted(once(), LockClient.X, 100, 10);
        assertThat(Objects.requireNonNull(renewed.expiresIn())).isGreaterThan(Duration.ofHours(8));

        key = key("m", "request");
        Grant first = a.granted(once(), LockClient.X, 0, 10);
        assertThat(first.range()).isEqualTo(ByteRange.between(0, 19));
        Grant grown = a.granted(table, LockClient.X, 20, 10);
        assertThat(a.granted(once(), LockClient.X, 0, 10)).isEqualTo(grown);
        a.released(table, 15, 15);
        assertThat(a.granted(once(), LockClient.X, 0, 10).range()).isEqualTo(ByteRange.between(0, 14));
    }

    @Test
    @DisplayName("A repeat of a grant that does not stand any more, or not all that was asked, is told that it is lost")
    void lost() {
        a.granted(once(), LockClient.X, 0, 10);
        a.released(table, 9, 1);
        fails(IdempotencyKeyException.Reason.LOST, a.acquire(once(), LockClient.X, 0, 10));
        a.granted(table, LockClient.X, 9, 1);
        a.granted(once(), LockClient.X, 0, 10);
        a.released(table, 0, 10);
        b.granted(table, LockClient.X, 0, 10);
        fails(IdempotencyKeyException.Reason.LOST, a.acquire(once(), LockClient.X, 0, 10));
        assertThat(b.standing(table)).hasSize(1);
        key = key("smb", "request");
        h.granted(once(), LockClient.X, 5, 0);
        h.released(table, 5, 0);
        fails(IdempotencyKeyException.Reason.LOST, h.acquire(once(), LockClient.X, 5, 0));
        assertThat(h.standing(table)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------------ releases

    @Test
    @DisplayName("A release that is repeated under its key frees nothing that was acquired since, whatever it released")
    void releaseOnce() {
        a.granted(table, LockClient.X, 0, 30);
        Release first = get(a.release(once(), 10, 10));
        assertThat(first).isInstanceOf(Release.Released.class);
        assertThat(((Release.Released) first).left().grants()).hasSize(2);
        assertThat(get(a.release(once(), 10, 10))).isEqualTo(first);
        a.granted(table, LockClient.S, 10, 10);
        assertThat(get(a.release(once(), 10, 10))).isEqualTo(first);
        assertThat(a.standing(table)).hasSize(3);

        key = key("nothing", "request");
        assertThat(get(b.release(once(), 100, 10))).isEqualTo(new Release.Released(0));
        b.granted(table, LockClient.X, 100, 10);
        assertThat(get(b.release(once(), 100, 10))).isEqualTo(new Release.Released(0));
        assertThat(b.standing(table)).hasSize(4);
    }

    @Test
    @DisplayName(
            "An smb release under a key frees one of two equal locks, however often; one that finds none is not kept")
    void smbReleaseOnce() {
        h.granted(table, LockClient.S, 0, 10);
        h.granted(table, LockClient.S, 0, 10);
        assertThat(get(h.release(once(), 0, 10))).isEqualTo(new Release.Released(1));
        assertThat(get(h.release(once(), 0, 10))).isEqualTo(new Release.Released(1));
        assertThat(h.standing(table)).hasSize(1);
        key = key("none", "request");
        assertThat(get(h.release(once(), 50, 10))).isEqualTo(new Release.NoSuchLock());
        h.granted(table, LockClient.S, 50, 10);
        assertThat(get(h.release(once(), 50, 10))).isEqualTo(new Release.Released(1));
    }

    @Test
    @DisplayName("A release of all names of an owner is kept by its last step, with what is left of all of them")
    void releaseOfManyNames() {
        for (int i = 0; i < 30; i++) {
            a.named("m" + i).granted(table, LockClient.S, 0, 30);
        }
        UnlockSpec all = new UnlockSpec(
                Protocol.NLM, a.range(10, 10), new OwnerSelector("A", Optional.of(principal), Optional.empty()));
        Release first = get(once().release(space, all));
        assertThat(((Release.Released) first).grants()).isEqualTo(30);
        assertThat(((Release.Released) first).left().grants()).hasSize(60);
        a.granted(table, LockClient.S, 10, 10);
        Release again = get(once().release(space, all));
        assertThat(((Release.Released) again).left()).isEqualTo(((Release.Released) first).left());
        assertThat(a.standing(table)).hasSize(61);
    }

    @Test
    @DisplayName("A release of a grant by its id is known under its key, and under no other")
    void releaseGrantOnce() {
        Grant held = a.granted(table, LockClient.X, 0, 10);
        assertThat(get(once().hasReleased(held.id()))).isFalse();
        Release released = new Release.Released(1);
        assertThat(get(once().releaseGrant(held.id(), Optional.of(principal)))).isEqualTo(released);
        assertThat(get(once().hasReleased(held.id()))).isTrue();
        assertThat(get(once().releaseGrant(held.id(), Optional.of(principal)))).isEqualTo(released);
        assertThat(get(table.hasReleased(held.id()))).isFalse();
        key = key("other", "request");
        assertThat(get(once().hasReleased(held.id()))).isFalse();
        assertThat(get(once().releaseGrant(held.id(), Optional.of(principal)))).isEqualTo(new Release.NoSuchLock());
    }

    @Test
    @DisplayName("A release of everything of a client is done once: what was acquired since stays")
    void releaseAllOnce() {
        a.granted(table, LockClient.X, 0, 10);
        LockSpace elsewhere = freshSpace();
        LockClient other = new LockClient(elsewhere, Protocol.NLM, a.owner(), LockLifetime.UNTIL_RELEASED);
        other.granted(table, LockClient.X, 0, 10);
        GrantFilter mine = GrantFilter.all(Protocol.NLM).ofPrincipal(principal);
        assertThat(get(once().releaseAll(mine))).isEqualTo(2);
        a.granted(table, LockClient.X, 0, 10);
        assertThat(get(once().releaseAll(mine))).isZero();
        assertThat(a.standing(table)).hasSize(1);
        key = key("other", "request");
        assertThat(get(once().releaseAll(mine))).isEqualTo(1);
    }

    // --------------------------------------------------------------------------------------------------------- batch

    @Test
    @DisplayName("A batch is done once, and a repeat answers its grants and what it changed; lost when one is gone")
    void batchOnce() {
        a.granted(table, LockClient.X, 0, 30);
        List<UnlockSpec> unlocks = List.of(a.unlock(10, 10));
        List<LockSpec> locks = List.of(a.lock(LockClient.S, 100, 5), a.lock(LockClient.X, 200, 5));
        BatchOutcome.Done first = done(get(once().batch(space, unlocks, locks)));
        a.granted(table, LockClient.S, 10, 10);
        BatchOutcome.Done again = done(get(once().batch(space, unlocks, locks)));
        assertThat(again.grants()).isEqualTo(first.grants());
        assertThat(again.changed()).isEqualTo(first.changed());
        assertThat(again.released()).isEqualTo(1);
        assertThat(a.standing(table)).hasSize(5);
        a.released(table, 200, 5);
        fails(IdempotencyKeyException.Reason.LOST, once().batch(space, unlocks, locks));

        key = key("unlocks", "request");
        BatchOutcome.Done unlocked = done(get(once().batch(space, List.of(a.unlock(0, 10)), List.of())));
        assertThat(unlocked.request()).isEmpty();
        a.granted(table, LockClient.X, 0, 10);
        assertThat(done(get(once().batch(space, List.of(a.unlock(0, 10)), List.of())))
                        .released())
                .isEqualTo(1);
        assertThat(a.standing(table)).hasSize(4);
    }

    @Test
    @DisplayName("A batch that is refused is not kept")
    void batchRefused() {
        b.granted(table, LockClient.X, 100, 5);
        List<LockSpec> locks = List.of(a.lock(LockClient.X, 0, 5), a.lock(LockClient.X, 100, 5));
        assertThat(get(once().batch(space, List.of(), locks))).isInstanceOf(BatchOutcome.Refused.class);
        b.released(table, 100, 5);
        assertThat(done(get(once().batch(space, List.of(), locks))).grants()).hasSize(2);
    }

    // ------------------------------------------------------------------------------------------------------ the keys

    @Test
    @DisplayName("A key belongs to one request, also where the other is about another file or another verb")
    void reused() {
        a.granted(once(), LockClient.X, 0, 10);
        key = key("k", "another request");
        fails(IdempotencyKeyException.Reason.REUSED, a.acquire(once(), LockClient.X, 0, 10));
        for (int i = 0; i < 20; i++) {
            fails(IdempotencyKeyException.Reason.REUSED, once().acquire(freshSpace(), a.lock(LockClient.X, 0, 10)));
        }
        fails(IdempotencyKeyException.Reason.REUSED, a.release(once(), 0, 10));
        fails(IdempotencyKeyException.Reason.REUSED, once().batch(space, List.of(a.unlock(0, 10)), List.of()));
        fails(
                IdempotencyKeyException.Reason.REUSED,
                once().releaseGrant(a.standing(table).getFirst().id(), Optional.empty()));
        fails(IdempotencyKeyException.Reason.REUSED, once().releaseAll(GrantFilter.all(Protocol.NLM)));
        assertThat(a.standing(table)).hasSize(1);
        assertThat(get(table.test(space, b.lock(LockClient.X, 10, 10)))).isEmpty();
    }

    @Test
    @DisplayName("The same key of another principal is another key")
    void principalsApart() {
        a.granted(once(), LockClient.X, 0, 10);
        Owner other = new Owner("other-" + principal, "A", "m");
        LockClient stranger = new LockClient(space, Protocol.NLM, other, LockLifetime.UNTIL_RELEASED);
        RangeLockTable its = table.once(new IdempotencyKey(other.principal(), key.text(), key.request()));
        assertThat(stranger.outcome(its, LockClient.X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
        stranger.granted(its, LockClient.X, 10, 10);
    }

    @Test
    @DisplayName(
            "A principal may use so many keys: one more is refused, those it has go on, and others are not affected")
    void limited() {
        table = tableWithKeys(3);
        for (int i = 0; i < 3; i++) {
            a.granted(table.once(key("k" + i, "r")), LockClient.X, 10L * i, 10);
        }
        fails(IdempotencyKeyException.Reason.TOO_MANY, a.acquire(table.once(key("k3", "r")), LockClient.X, 30, 10));
        fails(IdempotencyKeyException.Reason.TOO_MANY, a.release(table.once(key("k3", "r")), 0, 10));
        a.granted(table.once(key("k0", "r")), LockClient.X, 0, 10);
        a.granted(table, LockClient.X, 30, 10);
        IdempotencyKey others = new IdempotencyKey("other-" + principal, "k3", "r");
        LockClient stranger = LockClient.nlm(space, "S");
        assertThat(get(table.once(others).acquire(space, stranger.lock(LockClient.X, 100, 10))))
                .isInstanceOf(Acquisition.Granted.class);
    }

    @Test
    @DisplayName("Of calls with one key that run at the same moment one does the work, and the others are told of it")
    void concurrently() {
        for (int round = 0; round < 10; round++) {
            key = key("round " + round, "request");
            int offset = 100 * round;
            List<CompletableFuture<Acquisition>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(h.acquire(once(), LockClient.S, offset, 10).subscribeAsCompletionStage());
            }
            List<Grant> grants =
                    calls.stream().map(call -> granted(call.join()).grant()).toList();
            assertThat(grants).containsOnly(grants.getFirst());
            assertThat(h.standing(table)).hasSize(round + 1);
        }
    }

    // ------------------------------------------------------------------------------------------------------ rolled
    // back

    @Test
    @DisplayName("A rollback forgets what was kept under the key, so the repeat acquires again, or is refused")
    void rollbackForgets() {
        Acquisition.Granted first = granted(a.outcome(once(), LockClient.X, 0, 10));
        assertThat(get(table.rollBack(first.request()))).isTrue();
        assertThat(get(table.rollBack(first.request()))).isFalse();
        b.granted(table, LockClient.X, 0, 10);
        assertThat(a.outcome(once(), LockClient.X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
        b.released(table, 0, 10);
        Grant again = a.granted(once(), LockClient.X, 0, 10);
        assertThat(again.token()).isGreaterThan(first.grant().token());
        assertThat(get(table.rollBack(first.request()))).as("late").isFalse();
        assertThat(a.standing(table)).containsExactly(again);
    }

    @Test
    @DisplayName("A grant that a repeat was told of stays when the first call is rolled back, and goes with the last")
    void rollbackOfOneOfTwo() {
        for (LockClient client : List.of(a, h)) {
            key = key(client.owner().ownerId(), "request");
            Acquisition.Granted first = granted(client.outcome(once(), LockClient.X, 0, 10));
            Acquisition.Granted second = granted(client.outcome(once(), LockClient.X, 0, 10));
            assertThat(get(table.rollBack(first.request()))).isFalse();
            assertThat(client.standing(table)).containsExactly(first.grant());
            assertThat(client.granted(once(), LockClient.X, 0, 10)).isEqualTo(first.grant());
            assertThat(get(table.rollBack(second.request()))).isFalse();
            assertThat(client.standing(table)).as("the third was told").containsExactly(first.grant());
        }
        key = key("both", "request");
        Acquisition.Granted first = granted(b.outcome(once(), LockClient.X, 100, 10));
        Acquisition.Granted second = granted(b.outcome(once(), LockClient.X, 100, 10));
        assertThat(get(table.rollBack(second.request()))).isFalse();
        assertThat(get(table.rollBack(second.request()))).as("once more").isFalse();
        assertThat(a.test(table, LockClient.X, 100, 1).await().indefinitely()).isPresent();
        assertThat(get(table.rollBack(first.request()))).isTrue();
        assertThat(get(a.test(table, LockClient.X, 100, 10))).isEmpty();
    }

    @Test
    @DisplayName("A rollback of an upgrade, a merge and a batch under a key restores what was there")
    void rollbackRestores() {
        Grant shared = a.granted(table, LockClient.S, 0, 30);
        get(table.rollBack(granted(a.outcome(once(), LockClient.X, 10, 10)).request()));
        assertThat(a.standing(table)).containsExactly(shared);
        key = key("batch", "request");
        List<LockSpec> locks = List.of(a.lock(LockClient.S, 20, 30), a.lock(LockClient.X, 200, 5));
        BatchOutcome.Done batch = done(get(once().batch(space, List.of(), locks)));
        assertThat(get(table.rollBack(batch.request().orElseThrow()))).isTrue();
        assertThat(a.standing(table)).containsExactly(shared);
        assertThat(done(get(once().batch(space, List.of(), locks))).grants()).hasSize(2);
    }
}
