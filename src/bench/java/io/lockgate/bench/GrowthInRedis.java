package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.bench.Shape.Ask;
import io.lockgate.bench.Shape.Piece;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockStrength;
import io.lockgate.redis.EngineCalls;
import io.lockgate.redis.RedisTables;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The parts of {@code bench/growth} that need no gateway: they send the gateway's scripts to a Redis of their own, as
 * {@link EngineBench} does. Processor time is that of a call; see there.
 */
final class GrowthInRedis {
    /** As many as a gateway has by its default. */
    static final int BUCKETS = 64;

    private static final long FIRST_FILE = 4_000_000;
    private static final long SEED = 20_261_130;
    private static final int RECORD = 4_096;
    private static final int LOCKS_OF_A_FILE = 10;
    private static final int LOCKS_OF_A_LARGE_FILE = 1_000;
    /** Where nobody holds anything, in records. */
    private static final long FAR_OUT = 1L << 40;

    private static final int BATCH = 100;
    /** So that one owner may hold as many ranges as {@link #owners} gives it. */
    private static final int RANGES_OF_AN_OWNER = 1_000_000;

    /** From so many locks on, memory is that of locks and not of what Redis has anyway. */
    private static final int MEMORY_FROM = 1_000;

    private final Growth.Log log;
    private final int rounds;
    private final int callsPerRound;

    GrowthInRedis(Growth.Log log, int rounds, int callsPerRound) {
        this.log = log;
        this.rounds = rounds;
        this.callsPerRound = callsPerRound;
    }

    // ------------------------------------------------------------ locks on a file

    /** Locks on one file, and Redis' memory for each of them. */
    void locks(int[] sizes, List<Shape> shapes) {
        for (Shape shape : shapes) {
            try (EmbeddedRedis server = OwnRedis.start(Optional.empty());
                    Resp redis = new Resp(server.uri())) {
                EngineBench bench = new EngineBench(redis, sizes, rounds, callsPerRound);
                bench.run(List.of(shape));
                for (Ask ask : Ask.values()) {
                    for (EngineBench.Verb verb : List.of(EngineBench.Verb.ACQUIRE, EngineBench.Verb.RELEASE)) {
                        if (verb == EngineBench.Verb.ACQUIRE || ask.granted) {
                            NavigableMap<Double, Double> points =
                                    log.begin("locks", verb.text + ", " + ask.text + ": " + shape.text);
                            for (int size : sizes) {
                                points.put((double) size, bench.micros(shape, ask, verb, size));
                            }
                        }
                    }
                }
                NavigableMap<Double, Double> nothing = log.begin("locks", "a script that does nothing: " + shape.text);
                NavigableMap<Double, Double> bytes = log.begin("memory", "bytes per lock: " + shape.text);
                for (int size : sizes) {
                    nothing.put((double) size, bench.nothingMicros());
                    if (size >= MEMORY_FROM) {
                        bytes.put((double) size, bench.bytesPerLock(shape, size));
                    }
                }
            }
        }
    }

    // ------------------------------------------------------------ files, owners

    /** A lock at its place. */
    private record Placed(LockSpace file, Piece piece, String owner) {
        LockSpec spec() {
            return ScriptLine.request(piece, owner);
        }
    }

    /**
     * A store with locks in it.
     *
     * @param x what it is drawn at
     * @param locks how many there are
     * @param lock the i-th
     * @param requests by the name of their kind
     */
    private record Population(double x, int locks, IntFunction<Placed> lock, Map<String, Requests> requests) {}

    /** Makes requests that are granted; two of one batch may be equal. */
    private interface Requests {
        Placed next(SplittableRandom random);
    }

    /** Files with ten locks each. Requests go to random ones of them. */
    void files(int[] numbers) {
        List<Population> populations = Arrays.stream(numbers)
                .mapToObj(number -> new Population(
                        number,
                        LOCKS_OF_A_FILE * number,
                        i -> new Placed(file(i % number), record(2L * (i / number)), "holder-" + i % 1_000),
                        Map.of(
                                "a new owner",
                                random -> new Placed(
                                        file(random.nextInt(number)),
                                        record(2L * random.nextInt(LOCKS_OF_A_FILE) + 1),
                                        "caller-" + random.nextLong()))))
                .toList();
        measure("files", populations, RedisTables.Settings.DEFAULT.withBuckets(BUCKETS));
    }

    /** One file with always as many locks, of few owners or of many. */
    void owners(int locks, int[] numbers) {
        LockSpace file = file(0);
        List<Population> populations = Arrays.stream(numbers)
                .mapToObj(number -> new Population(
                        number,
                        locks,
                        i -> new Placed(file, record(2L * i), "holder-" + i % number),
                        Map.of(
                                "a new owner",
                                random -> new Placed(
                                        file, record(2L * random.nextInt(locks) + 1), "caller-" + random.nextLong()),
                                // Far from what it has: beside it, the two would merge.
                                "an owner with locks",
                                random -> new Placed(
                                        file,
                                        record(FAR_OUT + 2L * random.nextInt(1_000_000)),
                                        "holder-" + random.nextInt(number)))))
                .toList();
        measure(
                "owners",
                populations,
                RedisTables.Settings.DEFAULT.withBuckets(BUCKETS).withRanges(RANGES_OF_AN_OWNER));
    }

