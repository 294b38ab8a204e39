package io.lockgate.redis;

import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Acquisition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.Session;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionOpening;
import io.lockgate.range.SessionTable;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.RespClient;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** The keys tell one story whatever was done: see {@link TableInvariants}. */
@Timeout(120)
@Tag("slow")
class RedisIntegrityTest {
    private static final URI REDIS = RedisTables.database(6);
    private static final Settings SETTINGS = Settings.DEFAULT.withMaxSteps(10).withNames(6);
    private static final ScriptRunner RUNNER = RedisTables.runner(REDIS, SETTINGS);
    private static final RedisRangeLockTable TABLE = new RedisRangeLockTable(RUNNER, SETTINGS);
    private static final SessionTable SESSIONS = TABLE.sessions();
    private static final RawScripts BY_HAND = new RawScripts(RUNNER, SETTINGS);
    private static final int STEPS = 300;
    private static final int STEPS_BETWEEN_LOOKS = 10;

    private static final long[] EDGES = {0, 1L << 53, 1L << 63, ByteRange.MAX - 40};
    private static final List<LockModes> MODES = List.of(
            LockModes.of(LockMode.EXCLUSIVE),
            LockModes.of(LockMode.SHARED),
            LockModes.of(LockMode.SHARED, LockMode.READ_OP));

    private static final List<Protocol> PROTOCOLS = List.of(Protocol.values());

