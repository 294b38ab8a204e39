package io.lockgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The gateway beside what one could put in its place, under one load: each connection acquires and releases a record of
 * its own, 64 bytes in one of 64 files. All run on this machine, one after the other in each round, so that what the
 * machine does beside meets all alike; every one has a Redis of its own. What is told are medians over the rounds, and
 * ratios within a round.
 */
public final class Compare {
    /**
     * What --quick asks of a competitor, against webdis: it catches a loss of half, and lets a busy machine pass.
     *
     * @param least share of the requests that webdis serves a second. Loose, because Redis is what both wait for
     * @param most times the processor time that webdis itself takes for a request
     * @param mostBesideOthers the same when others take more than {@link #MOST_OF_OTHERS} of the processors: caches that
     *     are shared slow the gateway more than webdis
     */
    private record Limits(double least, double most, double mostBesideOthers) {}

    /**
     * The jar serves 0.76 times as many on a quiet machine (PERFORMANCE.md, 2026-11-29) and 0.5 to 0.7 with ten others at
     * work on two processors; with Java's second compiler off, which makes it three times as dear, it was still 0.41.
     * Its processor time is 2.3 to 2.6 times that of webdis, 3.9 at most with ten others at work; twice as much would be 4.6
     * and 5.2 at least.
     */
    private static final Limits LIMITS_OF_JAR = new Limits(0.4, 4.0, 5.0);

    /**
     * The native binary serves 0.40 to 0.46 times as many with four others at work, and takes 5.2 times the processor time; with
     * a young generation of 8 MB, which makes it half as fast, it was 0.20 and 10.4 times (PERFORMANCE.md, 2026-11-30).
     */
    private static final Limits LIMITS_OF_BINARY = new Limits(0.25, 8.0, 9.5);

    private static final double MOST_OF_OTHERS = 0.15;

    /** Locks a second: the jar serves at least so many times as many as etcd. */
    private static final double LEAST_OF_ETCD = 5;

    /** Ranges a second: batches serve at least so many times as many as single calls of the same jar. */
    private static final double LEAST_OF_SINGLE = 5;

    private static final List<Integer> CONNECTIONS = List.of(1, 16, 64, 256);
    /** At which the quick run and its limit look, and everything is warmed up. */
    private static final int USUAL_CONNECTIONS = 64;

    /** At which batches are warmed up: before its code is compiled, a gateway is too slow for more of them. */
    private static final int FEW_CONNECTIONS = 4;

    /** Until the processors' caches and the kernel's buffers have got used to the change of the competitor. */
    private static final Duration LEAD_IN = Duration.ofMillis(500);
    /** For what comes compiled. */
    private static final Duration SHORT_WARM_UP = Duration.ofSeconds(3);
    /** After which Java has compiled what they need. */
    private static final long WARM_REQUESTS = 300_000;
    /** As many times the warm-up that was asked for is the longest. */
    private static final int MOST_WARM_UPS = 6;

    /** A load tool that is busy for more than this share of the time is what limits the competitor. */
    private static final double MOST_BUSY = 0.9;

    private static final String WEBDIS = "webdis";
    /** With its data in memory: Redis writes none to disk either. */
    private static final String ETCD = "etcd";

    /** As it is where nobody tells it otherwise. */
    private static final String ETCD_ON_DISK = "etcd-disk";

    private static final String JAR = "jar";
    /** The jar, asked for many records in each call. */
    private static final String BATCHES = "batches";

    private static final String BINARY = "binary";
    /** The first; the next ones have a number. */
    private static final String OTHER = "other";

    /** They take part where {@code --only} names them. */
    private static final Set<String> ONLY_BY_NAME = Set.of(BATCHES, ETCD_ON_DISK);

    private static final String PACKAGED = "target/quarkus-app/quarkus-run.jar";
    private static final String NOTHING = "-";
    /** Debian's, whose versions are told. */
    private static final List<String> PACKAGES =
            List.of("redis-server", "webdis", "nginx", "libnginx-mod-http-lua", "lua-nginx-redis", "etcd-server");

