package io.lockgate.bench;

import io.lockgate.bench.Swarm.Answer;
import io.lockgate.bench.Swarm.Line;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What connections cost that ask for nothing: 10,000 that have made a request and are kept alive, and 600 that never
 * finish the header of theirs, beside a client that is served.
 */
public final class ConnectionsBench {
    /** As the manifests give a gateway. */
    private static final long MEMORY_MIB = 768;

    private static final double GROWTH_MIB = 100;
    private static final int HALF_SECONDS = 15;

    /**
     * Requests of the idle connections at once, and no more than so many in {@link #TURN}: what they cost when they ask
     * for nothing is to be seen, not what a thousand busy ones do. A network also has a bounded number of connections
     * that have shown no credential.
     */
    private static final int AT_ONCE = 100;

    private static final Duration TURN = Duration.ofMillis(100);

    /** Opened and closed before anything is measured, so that code is compiled and the heap has its working size. */
    private static final int WARM_UP = 1_000;

    static final int WARM_UPS = 10;
    private static final Duration ALONE = Duration.ofSeconds(10);
    private static final Duration SETTLING = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final byte[] HALF =
            "GET /v1/version HTTP/1.1\r\nHost: a\r\nX-Never: en".getBytes(StandardCharsets.US_ASCII);

    private final Gateway gateway;
    private final URI uri;
    private final List<String> user;
    private final byte[] request;
    private final Swarm swarm = new Swarm();
    private final TreeMap<String, Integer> unexpected = new TreeMap<>();

    private ConnectionsBench(Gateway gateway) {
        this.gateway = gateway;
        this.uri = gateway.uri();
        this.user = gateway.headers(List.of());
        // Through the whole gateway to Redis, with a body, and it leaves nothing behind.
        this.request = Swarm.request(
                "POST",
                "/v1/files/4712/locks/nlm/byte-range/test",
                uri,
                user,
                "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"0\",\"size\":\"64\",\"owner_id\":\"idle\"}");
    }

    /**
     * Options: --idle n, --half n, --seconds n for which the idle ones stand, --binary file. Exit code 1 when a limit
     * is exceeded.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of(), Set.of("idle", "half", "seconds", "binary"));
        int idle = options.number("idle", 10_000);
        int half = options.number("half", 600);
        boolean passed;
        try (Gateway gateway =
                Gateway.bounded(MEMORY_MIB, options.text("binary").orElse(Gateway.JAR))) {
            FileLimits.require(List.of(gateway), idle + half, idle + half);
            passed = new ConnectionsBench(gateway).run(idle, half, Duration.ofSeconds(options.number("seconds", 30)));
        }
        System.exit(passed ? 0 : 1);
    }

    /**
     * The gateway's resident MiB with each of these numbers of idle connections.
     *
     * @param warmUps how often a thousand are opened and closed before
     * @param counts upwards
     */
    static NavigableMap<Double, Double> residentMib(Gateway gateway, int warmUps, int... counts) throws IOException {
        ConnectionsBench bench = new ConnectionsBench(gateway);
        bench.warmUp(warmUps);
        NavigableMap<Double, Double> resident = new TreeMap<>();
        int open = 0;
        for (int count : counts) {
            bench.open(count - open);
            open = count;
            bench.swarm.run(SETTLING);
            resident.put((double) count, gateway.residentKib() / 1_024.0);
        }
        bench.swarm.close();
        if (!bench.unexpected.isEmpty()) {
            throw new IOException(bench.unexpected.toString());
        }
        return resident;
    }

    private void warmUp(int times) {
        for (int i = 0; i < times; i++) {
            List<Idle> some = open(WARM_UP);
            some.forEach(each -> each.line.close());
            swarm.run(Duration.ofMillis(200));
        }
        swarm.run(SETTLING);
    }

