package io.lockgate.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.bench.Competitor.Place;
import io.lockgate.bench.Shape.Piece;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockStrength;
import io.lockgate.redis.EngineCalls;
import io.lockgate.redis.RedisTables;
import io.lockgate.testing.redis.TestCluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The parts of {@code bench/growth} that are measured at the packaged gateway, over HTTP. */
final class GrowthOverHttp {
    /** As the manifests give a gateway. */
    private static final long MEMORY_MIB = 768;

    private static final int LIMIT = 1_000;
    /** Of one kind, however slow they are. */
    private static final int LEAST_PAGES = 20;

    private static final int LOCKS_OF_A_FILE = 2_000;
    private static final int RECORD = 4_096;
    private static final long FIRST_FILE = 5_000_000;
    private static final int BATCH = ScriptLine.WINDOW;

    /** Fewer than one user may have under way (lockgate.limits.requests-per-principal). */
    private static final int CONNECTIONS_OF_A_USER = 500;

    private static final int USUAL_CONNECTIONS = 64;
    /** Of the answers; a machine that does other things too may make some late. They are told. */
    private static final double MOST_OTHER_PERCENT = 1;

    /** Of the longest warm-up to the one that was asked for, on a machine that does other things too. */
    private static final int MOST_WARM_UPS = 6;

    private final int warmRequests;
    private static final Duration LEAD_IN = Duration.ofMillis(500);

    private final Growth.Log log;
    private final Duration warmUp;
    private final Duration length;
    private final int rounds;

    /**
     * @param warmUp of each gateway, at least
     * @param warmRequests that it serves in that time, or it takes longer
     * @param length of each run
     */
    GrowthOverHttp(Growth.Log log, Duration warmUp, int warmRequests, Duration length, int rounds) {
        this.warmRequests = warmRequests;
        this.log = log;
        this.warmUp = warmUp;
        this.length = length;
        this.rounds = rounds;
    }

    private static List<ProcessHandle> withUs(List<ProcessHandle> processes) {
        return Stream.concat(processes.stream(), Stream.of(ProcessHandle.current()))
                .toList();
    }

    // ------------------------------------------------------------ lists

    /** Lists of so many locks, each list of one machine, all in one store: a page at its beginning and in its middle. */
    void list(int[] sizes) throws IOException {
        try (Gateway gateway = Gateway.build(Gateway.JAR, "growth-list");
                Resp redis = new Resp(gateway.redis().orElseThrow())) {
            EngineCalls calls = new EngineCalls(RedisTables.Settings.DEFAULT.withBuckets(GrowthInRedis.BUCKETS));
            ScriptLine line = new ScriptLine(redis, calls);
            int file = 0;
            for (int i = 0; i < sizes.length; i++) {
                file = fill(line, calls, "10.1.0." + i, sizes[i], file);
                log.say("list: %,d locks of one machine", sizes[i]);
            }
            line.finishGrowing();
            Competitor.Processes processes = GatewayCompetitor.processes(gateway);
            try (HttpLine http = new HttpLine(gateway.uri(), gateway.headers(List.of()))) {
                pages(http, firstPage(0), warmUp, processes);
                for (int i = 0; i < sizes.length; i++) {
                    page(http, "first page", sizes[i], firstPage(i), processes);
                    page(http, "page in the middle", sizes[i], middle(http, firstPage(i), sizes[i]), processes);
                }
            }
        }
    }

    private static String firstPage(int machine) {
        return "/v1/files/locks/nlm/byte-range/?owner_address=10.1.0." + machine + "&limit=" + LIMIT;
    }

    /** Straight into Redis: through the gateway it would take ten times as long. The first file that is free then. */
    private static int fill(ScriptLine line, EngineCalls calls, String machine, int locks, int firstFile) {
        for (int done = 0; done < locks; done += BATCH) {
            List<EngineCalls.Call> window = new ArrayList<>(BATCH);
            for (int i = done; i < Math.min(locks, done + BATCH); i++) {
                window.add(calls.acquire(
                        LockSpace.head(FIRST_FILE + firstFile + i / LOCKS_OF_A_FILE),
                        ScriptLine.request(
                                Piece.sized(2L * (i % LOCKS_OF_A_FILE) * RECORD, RECORD, LockStrength.EXCLUSIVE),
                                "holder-" + i % 1_000,
                                machine)));
            }
            ScriptLine.require(line.send(window), "granted");
            line.forgetResults(window);
        }
        return firstFile + locks / LOCKS_OF_A_FILE + 1;
    }

    /** The link to it. */
    private static String middle(HttpLine http, String first, int locks) throws IOException {
        String next = first;
        for (int seen = 0; seen + LIMIT <= locks / 2; seen += LIMIT) {
            next = get(http, next).path("paging").path("next").textValue();
        }
        return next;
    }