    private final List<Integer> connections;
    private final int rounds;
    private final Duration length;
    private final Duration warmUp;
    private final Map<String, Competitor> competitors = new LinkedHashMap<>();
    private final Map<Cell, List<Run>> runs = new HashMap<>();
    private final Map<Cell, Memory> memory = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private long failures;

    private Compare(List<Integer> connections, int rounds, Duration length, Duration warmUp) {
        this.connections = connections;
        this.rounds = rounds;
        this.length = length;
        this.warmUp = warmUp;
    }

    private record Cell(String competitor, int connections) {}

    /**
     * One competitor's turn in one round.
     *
     * @param perSecond requests
     * @param ranges of each request
     * @param serverMicros of processor time a request
     * @param storeMicros the same of its Redis and its Postgres
     * @param toolMicros the same of this process
     * @param others what everything else took of the processors, a share
     */
    private record Run(
            double perSecond,
            int ranges,
            double p50,
            double p99,
            double p999,
            double serverMicros,
            double storeMicros,
            double toolMicros,
            double others) {
        double rangesPerSecond() {
            return ranges * perSecond;
        }

        double micros() {
            return serverMicros + storeMicros;
        }

        double toolBusy() {
            return toolMicros * perSecond / 1e6;
        }
    }

    private record Memory(double serverMib, double redisMib) {}

    /** Starts a competitor. */
    private interface Start {
        Competitor run() throws IOException;
    }

