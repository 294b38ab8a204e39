package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.ByteRange;
import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.FenceCheck;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockType;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Release;
import io.lockgate.range.Renewal;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With ten steps a script, a hundred of anything is still done in full; it takes more calls. */
@Timeout(60)
@Tag("slow")
class BoundedStepsTest {
    private static final URI REDIS = RedisTables.database(7);
    private static final int STEPS = 10;
    private static final Settings SETTINGS = Settings.DEFAULT.withMaxSteps(STEPS);
    private static final ScriptRunner RUNNER = RedisTables.runner(REDIS, SETTINGS);
    private static final RangeLockTable TABLE = new RedisRangeLockTable(RUNNER, SETTINGS);
    private static final RedisKeys KEYS = new RedisKeys(SETTINGS.buckets());

    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A");
    private final LockClient b = LockClient.nlm(space, "B");

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

    /** Locks of many owners over the same bytes or side by side, all past their time, none deleted. */
    private void expired(int count, boolean sideBySide) {
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LockClient owner = LockClient.nlm(space, "owner " + i).leasing(Duration.ofMillis(400));
            grants.add(owner.granted(TABLE, sideBySide ? X : S, sideBySide ? 10L * i : 0, 10));
        }
        await().until(() -> get(TABLE.find(grants.getLast().id())).isEmpty());
        try (RespClient probe = new RespClient(REDIS)) {
            int bucket = KEYS.bucketOf(space.fileId());
            assertThat(probe.number("HLEN", KEYS.rows(bucket))).isEqualTo(count);
        }
    }

    @Test
    @DisplayName("A sweep deletes all expired locks, in slices, and returns their number")
    void sweep() {
        expired(100, true);
        Grant stays = a.granted(TABLE, X, 5_000, 1);
        assertThat(get(TABLE.sweep())).isEqualTo(100);
        assertThat(get(TABLE.sweep())).isZero();
        assertThat(a.standing(TABLE)).containsExactly(stays);
        a.released(TABLE, 0, 0);
        TableInvariants.holdOfNothing(REDIS);
    }

    @Test
    @DisplayName("Two concurrent sweepers do not disturb each other")
    void twoSweepers() {
        expired(60, true);
        var first = TABLE.sweep().subscribeAsCompletionStage();
        var second = TABLE.sweep().subscribeAsCompletionStage();
        assertThat(first.join() + second.join()).isEqualTo(60);
        TableInvariants.holdOfNothing(REDIS);
    }

    @Test
    @DisplayName("An exclusive request over fifty expired shared locks succeeds, in rounds")
    void overExpired() {
        expired(50, false);
        a.granted(TABLE, X, 0, 10);
        TableInvariants.hold(REDIS);
        a.released(TABLE, 0, 0);
        get(TABLE.sweep());
        TableInvariants.holdOfNothing(REDIS);
    }

    @Test
    @DisplayName("One script deletes at most a hundred expired locks and then lets others through")
    void deletesInSlices() {
        expired(250, true);
        Settings settings = Settings.DEFAULT;
        RawScripts byHand = new RawScripts(RedisTables.runner(REDIS, settings), settings);
        String id = byHand.newId();
        List<String> keys = byHand.keys(id, space);
        List<String> words =
                new ArrayList<>(List.of("EVAL", byHand.scripts().acquire().text(), Integer.toString(keys.size())));
        words.addAll(keys);
        words.addAll(List.of(id, "9999999999999", StoreMark.of(settings).argument()));
        words.addAll(byHand.acquireArguments(a.space(), a.lock(X, 0, 10_000)));
        try (RespClient probe = new RespClient(REDIS)) {
            assertThat(probe.list(words.toArray(String[]::new)).getFirst()).isEqualTo("again");
            assertThat(probe.number("HLEN", KEYS.rows(KEYS.bucketOf(space.fileId()))))
                    .isBetween(140L, 160L);
        }
        a.granted(TABLE, X, 0, 10_000);
    }

    /** Ranges of a handle whose only open has expired, none of them deleted. */
    private LockClient closed(int ranges) {
        LockClient handle = LockClient.smb(space, "H");
        Grant open = handle.leasing(Duration.ofSeconds(2)).opened(TABLE, LockModes.of(LockMode.READ));
        for (int i = 0; i < ranges; i++) {
            handle.granted(TABLE, i % 2 == 0 ? X : S, 10L * i, i % 5);
        }
        await().until(() -> get(TABLE.find(open.id())).isEmpty());
        return handle;
    }

    private long rows() {
        try (RespClient probe = new RespClient(REDIS)) {
            return probe.number("HLEN", KEYS.rows(KEYS.bucketOf(space.fileId())));
        }
    }

    @Test
    @DisplayName("The ranges of a handle are gone with its last open, and their rows go in slices of a sweep")
    void sweepOfHandle() {
        LockClient handle = closed(45);
        assertThat(rows()).isEqualTo(46);
        assertThat(handle.standing(TABLE)).isEmpty();
        assertThat(get(TABLE.countRanges(space, handle.owner()))).isZero();
        Grant others = LockClient.smb(space, "I").granted(TABLE, X, 2, 3);
        assertThat(get(TABLE.sweep())).isBetween(45L, 46L);
        assertThat(handle.standing(TABLE)).containsExactly(others);
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    @DisplayName("A handle whose opens have expired is granted new locks, in rounds, and its old ones do not come back")
    void handleBeginsAnew() {
        LockClient handle = closed(45);
        Grant anew = handle.granted(TABLE, X, 1_000, 5);
        assertThat(handle.standing(TABLE)).containsExactly(anew);
        Grant open = handle.opened(TABLE, LockModes.of(LockMode.WRITE));
        assertThat(handle.standing(TABLE)).containsExactly(anew);
        assertThat(rows()).isEqualTo(2);
        assertThat(get(TABLE.releaseOpens(space, OwnerSelector.exactly(handle.owner()), Optional.of(open.id()))))
                .isEqualTo(new Release.Released(1));
        assertThat(rows()).isZero();
    }

    @Test
    @DisplayName("An open over fifty opens that have expired is granted, in rounds, and their ranges go too")
    void overExpiredOpens() {
        List<Grant> opens = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            LockClient handle = LockClient.smb(space, "handle " + i);
            opens.add(handle.leasing(Duration.ofSeconds(2)).opened(TABLE, LockModes.of(LockMode.WRITE)));
            handle.granted(TABLE, X, 10L * i, 3);
            handle.granted(TABLE, X, 10L * i + 5, 3);
        }
        await().until(() -> get(TABLE.find(opens.getLast().id())).isEmpty());
        LockClient.smb(space, "H").opened(TABLE, LockModes.of(LockMode.EXCLUDE_WRITE));
        TableInvariants.hold(REDIS);
        // Ten opens may stay for the sweep, each with two ranges.
        assertThat(rows()).isLessThanOrEqualTo(1 + 10 * 3);
        get(TABLE.sweep());
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    @DisplayName("A release by client ends the ranges of sixty handles, in slices")
    void releaseAllOpens() {
        for (int i = 0; i < 60; i++) {
            LockClient handle = LockClient.smb(space, "handle " + i);
            handle.opened(TABLE, LockModes.of(LockMode.READ));
            handle.granted(TABLE, X, 10L * i, 3);
            handle.granted(TABLE, X, 10L * i + 5, 3);
        }
        GrantFilter ofOpens = GrantFilter.all(Protocol.SMB).ofType(LockType.SHARE_MODE);
        assertThat(get(TABLE.releaseAll(ofOpens))).isEqualTo(60);
        assertThat(rows()).isZero();
    }

    @Test
    @DisplayName("A test over fifty expired locks finds the bytes free; a batch over them succeeds")
    void testOverExpired() {
        expired(50, false);
        assertThat(get(a.test(TABLE, X, 0, 10))).isEmpty();
        expired(50, false);
        get(TABLE.batch(a.space(), List.of(), List.of(a.lock(X, 0, 3), a.lock(X, 5, 3))));
        assertThat(a.standing(TABLE)).hasSize(2);
    }

    @Test
    @DisplayName("Behind many expired locks the live one is found, and it alone is named")
    void blockerBehindExpired() {
        expired(50, true);
        Grant stands = b.granted(TABLE, X, 495, 1);
        assertThat(a.outcome(TABLE, X, 0, 1_000))
                .isInstanceOfSatisfying(
                        Acquisition.Refused.class,
                        refused -> assertThat(refused.conflict().blockers()).containsExactly(stands));
    }

    @Test
    @DisplayName("A release by client releases a hundred and one grants in several spaces, and no other's")
    void releaseAll() {
        for (int i = 0; i < 100; i++) {
            a.granted(TABLE, X, 2L * i, 1);
        }
        LockClient elsewhere = LockClient.nlm(new LockSpace(space.fileId(), "", "other"), "A");
        elsewhere.granted(TABLE, X, 0, 1);
        Grant others = b.granted(TABLE, X, 1_000, 1);
        GrantFilter all = GrantFilter.all(Protocol.NLM);
        GrantFilter ofA = new GrantFilter(
                Protocol.NLM, all.file(), all.ownerAddress(), all.ownerName(), Optional.of("A"), all.principal());
        assertThat(get(TABLE.releaseAll(ofA))).isEqualTo(101);
        assertThat(a.standing(TABLE)).containsExactly(others);
    }

    @Test
    @DisplayName("A list fills its pages whatever the slices, and a count counts all")
    void listAndCount() {
        for (int i = 0; i < 100; i++) {
            LockClient.nlm(space, i % 4 == 0 ? "A" : "B").granted(TABLE, X, 10L * i, 1);
        }
        GrantFilter all = GrantFilter.all(Protocol.NLM);
        GrantFilter ofAByFile = new GrantFilter(
                Protocol.NLM,
                Optional.of(new GrantFilter.FileVersion(space.fileId(), "")),
                all.ownerAddress(),
                Optional.of("m"),
                all.ownerId(),
                all.principal());
        List<Grant> walked = new ArrayList<>();
        Cursor cursor = Cursor.START;
        while (true) {
            GrantPage page = get(TABLE.list(ofAByFile, cursor, 7));
            walked.addAll(page.grants());
            cursor = page.next();
            if (page.grants().size() < 7) {
                break;
            }
        }
        assertThat(walked).hasSize(100).doesNotHaveDuplicates();
        assertThat(get(TABLE.list(ofAByFile, cursor, 7)).grants()).isEmpty();
        assertThat(get(TABLE.list(all, Cursor.START, 1_000)).grants()).hasSize(100);
        assertThat(get(TABLE.count(all, CountBy.FILE))).isEqualTo(Map.of(Long.toUnsignedString(space.fileId()), 100L));
        assertThat(get(TABLE.count(all, CountBy.MODE))).isEqualTo(Map.of("EXCLUSIVE", 100L));
        assertThat(get(TABLE.count(ofAByFile, CountBy.OWNER_ADDRESS))).isEqualTo(Map.of("192.0.2.1", 100L));
    }

    @Test
    @DisplayName("A release without owner_name releases the bytes of thirty owner_names, and counts them")
    void releaseOfManyNames() {
        for (int i = 0; i < 30; i++) {
            a.named("machine " + i).granted(TABLE, S, 0, 30);
        }
        UnlockSpec middle = new UnlockSpec(
                Protocol.NLM, a.range(10, 10), OwnerSelector.anybody("A").ofPrincipal("p"));
        Release.Released cut = (Release.Released) get(TABLE.release(space, middle));
        assertThat(cut.grants()).isEqualTo(30);
        assertThat(cut.left().grants()).hasSize(60).containsExactlyInAnyOrderElementsOf(a.standing(TABLE));
        assertThat(a.standing(TABLE)).hasSize(60);
        b.granted(TABLE, X, 10, 10);
        UnlockSpec rest = new UnlockSpec(Protocol.NLM, a.range(0, 0), OwnerSelector.anybody("A"));
        assertThat(get(TABLE.release(space, rest))).isEqualTo(new Release.Released(60));
        assertThat(a.standing(TABLE)).hasSize(1);
    }

    @Test
    @DisplayName("A bucket's clock never goes back: no lease revives, and none ends early")
    void clock() {
        Grant hour = a.leasing(Duration.ofHours(1)).granted(TABLE, X, 0, 10);
        try (RespClient probe = new RespClient(REDIS)) {
            String meta = KEYS.ofBucket(KEYS.bucketOf(space.fileId()), "").getFirst();
            long later =
                    probe.number("HGET", meta, "clock") + Duration.ofMinutes(90).toMillis();
            probe.send("HSET", meta, "clock", Long.toString(later));
            assertThat(get(TABLE.find(hour.id()))).isEmpty();
            assertThat(get(TABLE.renew(hour.id(), hour.protocol(), "p", Duration.ofHours(1))))
                    .isEqualTo(new Renewal.Lost());
            Grant next = b.leasing(Duration.ofHours(1)).granted(TABLE, X, 0, 10);
            assertThat(next.expiresIn()).isEqualTo(Duration.ofHours(1));
            assertThat(get(TABLE.find(next.id())).orElseThrow().expiresIn()).isEqualTo(Duration.ofHours(1));
            b.released(TABLE, 0, 10);
            get(TABLE.check(space, a.range(0, 1), next.token()));
            get(TABLE.sweep());
            assertThat(probe.number("HGET", meta, "clock")).isGreaterThanOrEqualTo(later);
        }
        // Another bucket of the same gateway runs on its own time.
        for (int i = 0; i < 20; i++) {
            LockClient elsewhere = LockClient.nlm(LockSpace.head(i), "A");
            elsewhere.leasing(Duration.ofHours(1)).granted(TABLE, X, 0, 10);
            elsewhere.released(TABLE, 0, 0);
        }
    }

    @Test
    @DisplayName("A batch that splits a merged lock a hundred times copies few of its thousand tokens to each part")
    void manySplitsOfAGrownLock() {
        Settings settings = Settings.DEFAULT;
        RangeLockTable table = RedisTables.table(REDIS, settings);
        for (int i = 0; i < 10; i++) {
            List<LockSpec> locks = new ArrayList<>();
            for (int k = 0; k < 100; k++) {
                locks.add(a.lock(X, (100L * i + k) * 2, 1));
            }
            assertThat(get(table.batch(space, List.of(), locks))).isInstanceOf(BatchOutcome.Done.class);
        }
        Grant whole = a.granted(table, X, 0, 0);
        List<UnlockSpec> unlocks = new ArrayList<>();
        for (int k = 0; k < 100; k++) {
            unlocks.add(new UnlockSpec(
                    Protocol.NLM,
                    ByteRange.of(LockSemantics.POSIX, 100 + 2L * k, 1),
                    OwnerSelector.exactly(a.owner())));
        }
        assertThat(get(table.batch(space, unlocks, List.of()))).isInstanceOf(BatchOutcome.Done.class);
        List<Grant> parts = a.standing(table);
        assertThat(parts).hasSize(101);
        for (Grant part : parts) {
            assertThat(get(table.check(space, part.range(), whole.token()))).isInstanceOf(FenceCheck.Valid.class);
        }
        try (RespClient probe = new RespClient(REDIS)) {
            String names = KEYS.ofBucket(KEYS.bucketOf(space.fileId()), "").get(5);
            // Two entries a name: 1,024 for the grown lock, 64 and its own for each of the 100 parts.
            assertThat(probe.number("ZCARD", names)).isLessThanOrEqualTo(2L * (1_024 + 100 * 65));
        }
    }
}
