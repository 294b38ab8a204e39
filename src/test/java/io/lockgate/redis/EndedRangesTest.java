package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Grant;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Release;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.ScriptKiller;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ranges that have ended with the last open of their handle stay so, wherever a script dies, and after a repair. */
@Timeout(180)
@Tag("slow")
class EndedRangesTest {
    private static final URI REDIS = RedisTables.database(13);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);
    private static final ScriptKiller KILLER = new ScriptKiller(REDIS);
    private static final RedisRangeLockTable DYING = RedisTables.table(KILLER.uri(), Settings.DEFAULT);
    private static final LockModes READS = LockModes.of(LockMode.READ);
    private static final LockModes WRITES_ALONE = LockModes.of(LockMode.WRITE, LockMode.EXCLUDE_WRITE);
    private static final LockSpace SPACE = LockSpace.head(4_711);
    private static final LockClient H = LockClient.smb(SPACE, "H");
    private static final LockClient I = LockClient.smb(SPACE, "I");

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

    /** Lets {@code step} die behind one write, then behind two, until it lives; looks at what is left each time. */
    private void dying(Runnable before, Runnable step, IntConsumer behind) {
        for (int writes = 0; ; writes++) {
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
                assertThat(writes).isPositive();
                return;
            }
        }
    }

    private static List<String> repaired() {
        List<String> said = new ArrayList<>();
        try {
            new Repair(RedisTables.runner(REDIS, Settings.DEFAULT), Settings.DEFAULT).apply(said::add);
        } catch (Repair.StoppedException e) {
            throw new AssertionError(e);
        }
        TableInvariants.hold(REDIS);
        return said;
    }

    private static boolean stands(Grant grant) {
        return get(TABLE.find(grant.id())).isPresent();
    }

    private static void released(RedisRangeLockTable table) {
        get(table.releaseOpens(SPACE, OwnerSelector.exactly(H.owner()), Optional.empty()));
    }

    private final List<Grant> ended = new ArrayList<>();

    /** Ranges of a handle whose only open has expired. */
    private void expiredOpen() {
        Grant brief = H.leasing(Duration.ofSeconds(1)).opened(TABLE, READS);
        ended.clear();
        ended.add(H.granted(TABLE, X, 0, 10));
        ended.add(H.granted(TABLE, S, 20, 10));
        await().until(() -> !stands(brief));
    }

    private void stayEnded(int writes) {
        assertThat(ended).as("behind write %d", writes).noneMatch(EndedRangesTest::stands);
        repaired();
        assertThat(ended).as("repaired, behind write %d", writes).noneMatch(EndedRangesTest::stands);
    }

    @Test
    @DisplayName("A script that dies while it opens their handle again leaves them ended")
    void openedAnew() {
        dying(this::expiredOpen, () -> get(DYING.acquire(SPACE, H.open(WRITES_ALONE))), this::stayEnded);
    }

    @Test
    @DisplayName("A script that dies while it locks another range for their handle leaves them ended")
    void lockedAnew() {
        dying(this::expiredOpen, () -> get(H.acquire(DYING, X, 100, 10)), this::stayEnded);
    }

    @Test
    @DisplayName("A repair that ends an open for a newer one ends the ranges of its handle, and says so")
    void repairEndsOpen() {
        H.opened(TABLE, WRITES_ALONE);
        Grant range = H.granted(TABLE, X, 0, 10);
        try (RespClient probe = new RespClient(REDIS)) {
            RedisKeys keys = new RedisKeys(Settings.DEFAULT.buckets());
            probe.send("DEL", keys.prefix(keys.bucketOf(SPACE.fileId())) + "opens");
        }
        Grant newer = I.opened(TABLE, WRITES_ALONE);
        assertThat(repaired())
                .anyMatch(line -> line.contains("[WRITE, EXCLUDE_WRITE], because it conflicts with the newer"))
                .anyMatch(line -> line.contains("because the last open of its handle has ended"));
        assertThat(stands(range)).isFalse();
        assertThat(stands(newer)).isTrue();
    }

    @Test
    @DisplayName("A release of the last open with 3,000 ranges that dies leaves no range without the open")
    void manyRanges() {
        dying(
                () -> {
                    H.opened(TABLE, READS);
                    for (int i = 0; i < 30; i++) {
                        List<LockSpec> locks = new ArrayList<>();
                        for (int k = 0; k < 100; k++) {
                            locks.add(H.lock(X, 1_000L * i + 10L * k, 5));
                        }
                        get(TABLE.batch(SPACE, List.of(), locks));
                    }
                },
                () -> released(DYING),
                writes -> {
                    repaired();
                    boolean isOpen = get(TABLE.releaseOpens(SPACE, OwnerSelector.exactly(H.owner()), Optional.empty()))
                            instanceof Release.Released;
                    assertThat(get(TABLE.countRanges(SPACE, H.owner())))
                            .as("behind write %d, with an open %s", writes, isOpen)
                            .isZero();
                });
    }
}
