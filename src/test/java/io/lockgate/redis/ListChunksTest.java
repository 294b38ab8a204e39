package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.Acquisition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.RequestId;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.Servers6And7;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chunks of the listing indexes ({@code lua/lib/lists.lua}) against the rows, which are the plain model. */
@Timeout(300)
@Tag("slow")
class ListChunksTest {
    private static final Settings SETTINGS = Settings.DEFAULT.withBuckets(1).withMaxSteps(40);
    private static final List<Protocol> PROTOCOLS = List.of(Protocol.values());
    private static final int ROUNDS = 4;
    private static final int STEPS = 400;

    private Random random = new Random();
    private URI uri = RedisTables.database(3);
    private RedisRangeLockTable table = RedisTables.table(uri, SETTINGS);
    private final List<Held> held = new ArrayList<>();
    private final List<RequestId> requests = new ArrayList<>();

    private record Held(LockSpace space, Protocol protocol, ByteRange range, Owner owner) {}

    static List<String> servers() {
        return Servers6And7.binaries().toList();
    }

    // ---------------------------------------------------------------------------------------------- steps

    private void acquire(int files, int owners) {
        Protocol protocol = PROTOCOLS.get(random.nextInt(PROTOCOLS.size()));
        LockSpace space = LockSpace.head(4_000_000 + random.nextInt(files));
        String name = List.of("", "box", "tower").get(random.nextInt(3));
        Owner owner = new Owner(random.nextBoolean() ? "alice" : "bob", "owner-" + random.nextInt(owners), name);
        long first = 10L * random.nextInt(5_000);
        ByteRange range = ByteRange.between(first, first + random.nextInt(10));
        LockSpec lock = new LockSpec(
                protocol, S, range, owner, "10.0.0." + random.nextInt(files), "10.0.0.91", LockLifetime.UNTIL_RELEASED);
        if (get(table.acquire(space, lock)) instanceof Acquisition.Granted granted) {
            held.add(new Held(space, protocol, range, owner));
            requests.add(granted.request());
        }
    }

    private void release() {
        if (held.isEmpty()) {
            return;
        }
        int at = List.of(0, held.size() - 1, random.nextInt(held.size())).get(random.nextInt(3));
        Held lock = held.get(at);
        boolean splits = random.nextInt(4) == 0
                && lock.protocol() != Protocol.SMB
                && lock.range().last() > lock.range().first() + 3;
        ByteRange range = splits
                ? ByteRange.between(lock.range().first() + 1, lock.range().first() + 1)
                : held.remove(at).range();
        get(table.release(lock.space(), new UnlockSpec(lock.protocol(), range, OwnerSelector.exactly(lock.owner()))));
    }

    private void rollBack() {
        if (!requests.isEmpty()) {
            get(table.rollBack(requests.remove(random.nextInt(requests.size()))));
        }
    }

    private void releaseOfOneOwner(int owners) {
        Protocol protocol = PROTOCOLS.get(random.nextInt(PROTOCOLS.size()));
        get(table.releaseAll(new GrantFilter(
                protocol,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("owner-" + random.nextInt(owners)),
                Optional.empty())));
    }

    private void step(int files, int owners) {
        switch (random.nextInt(20)) {
            case 0, 1 -> rollBack();
            case 2 -> releaseOfOneOwner(owners);
            case 3, 4, 5, 6, 7 -> release();
            default -> acquire(files, owners);
        }
    }

    // ---------------------------------------------------------------------------------------------- model

    private static List<StoredRow> rows(RespClient probe) {
        List<StoredRow> rows = new ArrayList<>();
        for (String key : probe.list("KEYS", "*:rows")) {
            probe.map("HGETALL", key).forEach((id, row) -> rows.add(new StoredRow(id, row)));
        }
        return rows;
    }

    /** The places that a walk shows, in order: of each row its list that the filter reads, and its id. */
    private static SortedSet<String> model(RespClient probe, GrantFilter filter) {
        String prefix = GrantFilters.indexPrefix(filter);
        SortedSet<String> places = new TreeSet<>();
        for (StoredRow row : rows(probe)) {
            row.lists().stream()
                    .filter(list -> prefix.length() == 2 ? list.startsWith(prefix) : list.equals(prefix))
                    .forEach(list -> places.add(list + row.id()));
        }
        return places;
    }

    private static List<String> ids(SortedSet<String> places) {
        return places.stream()
                .map(place -> place.substring(place.length() - 16))
                .toList();
    }

    private List<String> walk(GrantFilter filter, int limit, Runnable between) {
        List<String> shown = new ArrayList<>();
        Cursor after = Cursor.START;
        GrantPage page;
        do {
            page = get(table.list(filter, after, limit));
            page.grants().forEach(grant -> shown.add(GrantRows.hex(grant.id().sequence())));
            after = page.next();
            between.run();
        } while (page.grants().size() == limit);
        return shown;
    }

