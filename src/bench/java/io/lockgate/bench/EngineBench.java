package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.bench.Shape.Ask;
import io.lockgate.bench.Shape.Piece;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockStrength;
import io.lockgate.redis.EngineCalls;
import io.lockgate.redis.RedisTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What acquire, test and release cost inside Redis, by the number of locks on one file.
 *
 * <p>Each number of locks has a database of its own on one server, and the rounds visit all of them in turn: what
 * disturbs the machine for a while disturbs all sizes alike, and the ratio between them holds. A round acquires and releases
 * as many locks for each kind of request, in batches of at most a tenth of the population, so that the population stays
 * what it is. What is printed is the lower quartile of the rounds: a neighbour on the machine makes a round dearer,
 * never cheaper.
 */
public final class EngineBench {
    private static final int[] SIZES = {10, 1_000, 100_000, 1_000_000};
    private static final int[] QUICK_SIZES = {10, 1_000, 10_000};
    /** The size that growth is measured from. */
    private static final int BASE = 1_000;

    private static final long SEED = 20_000_910;
    private static final LockSpace FILE = LockSpace.head(4_000_201);
    /** The limit for sizes log-uniform over 1..2^40. */
    private static final double MOST_MICROS = 300;

    enum Verb {
        ACQUIRE,
        TEST,
        RELEASE;

        final String text = name().toLowerCase(Locale.ROOT);
    }

    private record Cell(Shape shape, Ask ask, Verb verb, int size) {}

    private final Resp redis;
    private final int[] sizes;
    private final int rounds;
    private final int callsPerRound;
    private final EngineCalls calls = new EngineCalls(RedisTables.Settings.DEFAULT);
    private final Map<Cell, List<RedisCost>> costs = new HashMap<>();
    private final List<RedisCost> baseline = new ArrayList<>();
    private final Map<Shape, Map<Integer, String>> levels = new EnumMap<>(Shape.class);
    private final Map<Shape, Map<Integer, Double>> bytes = new EnumMap<>(Shape.class);
    private final ScriptLine line;
    private long owners;

    EngineBench(Resp redis, int[] sizes, int rounds, int callsPerRound) {
        this.redis = redis;
        this.line = new ScriptLine(redis, calls);
        this.sizes = sizes;
        this.rounds = rounds;
        this.callsPerRound = callsPerRound;
    }

    /**
     * Options: --quick, --sizes 10,1000,... (must hold 1000), --rounds n, --calls n (per round), --shapes A,B, --server
     * path, --markdown file. Exit code 1 when a limit is passed.
     */
    public static void main(String[] arguments) throws IOException {
        Options options = new Options(
                arguments, Set.of("quick"), Set.of("sizes", "rounds", "calls", "shapes", "server", "markdown"));
        boolean quick = options.has("quick");
        List<Shape> shapes = options.text("shapes")
                .map(names -> List.of(names.split(",", -1)).stream()
                        .map(Shape::valueOf)
                        .toList())
                .orElse(List.of(Shape.values()));
        boolean passed;
        try (EmbeddedRedis server = OwnRedis.start(options.text("server"));
                Resp redis = new Resp(server.uri())) {
            EngineBench bench = new EngineBench(
                    redis,
                    sizes(options, quick),
                    options.number("rounds", quick ? 5 : 11),
                    options.number("calls", quick ? 200 : 500));
            bench.run(shapes);
            String report = bench.report(shapes);
            System.out.println(report);
            Optional<String> file = options.text("markdown");
            if (file.isPresent()) {
                Files.writeString(Path.of(file.get()), report);
            }
            passed = !report.contains("FAIL");
        }
        System.exit(passed ? 0 : 1);
    }

