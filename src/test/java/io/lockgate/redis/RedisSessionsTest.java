package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.range.BatchOutcome;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.Session;
import io.lockgate.range.SessionEnding;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionOpening;
import io.lockgate.range.SessionRenewal;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions between the steps of their calls: a gateway that dies there, copies, tombstones, and what a heartbeat costs. */
@Timeout(120)
@Tag("slow")
class RedisSessionsTest {
    private static final URI REDIS = RedisTables.database(14);
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final ScriptRunner RUNNER = RedisTables.runner(REDIS, SETTINGS);
    private static final RedisRangeLockTable TABLE = new RedisRangeLockTable(RUNNER, SETTINGS);
    private static final RedisKeys KEYS = new RedisKeys(SETTINGS.buckets());
    private static final SessionScripts SCRIPTS = SessionScripts.load();
    private static final Duration HOUR = Duration.ofHours(1);

    /** A file in each bucket. */
    private static final List<LockSpace> SPACES = LongStream.range(1, 1_000)
            .boxed()
            .collect(Collectors.toMap(KEYS::bucketOf, LockSpace::head, (a, b) -> a))
            .values()
            .stream()
            .toList();

    private static final LockClient A = LockClient.nlm(SPACES.getFirst(), "A");
    private static final LockClient B = LockClient.nlm(SPACES.getFirst(), "B").of("q");

    private SessionId session = new SessionId(0, 0);

