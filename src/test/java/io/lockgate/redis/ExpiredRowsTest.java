package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.Grant;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.Owner;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Release;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Expired is free at once, though its row may lie there until somebody passes by; and names of grants are few. */
@Timeout(60)
class ExpiredRowsTest {
    private static final URI REDIS = RedisTables.database(8);
    private static final Settings SETTINGS = Settings.DEFAULT.withNames(4).withRanges(5);
    private static final RangeLockTable TABLE = RedisTables.table(REDIS, SETTINGS);

    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A");
    private final LockClient b = LockClient.nlm(space, "B");
    private final LockClient h = LockClient.smb(space, "H");
    private final LockClient k = LockClient.smb(space, "K");

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @AfterEach
    void consistent() {
        TableInvariants.hold(REDIS);
        for (LockClient anybody : List.of(a, h)) {
            for (Grant grant : anybody.standing(TABLE)) {
                get(TABLE.releaseGrant(grant.id(), Optional.empty()));
            }
        }
        get(TABLE.sweep());
        TableInvariants.holdOfNothing(REDIS);
    }

    private Grant expired(LockClient owner, LockModes modes, long offset, long size) {
        Grant grant = owner.leasing(Duration.ofMillis(30)).granted(TABLE, modes, offset, size);
        await().until(() -> get(TABLE.find(grant.id())).isEmpty());
        return grant;
    }

    @Test
    @DisplayName("Over its own expired row an owner gets a new grant, not the old one")
    void own() {
        Grant old = expired(a, X, 0, 10);
        Grant grant = a.leasing(Duration.ofHours(1)).granted(TABLE, X, 0, 10);
        assertThat(grant.id()).isNotEqualTo(old.id());
        assertThat(grant.token()).isGreaterThan(old.token());
        assertThat(a.valid(TABLE, old, 0, 10)).isFalse();
        assertThat(a.standing(TABLE)).extracting(Grant::id).containsExactly(grant.id());
    }

    @Test
    @DisplayName("Over a part of its own expired row an owner gets that part only")
    void ownPart() {
        expired(a, X, 0, 100);
        Grant grant = a.leasing(Duration.ofHours(1)).granted(TABLE, X, 40, 10);
        assertThat(grant.range()).isEqualTo(a.range(40, 10));
        assertThat(a.standing(TABLE)).extracting(Grant::id).containsExactly(grant.id());
        b.granted(TABLE, X, 0, 40);
    }

    @Test
    @DisplayName("An adjacent expired row of equal kind and mode is not merged")
    void beside() {
        expired(a, X, 0, 10);
        expired(a, X, 20, 10);
        Grant grant = a.leasing(Duration.ofHours(1)).granted(TABLE, X, 10, 10);
        assertThat(grant.range()).isEqualTo(a.range(10, 10));
        assertThat(a.standing(TABLE)).extracting(Grant::id).containsExactly(grant.id());
    }

    @Test
    @DisplayName("An expired row of another owner does not block, and is not listed as a blocker")
    void others() {
        expired(b, X, 0, 10);
        Grant grant = a.granted(TABLE, X, 5, 10);
        assertThat(a.standing(TABLE)).extracting(Grant::id).containsExactly(grant.id());
    }

    @Test
    @DisplayName("Releasing bytes of an expired row releases nothing, and says so")
    void releaseExpired() {
        expired(a, X, 0, 10);
        assertThat(a.released(TABLE, 0, 5)).isZero();
        assertThat(a.released(TABLE, 0, 0)).isZero();
    }

    @Test
    @DisplayName("An expired zero-length lock does not block, nor does an expired range block a zero-length one")
    void zeroLength() {
        expired(h, X, 5, 0);
        Grant range = k.granted(TABLE, X, 0, 10);
        assertThat(k.released(TABLE, 0, 10)).isEqualTo(1);
        expired(k, X, 0, 10);
        Grant point = h.granted(TABLE, X, 5, 0);
        assertThat(h.standing(TABLE)).containsExactly(point);
        assertThat(range.id()).isNotEqualTo(point.id());
    }

    @Test
    @DisplayName("SMB: an unlock releases the live lock, not the equal expired one")
    void exactUnlock() {
        expired(h, X, 0, 10);
        Grant stands = h.granted(TABLE, S, 0, 10);
        assertThat(h.standing(TABLE)).containsExactly(stands);
        assertThat(h.released(TABLE, 0, 10)).isEqualTo(1);
        assertThat(h.standing(TABLE)).isEmpty();
        assertThat(get(h.release(TABLE, 0, 10))).isEqualTo(new Release.NoSuchLock());
        expired(h, S, 30, 0);
        assertThat(get(h.release(TABLE, 30, 0))).isEqualTo(new Release.NoSuchLock());
        assertThat(get(TABLE.batch(h.space(), List.of(h.unlock(30, 0)), List.of())))
                .isEqualTo(new BatchOutcome.UnlockMissing(0));
    }