    /**
     * Options: --quick, --rounds n, --seconds n of each run, --warm-up n seconds of each jar, --connections 1,16,…,
     * --only jar,binary,batches,other,webdis,nginx,redis,etcd,etcd-disk, --binary FILE, --other JAR_OR_BINARY
     * (repeatable), --markdown FILE. Exit code 1 when an answer was not as it should be, or when a limit is passed: of
     * batches and of etcd where {@code --only} names them, of webdis with --quick, twice.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(
                arguments,
                Set.of("quick"),
                Set.of("rounds", "seconds", "warm-up", "connections", "only", "binary", "other", "markdown"));
        boolean quick = options.has("quick");
        Compare compare = new Compare(
                options.text("connections")
                        .map(text -> Stream.of(text.split(",", -1))
                                .map(Integer::valueOf)
                                .toList())
                        .orElse(quick ? List.of(USUAL_CONNECTIONS) : CONNECTIONS),
                options.number("rounds", quick ? 3 : 7),
                Duration.ofSeconds(options.number("seconds", quick ? 4 : 5)),
                Duration.ofSeconds(options.number("warm-up", quick ? 20 : 45)));
        boolean kept;
        try {
            compare.start(options, quick);
            compare.warmUp();
            compare.play();
            String report = compare.report();
            System.out.println(report);
            Optional<String> file = options.text("markdown");
            if (file.isPresent()) {
                Files.writeString(Path.of(file.get()), report);
            }
            // All are told, whatever came of the first.
            boolean kinds = options.text("only").isEmpty() || compare.withinLimitsOfLocks();
            boolean webdis = !quick || compare.withinLimits();
            if (!webdis && compare.failures == 0) {
                System.out.println(
                        "once more, since a machine may be busy for a while, and Java may have compiled still");
                compare.runs.clear();
                compare.play();
                System.out.println(compare.report());
                webdis = compare.withinLimits();
            }
            kept = compare.failures == 0 && kinds && webdis;
        } finally {
            compare.competitors.values().forEach(Competitor::close);
        }
        System.exit(kept ? 0 : 1);
    }

    // ------------------------------------------------------------ start

    private void start(Options options, boolean quick) throws IOException {
        notes.add(Machine.text(PACKAGES) + "\n");
        Map<String, Start> all = starts(options);
        // Who names a competitor, or needs it for a limit, is not served by a table without it.
        Set<String> required = new LinkedHashSet<>(
                options.text("only").map(names -> List.of(names.split(",", -1))).orElse(List.of(JAR)));
        if (quick) {
            required.add(WEBDIS);
        }
        all.keySet().stream().filter(name -> name.startsWith(OTHER)).forEach(required::add);
        options.text("binary").ifPresent(file -> required.add(BINARY));
        for (String name : required) {
            if (!all.containsKey(name)) {
                throw new IllegalArgumentException("no competitor " + name + "; there are " + all.keySet());
            }
        }
        boolean chosen = options.text("only").isPresent();
        for (Map.Entry<String, Start> each : all.entrySet()) {
            String name = each.getKey();
            boolean usual = !ONLY_BY_NAME.contains(name) && (!quick || name.equals(BINARY));
            if (required.contains(name) || (!chosen && usual)) {
                start(name, each.getValue(), required.contains(name));
            }
        }
    }

    private void start(String name, Start start, boolean required) throws IOException {
        System.err.println("starting " + name + " ...");
        try {
            Competitor competitor = start.run();
            competitors.put(name, competitor);
            ClosedLoop.Report hello = load(competitor, 1, Duration.ZERO, Duration.ofMillis(100));
            if (hello.failures() > 0) {
                competitors.remove(name);
                competitor.close();
                throw new IOException(hello.firstFailure());
            }
            notes.add("* `" + name + "`: " + competitor.about());
        } catch (IOException e) {
            if (required) {
                throw new IOException(name + " is not there: " + e.getMessage(), e);
            }
            notes.add("* `" + name + "` is left out: " + e.getMessage());
        }
    }

    /** Of everything that can take part, in the order of the table. */
    private static Map<String, Start> starts(Options options) throws IOException {
        Map<String, Start> starts = new LinkedHashMap<>();
        starts.put(JAR, () -> GatewayCompetitor.start(PACKAGED, JAR));
        binary(options).ifPresent(file -> starts.put(BINARY, () -> GatewayCompetitor.start(file, BINARY)));
        starts.put(BATCHES, () -> GatewayCompetitor.startBatches(PACKAGED, BATCHES));
        List<String> others = options.all("other");
        for (int i = 0; i < others.size(); i++) {
            String name = OTHER + (i == 0 ? "" : i + 1);
            String file = others.get(i);
            starts.put(name, () -> GatewayCompetitor.start(file, name));
        }
        starts.put(WEBDIS, () -> ScriptCompetitor.webdis(program("webdis", "webdis"), directory(WEBDIS)));
        starts.put("nginx", () -> {
            String program = program("nginx", "nginx");
            return ScriptCompetitor.nginx(program, modules(program), directory("nginx"));
        });
        starts.put("redis", ScriptCompetitor::redis);
        for (String name : List.of(ETCD, ETCD_ON_DISK)) {
            boolean onDisk = name.equals(ETCD_ON_DISK);
            starts.put(name, () -> EtcdCompetitor.start(program("etcd", "etcd-server"), directory(name), onDisk));
        }
        return starts;
    }

    private static Optional<String> binary(Options options) throws IOException {
        Optional<String> named = options.text("binary");
        return named.isPresent() ? named : Gateway.binaryInTarget().map(Path::toString);
    }

    private static String program(String name, String debianPackage) throws IOException {
        return OwnProcess.program(name)
                .orElseThrow(() -> new IOException(
                        "the program " + name + " is not installed (Debian package " + debianPackage + ")"));
    }

    private static Path modules(String nginx) throws IOException {
        String option = "--modules-path=";
        Path modules = Stream.of(Machine.said(nginx, "-V").split("\\s+", -1))
                .filter(word -> word.startsWith(option))
                .map(word -> Path.of(word.substring(option.length())))
                .findFirst()
                .orElseThrow(() -> new IOException("nginx does not say where its modules are"));
        if (!Files.exists(modules.resolve("ngx_http_lua_module.so"))) {
            throw new IOException("nginx has no module for Lua (Debian package libnginx-mod-http-lua)");
        }
        return modules;
    }

