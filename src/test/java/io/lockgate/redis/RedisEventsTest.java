package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.EventPosition;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEvent.Kind;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.HeldRanges;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.ScriptKiller;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When events are written to Redis, and what a listener is told when some are missing (ADR 47). */
class RedisEventsTest {
    private static final URI REDIS = RedisTables.database(6);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Settings SETTINGS = Settings.DEFAULT.withEvents(100);
    private static final ScriptRunner RUNNER = RedisTables.runner(REDIS, SETTINGS);
    private static final RedisRangeLockTable TABLE = new RedisRangeLockTable(RUNNER, SETTINGS);
    private static final RedisRangeEventLog LOG = new RedisRangeEventLog(RUNNER, SETTINGS);
    private static final ScriptKiller KILLER = new ScriptKiller(REDIS);
    private static final RedisRangeLockTable DYING = RedisTables.table(KILLER.uri(), SETTINGS);

    private static final LockSpace SPACE = LockSpace.head(4_711);
    private static final LockClient A = LockClient.nlm(SPACE, "A");
    private static final LockClient B = LockClient.nlm(SPACE, "B");
    private static final LockClient H = LockClient.smb(SPACE, "H");
    private static final int BUCKET = new RedisKeys(SETTINGS.buckets()).bucketOf(SPACE.fileId());
    private static final String META = "lg:1:{b" + BUCKET + "}:meta";
    private static final String EVENTS = "lg:1:{b" + BUCKET + "}:events";

    private final List<Following> followed = new ArrayList<>();
    private RespClient probe;

    @BeforeEach
    void empty() {
        KILLER.allowAll();
        probe = new RespClient(REDIS);
        probe.send("FLUSHDB");
    }

    @AfterEach
    void end() {
        followed.forEach(Following::end);
        await().atMost(PATIENCE).until(() -> LOG.followedBuckets() == 0);
        probe.close();
    }

    @AfterAll
    static void close() {
        KILLER.close();
    }

    private static final class Heard implements EventListener<RangeEvent, EventId> {
        private final List<RangeEvent> events = new CopyOnWriteArrayList<>();
        /** Kinds of events, and gaps, in order. */
        private final List<String> all = new CopyOnWriteArrayList<>();

        @Override
        public void events(List<RangeEvent> more, EventId upTo) {
            events.addAll(more);
            more.forEach(event -> all.add(event.kind().name()));
        }

        @Override
        public void gap(EventId position) {
            all.add("gap");
        }

        @Override
        public boolean isReady() {
            return true;
        }
    }

    private static EventPosition register() {
        return get(LOG.register("p", Optional.of(SPACE.fileId())));
    }

    private Heard follow(EventPosition after) {
        Heard heard = new Heard();
        followed.add(LOG.follow("p", after, heard));
        return heard;
    }

    private static void hears(Heard heard, String... words) {
        await().atMost(PATIENCE).until(() -> heard.all.size() >= words.length);
        assertThat(heard.all).containsExactly(words);
    }

    private long written() {
        return probe.number("XLEN", EVENTS);
    }

    private void lapse() {
        probe.send("HSET", META, "events_until", "1000000000000 1 100");
    }

    // ------------------------------------------------------------------------------------------------- when written

    /** Everything that writes events. */
    private static void changes() {
        A.granted(TABLE, X, 0, 10);
        get(TABLE.queue().acquire(SPACE, B.lock(X, 0, 10), Duration.ofMinutes(1)));
        A.granted(TABLE, X, 0, 20);
        A.released(TABLE, 0, 20);
        H.granted(TABLE, S, 0, 10);
        H.released(TABLE, 0, 10);
    }

    @Test
    @DisplayName("While nobody listens nothing is written, and a lock takes no command more than its own")
    void notWritten() {
        changes();
        assertThat(probe.list("KEYS", "*events*")).isEmpty();
        assertThat(probe.map("HGETALL", META)).doesNotContainKey("events_until");
        register();
        A.granted(TABLE, X, 100, 10);
        assertThat(written()).as("the mark and one event").isEqualTo(2);
        lapse();
        long commands = commands(() -> A.granted(TABLE, X, 200, 10));
        assertThat(written()).isEqualTo(2);
        probe.send("HDEL", META, "events_until");
        assertThat(commands(() -> A.granted(TABLE, X, 300, 10))).isEqualTo(commands);
        register();
        assertThat(commands(() -> A.granted(TABLE, X, 400, 10)))
                .as("one command for the event")
                .isEqualTo(commands + 1);
    }