    @Test
    @DisplayName("Expired rows do not count against the limit of ranges, in either engine, alone or in a batch")
    void limit() {
        for (LockClient owner : List.of(a, h)) {
            for (int i = 0; i < 5; i++) {
                expired(owner, X, 100L * i, 10);
            }
            for (int i = 0; i < 5; i++) {
                owner.granted(TABLE, X, 5_000 + 100L * i, 10);
            }
            assertThat(owner.outcome(TABLE, X, 9_000, 10)).isEqualTo(new Acquisition.TooManyRanges(5));
        }
        LockClient c = LockClient.nlm(space, "C");
        for (int i = 0; i < 5; i++) {
            expired(c, X, 20_000 + 100L * i, 10);
        }
        assertThat(get(TABLE.batch(c.space(), List.of(), List.of(c.lock(X, 30_000, 1), c.lock(X, 40_000, 1)))))
                .isInstanceOf(BatchOutcome.Done.class);
    }

    @Test
    @DisplayName("Expired rows anywhere in the bucket do not count against the limit of grants")
    void limitOfGrants() {
        RangeLockTable few = RedisTables.table(REDIS, SETTINGS.withGrants(3));
        RedisKeys keys = new RedisKeys(SETTINGS.buckets());
        long neighbour = space.fileId() + 1;
        while (keys.bucketOf(neighbour) != keys.bucketOf(space.fileId())) {
            neighbour++;
        }
        LockClient elsewhere = LockClient.nlm(LockSpace.head(neighbour), "A");
        for (int i = 0; i < 3; i++) {
            Grant ended = elsewhere.leasing(Duration.ofMillis(30)).granted(few, X, 100L * i, 10);
            await().until(() -> get(few.find(ended.id())).isEmpty());
        }
        LockClient stranger =
                new LockClient(space, Protocol.NLM, new Owner("q", "S", "m"), LockLifetime.UNTIL_RELEASED);
        Grant foreign = stranger.leasing(Duration.ofMillis(30)).granted(few, X, 900, 10);
        await().until(() -> get(few.find(foreign.id())).isEmpty());
        for (int i = 0; i < 2; i++) {
            a.granted(few, X, 100L * i, 10);
        }
        assertThat(get(few.batch(b.space(), List.of(), List.of(b.lock(X, 300, 1), b.lock(X, 400, 1)))))
                .isEqualTo(new BatchOutcome.TooManyGrants(1, 3));
        b.granted(few, X, 300, 1);
        assertThat(b.outcome(few, X, 500, 1)).isEqualTo(new Acquisition.TooManyGrants(3));
        TableInvariants.hold(REDIS);
        for (LockClient holder : List.of(a, b)) {
            for (Grant grant : holder.standing(few)) {
                get(few.releaseGrant(grant.id(), Optional.empty()));
            }
        }
        get(few.sweep());
    }

    // -------------------------------------------------------------------------------------------------------- names

    @Test
    @DisplayName("A grant that keeps merging remembers its newest names; the oldest are forgotten, never guessed")
    void names() {
        Grant first = a.granted(TABLE, X, 0, 10);
        List<Grant> merged = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            merged.add(a.granted(TABLE, X, 10L * i, 10));
        }
        Grant last = merged.getLast();
        assertThat(last.id()).isEqualTo(first.id());
        assertThat(merged.subList(6, 10)).allMatch(grant -> a.valid(TABLE, grant, 0, 110));
        assertThat(merged.subList(0, 5)).noneMatch(grant -> a.valid(TABLE, grant, 0, 10));
        assertThat(a.valid(TABLE, first, 0, 110))
                .as("its own id needs no further name")
                .isTrue();
        assertThat(get(TABLE.find(first.id()))).contains(last);
        try (RespClient probe = new RespClient(REDIS)) {
            String names = probe.list("KEYS", "*:names").getFirst();
            assertThat(probe.number("ZCARD", names))
                    .as("four names, each both ways")
                    .isEqualTo(8);
        }
    }

    @Test
    @DisplayName("Absorbed ids are forgotten before tokens are")
    void idsFirst() {
        Grant left = a.granted(TABLE, X, 0, 10);
        List<Grant> apart = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            apart.add(a.granted(TABLE, X, 20L * i, 10));
        }
        Grant all = a.granted(TABLE, X, 0, 100);
        assertThat(all.id()).isEqualTo(left.id());
        assertThat(apart).allMatch(grant -> a.valid(TABLE, grant, 0, 100));
        assertThat(a.valid(TABLE, all, 0, 100)).isTrue();
        assertThat(apart).allMatch(grant -> get(TABLE.find(grant.id())).isEmpty());
    }
}