    private static Path directory(String name) throws IOException {
        return Files.createDirectories(Path.of("target", "compare", name));
    }

    // ------------------------------------------------------------ load

    private void warmUp() throws IOException {
        for (Map.Entry<String, Competitor> each : competitors.entrySet()) {
            System.err.println("warming up " + each.getKey() + " ...");
            if (each.getValue().compilesItself()) {
                warmUpJava(each.getKey(), each.getValue());
            } else {
                warmUp(each.getKey(), each.getValue(), SHORT_WARM_UP);
            }
        }
    }

    /** For the time that was asked for; on a machine that others use, until there were enough requests. */
    private void warmUpJava(String name, Competitor competitor) throws IOException {
        long began = System.nanoTime();
        long requests = 0;
        Duration past = Duration.ZERO;
        while (past.compareTo(warmUp) < 0
                || (requests < WARM_REQUESTS && past.compareTo(warmUp.multipliedBy(MOST_WARM_UPS)) < 0)) {
            requests += (long) competitor.ranges() * warmUp(name, competitor, SHORT_WARM_UP);
            past = Duration.ofNanos(System.nanoTime() - began);
        }
        System.err.printf(Locale.ROOT, "%,d requests in %d s%n", requests, past.toSeconds());
    }

    private int warmUp(String name, Competitor competitor, Duration time) throws IOException {
        int number = competitor.ranges() == 1 ? USUAL_CONNECTIONS : FEW_CONNECTIONS;
        ClosedLoop.Report report = load(competitor, number, Duration.ZERO, time);
        count(name, report);
        return report.latencies().size();
    }

    private void play() throws IOException {
        List<String> order = new ArrayList<>(competitors.keySet());
        for (int number : connections) {
            for (int round = 1; round <= rounds; round++) {
                for (String name : order) {
                    play(new Cell(name, number), round);
                }
                // Each follows another one in the next round, half the time.
                Collections.reverse(order);
                Collections.rotate(order, 1);
            }
            competitors.forEach((name, competitor) -> memory.put(new Cell(name, number), memoryOf(competitor)));
        }
    }

    private void play(Cell cell, int round) throws IOException {
        Competitor competitor = competitor(cell);
        ClosedLoop.Report report;
        try {
            report = load(competitor, cell.connections(), LEAD_IN, length);
        } catch (IOException e) {
            throw new IOException(cell.competitor() + ": " + e.getMessage(), e);
        }
        count(cell.competitor(), report);
        Competitor.Processes processes = competitor.processes();
        double requests = report.latencies().size();
        ProcessorUse used = report.used();
        Run run = new Run(
                report.perSecond(),
                competitor.ranges(),
                report.latencies().millis(0.5),
                report.latencies().millis(0.99),
                report.latencies().millis(0.999),
                1e6 * used.seconds(processes.server()) / requests,
                1e6 * (used.seconds(processes.redis()) + used.seconds(processes.others())) / requests,
                1e6 * used.seconds(List.of(ProcessHandle.current())) / requests,
                used.secondsOfOthers() / report.seconds() / Runtime.getRuntime().availableProcessors());
        runs.computeIfAbsent(cell, c -> new ArrayList<>()).add(run);
        System.err.printf(
                Locale.ROOT,
                "connections %d, round %d of %d, %s: %,.0f requests/s, p50 %.2f ms, p99 %.2f ms, us of processor a request:"
                        + " server %.1f, stores %.1f, load tool %.1f%n",
                cell.connections(),
                round,
                rounds,
                cell.competitor(),
                run.perSecond(),
                run.p50(),
                run.p99(),
                run.serverMicros(),
                run.storeMicros(),
                run.toolMicros());
    }

    private Competitor competitor(Cell cell) {
        return Optional.ofNullable(competitors.get(cell.competitor())).orElseThrow();
    }