    private static List<GrantFilter> filters() {
        List<GrantFilter> filters = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            filters.add(GrantFilter.all(protocol));
            filters.add(GrantFilter.ofFile(protocol, 4_000_000, ""));
            Optional<String> none = Optional.empty();
            filters.add(new GrantFilter(protocol, Optional.empty(), Optional.of("10.0.0.0"), none, none, none));
            filters.add(new GrantFilter(protocol, Optional.empty(), none, Optional.of("box"), none, none));
            filters.add(new GrantFilter(protocol, Optional.empty(), none, none, Optional.of("owner-0"), none));
            filters.add(new GrantFilter(protocol, Optional.empty(), none, none, none, Optional.of("alice")));
        }
        return filters;
    }

    private void listsAgree(RespClient probe) {
        for (GrantFilter filter : filters()) {
            SortedSet<String> model = model(probe, filter);
            assertThat(walk(filter, 1 + random.nextInt(60), () -> {}))
                    .as("%s", filter)
                    .isEqualTo(ids(model));
            assertThat(get(table.count(filter, CountBy.MODE)).values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(model.size());
        }
    }

    private void walkWhileItChanges(RespClient probe, int files, int owners) {
        for (GrantFilter filter : filters()) {
            Set<String> stood = new HashSet<>(ids(model(probe, filter)));
            List<String> shown = walk(filter, 1 + random.nextInt(9), () -> {
                step(files, owners);
                step(files, owners);
            });
            stood.retainAll(ids(model(probe, filter)));
            assertThat(shown).as("%s", filter).doesNotHaveDuplicates().containsAll(stood);
        }
    }

    private void onServer(String binary, Settings settings, Consumer<RespClient> test) {
        long seed = ThreadLocalRandom.current().nextLong();
        random = new Random(seed);
        try (BreakableRedis redis = Servers6And7.start(binary);
                RespClient probe = redis.probe()) {
            uri = redis.uri();
            table = RedisTables.table(uri, settings);
            test.accept(probe);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    // ---------------------------------------------------------------------------------------------- tests

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    @DisplayName(
            "Whatever is acquired, released, split and rolled back: lists and counts show what the rows say, in order")
    void agree(String binary) {
        onServer(binary, SETTINGS, probe -> {
            for (int round = 0; round < ROUNDS; round++) {
                int files = List.of(1, 2, 30).get(random.nextInt(3));
                int owners = List.of(1, 3, 40).get(random.nextInt(3));
                for (int i = 0; i < STEPS; i++) {
                    step(files, owners);
                }
                TableInvariants.hold(uri);
                listsAgree(probe);
                walkWhileItChanges(probe, files, owners);
            }
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    @DisplayName(
            "Locks of a store of format 2 go on: listed once, counted and released before, while and after they move")
    void format2(String binary) {
        onServer(binary, SETTINGS, probe -> {
            for (int i = 0; i < STEPS; i++) {
                acquire(3, 5);
            }
            Format2.rewriteLists(probe);
            listsAgree(probe);
            ScriptRunner runner = RedisTables.runner(uri, SETTINGS);
            LuaScript relist = LuaScript.load("locks/relist");
            RedisKeys keys = new RedisKeys(1);
            long moved;
            do {
                for (int i = 0; i < 20; i++) {
                    step(3, 5);
                }
                String id = runner.newRequestId();
                moved = Long.parseLong(get(runner.run(relist, id, keys.ofBucket(0, id), List.of("150"), true))
                        .text(2));
                listsAgree(probe);
                walkWhileItChanges(probe, 3, 5);
            } while (moved > 0);
            assertThat(probe.list("ZRANGEBYLEX", keys.prefix(0) + "list", "[E", "+"))
                    .isEmpty();
            TableInvariants.hold(uri);
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    @DisplayName("The limit of a principal's grants counts those in chunks, of format 2 and among the newest")
    void limit(String binary) {
        Settings limited = SETTINGS.withGrants(100);
        onServer(binary, limited, probe -> {
            List<GrantId> grants = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                if (i == 40) {
                    Format2.rewriteLists(probe);
                }
                grants.add(of("alice", i).id());
            }
            assertThat(outcome("alice", 100)).isInstanceOf(Acquisition.TooManyGrants.class);
            of("bob", 101);
            for (GrantId id : List.of(grants.getFirst(), grants.get(50), grants.getLast())) {
                get(table.releaseGrant(id, Optional.of("alice")));
                of("alice", 200 + (int) (id.sequence() & 0xff));
                assertThat(outcome("alice", 100)).isInstanceOf(Acquisition.TooManyGrants.class);
            }
        });
    }

    private Acquisition outcome(String principal, int at) {
        return get(table.acquire(
                LockSpace.head(7),
                new LockSpec(
                        Protocol.NLM,
                        S,
                        ByteRange.between(10L * at, 10L * at + 5),
                        new Owner(principal, "o", ""),
                        "10.0.0.1",
                        "10.0.0.91",
                        LockLifetime.UNTIL_RELEASED)));
    }

    private Grant of(String principal, int at) {
        return LockClient.granted(outcome(principal, at));
    }
}