    private static LockSpace file(int number) {
        return LockSpace.head(FIRST_FILE + number);
    }

    private static Piece record(long number) {
        return Piece.sized(number * RECORD, RECORD, LockStrength.EXCLUSIVE);
    }

    /** Each population in a database of its own; the rounds visit all of them in turn. */
    private void measure(String part, List<Population> populations, RedisTables.Settings settings) {
        EngineCalls calls = new EngineCalls(settings);
        Map<String, List<List<RedisCost>>> costs = new HashMap<>();
        try (EmbeddedRedis server = OwnRedis.start(Optional.empty());
                Resp redis = new Resp(server.uri())) {
            ScriptLine line = new ScriptLine(redis, calls);
            for (int i = 0; i < populations.size(); i++) {
                line.select(i);
                line.stamp();
                Population population = populations.get(i);
                populate(line, population.locks(), number -> {
                    Placed place = population.lock().apply(number);
                    return calls.acquire(place.file(), place.spec());
                });
                line.finishGrowing();
                log.say("%s: %s with %,d locks", part, Plot.number(population.x()), population.locks());
            }
            List<RedisCost> nothing = new ArrayList<>();
            EngineCalls.Call like = calls.acquire(file(0), new Placed(file(0), record(0), "caller-0").spec());
            // The first round warms allocator and caches, and is not counted.
            for (int round = 0; round <= rounds; round++) {
                RedisCost baseline = line.sendNothing(like, callsPerRound);
                if (round > 0) {
                    nothing.add(baseline);
                }
                SplittableRandom random = new SplittableRandom(SEED + round);
                for (int i = 0; i < populations.size(); i++) {
                    line.select(i);
                    Population population = populations.get(i);
                    for (Map.Entry<String, Requests> kind :
                            population.requests().entrySet()) {
                        RedisCost[] cost = acquireAndRelease(line, calls, population, kind.getValue(), random);
                        if (round > 0) {
                            add(costs, "acquire, " + kind.getKey(), i, cost[0]);
                            add(costs, "release, " + kind.getKey(), i, cost[1]);
                        }
                    }
                }
            }
            double parsing =
                    ScriptLine.undisturbed(nothing, cost -> cost.cpuMicrosPerCall() - cost.scriptMicrosPerCall());
            costs.keySet().stream().sorted().forEach(name -> {
                NavigableMap<Double, Double> points = log.begin(part, name);
                List<List<RedisCost>> all = costs.getOrDefault(name, List.of());
                for (int i = 0; i < populations.size(); i++) {
                    points.put(
                            populations.get(i).x(),
                            ScriptLine.undisturbed(all.get(i), RedisCost::cpuMicrosPerCall) - parsing);
                }
            });
        }
    }

    private static void add(Map<String, List<List<RedisCost>>> costs, String name, int population, RedisCost cost) {
        List<List<RedisCost>> all = costs.computeIfAbsent(name, n -> new ArrayList<>());
        while (all.size() <= population) {
            all.add(new ArrayList<>());
        }
        all.get(population).add(cost);
    }

    private RedisCost[] acquireAndRelease(
            ScriptLine line, EngineCalls calls, Population population, Requests requests, SplittableRandom random) {
        int batch = Math.clamp(population.locks() / LOCKS_OF_A_FILE, LOCKS_OF_A_FILE, BATCH);
        RedisCost acquire = RedisCost.ZERO;
        RedisCost release = RedisCost.ZERO;
        for (int done = 0; done < callsPerRound; done += batch) {
            List<Placed> places = different(requests, batch, random);
            List<EngineCalls.Call> acquires = places.stream()
                    .map(place -> calls.acquire(place.file(), place.spec()))
                    .toList();
            acquire = acquire.plus(sent(line, acquires, "granted"));
            List<EngineCalls.Call> releases = places.stream()
                    .map(place -> calls.release(place.file(), ScriptLine.unlock(place.spec())))
                    .toList();
            release = release.plus(sent(line, releases, "released"));
        }
        return new RedisCost[] {acquire, release};
    }

    private static RedisCost sent(ScriptLine line, List<EngineCalls.Call> batch, String wanted) {
        List<String> statuses = new ArrayList<>(batch.size());
        RedisCost cost = line.send(batch, statuses);
        ScriptLine.require(statuses, wanted);
        line.forgetResults(batch);
        return cost;
    }

    private static List<Placed> different(Requests requests, int count, SplittableRandom random) {
        List<Placed> places = new ArrayList<>(count);
        Set<String> taken = new HashSet<>();
        while (places.size() < count) {
            Placed place = requests.next(random);
            if (taken.add(place.file() + " " + place.piece().first())) {
                places.add(place);
            }
        }
        return places;
    }