    private long commands(Runnable call) {
        // So that all scripts are known.
        A.granted(TABLE, X, 1_000, 10);
        A.released(TABLE, 1_000, 10);
        probe.send("CONFIG", "RESETSTAT");
        call.run();
        return probe.text("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .filter(line -> Stream.of("config", "info", "ping", "time", "evalsha", "role")
                        .noneMatch(other -> line.startsWith("cmdstat_" + other)))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^:]*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    @Test
    @DisplayName("A registration lasts ten minutes, and the events as long")
    void tenMinutes() {
        register();
        long now = System.currentTimeMillis();
        String until = probe.text("HGET", META, "events_until").split(" ", 2)[0];
        assertThat(Long.parseLong(until) - now).isBetween(590_000L, 610_000L);
        assertThat(probe.number("PTTL", EVENTS)).isBetween(600_000L, 661_000L);
    }

    @Test
    @DisplayName("A listener has its bucket registered again, and one registration serves all buckets")
    void registeredAgain() {
        get(LOG.registerAll());
        assertThat(probe.list("KEYS", "*:events")).hasSize(SETTINGS.buckets());
        EventPosition all = get(LOG.register("p", Optional.empty()));
        assertThat(all.last()).hasSize(SETTINGS.buckets());
        assertThat(EventPosition.parse(all.toString())).contains(all);
        assertThat(all.toString().length()).isLessThan(SETTINGS.buckets() * 16);
    }

    @Test
    @DisplayName("As many events are kept as the setting says, about, and what was trimmed is told as a gap")
    void bounded() {
        EventPosition first = register();
        for (int i = 0; i < 600; i++) {
            A.granted(TABLE, X, 0, 10);
            A.released(TABLE, 0, 10);
        }
        assertThat(written()).isBetween(100L, 250L);
        Heard heard = follow(first);
        hears(heard, "gap");
        A.granted(TABLE, X, 0, 10);
        hears(heard, "gap", "GRANTED");
    }

    @Test
    @DisplayName("A thousand events behind a position are told without a gap, in pages")
    void pages() {
        RedisRangeEventLog log = new RedisRangeEventLog(RUNNER, SETTINGS.withEvents(5_000));
        EventPosition first = get(log.register("p", Optional.of(SPACE.fileId())));
        for (int i = 0; i < 600; i++) {
            A.granted(TABLE, X, 0, 10);
            A.released(TABLE, 0, 10);
        }
        Heard heard = new Heard();
        followed.add(log.follow("p", first, heard));
        await().atMost(PATIENCE).until(() -> heard.all.size() >= 1_200);
        assertThat(heard.all).hasSize(1_200).doesNotContain("gap");
    }

    // ------------------------------------------------------------------------------------------------- gaps

    @Test
    @DisplayName(
            "When events were not written for a while a listener from before is told of a gap, behind what was written")
    void lapsed() {
        EventPosition position = register();
        A.granted(TABLE, X, 0, 10);
        lapse();
        A.released(TABLE, 0, 10);
        register();
        A.granted(TABLE, X, 20, 10);
        hears(follow(position), "GRANTED", "gap", "GRANTED");
    }

    @Test
    @DisplayName("A bucket that was lost is told as a gap")
    void lost() {
        Heard heard = follow(register());
        A.granted(TABLE, X, 0, 10);
        hears(heard, "GRANTED");
        probe.send("FLUSHDB");
        await().atMost(PATIENCE).until(() -> heard.all.size() == 2);
        A.granted(TABLE, X, 20, 10);
        hears(heard, "GRANTED", "gap", "GRANTED");
    }

    @Test
    @DisplayName("An epoch that has changed is told as a gap")
    void epoch() {
        EventPosition position = register();
        String until = probe.text("HGET", META, "events_until");
        probe.send("HSET", META, "events_until", until.replaceFirst(" \\d+ ", " 1 "));
        A.granted(TABLE, X, 0, 10);
        assertThat(written()).as("of another epoch nothing is written").isEqualTo(1);
        register();
        hears(follow(position), "gap");
    }