    private static ClosedLoop.Report load(Competitor competitor, int connections, Duration before, Duration length)
            throws IOException {
        List<ProcessHandle> watched = new ArrayList<>(competitor.processes().all());
        watched.add(ProcessHandle.current());
        return ClosedLoop.run(new ClosedLoop.Plan(
                competitor.server(), competitor.framing(), competitor.clients(connections), before, length, watched));
    }

    private void count(String name, ClosedLoop.Report report) {
        if (report.failures() > 0) {
            failures += report.failures();
            String note = String.format(
                    Locale.ROOT,
                    "* FAIL `%s`: %,d answers were not as they should be; the first: %s",
                    name,
                    report.failures(),
                    report.firstFailure().replaceAll("\\s+", " "));
            notes.add(note);
            System.err.println(note);
        }
    }

    private static Memory memoryOf(Competitor competitor) {
        Competitor.Processes processes = competitor.processes();
        return new Memory(resident(processes.server()), resident(processes.redis()));
    }

    private static double resident(List<ProcessHandle> processes) {
        return processes.stream().mapToDouble(ProcessorUse::residentMib).sum();
    }

    // ------------------------------------------------------------ report

    private String report() {
        // What the others are measured by: webdis, and each other build.
        List<String> references = Stream.concat(
                        Stream.of(WEBDIS), competitors.keySet().stream().filter(name -> name.startsWith(OTHER)))
                .filter(competitors::containsKey)
                .toList();
        Table table = new Table(1);
        List<String> head = new ArrayList<>(List.of(
                "competitor",
                "connections",
                "requests/s",
                "p50 ms",
                "p99 ms",
                "p99.9 ms",
                "server us",
                "stores us",
                "load tool us",
                "server MiB",
                "Redis MiB"));
        references.forEach(name -> head.addAll(List.of("requests/s to " + name, "us to " + name)));
        table.row(head);
        for (int number : connections) {
            competitors.keySet().forEach(name -> table.row(row(new Cell(name, number), references)));
        }
        noteBusyTool();
        return String.format(
                Locale.ROOT,
                "%s%nRounds: %d of %d s, each competitor once a round. Medians over the rounds. \"us\" is processor time a"
                        + " request: of the server, of its stores (Redis; the gateway's Postgres too), of the load tool; \"us to …\""
                        + " compares server and stores together. Ratios are medians of the rounds' ratios; in brackets the interval"
                        + " that holds the median with 95 %% (from 6 rounds on). Everything else on the machine took"
                        + " %.0f %% of its processors meanwhile.%n%n%s%n",
                table,
                rounds,
                length.toSeconds(),
                100 * others(),
                String.join("\n", notes));
    }

    private List<String> row(Cell cell, List<String> references) {
        Memory held = Optional.ofNullable(memory.get(cell)).orElseThrow();
        List<String> row = new ArrayList<>(List.of(
                cell.competitor(),
                Integer.toString(cell.connections()),
                median("%,.0f", cell, Run::perSecond),
                median("%.2f", cell, Run::p50),
                median("%.2f", cell, Run::p99),
                median("%.2f", cell, Run::p999),
                median("%.1f", cell, Run::serverMicros),
                median("%.1f", cell, Run::storeMicros),
                median("%.1f", cell, Run::toolMicros),
                String.format(Locale.ROOT, "%.0f", held.serverMib()),
                String.format(Locale.ROOT, "%.0f", held.redisMib())));
        for (String reference : references) {
            Cell other = new Cell(reference, cell.connections());
            // A request for many records is no match for one.
            boolean itself = cell.equals(other)
                    || competitor(cell).ranges() != competitor(other).ranges();
            row.add(itself ? NOTHING : ratios(cell, other, Run::perSecond).toString());
            row.add(itself ? NOTHING : ratios(cell, other, Run::micros).toString());
        }
        return row;
    }

    private List<Run> runs(Cell cell) {
        return runs.getOrDefault(cell, List.of());
    }

    private String median(String format, Cell cell, ToDoubleFunction<Run> value) {
        double median = Ratios.of(runs(cell).stream().map(value::applyAsDouble).toList())
                .median();
        return String.format(Locale.ROOT, format, median);
    }