    /** Calls them all; each acquires a lock. */
    private static void populate(ScriptLine line, int count, IntFunction<EngineCalls.Call> acquire) {
        for (int done = 0; done < count; done += ScriptLine.WINDOW) {
            List<EngineCalls.Call> window = IntStream.range(done, Math.min(count, done + ScriptLine.WINDOW))
                    .mapToObj(acquire)
                    .toList();
            ScriptLine.require(line.send(window), "granted");
            line.forgetResults(window);
        }
    }

    // ------------------------------------------------------------ snapshot

    /**
     * What a Redis with so many locks, a thousand on each file, takes to write a snapshot and to start from it.
     *
     * @param leases how many locks to look at for the memory of one with a lease
     */
    void loading(int[] sizes, int leases) throws IOException {
        NavigableMap<Double, Double> writing = log.begin("loading", "write the snapshot, s");
        NavigableMap<Double, Double> loading = log.begin("loading", "start from the snapshot, s");
        NavigableMap<Double, Double> onDisk = log.begin("loading", "bytes of the snapshot per lock");
        NavigableMap<Double, Double> inMemory = log.begin("loading", "bytes of memory per lock");
        NavigableMap<Double, Double> leased = log.begin("loading", "bytes of memory per lock with a lease");
        double empty = leastSeconds(() -> OwnRedis.start(Optional.empty()).close());
        for (int size : sizes) {
            Path directory = Files.createTempDirectory("lockgate-growth-");
            try {
                try (EmbeddedRedis server = OwnRedis.start(Optional.empty(), "dir " + directory);
                        Resp redis = new Resp(server.uri())) {
                    inMemory.put((double) size, bytesPerLock(redis, size, LockLifetime.UNTIL_RELEASED));
                    writing.put((double) size, seconds(() -> redis.call("SAVE")));
                }
                onDisk.put((double) size, (double) Files.size(directory.resolve("dump.rdb")) / size);
                // Stopping is part of both.
                double start = leastSeconds(() ->
                        OwnRedis.start(Optional.empty(), "dir " + directory).close());
                loading.put((double) size, Math.max(0, start - empty));
                log.say("snapshot of %,d locks: %.1f s to start from it", size, start - empty);
            } finally {
                EmbeddedRedis.deleteTree(directory);
            }
        }
        try (EmbeddedRedis server = OwnRedis.start(Optional.empty());
                Resp redis = new Resp(server.uri())) {
            leased.put((double) leases, bytesPerLock(redis, leases, LockLifetime.lease(Duration.ofDays(1))));
        }
    }

    private static double bytesPerLock(Resp redis, int size, LockLifetime lifetime) {
        EngineCalls calls = new EngineCalls(RedisTables.Settings.DEFAULT.withBuckets(BUCKETS));
        ScriptLine line = new ScriptLine(redis, calls);
        line.stamp();
        double before = line.memory();
        populate(
                line,
                size,
                i -> calls.acquire(
                        file(i / LOCKS_OF_A_LARGE_FILE),
                        ScriptLine.request(
                                record(2L * (i % LOCKS_OF_A_LARGE_FILE)),
                                "holder-" + i % LOCKS_OF_A_LARGE_FILE,
                                ScriptLine.MACHINE,
                                lifetime)));
        return (line.memory() - before) / size;
    }

    private static double leastSeconds(Runnable work) {
        return IntStream.range(0, 3).mapToDouble(i -> seconds(work)).min().orElseThrow();
    }

    private static double seconds(Runnable work) {
        long began = System.nanoTime();
        work.run();
        return (System.nanoTime() - began) / 1e9;
    }

    // ------------------------------------------------------------ rows of files

    /** What Postgres needs for a file of the registry, whose path has 46 characters. */
    void registry(int[] sizes) throws IOException, SQLException {
        String schema = resource("/db/migration/V1__file_registry.sql");
        NavigableMap<Double, Double> points = log.begin("registry", "bytes of Postgres per file");
        for (int size : sizes) {
            try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                    Connection connection = connect(postgres);
                    Statement statement = connection.createStatement()) {
                statement.execute(schema);
                statement.execute("INSERT INTO files (id, path, kind, confirmed) SELECT 4000000000 + i,"
                        + " '/export/projects/p-' || to_char(i % 1000, 'FM0000') || '/records-' || to_char(i, 'FM0000000000') || '.dat',"
                        + " 'file', true FROM generate_series(1, " + size + ") AS i");
                try (ResultSet bytes = statement.executeQuery("SELECT pg_total_relation_size('files')")) {
                    bytes.next();
                    points.put((double) size, (double) bytes.getLong(1) / size);
                }
                log.say("%,d rows of files", size);
            }
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        Map<String, String> settings = postgres.quarkusSettings();
        return DriverManager.getConnection(
                settings.get("quarkus.datasource.jdbc.url"),
                settings.get("quarkus.datasource.username"),
                settings.get("quarkus.datasource.password"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = GrowthInRedis.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no " + name + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