    private boolean run(int idle, int half, Duration standing) throws Exception {
        Good good = new Good();
        Thread serving = new Thread(good, "good client");
        serving.setDaemon(true);
        serving.start();
        warmUp(WARM_UPS);
        good.begin("alone");
        swarm.run(ALONE);
        long before = gateway.residentKib();

        good.begin("while they are opened");
        List<Idle> connections = open(idle);
        swarm.run(SETTLING);
        long with = gateway.residentKib();

        good.begin("beside them");
        List<Half> halves = new ArrayList<>();
        for (int i = 0; i < half; i++) {
            halves.add(new Half());
        }
        long end = System.nanoTime() + standing.toNanos();
        swarm.run(Duration.ofSeconds(2 * HALF_SECONDS), () -> halves.stream().noneMatch(each -> each.seconds == 0));
        swarm.run(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        long withHalf = gateway.residentKib();
        int gone =
                (int) connections.stream().filter(each -> !each.line.isOpen()).count();

        good.begin("while each asks again");
        for (int i = 0; i < connections.size(); i += AT_ONCE) {
            List<Idle> some = connections.subList(i, Math.min(connections.size(), i + AT_ONCE));
            some.forEach(each -> each.line.send(request));
            awaitAnswers(some);
        }
        int unanswered =
                (int) connections.stream().filter(each -> each.answers != 2).count();
        swarm.close();
        TimeUnit.NANOSECONDS.sleep(SETTLING.toNanos());
        long after = gateway.residentKib();
        good.end();
        serving.join();

        System.out.printf(
                Locale.ROOT,
                "resident MiB: %.1f before, %.1f with %,d idle connections, %.1f after %d half headers, %.1f when all are closed; %.1f KiB for each idle one%n",
                before / 1_024.0,
                with / 1_024.0,
                idle,
                withHalf / 1_024.0,
                half,
                after / 1_024.0,
                (with - before) / (double) Math.max(1, idle));
        double longest = halves.stream().mapToDouble(each -> each.seconds).max().orElse(0);
        int standingHalf =
                (int) halves.stream().filter(each -> each.seconds == 0).count();
        System.out.printf(
                Locale.ROOT,
                "half headers: ended after %.1f to %.1f s, %d still open%n",
                halves.stream()
                        .mapToDouble(each -> each.seconds)
                        .filter(s -> s > 0)
                        .min()
                        .orElse(0),
                longest,
                standingHalf);
        good.report();
        unexpected.forEach((what, count) -> System.out.println("ERROR: " + what + ": " + count));
        boolean passed = check("failures of the good client", good.failures, 0);
        passed &= check("growth with the idle connections, MiB", (with - before) / 1_024.0, GROWTH_MIB);
        passed &= check("longest half header, s", longest, HALF_SECONDS);
        passed &= check("half headers that were not ended", standingHalf, 0);
        passed &= check("idle connections that were ended", gone, 0);
        passed &= check("idle connections that were not answered again", unanswered, 0);
        return passed && unexpected.isEmpty();
    }

    private static boolean check(String name, double value, double limit) {
        boolean kept = value <= limit;
        System.out.printf(Locale.ROOT, "%s %s: %.1f (limit %.0f)%n", kept ? "PASS" : "FAIL", name, value, limit);
        return kept;
    }

    /** So many connections, each with its first answer. */
    private List<Idle> open(int count) {
        List<Idle> all = new ArrayList<>(count);
        while (all.size() < count) {
            List<Idle> some = new ArrayList<>();
            for (int i = 0; i < AT_ONCE && all.size() + some.size() < count; i++) {
                some.add(new Idle());
            }
            awaitAnswers(some);
            all.addAll(some);
        }
        return all;
    }

    private void awaitAnswers(List<Idle> some) {
        swarm.run(TURN);
        if (!swarm.run(PATIENCE, () -> some.stream().noneMatch(each -> each.line.isOwed()))) {
            throw new IllegalStateException("no answer within " + PATIENCE.toSeconds() + " s");
        }
    }

    private void unexpected(String what) {
        unexpected.merge(what, 1, Integer::sum);
    }

    /** Asks once, and then only when told to. */
    private final class Idle implements Swarm.Client {
        private final Line line = swarm.line(uri, this);
        private int answers;

        Idle() {
            line.send(request);
        }

        @Override
        public void answered(Line same, Answer answer) {
            if (answer.status() == 200) {
                answers++;
            } else {
                unexpected("an idle connection got " + answer);
            }
        }

        @Override
        public void gone(Line same, String why) {
            unexpected("an idle connection: " + why);
        }
    }

    /** Never finishes its header. */
    private final class Half implements Swarm.Client {
        private final long began = System.nanoTime();
        /** Until it was ended; 0 while it stands. */
        private double seconds;

        Half() {
            swarm.line(uri, this).send(HALF);
        }

        @Override
        public void answered(Line same, Answer answer) {
            unexpected("a half header got " + answer);
        }

        @Override
        public void gone(Line same, String why) {
            seconds = (System.nanoTime() - began) / 1e9;
        }
    }

    /** Acquires and releases at a fixed rate; a late answer delays none of the next ones' due times. */
    private final class Good implements Runnable {
        private static final int PER_SECOND = 50;
        private static final String PLACE = "/v1/files/4711/locks/nlm/byte-range/";

        private final List<String> report = new ArrayList<>();
        private final TreeMap<String, Integer> faults = new TreeMap<>();
        private Latencies latencies = new Latencies();
        private String phase = "";
        private int failures;
        private volatile boolean over;

        /** What comes now is told under that name. */
        synchronized void begin(String name) {
            if (!phase.isEmpty()) {
                report.add("the good client, " + phase + ": " + latencies);
            }
            phase = name;
            latencies = new Latencies();
        }

        void end() {
            begin("");
            over = true;
        }

        void report() {
            report.forEach(System.out::println);
            faults.forEach((what, count) -> System.out.println("ERROR: the good client: " + what + ": " + count));
        }

        @Override
        public void run() {
            long period = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
            long due = System.nanoTime();
            HttpLine line = new HttpLine(uri, user);
            for (int i = 0; !over; i++, due += period) {
                long left = due - System.nanoTime();
                try {
                    if (left > 0) {
                        TimeUnit.NANOSECONDS.sleep(left);
                    }
                    HttpLine.Answer answer = (i % 2 == 0
                            ? line.post(
                                    PLACE,
                                    "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"0\",\"size\":\"64\",\"owner_id\":\"good\"}")
                            : line.delete(PLACE + "?offset=0&size=64&owner_id=good"));
                    note(due, answer.status() == 200 ? "" : "got " + answer);
                } catch (IOException e) {
                    note(due, e.toString());
                    line = new HttpLine(uri, user);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        private synchronized void note(long due, String fault) {
            latencies.add(System.nanoTime() - due);
            if (!fault.isEmpty()) {
                failures++;
                faults.merge(fault, 1, Integer::sum);
            }
        }
    }
}