    @Test
    @DisplayName("A repair finds nothing wrong with events, and is told as a gap where it has repaired")
    void repaired() throws Exception {
        Repair repair = new Repair(RUNNER, SETTINGS);
        EventPosition position = register();
        changes();
        List<String> lines = new ArrayList<>();
        assertThat(repair.look(lines::add)).as("%s", lines).isZero();
        probe.send("ZADD", "lg:1:{b" + BUCKET + "}:expiry", "1", "00000100000000ff");
        assertThat(repair.apply(lines::add)).isEqualTo(new Repair.Outcome(1, 0));
        register();
        Heard heard = follow(position);
        await().atMost(PATIENCE).until(() -> heard.all.contains("gap"));
        assertThat(heard.all.getLast()).isEqualTo("gap");
        assertThat(repair.look(lines::add)).isZero();
    }

    @Test
    @DisplayName("An event whose lock a later version has written is told as a gap, and those behind it go on")
    void notUnderstood() {
        Heard heard = follow(register());
        probe.send("XADD", EVENTS, "*", "g", "short");
        A.granted(TABLE, X, 0, 10);
        hears(heard, "gap", "GRANTED");
    }

    @Test
    @DisplayName("A change of more locks than are kept as events is told as a gap")
    void moreThanKept() {
        for (int i = 0; i < 150; i++) {
            A.granted(TABLE, X, 10L * i, 5);
        }
        Heard heard = follow(register());
        A.released(TABLE, 0, 5_000);
        A.granted(TABLE, X, 0, 10);
        hears(heard, "gap", "GRANTED");
        assertThat(written()).isLessThan(10);
    }

    @Test
    @DisplayName("A listener that fails is told nothing more, and others are")
    void failingListener() {
        EventPosition begin = register();
        List<EventId> failed = new CopyOnWriteArrayList<>();
        followed.add(LOG.follow("p", begin, new EventListener<>() {
            @Override
            public void events(List<RangeEvent> events, EventId upTo) {
                failed.add(upTo);
                throw new IllegalStateException("cannot be told");
            }

            @Override
            public void gap(EventId position) {
                failed.add(position);
            }

            @Override
            public boolean isReady() {
                return true;
            }
        }));
        Heard heard = follow(begin);
        A.granted(TABLE, X, 0, 10);
        hears(heard, "GRANTED");
        A.released(TABLE, 0, 10);
        hears(heard, "GRANTED", "RELEASED");
        assertThat(failed).hasSize(1);
    }