    @BeforeEach
    void open() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
        session = opened(HOUR).id();
    }

    private static Session opened(Duration ttl) {
        return ((SessionOpening.Opened) get(TABLE.sessions().open("p", "", ttl))).session();
    }

    private static ScriptRunner.Reply step(LuaScript script, int bucket, String... arguments) {
        String id = RUNNER.newRequestId();
        return get(RUNNER.run(script, id, KEYS.ofSessions(bucket, id), Arrays.asList(arguments), true));
    }

    private void lockEverywhere() {
        SPACES.forEach(space -> A.at(space).in(session).granted(TABLE, X, 0, 10));
    }

    private static List<String> rows() {
        List<String> ids = new ArrayList<>();
        try (RespClient probe = new RespClient(REDIS)) {
            probe.list("KEYS", "*:rows")
                    .forEach(key -> ids.addAll(probe.map("HGETALL", key).keySet()));
        }
        return ids;
    }

    private static String field(int bucket, String field) {
        try (RespClient probe = new RespClient(REDIS)) {
            return probe.map("HGETALL", "lg:1:{b" + bucket + "}:sessions").getOrDefault(field, "");
        }
    }

    /** Of every session, {@code millis} ago. */
    private static void shift(String letter, long millis) {
        try (RespClient probe = new RespClient(REDIS)) {
            for (String key : probe.list("KEYS", "*:sessions")) {
                probe.map("HGETALL", key).forEach((field, value) -> {
                    if (field.startsWith(letter)) {
                        long at = Long.parseLong(value.substring(1, 14)) - millis;
                        probe.send("HSET", key, field, value.charAt(0) + "%013d".formatted(at) + value.substring(14));
                        probe.send("ZADD", key.replace(":sessions", ":session-due"), Long.toString(at), field);
                    }
                });
            }
        }
    }

    @Test
    @DisplayName("A gateway dies behind the mark at home: the next sweep of any gateway frees every lock")
    void diesBehindTheMark() {
        lockEverywhere();
        assertThat(step(SCRIPTS.end(), session.home(), session.toString(), "p", "any")
                        .status())
                .isEqualTo("ending");
        // Until then they stand: the buckets have not been told.
        assertThat(get(B.test(TABLE, X, 0, 10))).isPresent();
        assertThat(get(TABLE.sessions().find(session))).isEmpty();
        get(TABLE.sweep());
        SPACES.forEach(space -> B.at(space).granted(TABLE, X, 0, 10));
        assertThat(field(session.home(), "H" + session)).startsWith("d");
        get(TABLE.sweep());
        TableInvariants.hold(REDIS);
    }

    @Test
    @DisplayName("A gateway dies between two tombstones: the repeated end, or a sweep, lays the others")
    void diesBetweenTombstones() {
        lockEverywhere();
        step(SCRIPTS.end(), session.home(), session.toString(), "p", "any");
        step(SCRIPTS.bury(), KEYS.bucketOf(SPACES.getFirst().fileId()), session.toString(), "p", "e");
        assertThat(get(B.test(TABLE, X, 0, 10))).isEmpty();
        assertThat(get(B.at(SPACES.getLast()).test(TABLE, X, 0, 10))).isPresent();
        assertThat(get(TABLE.sessions().end(session, Optional.of("p")))).isInstanceOf(SessionEnding.Ended.class);
        assertThat(get(B.at(SPACES.getLast()).test(TABLE, X, 0, 10))).isEmpty();
    }

    @Test
    @DisplayName("A gateway dies behind the registration of a bucket: the next heartbeat makes the copy")
    void diesBehindTheRegistration() {
        int bucket = KEYS.bucketOf(A.space().fileId());
        step(SCRIPTS.register(), session.home(), session.toString(), "p", Integer.toString(bucket));
        assertThat(field(bucket, "C" + session)).isEmpty();
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.Renewed.class);
        assertThat(field(bucket, "C" + session)).startsWith("l");
        A.in(session).granted(TABLE, X, 0, 10);
    }

    @Test
    @DisplayName(
            "A gateway dies behind some copies of a heartbeat: nothing is lost, and the next heartbeat extends all")
    void diesInAHeartbeat() {
        lockEverywhere();
        shift("C", 1_000_000);
        shift("H", 1_000_000);
        step(
                SCRIPTS.extend(),
                KEYS.bucketOf(A.space().fileId()),
                session.toString(),
                "p",
                "",
                Long.toString(HOUR.toMillis()),
                "1");
        SPACES.forEach(space -> assertThat(A.at(space).standing(TABLE)).hasSize(1));
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.Renewed.class);
        SPACES.forEach(space ->
                assertThat(A.at(space).standing(TABLE).getFirst().expiresIn()).isGreaterThan(HOUR.minusMinutes(10)));
    }

    @Test
    @DisplayName("What a heartbeat has told that was not done is told again, and by no third one")
    void toldAgain() {
        lockEverywhere();
        get(TABLE.sessions().renew(session, "p"));
        LockClient other = A.at(SPACES.getLast());
        get(TABLE.release(other.space(), new UnlockSpec(Protocol.NLM, other.range(0, 5), OwnerSelector.anybody("A"))));
        int bucket = KEYS.bucketOf(other.space().fileId());
        String home = field(session.home(), "H" + session);
        for (int i = 0; i < 2; i++) {
            ScriptRunner.Reply reply = step(
                    SCRIPTS.extend(),
                    bucket,
                    session.toString(),
                    "p",
                    "",
                    Long.toString(HOUR.toMillis()),
                    home.substring(1, 14));
            assertThat(reply.text(3).lines()).hasSize(1);
        }
        assertThat(lost()).extracting(Grant::range).containsExactly(other.range(0, 5));
        get(TABLE.release(other.space(), new UnlockSpec(Protocol.NLM, other.range(5, 1), OwnerSelector.anybody("A"))));
        assertThat(lost()).extracting(Grant::range).containsExactly(other.range(5, 1));
        assertThat(lost()).isEmpty();
        assertThat(field(bucket, "L" + session)).isEmpty();
    }

    private List<Grant> lost() {
        SessionRenewal renewal = get(TABLE.sessions().renew(session, "p"));
        assertThat(renewal).isInstanceOf(SessionRenewal.Renewed.class);
        return ((SessionRenewal.Renewed) renewal).lost();
    }

    @Test
    @DisplayName("A copy that comes late does not undo a tombstone")
    void lateCopy() {
        lockEverywhere();
        get(TABLE.sessions().end(session, Optional.of("p")));
        int bucket = KEYS.bucketOf(A.space().fileId());
        for (LuaScript late : List.of(SCRIPTS.enter(), SCRIPTS.extend())) {
            assertThat(step(late, bucket, session.toString(), "p", "", "60000", "")
                            .status())
                    .isEqualTo("ended");
        }
        assertThatThrownBy(() -> A.in(session).outcome(TABLE, X, 0, 10)).isInstanceOf(SessionGoneException.class);
        assertThat(step(SCRIPTS.register(), session.home(), session.toString(), "p", "1")
                        .status())
                .isEqualTo("ended");
    }

    @Test
    @DisplayName("A heartbeat in which a bucket has come meanwhile extends that one too")
    void bucketComesMeanwhile() {
        A.in(session).granted(TABLE, X, 0, 10);
        String before = field(session.home(), "B" + session);
        A.at(SPACES.getLast()).in(session).granted(TABLE, X, 0, 10);
        assertThat(step(SCRIPTS.renew(), session.home(), session.toString(), "p", before)
                        .status())
                .isEqualTo("changed");
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.Renewed.class);
    }

    @Test
    @DisplayName("A session of which one bucket has expired is lost as a whole, and its other locks are free")
    void expiredInOneBucket() {
        lockEverywhere();
        int bucket = KEYS.bucketOf(A.space().fileId());
        try (RespClient probe = new RespClient(REDIS)) {
            String copy = field(bucket, "C" + session);
            probe.send("HSET", "lg:1:{b" + bucket + "}:sessions", "C" + session, "l0000000000001" + copy.substring(14));
        }
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.Lost.class);
        SPACES.forEach(space -> B.at(space).granted(TABLE, X, 0, 10));
    }

    @Test
    @DisplayName(
            "Rows of an ended session go with the end and the sweeps; it is remembered for ten minutes, then forgotten")
    void tidied() {
        for (int i = 0; i < 250; i++) {
            A.in(session).granted(TABLE, X, 20L * i, 10);
        }
        A.at(SPACES.getLast()).granted(TABLE, X, 0, 10);
        get(TABLE.sessions().end(session, Optional.of("p")));
        assertThat(rows()).hasSize(151);
        get(TABLE.sweep());
        assertThat(rows()).hasSize(1);
        get(TABLE.sweep());
        int bucket = KEYS.bucketOf(A.space().fileId());
        assertThat(field(bucket, "C" + session)).startsWith("e");
        shift("C", 590_000);
        shift("H", 590_000);
        get(TABLE.sweep());
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.Lost.class);
        shift("C", 20_000);
        shift("H", 20_000);
        get(TABLE.sweep());
        assertThat(field(bucket, "C" + session)).isEmpty();
        assertThat(field(session.home(), "H" + session)).isEmpty();
        assertThat(field(session.home(), "B" + session)).isEmpty();
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.NoSuchSession.class);
        TableInvariants.hold(REDIS);
    }

    @Test
    @DisplayName("An expired session is ended by a sweep, in every bucket, also where a heartbeat has got to")
    void expiredIsEnded() {
        lockEverywhere();
        shift("H", HOUR.toMillis());
        assertThat(get(B.test(TABLE, X, 0, 10))).isPresent();
        get(TABLE.sweep());
        SPACES.forEach(space -> assertThat(A.at(space).standing(TABLE)).isEmpty());
        assertThat(field(session.home(), "H" + session)).startsWith("d");
        get(TABLE.sweep());
        assertThat(rows()).isEmpty();
        assertThat(get(TABLE.sessions().renew(session, "p"))).isInstanceOf(SessionRenewal.Lost.class);
    }

    @Test
    @DisplayName("A heartbeat runs as many commands for 10,000 locks over all buckets as for ten")
    void costOfAHeartbeat() {
        try (BreakableRedis own = BreakableRedis.start();
                RespClient probe = own.probe()) {
            Duration patience = Duration.ofSeconds(15);
            RedisRangeLockTable table = new RedisRangeLockTable(
                    RedisTables.runner(own.uri(), SETTINGS.withTimeouts(patience, patience)), SETTINGS);
            SessionId few = openedIn(table);
            SessionId many = openedIn(table);
            List<LockSpace> files = new ArrayList<>(SPACES);
            files.add(LockSpace.head(1_001));
            files.add(LockSpace.head(1_002));
            files.forEach(file -> A.at(file).in(few).granted(table, X, 0, 10));
            files.forEach(file -> lockThousand(table, B.of("p").at(file).in(many)));
            // The first call of a script brings its text.
            beat(table, few);
            long ofFew = commandsOf(probe, () -> beat(table, few));
            long ofMany = commandsOf(probe, () -> beat(table, many));
            System.out.printf(
                    "session: commands of one heartbeat with %d locks %d, with %d locks %d%n",
                    files.size(), ofFew, 1_000 * files.size(), ofMany);
            assertThat(ofMany).isEqualTo(ofFew);
            GrantPage page = get(table.sessions().grants(many, Cursor.START, 20_000));
            assertThat(page.grants()).hasSize(1_000 * files.size());
        }
    }

    private static SessionId openedIn(RedisRangeLockTable table) {
        return ((SessionOpening.Opened) get(table.sessions().open("p", "", HOUR)))
                .session()
                .id();
    }

    private static void lockThousand(RedisRangeLockTable table, LockClient owner) {
        for (int i = 0; i < 10; i++) {
            int from = 1_000 + 2_000 * i;
            List<LockSpec> locks = IntStream.range(0, 100)
                    .mapToObj(k -> owner.lock(X, from + 20L * k, 10))
                    .toList();
            assertThat(get(table.batch(owner.space(), List.of(), locks))).isInstanceOf(BatchOutcome.Done.class);
        }
    }

    private static void beat(RedisRangeLockTable table, SessionId id) {
        assertThat(get(table.sessions().renew(id, "p"))).isInstanceOf(SessionRenewal.Renewed.class);
    }

    private static long commandsOf(RespClient probe, Runnable call) {
        long before = CommandStats.ofLocks(probe);
        call.run();
        return CommandStats.ofLocks(probe) - before;
    }

    @Test
    @DisplayName("Locks of a session that has ended do not count where others list, count or sweep meanwhile")
    void deadRowsAreNotSeen() {
        Grant other = B.at(SPACES.getFirst()).granted(TABLE, X, 1_000, 10);
        A.in(session).granted(TABLE, X, 0, 10);
        step(SCRIPTS.bury(), KEYS.bucketOf(A.space().fileId()), session.toString(), "p", "e");
        assertThat(rows()).hasSize(2);
        assertThat(A.standing(TABLE)).extracting(Grant::id).containsExactly(other.id());
        assertThat(get(TABLE.sessions().grants(session, Cursor.START, 10)).grants())
                .isEmpty();
        B.granted(TABLE, X, 0, 10);
        TableInvariants.hold(REDIS);
    }
}