    private static int[] sizes(Options options, boolean quick) {
        return options.text("sizes")
                .map(text -> Stream.of(text.split(",", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray())
                .orElse(quick ? QUICK_SIZES : SIZES);
    }

    void run(List<Shape> shapes) {
        for (Shape shape : shapes) {
            redis.call("FLUSHALL");
            for (int i = 0; i < sizes.length; i++) {
                line.select(i);
                line.stamp();
                populate(shape, sizes[i]);
                line.finishGrowing();
            }
            // The first round warms allocator and caches, and is not counted.
            for (int round = 0; round <= rounds; round++) {
                measureBaseline(round > 0);
                for (int i = 0; i < sizes.length; i++) {
                    line.select(i);
                    for (Ask ask : Ask.values()) {
                        measure(shape, ask, sizes[i], round);
                    }
                }
            }
            // Long runs are watched, and may be ended early.
            System.err.println(report(List.of(shape)));
        }
    }

    // ------------------------------------------------------------ population

    private void populate(Shape shape, int size) {
        long began = System.nanoTime();
        SplittableRandom random = new SplittableRandom(SEED);
        double memory = line.memory();
        int taken = 0;
        for (int i = 0; taken < size; ) {
            List<EngineCalls.Call> window = new ArrayList<>(ScriptLine.WINDOW);
            for (int k = Math.min(ScriptLine.WINDOW, size - taken); k > 0; k--, i++) {
                String owner = Integer.toString(shape.overlapsItself() || shape == Shape.LOG_UNIFORM ? i : i % 1_000);
                window.add(calls.acquire(FILE, ScriptLine.request(shape.lock(i, random), "holder-" + owner)));
            }
            taken += granted(line.send(window));
            line.forgetResults(window);
        }
        levels.computeIfAbsent(shape, s -> new HashMap<>()).put(size, redis.call("HLEN", calls.posixLevels(FILE)));
        bytes.computeIfAbsent(shape, s -> new HashMap<>()).put(size, (line.memory() - memory) / size);
        System.err.printf(
                Locale.ROOT, "%s: %,d locks in %.1f s%n", shape.text, size, (System.nanoTime() - began) / 1e9);
    }

    // ------------------------------------------------------------ measurement

    private void measure(Shape shape, Ask ask, int size, int round) {
        int batch = Math.max(10, Math.min(100, size / 10));
        SplittableRandom random = new SplittableRandom(SEED + 1 + round);
        Map<Verb, RedisCost> sums = new EnumMap<>(Verb.class);
        for (int done = 0; done < callsPerRound; done += batch) {
            List<LockSpec> requests = new ArrayList<>(batch);
            for (Piece piece : shape.requests(ask, size, batch, random)) {
                requests.add(ScriptLine.request(piece, "caller-" + ++owners));
            }
            List<String> statuses = timed(sums, Verb.TEST, map(requests, lock -> calls.test(FILE, lock)));
            if (ask.granted) {
                requests = free(requests, statuses);
            } else {
                ScriptLine.require(statuses, "refused");
            }
            List<EngineCalls.Call> acquires = map(requests, lock -> calls.acquire(FILE, lock));
            ScriptLine.require(timed(sums, Verb.ACQUIRE, acquires), ask.granted ? "granted" : "refused");
            if (ask.granted) {
                line.forgetResults(acquires);
                List<EngineCalls.Call> releases = map(requests, r -> calls.release(FILE, ScriptLine.unlock(r)));
                ScriptLine.require(timed(sums, Verb.RELEASE, releases), "released");
                line.forgetResults(releases);
            }
        }
        if (round > 0) {
            sums.forEach((verb, cost) -> costs.computeIfAbsent(new Cell(shape, ask, verb, size), c -> new ArrayList<>())
                    .add(cost));
        }
    }

    private void measureBaseline(boolean counted) {
        LockSpec request = ScriptLine.request(Piece.sized(0, 4096, LockStrength.EXCLUSIVE), "caller-0");
        RedisCost sum = RedisCost.ZERO;
        for (int done = 0; done < callsPerRound; done += 100) {
            sum = sum.plus(line.sendNothing(calls.acquire(FILE, request), 100));
        }
        if (counted) {
            baseline.add(sum);
        }
    }

    /**
     * Random ranges meet a lock now and then: those are left out, since the same number must be acquired at every size.
     */
    private static List<LockSpec> free(List<LockSpec> requests, List<String> statuses) {
        List<LockSpec> free = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            if (statuses.get(i).equals("free")) {
                free.add(requests.get(i));
            }
        }
        return free;
    }

    private List<String> timed(Map<Verb, RedisCost> sums, Verb verb, List<EngineCalls.Call> batch) {
        List<String> statuses = new ArrayList<>(batch.size());
        sums.merge(verb, line.send(batch, statuses), RedisCost::plus);
        return statuses;
    }

    private static int granted(List<String> statuses) {
        return Collections.frequency(statuses, "granted");
    }

    private static <A, B> List<B> map(List<A> list, Function<A, B> function) {
        return list.stream().map(function).toList();
    }

    // ------------------------------------------------------------ report

    private String report(List<Shape> shapes) {
        Table table = new Table();
        List<String> head = new ArrayList<>(List.of("locks on the file", "request", "verb"));
        for (int size : sizes) {
            head.add(String.format(Locale.ROOT, "%,d", size));
        }
        int last = sizes[sizes.length - 1];
        head.addAll(List.of("growth", "limit", ""));
        table.row(head);
        for (Shape shape : shapes) {
            for (Ask ask : Ask.values()) {
                for (Verb verb : Verb.values()) {
                    if (costs.containsKey(new Cell(shape, ask, verb, BASE))) {
                        table.row(row(shape, ask, verb, last));
                    }
                }
            }
            table.row(facts(
                    shape,
                    "levels in use",
                    size -> levels.getOrDefault(shape, Map.of()).getOrDefault(size, "-")));
            table.row(facts(
                    shape,
                    "bytes per lock",
                    size -> String.format(
                            Locale.ROOT,
                            "%.0f",
                            bytes.getOrDefault(shape, Map.of()).getOrDefault(size, 0.0))));
        }
        return String.format(
                Locale.ROOT,
                "Redis %s, %d rounds of %,d calls, lower quartiles. Each cell: us of processor time of"
                        + " %s, which is the server's without network and parsing; in brackets its time by the"
                        + " clock, which grows when others use the processor. Growth: of the former, from %,d to %,d locks.%n%n"
                        + "A script that does nothing, with the same keys and arguments: %.1f us of processor time, network and"
                        + " parsing included (%.1f).%n%n%s%n"
                        + "What an acquire spends in which command of Redis, us by the clock, and how often it calls it:%n%n%s",
                version(),
                rounds,
                callsPerRound,
                line.how(),
                BASE,
                last,
                ScriptLine.undisturbed(baseline, RedisCost::cpuMicrosPerCall),
                ScriptLine.undisturbed(baseline, RedisCost::scriptMicrosPerCall),
                table,
                commands(shapes));
    }

    private Table commands(List<Shape> shapes) {
        Table table = new Table();
        List<String> head = new ArrayList<>(List.of("locks on the file", "request", "command"));
        for (int size : sizes) {
            head.add(String.format(Locale.ROOT, "%,d", size));
        }
        table.row(head);
        for (Shape shape : shapes) {
            for (Ask ask : Ask.values()) {
                List<RedisCost> rounds = costs.getOrDefault(new Cell(shape, ask, Verb.ACQUIRE, BASE), List.of());
                rounds.stream()
                        .flatMap(cost -> cost.commands().keySet().stream())
                        .distinct()
                        .sorted()
                        .forEach(command -> table.row(row(shape, ask, command)));
            }
        }
        return table;
    }

    private List<String> row(Shape shape, Ask ask, String command) {
        List<String> row = new ArrayList<>(List.of(shape.text, ask.text, command));
        for (int size : sizes) {
            List<RedisCost> rounds = costs.getOrDefault(new Cell(shape, ask, Verb.ACQUIRE, size), List.of());
            row.add(String.format(
                    Locale.ROOT,
                    "%.1f (%.1f)",
                    ScriptLine.undisturbed(rounds, cost -> cost.microsPerCall(command)),
                    ScriptLine.undisturbed(rounds, cost -> cost.timesPerCall(command))));
        }
        return row;
    }

    private List<String> row(Shape shape, Ask ask, Verb verb, int last) {
        List<String> row = new ArrayList<>(List.of(shape.text, ask.text, verb.text));
        for (int size : sizes) {
            Cell cell = new Cell(shape, ask, verb, size);
            double clock = ScriptLine.undisturbed(costs.getOrDefault(cell, List.of()), RedisCost::scriptMicrosPerCall);
            row.add(String.format(Locale.ROOT, "%.1f (%.1f)", micros(cell), clock));
        }
        double most = micros(new Cell(shape, ask, verb, last));
        double growth = most / micros(new Cell(shape, ask, verb, BASE));
        row.add(String.format(Locale.ROOT, "%.2f", growth));
        if (verb == Verb.ACQUIRE) {
            boolean bounded = shape == Shape.LOG_UNIFORM;
            row.add("<= " + shape.growthLimit + (bounded ? ", <= 300 us" : ""));
            row.add(growth <= shape.growthLimit && (!bounded || most <= MOST_MICROS) ? "PASS" : "FAIL");
        } else {
            row.addAll(List.of("", ""));
        }
        return row;
    }

    private List<String> facts(Shape shape, String name, Function<Integer, String> value) {
        List<String> row = new ArrayList<>(List.of(shape.text, name, ""));
        for (int size : sizes) {
            row.add(value.apply(size));
        }
        row.addAll(List.of("", "", ""));
        return row;
    }

    /** What a call takes, by the processor's clock: all that the server spends on a call but network and parsing. */
    private double micros(Cell cell) {
        return ScriptLine.undisturbed(costs.getOrDefault(cell, List.of()), RedisCost::cpuMicrosPerCall)
                - ScriptLine.undisturbed(baseline, cost -> cost.cpuMicrosPerCall() - cost.scriptMicrosPerCall());
    }

    double micros(Shape shape, Ask ask, Verb verb, int size) {
        return micros(new Cell(shape, ask, verb, size));
    }

    /** Of Redis' memory. */
    double bytesPerLock(Shape shape, int size) {
        return bytes.getOrDefault(shape, Map.of()).getOrDefault(size, Double.NaN);
    }

    /** A script that does nothing, network and parsing included. */
    double nothingMicros() {
        return ScriptLine.undisturbed(baseline, RedisCost::cpuMicrosPerCall);
    }

    private String version() {
        return redis.call("INFO", "server")
                .lines()
                .filter(line -> line.startsWith("redis_version:"))
                .map(line -> line.substring("redis_version:".length()))
                .findFirst()
                .orElse("?");
    }
}