    private Ratios ratios(Cell cell, Cell to, ToDoubleFunction<Run> value) {
        List<Run> mine = runs(cell);
        List<Run> theirs = runs(to);
        return Ratios.of(IntStream.range(0, rounds)
                .mapToObj(round -> value.applyAsDouble(mine.get(round)) / value.applyAsDouble(theirs.get(round)))
                .toList());
    }

    /** What everything else took of the processors, in the median run. */
    private double others() {
        return Ratios.of(runs.values().stream()
                        .flatMap(List::stream)
                        .map(Run::others)
                        .toList())
                .median();
    }

    private void noteBusyTool() {
        for (int number : connections) {
            for (String name : competitors.keySet()) {
                double busy = Ratios.of(runs(new Cell(name, number)).stream()
                                .map(Run::toolBusy)
                                .toList())
                        .median();
                if (busy > MOST_BUSY) {
                    notes.add(String.format(
                            Locale.ROOT,
                            "* `%s` at %d connections: the load tool's thread was busy for %.0f %% of the time and is what"
                                    + " limits the figure",
                            name,
                            number,
                            100 * busy));
                }
            }
        }
    }

    private boolean withinLimits() {
        boolean kept = true;
        for (String name : competitors.keySet()) {
            Limits limits = name.equals(JAR) ? LIMITS_OF_JAR : name.equals(BINARY) ? LIMITS_OF_BINARY : null;
            if (limits != null) {
                for (int number : connections) {
                    kept &= isWithin(limits, name, number);
                }
            }
        }
        return kept;
    }

    private boolean isWithin(Limits limits, String name, int number) {
        Cell cell = new Cell(name, number);
        Cell webdis = new Cell(WEBDIS, number);
        String at = " at " + number + " connections, " + name + " to webdis: ";
        Ratios speed = ratios(cell, webdis, Run::perSecond);
        boolean fast = judge("requests a second" + at, speed, speed.median() >= limits.least, limits.least);
        boolean quiet = others() <= MOST_OF_OTHERS;
        double most = quiet ? limits.most : limits.mostBesideOthers;
        Ratios cost = ratios(cell, webdis, Run::serverMicros);
        String what = "the servers' own processor time a request" + (quiet ? "" : ", beside others") + at;
        boolean cheap = judge(what, cost, cost.median() <= most, most);
        return fast && cheap;
    }

    /** How many locks a second there are against etcd, and in batches against single calls. */
    private boolean withinLimitsOfLocks() {
        boolean kept = true;
        for (int number : connections) {
            String at = " at " + number + " connections, ";
            Cell jar = new Cell(JAR, number);
            for (String name : List.of(ETCD, ETCD_ON_DISK)) {
                kept &= isTimesAsMany(
                        "locks a second" + at + "jar to " + name + ": ",
                        jar,
                        new Cell(name, number),
                        Run::perSecond,
                        LEAST_OF_ETCD);
            }
            kept &= isTimesAsMany(
                    "ranges a second" + at + "batches of " + GatewayCompetitor.BATCH + " to single calls: ",
                    new Cell(BATCHES, number),
                    jar,
                    Run::rangesPerSecond,
                    LEAST_OF_SINGLE);
        }
        return kept;
    }

    /** Whether one has at least so many times as many as the other; so it is where one of them did not take part. */
    private boolean isTimesAsMany(String what, Cell one, Cell other, ToDoubleFunction<Run> measure, double least) {
        if (!runs.containsKey(one) || !runs.containsKey(other)) {
            return true;
        }
        Ratios ratios = ratios(one, other, measure);
        return judge(what, ratios, ratios.median() >= least, least);
    }

    private static boolean judge(String what, Ratios found, boolean kept, double limit) {
        System.out.printf(Locale.ROOT, "%s %s%s, limit %.2f%n", kept ? "PASS" : "FAIL", what, found, limit);
        return kept;
    }
}