    private static JsonNode get(HttpLine http, String target) throws IOException {
        HttpLine.Answer answer = http.get(target);
        if (answer.status() != 200) {
            throw new IOException(answer.toString());
        }
        return answer.json();
    }

    private void page(HttpLine http, String name, int locks, String target, Competitor.Processes processes)
            throws IOException {
        Pages pages = pages(http, target, length, processes);
        at("list", "answer, " + name, locks, pages.millis);
        at("list", "gateway, " + name, locks, pages.gatewayMillis);
        at("list", "Redis, " + name, locks, pages.redisMillis);
        log.say(
                "list of %,d, %s: %.2f ms, of the processor %.2f in the gateway, %.2f in Redis",
                locks, name, pages.millis, pages.gatewayMillis, pages.redisMillis);
    }

    /** The first value of a series begins it. */
    private final Map<String, NavigableMap<Double, Double>> begun = new HashMap<>();

    private void at(String part, String series, double x, double y) {
        begun.computeIfAbsent(part + "\t" + series, name -> log.begin(part, series))
                .put(x, y);
    }

    /**
     * @param millis median time of a page until its last byte
     * @param gatewayMillis of the processor
     * @param redisMillis of the processor
     */
    private record Pages(double millis, double gatewayMillis, double redisMillis) {}