    private Random random = new Random();
    private final List<LockSpace> spaces = List.of(
            LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61)),
            new LockSpace(77, "5", "a:{b}"),
            new LockSpace(77, "5", LockSpace.DEFAULT_STREAM));
    private final List<Grant> seen = new ArrayList<>();
    private final List<SessionId> sessions = new ArrayList<>();

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @RepeatedTest(6)
    @DisplayName("After any sequence of calls every index matches the rows, and nothing is left of released locks")
    void walk() {
        long seed = ThreadLocalRandom.current().nextLong();
        random = new Random(seed);
        try {
            for (int i = 0; i < STEPS; i++) {
                step();
                if (i % STEPS_BETWEEN_LOOKS == 0) {
                    TableInvariants.hold(REDIS);
                }
            }
            TableInvariants.hold(REDIS);
            emptyOneSpace();
            for (Protocol protocol : Protocol.values()) {
                get(TABLE.releaseAll(GrantFilter.all(protocol)));
            }
            // Rows of sessions that have ended go with the sweeps.
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
                get(TABLE.sweep());
                TableInvariants.holdOfNothing(REDIS);
            });
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private void emptyOneSpace() {
        LockSpace space = spaces.getFirst();
        for (Protocol protocol : Protocol.values()) {
            get(TABLE.releaseAll(GrantFilter.ofFile(protocol, space.fileId(), space.snapshotId())));
        }
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            get(TABLE.sweep());
            try (RespClient probe = new RespClient(REDIS)) {
                assertThat(probe.list("KEYS", "*" + Long.toUnsignedString(space.fileId()) + ":*"))
                        .isEmpty();
            }
        });
        TableInvariants.hold(REDIS);
    }

    private void step() {
        switch (random.nextInt(15)) {
            case 0, 1, 2, 3 -> {
                if (get(orGone(TABLE.acquire(anySpace(), lock(anyProtocol())))).orElse(null)
                        instanceof Acquisition.Granted granted) {
                    seen.add(granted.grant());
                }
            }
            case 4 -> {
                LockSpace space = anySpace();
                LockSpec lock = lock(anyProtocol());
                String id = BY_HAND.newId();
                BY_HAND.acquire(id, space, lock);
                if (random.nextBoolean()) {
                    get(orGone(TABLE.acquire(space, lock(lock.protocol()))));
                }
                BY_HAND.undo(id, space);
            }
            case 5, 6 -> get(TABLE.release(anySpace(), unlock(anyProtocol())));
            case 7 -> batch();
            case 8 -> anySeen().ifPresent(grant -> get(TABLE.releaseGrant(grant.id(), Optional.empty())));
            case 9 ->
                anySeen()
                        .ifPresent(grant -> get(TABLE.renew(
                                grant.id(), grant.protocol(), "p", Duration.ofMillis(1 + random.nextInt(200)))));
            case 10 -> get(TABLE.sweep());
            case 11 -> {
                Duration ttl = random.nextBoolean() ? Duration.ofHours(1) : Duration.ofMillis(30);
                if (get(SESSIONS.open("p", random.nextBoolean() ? "m" : "", ttl))
                        instanceof SessionOpening.Opened(Session session)) {
                    sessions.add(session.id());
                }
            }
            case 12 -> anySession().ifPresent(session -> get(SESSIONS.renew(session, "p")));
            case 13 -> anySession().ifPresent(session -> get(SESSIONS.end(session, Optional.of("p"))));
            default -> get(TABLE.list(GrantFilter.all(anyProtocol()), Cursor.START, 50));
        }
    }

    private void batch() {
        LockSpace space = anySpace();
        boolean smb = random.nextInt(3) == 0;
        boolean locking = random.nextBoolean();
        List<UnlockSpec> unlocks = new ArrayList<>();
        List<LockSpec> locks = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            Protocol protocol = smb ? Protocol.SMB : random.nextBoolean() ? Protocol.NLM : Protocol.NFS4;
            if (!smb || locking) {
                locks.add(lock(protocol));
            }
            if (!smb || !locking) {
                unlocks.add(unlock(protocol));
            }
        }
        get(orGone(TABLE.batch(space, unlocks, locks)));
    }

    /** The session of a lock may have ended. */
    private static <T> Uni<Optional<T>> orGone(Uni<T> call) {
        return call.map(Optional::of).onFailure(SessionGoneException.class).recoverWithItem(Optional.empty());
    }

    /** The newest most of the time: the others have ended. */
    private Optional<SessionId> anySession() {
        return sessions.isEmpty()
                ? Optional.empty()
                : Optional.of(sessions.get(Math.max(0, sessions.size() - 1 - random.nextInt(4))));
    }

    private Optional<Grant> anySeen() {
        return seen.isEmpty() ? Optional.empty() : Optional.of(seen.get(random.nextInt(seen.size())));
    }

    private LockSpace anySpace() {
        return spaces.get(random.nextInt(spaces.size()));
    }

    private Protocol anyProtocol() {
        return PROTOCOLS.get(random.nextInt(PROTOCOLS.size()));
    }

    private Owner anyOwner() {
        // A row without a machine name has no entry in the list of machine names.
        return new Owner("p", "owner é" + random.nextInt(2), random.nextBoolean() ? "m" : "");
    }

    private ByteRange anyRange(Protocol protocol) {
        long first = EDGES[random.nextInt(EDGES.length)] + random.nextInt(12);
        if (protocol == Protocol.SMB && random.nextInt(5) == 0) {
            return ByteRange.zeroLength(first);
        }
        return random.nextInt(10) == 0
                ? ByteRange.between(first, ByteRange.MAX)
                : ByteRange.between(first, first + random.nextInt(6));
    }

    private LockSpec lock(Protocol protocol) {
        LockLifetime lifetime =
                switch (random.nextInt(4)) {
                    case 0 -> LockLifetime.UNTIL_RELEASED;
                    case 3 -> anySession().map(LockLifetime::of).orElse(LockLifetime.UNTIL_RELEASED);
                    case 1 -> LockLifetime.lease(Duration.ofMillis(1 + random.nextInt(60)));
                    default -> LockLifetime.lease(Duration.ofHours(1));
                };
        return new LockSpec(
                protocol,
                MODES.get(random.nextInt(MODES.size())),
                anyRange(protocol),
                anyOwner(),
                "192.0.2." + random.nextInt(3),
                "node",
                lifetime);
    }

    private UnlockSpec unlock(Protocol protocol) {
        Owner owner = anyOwner();
        return new UnlockSpec(
                protocol,
                anyRange(protocol),
                switch (random.nextInt(3)) {
                    case 0 -> OwnerSelector.anybody(owner.ownerId());
                    case 1 -> OwnerSelector.anybody(owner.ownerId()).ofPrincipal("p");
                    default -> OwnerSelector.exactly(owner);
                });
    }
}
