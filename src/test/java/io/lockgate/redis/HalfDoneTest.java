package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.DistributionMap;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.Report;
import io.lockgate.range.Acquisition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.LockType;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Release;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionOpening;
import io.lockgate.range.SessionTable;
import io.lockgate.range.UnlockSpec;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A script that dies behind any of its writes: what it leaves, and that a repair puts it right. */
@Timeout(180)
@Tag("slow")
class HalfDoneTest {
    private static final URI REDIS = RedisTables.database(13);
    private static final Settings SETTINGS = Settings.DEFAULT.withNames(6);
    private static final Repair.Outcome ONE = new Repair.Outcome(1, 0);
    private static final ScriptKiller KILLER = new ScriptKiller(REDIS);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final LockModes READS = LockModes.of(LockMode.READ);
    private static final LockModes WRITES = LockModes.of(LockMode.WRITE);
    private static final LockModes ALONE = LockModes.of(LockMode.EXCLUDE_READ, LockMode.EXCLUDE_WRITE);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, SETTINGS);
    private static final ScriptRunner DYING_RUNNER = RedisTables.runner(KILLER.uri(), SETTINGS);
    private static final RedisRangeLockTable DYING = new RedisRangeLockTable(DYING_RUNNER, SETTINGS);
    private static final SessionTable DYING_SESSIONS = DYING.sessions();
    private static final RawScripts BY_HAND = new RawScripts(DYING_RUNNER, SETTINGS);
    private static final ReportLimits LIMITS = new TestReportLimits(1_000, 10, Duration.ofMinutes(1));
    private static final DistributionMap MAP =
            new RedisDistributionMap(RedisTables.runner(REDIS, SETTINGS), SETTINGS, LIMITS, 100);
    private static final DistributionMap DYING_MAP = new RedisDistributionMap(DYING_RUNNER, SETTINGS, LIMITS, 100);

    private static final LockSpace SPACE = LockSpace.head(4_711);
    private static final LockClient A = LockClient.nlm(SPACE, "A");
    private static final LockClient B = LockClient.nlm(SPACE, "B");
    private static final LockClient LEASING = A.leasing(Duration.ofHours(1));
    private static final LockClient H = LockClient.smb(SPACE, "H");
    private static final IdempotencyKey KEY = new IdempotencyKey("p", "key", "request");

    @BeforeEach
    void empty() {
        KILLER.allowAll();
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @AfterAll
    static void close() {
        KILLER.close();
    }

    /**
     * @param before what stands already; answers what must be held throughout
     * @param dies on the table whose scripts die
     */
    record Step(String name, java.util.function.Supplier<List<Grant>> before, Runnable dies) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Grant> readers() {
        // Several on one fork node, and one alone on another.
        return List.of(
                B.granted(TABLE, S, 0, 100),
                B.named("m2").granted(TABLE, S, 1, 99),
                B.named("m3").granted(TABLE, S, 2, 98),
                B.named("m4").granted(TABLE, S, 1_000, 7));
    }

    /** The claim of the key dies behind none of its writes but the first, so the verb's own script comes to all of its. */
    private static List<Grant> claimed(List<Grant> grants) {
        assertThat(get(H.release(TABLE.once(KEY), 5_000, 1))).isEqualTo(new Release.NoSuchLock());
        return grants;
    }

    private static final AtomicReference<SessionId> SESSION = new AtomicReference<>();

    private static SessionId opened() {
        return ((SessionOpening.Opened) get(TABLE.sessions().open("p", "m", HOUR)))
                .session()
                .id();
    }

    private static List<Grant> inSession() {
        SESSION.set(opened());
        return List.of(A.in(SESSION.get()).granted(TABLE, X, 0, 10));
    }

    private static void expired(LockClient owner, long offset) {
        Grant grant = owner.leasing(Duration.ofMillis(20)).granted(TABLE, X, offset, 10);
        await().until(() -> get(TABLE.find(grant.id())).isEmpty());
    }

    /** Two opens of one handle, and ranges that end with them. */
    private static void opensWithRanges(LockClient handle) {
        handle.opened(TABLE, READS);
        handle.opened(TABLE, WRITES);
        handle.granted(TABLE, X, 0, 10);
        handle.granted(TABLE, S, 20, 5);
        handle.granted(TABLE, S, 20, 7);
        handle.granted(TABLE, X, 50, 0);
    }

    /** Puts opens with short leases in the place of those of a handle, and waits until they have expired. */
    private static void closes(LockClient handle) {
        List<Grant> opens = get(TABLE.list(
                        GrantFilter.ofFile(Protocol.SMB, SPACE.fileId(), "").ofType(LockType.SHARE_MODE),
                        Cursor.START,
                        10))
                .grants();
        Grant brief = handle.leasing(Duration.ofSeconds(1)).opened(TABLE, READS);
        opens.forEach(open -> get(TABLE.releaseGrant(open.id(), Optional.of("p"))));
        await().until(() -> get(TABLE.find(brief.id())).isEmpty());
    }

    /** As many that the oldest of them stand in lists, the newest in none (lists.lua). */
    private static List<Grant> many(int count) {
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            grants.add(LockClient.nlm(SPACE, "owner " + i % 7).granted(TABLE, S, 10_000 + 20L * i, 10));
        }
        return grants;
    }

    private static final AtomicReference<WaiterId> PROVISIONAL = new AtomicReference<>();

    private static WaiterId waits(LockClient owner, LockModes modes, long offset, long size) {
        return ((Queueing.Queued) get(TABLE.queue().acquire(SPACE, owner.lock(modes, offset, size), HOUR))).id();
    }

    private static Grant provisional() {
        return ((WaitOutcome.Granted) get(TABLE.queue().poll(PROVISIONAL.get(), Optional.of("p")))).grant();
    }

    private static void breaks(RangeLockTable table, long offset) {
        get(table.release(
                SPACE,
                new UnlockSpec(
                        Protocol.NLM,
                        A.range(offset, 5),
                        OwnerSelector.anybody(A.owner().ownerId()))));
    }

    /** A leased lock of which an administrator has taken the second half. */
    private static Grant cut(long offset) {
        Grant grant = LEASING.granted(TABLE, X, offset, 10);
        breaks(TABLE, offset + 5);
        return grant;
    }

    /** Everybody who waits, or was served, goes. */
    private static void endWaiting() {
        int bucket = new RedisKeys(SETTINGS.buckets()).bucketOf(SPACE.fileId());
        try (RespClient probe = new RespClient(REDIS)) {
            probe.map("HGETALL", "lg:1:{b" + bucket + "}:waiters").keySet().stream()
                    .filter(field -> field.length() == 16)
                    .forEach(id ->
                            get(TABLE.queue().withdraw(new WaiterId(bucket, GrantRows.number(id)), Optional.empty())));
        }
    }

    private static void releaseSome(List<Grant> grants, int count) {
        for (int i = 0; i < count; i++) {
            Grant grant = grants.removeFirst();
            LockClient owner = LockClient.nlm(SPACE, grant.owner().ownerId());
            get(owner.release(TABLE, grant.range().first(), 10));
        }
    }

    static Stream<Step> steps() {
        String undone = "ab".repeat(12);
        return Stream.of(
                new Step("acquire", List::of, () -> get(LEASING.acquire(DYING, X, 0, 10))),
                new Step(
                        "acquire under a key that cuts",
                        () -> claimed(List.of(A.granted(TABLE, S, 0, 30))),
                        () -> get(A.acquire(DYING.once(KEY), X, 10, 10))),
                new Step("release under a key", () -> claimed(readers()), () -> {
                    A.granted(TABLE, S, 0, 100);
                    get(A.release(DYING.once(KEY), 40, 10));
                }),
                new Step("release of a grant under a key", () -> claimed(readers()), () -> {
                    Grant held = A.granted(TABLE, S, 0, 100);
                    get(DYING.once(KEY).releaseGrant(held.id(), Optional.of("p")));
                }),
                new Step("batch under a key", () -> claimed(readers()), () -> {
                    A.granted(TABLE, X, 2_000, 50);
                    List<LockSpec> locks = List.of(A.lock(S, 0, 7), A.lock(X, 2_010, 5));
                    get(DYING.once(KEY).batch(A.space(), List.of(A.unlock(2_020, 5)), locks));
                }),
                new Step("rollback under a key", () -> List.of(A.granted(TABLE, S, 0, 30)), () -> {
                    Acquisition told = get(A.acquire(TABLE.once(KEY), X, 10, 10));
                    String request = ((Acquisition.Granted) told).request().text();
                    BY_HAND.undo(request, SPACE, KEY);
                }),
                new Step(
                        "acquire in a session",
                        HalfDoneTest::inSession,
                        () -> get(A.in(SESSION.get()).acquire(DYING, X, 50, 10))),
                new Step("first lock of a session", List::of, () -> {
                    SESSION.set(opened());
                    get(A.in(SESSION.get()).acquire(DYING, X, 0, 10));
                }),
                new Step(
                        "merge in a session over a lease",
                        () -> {
                            List<Grant> held = new ArrayList<>(inSession());
                            LEASING.granted(TABLE, X, 10, 30);
                            return held;
                        },
                        () -> get(A.in(SESSION.get()).acquire(DYING, X, 5, 10))),
                new Step("opening of a session", List::of, () -> get(DYING_SESSIONS.open("p", "m", HOUR))),
                new Step("heartbeat", HalfDoneTest::inSession, () -> get(DYING_SESSIONS.renew(SESSION.get(), "p"))),
                new Step("end of a session", HalfDoneTest::readers, () -> {
                    SESSION.set(opened());
                    for (int i = 0; i < 5; i++) {
                        A.in(SESSION.get()).granted(TABLE, X, 2_000 + 20L * i, 10);
                    }
                    get(DYING_SESSIONS.end(SESSION.get(), Optional.of("p")));
                }),
                new Step("release of a session's lock by an administrator", HalfDoneTest::readers, () -> {
                    SESSION.set(opened());
                    A.in(SESSION.get()).granted(TABLE, X, 2_000, 50);
                    get(DYING.release(
                            SPACE, new UnlockSpec(Protocol.NLM, A.range(2_010, 5), OwnerSelector.anybody("A"))));
                }),
                new Step("release of a part of a lock by an administrator", HalfDoneTest::readers, () -> {
                    A.granted(TABLE, X, 2_000, 50);
                    breaks(DYING, 2_010);
                }),
                new Step("renewal of a lock of which a part was taken", HalfDoneTest::readers, () -> {
                    Grant cut = cut(2_000);
                    get(DYING.renew(cut.id(), Protocol.NLM, "p", HOUR));
                }),
                new Step("confirmation of a lock of which a part was taken", HalfDoneTest::readers, () -> {
                    Grant cut = cut(2_000);
                    get(DYING.confirm(cut.id(), Protocol.NLM, "p"));
                }),
                new Step("merge with a lock of which a part was taken", HalfDoneTest::readers, () -> {
                    cut(2_000);
                    cut(2_100);
                    get(LEASING.acquire(DYING, X, 2_000, 110));
                }),
                new Step("release of a lock of which a part was taken", HalfDoneTest::readers, () -> {
                    cut(2_000);
                    get(A.release(DYING, 2_000, 20));
                }),
                new Step("acquire beside readers", HalfDoneTest::readers, () -> get(A.acquire(DYING, S, 3, 97))),
                new Step(
                        "acquire at a lone reader's node",
                        HalfDoneTest::readers,
                        () -> get(A.acquire(DYING, S, 1_001, 5))),
                new Step(
                        "acquire over an expired one",
                        () -> {
                            expired(B, 0);
                            return readers().subList(3, 4);
                        },
                        () -> get(A.acquire(DYING, S, 0, 20))),
                new Step(
                        "merge",
                        () -> List.of(A.granted(TABLE, X, 0, 10), A.granted(TABLE, X, 20, 10)),
                        () -> get(A.acquire(DYING, X, 10, 10))),
                new Step(
                        "merge of readers",
                        () -> {
                            List<Grant> held = new ArrayList<>(readers());
                            held.add(A.granted(TABLE, S, 4, 6));
                            held.add(A.granted(TABLE, S, 20, 6));
                            return held;
                        },
                        () -> get(A.acquire(DYING, S, 5, 40))),
                new Step(
                        "upgrade of the middle",
                        () -> List.of(A.granted(TABLE, S, 0, 30)),
                        () -> get(A.acquire(DYING, X, 10, 10))),
                new Step(
                        "upgrade of all",
                        () -> List.of(A.granted(TABLE, S, 5, 10)),
                        () -> get(A.acquire(DYING, X, 0, 30))),
                new Step(
                        "smb",
                        () -> List.of(H.granted(TABLE, X, 0, 10), H.granted(TABLE, X, 50, 0)),
                        () -> get(H.acquire(DYING, S, 0, 10))),
                new Step(
                        "open",
                        () -> List.of(H.granted(TABLE, X, 0, 10), H.opened(TABLE, READS)),
                        () -> get(DYING.acquire(SPACE, H.open(WRITES)))),
                new Step("release of the last open", HalfDoneTest::readers, () -> {
                    opensWithRanges(H);
                    get(DYING.releaseOpens(SPACE, OwnerSelector.exactly(H.owner()), Optional.empty()));
                }),
                new Step("release of the last open that serves others", HalfDoneTest::readers, () -> {
                    opensWithRanges(H);
                    waits(H.of("q"), X, 0, 10);
                    get(TABLE.queue().acquire(SPACE, H.of("q").open(ALONE), HOUR));
                    get(DYING.releaseOpens(SPACE, OwnerSelector.exactly(H.owner()), Optional.empty()));
                }),
                new Step(
                        "sweep of the last open",
                        () -> {
                            List<Grant> held = readers();
                            opensWithRanges(H);
                            closes(H);
                            return held;
                        },
                        () -> get(DYING.sweep())),
                new Step(
                        "lock of a handle whose opens have expired",
                        () -> {
                            List<Grant> held = readers();
                            opensWithRanges(H);
                            closes(H);
                            return held;
                        },
                        () -> get(H.acquire(DYING, X, 5, 10))),
                new Step("break that serves others", HalfDoneTest::readers, () -> {
                    SESSION.set(opened());
                    Grant held = A.in(SESSION.get()).granted(TABLE, X, 2_000, 50);
                    get(A.release(TABLE, 2_010, 5));
                    waits(B, X, 2_000, 5);
                    get(DYING.breaker().breakNow(held.id()));
                }),
                new Step(
                        "announcement",
                        () -> List.of(A.granted(TABLE, X, 0, 10)),
                        () -> get(DYING.breaker()
                                .announce(A.standing(TABLE).getFirst().id(), HOUR, "reason"))),
                new Step(
                        "announcement taken back",
                        () -> {
                            Grant held = A.granted(TABLE, X, 0, 10);
                            get(TABLE.breaker().announce(held.id(), HOUR, "reason"));
                            return List.of(held);
                        },
                        () -> get(DYING.breaker()
                                .cancel(A.standing(TABLE).getFirst().id()))),
                new Step("break that was announced", HalfDoneTest::readers, () -> {
                    Grant held = A.granted(TABLE, X, 2_000, 50);
                    get(TABLE.breaker().announce(held.id(), Duration.ofMillis(1), "reason"));
                    get(DYING.sweep());
                }),
                new Step("break taken back", HalfDoneTest::readers, () -> {
                    Grant held = A.granted(TABLE, X, 2_000, 50);
                    get(A.release(TABLE, 2_010, 5));
                    get(TABLE.breaker().breakNow(held.id()));
                    get(DYING.breaker().undo(held.id()));
                }),
                new Step("release of the middle", HalfDoneTest::readers, () -> {
                    A.granted(TABLE, S, 0, 100);
                    get(A.release(DYING, 40, 10));
                }),
                new Step(
                        "release of several",
                        () -> {
                            A.granted(TABLE, S, 0, 10);
                            A.granted(TABLE, X, 10, 10);
                            A.granted(TABLE, S, 20, 10);
                            return List.of(B.granted(TABLE, S, 0, 10), B.granted(TABLE, S, 1_000, 7));
                        },
                        () -> get(A.release(DYING, 0, 25))),
                new Step("release of a merged one", List::of, () -> {
                    for (int i = 0; i < 4; i++) {
                        LEASING.granted(TABLE, X, 10L * i, 10);
                    }
                    get(A.release(DYING, 0, 0));
                }),
                new Step(
                        "drop",
                        HalfDoneTest::readers,
                        () -> get(DYING.releaseAll(GrantFilter.all(Protocol.NLM).ofPrincipal("p")))),
                new Step(
                        "sweep",
                        () -> {
                            List<Grant> held = readers();
                            expired(A, 500);
                            expired(H, 0);
                            return held;
                        },
                        () -> get(DYING.sweep())),
                new Step("renew", () -> List.of(LEASING.granted(TABLE, X, 0, 10)), () -> {
                    Grant held = LEASING.standing(TABLE).getFirst();
                    get(DYING.renew(held.id(), held.protocol(), "p", Duration.ofHours(2)));
                }),
                new Step("batch", HalfDoneTest::readers, () -> {
                    A.granted(TABLE, X, 2_000, 50);
                    List<LockSpec> locks = List.of(A.lock(S, 0, 7), A.lock(X, 2_010, 5), A.lock(X, 3_000, 5));
                    get(DYING.batch(A.space(), List.of(A.unlock(2_020, 5)), locks));
                }),
                new Step("acquire that lists the newest", () -> many(32), () -> get(LEASING.acquire(DYING, S, 0, 10))),
                new Step("merge that lists the newest", () -> many(32), () -> {
                    get(LEASING.acquire(TABLE, S, 0, 10));
                    get(LEASING.acquire(TABLE, S, 20, 10));
                    get(LEASING.acquire(DYING, X, 5, 40));
                }),
                new Step("release of a listed one", () -> many(70), () -> {
                    Grant held = LEASING.granted(TABLE, S, 0, 10);
                    for (int i = 0; i < 40; i++) {
                        B.granted(TABLE, S, 100 + 20L * i, 10);
                    }
                    get(LEASING.release(DYING, held.range().first(), 10));
                }),
                new Step(
                        "release that takes what has gone from lists",
                        () -> {
                            LEASING.granted(TABLE, S, 0, 10);
                            List<Grant> grants = many(100);
                            releaseSome(grants, 32);
                            return grants;
                        },
                        () -> get(LEASING.release(DYING, 0, 10))),
                new Step("batch of many", () -> many(20), () -> {
                    List<LockSpec> locks = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        locks.add(A.lock(S, 20L * i, 10));
                    }
                    get(DYING.batch(A.space(), List.of(), locks));
                }),
                new Step(
                        "move of entries of format 2",
                        () -> {
                            List<Grant> grants = many(50);
                            releaseSome(grants, 5);
                            try (RespClient probe = new RespClient(REDIS)) {
                                Format2.rewriteLists(probe);
                            }
                            grants.addAll(readers());
                            return grants;
                        },
                        () -> {
                            String id = DYING_RUNNER.newRequestId();
                            RedisKeys keys = new RedisKeys(SETTINGS.buckets());
                            get(DYING_RUNNER.run(
                                    LuaScript.load("locks/relist"),
                                    id,
                                    keys.ofBucket(keys.bucketOf(SPACE.fileId()), id),
                                    List.of("100"),
                                    true));
                        }),
                new Step(
                        "wait",
                        () -> List.of(A.granted(TABLE, X, 0, 10)),
                        () -> get(DYING.queue().acquire(SPACE, B.lock(X, 0, 10), HOUR))),
                new Step(
                        "release that serves several",
                        () -> {
                            A.granted(TABLE, X, 2_000, 10);
                            waits(B, S, 2_000, 5);
                            waits(B.named("m2"), S, 2_005, 5);
                            waits(B.named("m3"), X, 2_000, 10);
                            return readers();
                        },
                        () -> get(A.release(DYING, 2_000, 10))),
                new Step(
                        "confirmation that merges",
                        () -> {
                            List<Grant> held = new ArrayList<>(List.of(B.granted(TABLE, X, 20, 10)));
                            A.granted(TABLE, S, 0, 20);
                            PROVISIONAL.set(waits(B, X, 0, 25));
                            get(A.release(TABLE, 0, 20));
                            return held;
                        },
                        () -> get(DYING.confirm(provisional().id(), Protocol.NLM, "p"))),
                new Step(
                        "confirmation among the newest",
                        () -> {
                            A.granted(TABLE, S, 0, 20);
                            PROVISIONAL.set(waits(B, X, 0, 20));
                            get(A.release(TABLE, 0, 20));
                            provisional();
                            return many(32);
                        },
                        () -> get(DYING.confirm(provisional().id(), Protocol.NLM, "p"))),
                new Step("withdrawal that serves the next", HalfDoneTest::readers, () -> {
                    A.granted(TABLE, X, 2_000, 10);
                    WaiterId first = waits(B, X, 2_000, 10);
                    waits(B.named("m2"), S, 2_000, 10);
                    get(A.release(TABLE, 2_000, 10));
                    get(DYING.queue().withdraw(first, Optional.of("p")));
                }),
                new Step("refusal for a deadlock that serves the next", HalfDoneTest::readers, () -> {
                    A.granted(TABLE, S, 2_000, 10);
                    WaiterId first = waits(B, X, 2_000, 10);
                    waits(B.named("m2"), S, 2_000, 10);
                    get(DYING.queue().graph().refuse(get(TABLE.queue().graph().waits(Set.of(first)))));
                }),
                new Step("rollback of a waiter", HalfDoneTest::readers, () -> {
                    A.granted(TABLE, X, 2_000, 10);
                    Queueing told = get(TABLE.queue().acquire(SPACE, B.lock(X, 2_000, 10), HOUR));
                    waits(B.named("m2"), S, 2_000, 10);
                    get(A.release(TABLE, 2_000, 10));
                    BY_HAND.undo(((Queueing.Queued) told).request().text(), SPACE);
                }),
                new Step(
                        "undo",
                        () -> {
                            Grant held = A.granted(TABLE, S, 0, 30);
                            BY_HAND.acquire(undone, A.space(), A.lock(X, 10, 10));
                            return List.of(held);
                        },
                        () -> BY_HAND.undo(undone, SPACE)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("steps")
    @DisplayName(
            "A script may die after any write: no number is drawn twice, and a repair makes all keys match the rows")
    void repaired(Step step) throws Exception {
        for (int writes = 0; ; writes++) {
            empty();
            List<Grant> held = step.before.get();
            KILLER.allow(writes);
            boolean died = died(step.dies);
            KILLER.allowAll();
            String when = step + ", behind write " + writes;
            long counter = counter();
            assertThat(numbers()).as(when).allMatch(number -> number <= counter);

            List<String> said = new ArrayList<>();
            Repair repair = new Repair(RedisTables.runner(REDIS, SETTINGS), SETTINGS);
            int wrong = repair.look(said::add);
            assertThat(repair.apply(said::add)).as(when).isEqualTo(new Repair.Outcome(wrong, 0));
            TableInvariants.hold(REDIS);
            assertThat(repair.look(said::add)).as("%s: %s", when, said).isZero();
            assertThat(said).as(when).noneMatch(line -> line.contains("ends:"));
            stillHeld(when, step, held);
            serves();
            if (!died) {
                assertThat(wrong).as("%s: %s", when, said).isZero();
                assertThat(writes).as(step.name).isPositive();
                return;
            }
        }
    }

    /** What the caller was told of before stays held; only what it asked to be rid of may have gone. */
    private static void stillHeld(String when, Step step, List<Grant> held) {
        if (step.name.equals("drop")) {
            return;
        }
        for (Grant grant : held) {
            // An upgrade replaces what it covers.
            if (!step.name.startsWith("upgrade")) {
                assertThat(get(TABLE.find(grant.id())))
                        .as("%s: %s", when, grant)
                        .isPresent();
            }
            LockClient stranger = LockClient.nlm(SPACE, "stranger");
            if (grant.protocol() != Protocol.SMB && !grant.range().empty()) {
                assertThat(get(stranger.test(TABLE, X, grant.range().first(), 1)))
                        .as("%s: %s", when, grant)
                        .isPresent();
                assertThat(get(stranger.test(TABLE, X, grant.range().last(), 1)))
                        .as("%s: %s", when, grant)
                        .isPresent();
            }
        }
    }

    private static void serves() {
        Set<Long> ids = new HashSet<>(numbers());
        Grant next = LockClient.nlm(SPACE, "C").granted(TABLE, X, 1L << 40, 10);
        assertThat(ids).doesNotContain(next.id().sequence() & 0xffffffffffL);
        get(TABLE.releaseAll(GrantFilter.all(Protocol.NLM)));
        get(TABLE.releaseAll(GrantFilter.all(Protocol.SMB)));
        get(TABLE.releaseAll(GrantFilter.all(Protocol.SMB).ofType(LockType.SHARE_MODE)));
        endWaiting();
        get(TABLE.sweep());
        TableInvariants.holdOfNothing(REDIS);
    }

    private static boolean died(Runnable step) {
        try {
            step.run();
            return false;
        } catch (LockTableUnavailableException | MapUnavailableException | CompletionException e) {
            return true;
        }
    }

    private static long counter() {
        try (RespClient probe = new RespClient(REDIS)) {
            return probe.list("KEYS", "*:meta").stream()
                    .map(meta -> probe.map("HGETALL", meta).getOrDefault("counter", "0"))
                    .mapToLong(Long::parseLong)
                    .max()
                    .orElse(0);
        }
    }

    /** Ids and tokens, without their epoch. */
    private static List<Long> numbers() {
        List<Long> numbers = new ArrayList<>();
        try (RespClient probe = new RespClient(REDIS)) {
            for (String rows : probe.list("KEYS", "*:rows")) {
                probe.map("HGETALL", rows).forEach((id, row) -> {
                    numbers.add(Long.parseLong(id.substring(6), 16));
                    numbers.add(Long.parseLong(row.substring(48, 58), 16));
                });
            }
        }
        return numbers;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("steps")
    @DisplayName("Without a repair a dead script leaves no lock that blocks but is in no list")
    void noGhost(Step step) {
        for (int writes = 0; ; writes++) {
            empty();
            assertThat(step.before.get()).doesNotContainNull();
            KILLER.allow(writes);
            boolean died = died(step.dies);
            KILLER.allowAll();
            for (LockClient stranger : List.of(LockClient.nlm(SPACE, "stranger"), LockClient.smb(SPACE, "stranger"))) {
                long size = stranger.protocol() == Protocol.SMB ? -1 : 0;
                Optional<io.lockgate.range.Conflict> conflict = get(stranger.test(TABLE, X, 0, size));
                if (conflict.isPresent()) {
                    assertThat(stranger.standing(TABLE).stream().map(Grant::id))
                            .as("%s, behind write %d", step, writes)
                            .containsAll(conflict.get().blockers().stream()
                                    .filter(blocker -> blocker.stage() instanceof Grant.Held)
                                    .map(Grant::id)
                                    .toList());
                }
            }
            if (!died) {
                return;
            }
        }
    }

    /** An owner who goes on without a repair: half done is what changes its rows, done are the releases behind it. */
    record GoesOn(String name, Runnable before, Consumer<RangeLockTable> dies, List<ByteRange> released) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<GoesOn> goingOn() {
        return Stream.of(
                new GoesOn(
                        "split",
                        () -> A.granted(TABLE, X, 0, 100),
                        table -> A.released(table, 40, 10),
                        List.of(ByteRange.between(40, 49), ByteRange.between(60, 69), ByteRange.between(20, 29))),
                new GoesOn(
                        "merge",
                        () -> {
                            A.granted(TABLE, X, 0, 10);
                            A.granted(TABLE, X, 20, 10);
                        },
                        table -> A.outcome(table, X, 10, 10),
                        List.of(ByteRange.between(5, 6))),
                new GoesOn(
                        "downgrade",
                        () -> A.granted(TABLE, X, 0, 100),
                        table -> A.outcome(table, S, 40, 10),
                        List.of(ByteRange.between(45, 46), ByteRange.between(90, 99))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("goingOn")
    @DisplayName("Behind a dead script, before and after a repair, nobody holds what a release has said to be released")
    void releasedStaysReleased(GoesOn one) throws Exception {
        for (int writes = 0; ; writes++) {
            empty();
            one.before.run();
            KILLER.allow(writes);
            boolean died = died(() -> one.dies.accept(DYING));
            KILLER.allowAll();
            List<ByteRange> released = new ArrayList<>();
            for (ByteRange range : one.released) {
                long grants = A.released(TABLE, range.first(), range.last() - range.first() + 1);
                if (grants > 0) {
                    released.add(range);
                }
                heldByNobody(one + ", behind write " + writes, released);
            }
            repair().apply(line -> {});
            TableInvariants.hold(REDIS);
            heldByNobody(one + ", behind write " + writes + ", repaired", released);
            if (!died) {
                return;
            }
        }
    }

    private static void heldByNobody(String when, List<ByteRange> released) {
        List<ByteRange> rows = storedRanges();
        assertThat(rows).as(when).doesNotHaveDuplicates();
        for (ByteRange row : rows) {
            assertThat(released).as("%s: %s", when, rows).noneMatch(gone -> overlap(gone, row));
        }
    }

    private static boolean overlap(ByteRange one, ByteRange other) {
        return one.first() <= other.last() && other.first() <= one.last();
    }

    private static List<ByteRange> storedRanges() {
        try (RespClient probe = new RespClient(REDIS)) {
            return probe.map("HGETALL", bucketKey("rows")).values().stream()
                    .map(row -> ByteRange.between(
                            Long.parseUnsignedLong(row.substring(0, 16), 16),
                            Long.parseUnsignedLong(row.substring(16, 32), 16)))
                    .toList();
        }
    }

    // ---------------------------------------------------------------------------------------------- reports

    private static BlockSet blocks(long... bounds) {
        List<ByteRange> ranges = new ArrayList<>();
        for (int i = 0; i < bounds.length; i += 2) {
            ranges.add(ByteRange.between(bounds[i], bounds[i + 1]));
        }
        return BlockSet.of(ranges);
    }

    private static List<ByteRange> reported() {
        Optional<Report> report = get(MAP.report("f", "edge"));
        return report.map(found -> get(MAP.page("f", found, Optional.empty())).blocks())
                .orElse(List.of());
    }

    record Change(String name, Consumer<DistributionMap> dies, List<List<ByteRange>> afterwards) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<ByteRange> ranges(long... bounds) {
        List<ByteRange> ranges = new ArrayList<>();
        ranges.addAll(blocks(bounds).slice(0, blocks(bounds).size()));
        return ranges;
    }

    static Stream<Change> changes() {
        List<ByteRange> before = ranges(0, 9, 21, 30, 50, 59);
        return Stream.of(
                new Change(
                        "patch",
                        map -> get(map.patch(
                                "f",
                                "edge",
                                List.of(ByteRange.between(50, 54)),
                                List.of(ByteRange.between(10, 20)),
                                new Precondition.Always())),
                        List.of(before, ranges(0, 30, 55, 59))),
                new Change(
                        "put",
                        map -> get(map.replace("f", "edge", blocks(100, 200), new Precondition.Always())),
                        List.of(before, ranges(100, 200))),
                new Change(
                        "withdraw",
                        map -> get(map.withdraw("f", "edge", new Precondition.Always())),
                        List.of(before, List.of())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    @DisplayName("After a repair an interrupted change of a report has happened fully or not at all")
    void reports(Change change) throws Exception {
        for (int writes = 0; ; writes++) {
            empty();
            get(MAP.replace("f", "edge", blocks(0, 9, 21, 30, 50, 59), new Precondition.Always()));
            KILLER.allow(writes);
            boolean died = died(() -> change.dies.accept(DYING_MAP));
            KILLER.allowAll();
            Repair repair = new Repair(RedisTables.runner(REDIS, SETTINGS), SETTINGS);
            List<String> said = new ArrayList<>();
            repair.apply(said::add);
            assertThat(repair.look(said::add))
                    .as("%s %d: %s", change, writes, said)
                    .isZero();
            assertThat(change.afterwards).as("%s %d: %s", change, writes, said).contains(reported());
            get(MAP.patch("f", "edge", List.of(ByteRange.between(0, 1_000)), List.of(), new Precondition.Always()));
            assertThat(reported()).as("%s %d: %s", change, writes, said).isEmpty();
            if (!died) {
                return;
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- the repair

    private static void raw(String... words) {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send(words);
        }
    }

    private static String bucketKey(String name) {
        RedisKeys keys = new RedisKeys(SETTINGS.buckets());
        return keys.prefix(keys.bucketOf(SPACE.fileId())) + name;
    }

    private static Repair repair() {
        return new Repair(RedisTables.runner(REDIS, SETTINGS), SETTINGS);
    }

    @Test
    @DisplayName("Of two conflicting locks the one with the newer token stays; the other is reported and lost")
    void newerStays() throws Exception {
        Grant older = LEASING.granted(TABLE, X, 0, 10);
        raw(
                "ZREM",
                bucketKey("posix:" + RedisKeys.text(SPACE)),
                "S" + GrantRows.hex(9) + GrantRows.hex(0)
                        + GrantRows.hex(older.id().sequence()));
        Grant newer = B.granted(TABLE, X, 5, 10);
        List<String> said = new ArrayList<>();
        assertThat(repair().look(said::add)).isEqualTo(1);
        assertThat(said).anyMatch(line -> line.contains("ends: " + older.id()) && line.contains("newer " + newer.id()));
        assertThat(get(TABLE.find(older.id()))).as("a look changes nothing").isPresent();
        assertThat(repair().apply(said::add)).isEqualTo(ONE);
        assertThat(A.valid(TABLE, older, 0, 10)).isFalse();
        assertThat(B.valid(TABLE, newer, 5, 10)).isTrue();
        assertThat(A.outcome(TABLE, X, 0, 5)).isInstanceOf(Acquisition.Granted.class);
        TableInvariants.hold(REDIS);
    }

    @Test
    @DisplayName("A bucket under repair is unavailable and says so; an interrupted repair is finished by the next one")
    void underRepair() throws Exception {
        Grant held = LEASING.granted(TABLE, X, 0, 10);
        // It stands in no list now, and not among the newest.
        raw("HDEL", bucketKey("meta"), "newest");
        KILLER.allow(1);
        List<String> said = new ArrayList<>();
        assertThat(catchStopped(new Repair(DYING_RUNNER, SETTINGS), said)).isTrue();
        KILLER.allowAll();
        // The mark is one write, and so is each slice and the end.
        raw("HSET", bucketKey("meta"), "epoch", "repair:other:1");
        for (Runnable call : List.<Runnable>of(
                () -> get(B.acquire(TABLE, X, 50, 10)),
                () -> get(B.test(TABLE, X, 50, 10)),
                () -> get(TABLE.renew(held.id(), held.protocol(), "p", Duration.ofHours(2))),
                () -> get(TABLE.find(held.id())))) {
            org.assertj.core.api.Assertions.assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(LockTableUnavailableException.class, e -> {
                        assertThat(e.isUnderRepair()).isTrue();
                        assertThat(e.outcomeKnown()).isTrue();
                    });
        }
        assertThat(repair().look(said::add)).isEqualTo(1);
        assertThat(said).anyMatch(line -> line.contains("a repair has stopped half way"));
        assertThat(repair().apply(said::add)).isEqualTo(ONE);
        assertThat(get(TABLE.find(held.id()))).isPresent();
        assertThat(get(TABLE.renew(held.id(), held.protocol(), "p", Duration.ofHours(2))))
                .isInstanceOf(io.lockgate.range.Renewal.Renewed.class);
        TableInvariants.hold(REDIS);
    }

    private static boolean catchStopped(Repair repair, List<String> said) {
        try {
            repair.apply(said::add);
            return said.stream().anyMatch(line -> line.contains("in use again"));
        } catch (Repair.StoppedException e) {
            return true;
        }
    }

    @Test
    @DisplayName("A bucket whose clock is ahead of its server gets its server's time again")
    void clockAhead() throws Exception {
        Grant held = LEASING.granted(TABLE, X, 0, 10);
        long hourAhead = System.currentTimeMillis() + Duration.ofHours(2).toMillis();
        raw("HSET", bucketKey("meta"), "clock", Long.toString(hourAhead));
        assertThat(get(TABLE.find(held.id())))
                .as("its lease is over, two hours ahead")
                .isEmpty();
        List<String> said = new ArrayList<>();
        assertThat(repair().look(said::add)).isEqualTo(1);
        assertThat(repair().apply(said::add)).isEqualTo(ONE);
        assertThat(said).anyMatch(line -> line.contains("clock was set back by"));
        assertThat(get(TABLE.find(held.id()))).isPresent();
        assertThat(repair().look(said::add)).isZero();
    }

    @Test
    @DisplayName("A bucket with foreign contents is reported and left alone, and the others are repaired")
    void malformed() throws Exception {
        Grant held = A.granted(TABLE, X, 0, 10);
        RedisKeys keys = new RedisKeys(SETTINGS.buckets());
        long file = SPACE.fileId();
        do {
            file++;
        } while (keys.bucketOf(file) == held.id().bucket());
        Grant elsewhere = LockClient.nlm(LockSpace.head(file), "A").granted(TABLE, X, 0, 10);
        raw("ZADD", bucketKey("names"), "0", "N-of-somebody-else");
        raw("HSET", keys.prefix(elsewhere.id().bucket()) + "meta", "counter", "0");
        List<String> said = new ArrayList<>();
        assertThat(repair().look(said::add)).isEqualTo(2);
        assertThat(said).anyMatch(line -> line.contains("cannot be repaired") && line.contains("N-of-somebody-else"));
        assertThat(repair().apply(said::add)).isEqualTo(new Repair.Outcome(1, 1));
        assertThat(get(TABLE.find(held.id()))).as("not marked").isPresent();
        raw("ZREM", bucketKey("names"), "N-of-somebody-else");
        assertThat(repair().look(said::add)).isZero();
    }

    @Test
    @DisplayName("A bucket in the layout of another version is left alone, and one that has lost its meta is repaired")
    void otherFormat() throws Exception {
        Grant held = A.granted(TABLE, X, 0, 10);
        raw("HSET", bucketKey("meta"), "mark", "2/" + SETTINGS.buckets() + "/isolated");
        raw("ZADD", bucketKey("list"), "0", "fnnobody");
        List<String> said = new ArrayList<>();
        assertThat(repair().apply(said::add)).isEqualTo(new Repair.Outcome(0, 1));
        assertThat(said).anyMatch(line -> line.contains("it is of another version of Lockgate"));
        raw("DEL", bucketKey("meta"));
        assertThat(repair().look(said::add)).isEqualTo(1);
        assertThat(said).anyMatch(line -> line.contains("has lost its meta"));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> repair().apply(line -> {
                    throw new IllegalStateException("stopped behind the mark, before: " + line);
                }))
                .hasMessageContaining("stopped behind the mark");
        assertThat(repair().apply(said::add)).as("%s", said).isEqualTo(ONE);
        assertThat(get(TABLE.find(held.id()))).isPresent();
        assertThat(repair().look(said::add)).isZero();
        assertThat(B.granted(TABLE, X, 100, 10).token().value())
                .as("numbers go on")
                .isGreaterThan(held.token().value());
    }

    @Test
    @DisplayName("A counter that lags behind its drawn numbers is set past them")
    void counterBehind() throws Exception {
        Grant held = A.granted(TABLE, X, 0, 10);
        raw("HSET", bucketKey("meta"), "counter", "0");
        assertThat(repair().apply(line -> {})).isEqualTo(ONE);
        assertThat(A.granted(TABLE, X, 100, 10).token().value())
                .isGreaterThan(held.token().value());
    }

    @Test
    @DisplayName("With every index gone all are rebuilt from the rows alone")
    void fromRowsAlone() throws Exception {
        List<Grant> held = new ArrayList<>(readers());
        for (int i = 0; i < 300; i++) {
            held.add(
                    LockClient.nlm(SPACE, "owner " + ThreadLocalRandom.current().nextInt(50))
                            .granted(TABLE, S, 10_000 + 20L * i, 10));
        }
        held.add(H.granted(TABLE, X, 50, 0));
        try (RespClient probe = new RespClient(REDIS)) {
            for (String key : probe.list("KEYS", bucketKey("*").replace("{", "\\{"))) {
                if (!key.endsWith(":rows") && !key.endsWith(":names") && !key.endsWith(":meta")) {
                    probe.send("DEL", key);
                }
            }
        }
        assertThat(repair().apply(line -> {})).isEqualTo(ONE);
        TableInvariants.hold(REDIS);
        for (Grant grant : held) {
            assertThat(get(TABLE.find(grant.id()))).isPresent();
        }
        assertThat(A.outcome(TABLE, X, 10_005, 1)).isInstanceOf(Acquisition.Refused.class);
    }
}