    private static Pages pages(HttpLine http, String target, Duration time, Competitor.Processes processes)
            throws IOException {
        Latencies latencies = new Latencies();
        ProcessorUse before = ProcessorUse.of(processes.all());
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end || latencies.size() < LEAST_PAGES) {
            long began = System.nanoTime();
            HttpLine.Answer answer = http.get(target);
            latencies.add(System.nanoTime() - began);
            if (answer.status() != 200) {
                throw new IOException(answer.toString());
            }
        }
        ProcessorUse used = ProcessorUse.of(processes.all()).since(before);
        return new Pages(
                latencies.millis(0.5),
                1e3 * used.seconds(processes.server()) / latencies.size(),
                1e3 * used.seconds(processes.redis()) / latencies.size());
    }

    // ------------------------------------------------------------ connections

    /** So many busy connections, of users with at most 500 each. */
    void connections(int[] numbers) throws IOException {
        try (Gateway gateway = Gateway.build(Gateway.JAR, "growth-connections")) {
            Competitor.Processes processes = GatewayCompetitor.processes(gateway);
            List<String> administrator = gateway.headers(List.of());
            List<List<String>> users = new ArrayList<>(List.of(administrator));
            int most = IntStream.of(numbers).max().orElseThrow();
            while (users.size() * CONNECTIONS_OF_A_USER < most) {
                users.add(gateway.newUser(administrator, "PRIVILEGE_FS_LOCK_ACQUIRE"));
            }
            warmUp(gateway, users, processes);
            Map<Integer, List<Load>> runs = new LinkedHashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (int number : numbers) {
                    runs.computeIfAbsent(number, n -> new ArrayList<>())
                            .add(load(gateway, users, number, processes, true));
                }
            }
            runs.forEach((number, all) -> {
                at(
                        "connections",
                        "requests a second",
                        number,
                        median(all.stream().map(Load::perSecond)));
                at("connections", "p50, ms", number, median(all.stream().map(Load::p50)));
                at("connections", "p99, ms", number, median(all.stream().map(Load::p99)));
                at(
                        "connections",
                        "us a request: gateway",
                        number,
                        median(all.stream().map(Load::gatewayMicros)));
                at(
                        "connections",
                        "us a request: Redis",
                        number,
                        median(all.stream().map(Load::redisMicros)));
                at(
                        "connections",
                        "us a request: load tool",
                        number,
                        median(all.stream().map(Load::toolMicros)));
            });
        }
    }

    private static double median(Stream<Double> values) {
        return Ratios.of(values.toList()).median();
    }

    /** One run; processor time is that of a request. */
    private record Load(
            double perSecond,
            double p50,
            double p99,
            double gatewayMicros,
            double redisMicros,
            double busiestRedisMicros,
            double toolMicros,
            double otherPercent) {}

    private Load load(
            Gateway gateway, List<List<String>> users, int connections, Competitor.Processes processes, boolean counted)
            throws IOException {
        List<ClosedLoop.Client> clients = IntStream.range(0, connections)
                .mapToObj(client -> GatewayCompetitor.client(new Place(client), users.get(client % users.size())))
                .toList();
        ClosedLoop.Report report = ClosedLoop.run(new ClosedLoop.Plan(
                new InetSocketAddress(gateway.uri().getHost(), gateway.uri().getPort()),
                Framing.HTTP,
                clients,
                LEAD_IN,
                length,
                withUs(processes.all())));
        double otherPercent = 100.0
                * report.failures()
                / (report.failures() + report.latencies().size());
        // Before its code is compiled, a gateway may be too slow for so many connections.
        if (counted && otherPercent > MOST_OTHER_PERCENT) {
            throw new IOException(
                    report.failures() + " answers were not as they should be; the first: " + report.firstFailure());
        }
        double requests = report.latencies().size();
        ProcessorUse used = report.used();
        Load load = new Load(
                report.perSecond(),
                report.latencies().millis(0.5),
                report.latencies().millis(0.99),
                1e6 * used.seconds(processes.server()) / requests,
                1e6 * used.seconds(processes.redis()) / requests,
                processes.redis().stream()
                        .mapToDouble(each -> 1e6 * used.seconds(List.of(each)) / requests)
                        .max()
                        .orElseThrow(),
                1e6 * used.seconds(List.of(ProcessHandle.current())) / requests,
                otherPercent);
        log.say(
                "%d connections: %,.0f requests/s, p50 %.2f ms, p99 %.2f ms; us a request: gateway %.1f, Redis %.1f (the busiest %.1f), load tool %.1f",
                connections,
                load.perSecond,
                load.p50,
                load.p99,
                load.gatewayMicros,
                load.redisMicros,
                load.busiestRedisMicros,
                load.toolMicros);
        return load;
    }

    /** Until Java has compiled what requests need. */
    private void warmUp(Gateway gateway, List<List<String>> users, Competitor.Processes processes) throws IOException {
        long began = System.nanoTime();
        double requests = 0;
        Duration past = Duration.ZERO;
        while (past.compareTo(warmUp) < 0
                || (requests < warmRequests && past.compareTo(warmUp.multipliedBy(MOST_WARM_UPS)) < 0)) {
            requests +=
                    load(gateway, users, USUAL_CONNECTIONS, processes, false).perSecond() * length.toMillis() / 1e3;
            past = Duration.ofNanos(System.nanoTime() - began);
        }
    }

    /** Resident memory of a gateway with idle connections. */
    void idle(int warmUps, int[] numbers) throws IOException {
        try (Gateway gateway = Gateway.bounded(MEMORY_MIB, Gateway.JAR)) {
            int most = IntStream.of(numbers).max().orElseThrow();
            FileLimits.require(List.of(gateway), most, most);
            log.begin("idle", "resident memory, MiB").putAll(ConnectionsBench.residentMib(gateway, warmUps, numbers));
        }
    }

    // ------------------------------------------------------------ cluster

    /** The same load on gateways before clusters of so many primaries, in turns; 0 is a Redis that is no cluster. */
    void cluster(int[] primaries) throws IOException {
        Map<Integer, Gateway> gateways = new LinkedHashMap<>();
        Map<Integer, List<Load>> runs = new LinkedHashMap<>();
        try {
            OwnRedis.choose(Optional.empty());
            for (int number : primaries) {
                Gateway gateway = number == 0
                        ? Gateway.build(Gateway.JAR, "growth-0")
                        : Gateway.onCluster(
                                TestCluster.start(number, 0, "cluster-node-timeout 15000"), "growth-" + number);
                gateways.put(number, gateway);
                log.say("a gateway before %d primaries", number);
                warmUp(gateway, List.of(gateway.headers(List.of())), clusterProcesses(number, gateway));
            }
            for (int round = 0; round < rounds; round++) {
                for (Map.Entry<Integer, Gateway> each : gateways.entrySet()) {
                    runs.computeIfAbsent(each.getKey(), n -> new ArrayList<>())
                            .add(load(
                                    each.getValue(),
                                    List.of(each.getValue().headers(List.of())),
                                    USUAL_CONNECTIONS,
                                    clusterProcesses(each.getKey(), each.getValue()),
                                    true));
                }
            }
        } finally {
            gateways.values().forEach(Gateway::close);
        }
        runs.forEach((number, all) -> {
            at("cluster", "requests a second", number, median(all.stream().map(Load::perSecond)));
            at("cluster", "us a request: gateway", number, median(all.stream().map(Load::gatewayMicros)));
            at(
                    "cluster",
                    "us a request: all primaries",
                    number,
                    median(all.stream().map(Load::redisMicros)));
            at(
                    "cluster",
                    "us a request: the busiest primary",
                    number,
                    median(all.stream().map(Load::busiestRedisMicros)));
        });
    }

    private static Competitor.Processes clusterProcesses(int primaries, Gateway gateway) {
        // Postgres is not asked by acquires and releases. The primaries of a cluster come first.
        return primaries == 0
                ? GatewayCompetitor.processes(gateway)
                : new Competitor.Processes(
                        gateway.handle().stream().toList(), gateway.stores().subList(0, primaries), List.of());
    }
}