    @Test
    @DisplayName("Twenty listeners at invented positions keep nobody who is up to date from being told")
    void inventedPositions() {
        EventPosition begin = register();
        Heard heard = follow(begin);
        A.granted(TABLE, X, 0, 10);
        hears(heard, "GRANTED");
        List<Heard> invented = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            EventId last = begin.last().getFirst();
            invented.add(follow(EventPosition.of(new EventId(last.bucket(), last.millis() + 1_000_000 + i, 0))));
        }
        A.released(TABLE, 0, 10);
        hears(heard, "GRANTED", "RELEASED");
        invented.forEach(one -> await().atMost(PATIENCE).until(() -> one.all.contains("gap")));
        A.granted(TABLE, X, 0, 10);
        invented.forEach(
                one -> await().atMost(PATIENCE).until(() -> one.all.getLast().equals("GRANTED")));
    }

    @Test
    @DisplayName("An event of a kind that a later version has written is told as a gap")
    void laterKind() {
        EventPosition position = register();
        A.granted(TABLE, X, 0, 10);
        probe.send("XADD", EVENTS, "*", "b", "whatever");
        A.released(TABLE, 0, 10);
        hears(follow(position), "GRANTED", "gap", "RELEASED");
    }

    @Test
    @DisplayName(
            "When an event cannot be written the lock is granted all the same, and whoever listens is told of a gap")
    void cannotBeWritten() {
        Heard heard = follow(register());
        probe.send("DEL", EVENTS);
        probe.send("SET", EVENTS, "x");
        A.granted(TABLE, X, 0, 10);
        assertThat(A.standing(TABLE)).hasSize(1);
        assertThat(probe.map("HGETALL", META)).doesNotContainKey("events_until");
        assertThatThrownBy(RedisEventsTest::register).isInstanceOf(LockTableUnavailableException.class);
        probe.send("DEL", EVENTS);
        await().atMost(PATIENCE).until(() -> !heard.all.isEmpty());
        assertThat(heard.all).containsOnly("gap");
    }

    // ------------------------------------------------------------------------------------------------- half done

    /** A call whose script dies, and is repeated. */
    record Call(String name, Runnable before, java.util.function.Consumer<RedisRangeLockTable> call) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Call> calls() {
        return Stream.of(
                new Call("acquire", () -> {}, table -> get(A.acquire(table, X, 0, 10))),
                new Call("merge", () -> A.granted(TABLE, S, 0, 10), table -> get(A.acquire(table, S, 5, 10))),
                new Call(
                        "upgrade of the middle",
                        () -> A.granted(TABLE, S, 0, 30),
                        table -> get(A.acquire(table, X, 10, 10))),
                new Call("release", () -> A.granted(TABLE, X, 0, 10), table -> get(A.release(table, 0, 10))),
                new Call(
                        "release of the middle",
                        () -> A.granted(TABLE, X, 0, 30),
                        table -> get(A.release(table, 10, 10))),
                new Call(
                        "batch",
                        () -> A.granted(TABLE, X, 0, 30),
                        table -> get(table.batch(
                                SPACE, List.of(A.unlock(0, 5)), List.of(A.lock(S, 10, 5), A.lock(X, 40, 5))))),
                new Call("SMB release", () -> H.granted(TABLE, X, 0, 10), table -> get(H.release(table, 0, 10))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("calls")
    @DisplayName("A script that dies behind any of its writes has told nothing that its repeat does not make true")
    void halfDone(Call call) throws Exception {
        Repair repair = new Repair(RUNNER, SETTINGS);
        boolean died = true;
        for (int writes = 0; died; writes++) {
            KILLER.allowAll();
            probe.send("FLUSHDB");
            EventPosition position = register();
            call.before.run();
            KILLER.allow(writes);
            died = dies(() -> call.call.accept(DYING));
            call.call.accept(TABLE);
            B.granted(TABLE, X, 1_000, 1);
            Heard heard = follow(position);
            await().atMost(PATIENCE)
                    .until(() -> heard.events.stream()
                            .anyMatch(event -> event.grant().owner().equals(B.owner())));
            if (repair.apply(line -> {}).repaired() > 0) {
                // Not even its repeat could complete it: who listens is sent to the lists.
                register();
                await().atMost(PATIENCE).until(() -> heard.all.contains("gap"));
            } else {
                assertThat(HeldRanges.of(heard.events).bytes())
                        .as("dead behind %d writes: %s", writes, heard.all)
                        .isEqualTo(HeldRanges.of(TABLE, SPACE, Set.of()).bytes());
                assertThat(heard.all).doesNotContain("gap");
            }
            assertThat(heard.events).noneMatch(event -> event.kind() == Kind.EXPIRED);
            followed.forEach(Following::end);
        }
    }

    private static boolean dies(Runnable call) {
        try {
            call.run();
            return false;
        } catch (RuntimeException e) {
            return true;
        }
    }

    @Test
    @DisplayName("The text of a position of 64 buckets that lie far apart is shorter than 1 KB, and reads back")
    void longestPosition() {
        List<EventId> last = new ArrayList<>();
        for (int bucket = 0; bucket < EventPosition.MAX_BUCKETS; bucket++) {
            last.add(new EventId(bucket, bucket % 2 == 0 ? 0 : 4_102_444_800_000L, 1L << 31));
        }
        EventPosition position = new EventPosition(last);
        assertThat(position.toString().length()).isLessThanOrEqualTo(1_024);
        assertThat(EventPosition.parse(position.toString())).contains(position);
        assertThat(EventPosition.parse(position + ",0")).isEmpty();
        for (String wrong :
                List.of("", "1", "1:", "1:é", "1:0,", "x:0", "1:+", "123456:0", "1:0..0", "1:" + "z".repeat(11))) {
            assertThat(EventPosition.parse(wrong)).as(wrong).isEmpty();
        }
        EventId other = new EventId(5, 7, 0);
        assertThat(position.with(other).last().get(5)).isEqualTo(other);
    }
}
