package io.lockgate.bench;

import io.lockgate.bench.Swarm.Answer;
import io.lockgate.bench.Swarm.Line;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Whether renewals come through when a gateway has too much to do: 500 leases of 5 s, each renewed every 1.5 s, beside
 * clients that take all they can get. Half of the leases are those of one of these greedy users, half of one who does
 * nothing else. No lease may be lost.
 */
public final class Heartbeats {
    private static final int LEASES = 500;
    private static final int BUSY = 1_000;
    private static final int BURST = 10_000;
    private static final int ENDING = 60_000;

    /** As the manifests give a gateway. */
    private static final long MEMORY_MIB = 768;

    /** Users of the others. */
    private static final int USERS = 10;

    private static final int FILES = 200;
    private static final int BATCH = 100;
    private static final int ENDING_FILES = 60;
    private static final int TAKERS = 64;

    /** At once, while connections are opened: a network has a bounded number that have shown no credential. */
    private static final int OPENING = 200;

    /** Requests of each gateway before anything is measured. */
    private static final int WARM_UP = 20_000;

    private static final Duration WARM_UP_TIME = Duration.ofMinutes(1);
    private static final Duration BETWEEN_BURSTS = Duration.ofSeconds(5);
    private static final Duration TAKING = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String WHOLE = "?offset=0&size=0&owner_id=";

    private final List<Gateway> gateways;
    private final boolean http2;
    private final List<URI> uris;
    private final List<List<String>> users = new ArrayList<>();
    private final List<String> quiet;

    private Heartbeats(List<Gateway> gateways, boolean http2) throws IOException {
        this.gateways = gateways;
        this.http2 = http2;
        this.uris = gateways.stream().map(Gateway::uri).toList();
        Gateway first = gateways.getFirst();
        List<String> administrator = first.headers(List.of());
        for (int i = 0; i < USERS; i++) {
            users.add(first.newUser(administrator, "PRIVILEGE_FS_LOCK_ACQUIRE"));
        }
        quiet = first.newUser(administrator, "PRIVILEGE_FS_LOCK_ACQUIRE");
    }

    /**
     * Options: --seconds n of each part, --gateways n, --part a, b or c, --http2. Exit code 1 when a lease is lost or somebody
     * gets another answer than 200, 409, or 429 and 503 with Retry-After.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of("http2"), Set.of("seconds", "gateways", "part"));
        Duration time = Duration.ofSeconds(options.number("seconds", 30));
        List<String> parts = options.text("part").map(List::of).orElse(List.of("a", "b", "c"));
        List<Integer> numbers =
                options.text("gateways").map(Integer::valueOf).map(List::of).orElse(List.of(1, 3));
        Table table = new Table();
        table.row(List.of(
                "part",
                "gateways",
                "refused renewals",
                "renewals",
                "p99, ms",
                "slowest, ms",
                "latest, ms",
                "lost",
                "the others"));
        boolean passed = true;
        for (int number : numbers) {
            List<Gateway> gateways = Gateway.several(number, MEMORY_MIB);
            try {
                if (parts.contains("b")) {
                    FileLimits.require(gateways, BURST, BURST / number);
                }
                Heartbeats heartbeats = new Heartbeats(gateways, options.has("http2"));
                heartbeats.warmUp();
                for (String part : parts) {
                    passed &= heartbeats.run(part, time, table);
                }
            } finally {
                gateways.reversed().forEach(Gateway::close);
            }
        }
        System.out.println();
        System.out.print(table);
        System.out.println("no lease lost, no other answer than 200, 409, 429 and 503 with Retry-After: "
                + (passed ? "PASS" : "FAIL"));
        System.exit(passed ? 0 : 1);
    }

    private static long newFiles() {
        return ThreadLocalRandom.current().nextLong(1L << 40, 1L << 61);
    }

    /** Code is compiled for a while; only what comes then is counted. */
    private void warmUp() {
        try (Others others = new Others()) {
            others.loop(64);
            others.swarm.run(WARM_UP_TIME, () -> others.answers() >= WARM_UP * gateways.size());
            others.finish();
        }
    }

    private boolean run(String part, Duration time, Table table) throws Exception {
        Keeper keeper = new Keeper(uris, List.of(users.getFirst(), quiet), LEASES, newFiles(), http2);
        Thread renewing = new Thread(keeper, "keeper");
        renewing.setDaemon(true);
        renewing.start();
        keeper.awaitSteady();
        Others others = new Others();
        try (others) {
            switch (part) {
                case "a" -> busy(others, keeper, time);
                case "b" -> bursts(others, keeper, time);
                case "c" -> ending(others, keeper, time);
                default -> throw new IllegalArgumentException("there is no part " + part);
            }
            others.finish();
        }
        // What was lost in the last moment shows in the next renewal.
        TimeUnit.NANOSECONDS.sleep(Keeper.LEASE.toNanos());
        keeper.stop();
        renewing.join();
        table.row(List.of(
                part,
                Integer.toString(gateways.size()),
                keeper.refused(),
                String.format(Locale.ROOT, "%,d", keeper.renewed()),
                millis(keeper.p99Millis()),
                millis(keeper.slowestMillis()),
                millis(keeper.latestMillis()),
                Integer.toString(keeper.lost()),
                others.statuses.toString()));
        System.out.printf(
                Locale.ROOT,
                "part %s, %d gateways: %,d renewals, p99 %.0f ms, slowest %.0f ms (%.0f ms after it was due), refused: %s, lost: %d; the others: %s%n",
                part,
                gateways.size(),
                keeper.renewed(),
                keeper.p99Millis(),
                keeper.slowestMillis(),
                keeper.latestMillis(),
                keeper.refused(),
                keeper.lost(),
                others.statuses);
        List<String> faults = new ArrayList<>(keeper.faults());
        faults.addAll(others.faults);
        faults.stream().limit(10).forEach(fault -> System.out.println("ERROR: " + fault));
        return faults.isEmpty();
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.0f", millis);
    }

    /** (a) Connections that take and free as fast as they are answered. */
    private static void busy(Others others, Keeper keeper, Duration time) {
        others.loop(BUSY);
        keeper.measure();
        others.swarm.run(time);
    }

    /** (b) Many requests in one moment: acquires, then the releases of them, and so on. */
    private static void bursts(Others others, Keeper keeper, Duration time) {
        List<Others.Burster> clients = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            clients.add(others.new Burster(i));
        }
        for (int i = 0; i < BURST; i += OPENING) {
            List<Others.Burster> some = clients.subList(i, Math.min(BURST, i + OPENING));
            some.forEach(Others.Burster::ask);
            others.awaitAnswers();
        }
        others.statuses.clear();
        keeper.measure();
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            clients.forEach(Others.Burster::burst);
            others.swarm.run(BETWEEN_BURSTS);
            others.awaitAnswers();
        }
    }

    /** (c) Many leases that nobody renews end together, and others are after their ranges. */
    private void ending(Others others, Keeper keeper, Duration time) throws Exception {
        long firstFile = newFiles();
        long end = System.nanoTime() + TAKING.toNanos();
        int takers = 8;
        int batches = ENDING / BATCH;
        List<Thread> threads = new ArrayList<>();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < takers; t++) {
            int first = t;
            Thread thread = new Thread(() -> {
                URI gateway = uris.get(first % uris.size());
                try (HttpLine line = new HttpLine(gateway, users.get(first))) {
                    for (int i = first; i < batches; i += takers) {
                        HttpLine.Answer answer = takeAll(line, firstFile, i, end);
                        if (answer.status() != 200) {
                            failures.add("batch: " + answer);
                        }
                    }
                } catch (IOException e) {
                    failures.add("batch: " + e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty() || System.nanoTime() > end - TimeUnit.SECONDS.toNanos(1)) {
            throw new IllegalStateException("the leases could not be taken before they end: " + failures);
        }
        keeper.measure();
        others.swarm.run(Duration.ofNanos(end - System.nanoTime() - TimeUnit.SECONDS.toNanos(1)));
        for (int i = 0; i < TAKERS; i++) {
            others.new Taker(i, firstFile + i % ENDING_FILES).go();
        }
        others.swarm.run(time);
    }

    /** Repeated while the gateway has no time for it, as it says that one may. */
    private static HttpLine.Answer takeAll(HttpLine line, long firstFile, int number, long end) throws IOException {
        while (true) {
            HttpLine.Answer answer = line.post(
                    "/v1/files/" + (firstFile + number % ENDING_FILES) + "/locks/nlm/byte-range/batch",
                    batch(number, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            if (answer.status() != 503 || System.nanoTime() > end - TimeUnit.SECONDS.toNanos(2)) {
                return answer;
            }
        }
    }

    private static String batch(int number, long leaseMillis) {
        StringBuilder body = new StringBuilder("{\"locks\":[");
        for (int i = 0; i < BATCH; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"")
                    .append(1_000L * (number / ENDING_FILES * BATCH + i))
                    .append("\",\"size\":\"100\",\"owner_id\":\"ending-")
                    .append(number)
                    .append("\",\"lease_ms\":")
                    .append(leaseMillis)
                    .append('}');
        }
        return body.append("]}").toString();
    }

    /** Clients beside the leases; all on the thread that calls. */
    private final class Others implements AutoCloseable {
        private final Swarm swarm = new Swarm(http2);
        private final List<Other> clients = new ArrayList<>();
        private final TreeMap<String, Integer> statuses = new TreeMap<>();
        private final List<String> faults = new ArrayList<>();
        private final long firstFile = newFiles();
        private boolean over;

        void loop(int connections) {
            for (int i = 0; i < connections; i += OPENING) {
                for (int j = i; j < Math.min(connections, i + OPENING); j++) {
                    new Loop(j).go();
                }
                swarm.run(Duration.ofMillis(200));
            }
        }

        int answers() {
            return statuses.values().stream().mapToInt(Integer::intValue).sum();
        }

        /** Until no request is under way. */
        void awaitAnswers() {
            if (!swarm.run(PATIENCE, () -> clients.stream().noneMatch(client -> client.line.isOwed()))) {
                faults.add("no answer within " + PATIENCE.toSeconds() + " s");
            }
        }

        void finish() {
            over = true;
            awaitAnswers();
        }

        @Override
        public void close() {
            swarm.close();
        }

        /** One connection. */
        private abstract class Other implements Swarm.Client {
            final URI gateway;
            final List<String> user;
            final String owner;
            final Line line;
            final byte[] acquire;
            final byte[] release;

            Other(int number, long file, int place) {
                gateway = uris.get(number % uris.size());
                user = users.get(number / uris.size() % users.size());
                owner = "other-" + number;
                line = swarm.line(gateway, this);
                String target = "/v1/files/" + file + "/locks/nlm/byte-range/";
                String range = "\"offset\":\"" + 1_000 * place + "\",\"size\":\"" + (place < 0 ? 0 : 100) + '"';
                acquire = request(
                        "POST",
                        target,
                        "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],"
                                + (place < 0 ? "\"offset\":\"0\",\"size\":\"0\"" : range) + ",\"owner_id\":\"" + owner
                                + "\",\"lease_ms\":60000}");
                release = request(
                        "DELETE",
                        target + (place < 0 ? WHOLE : "?offset=" + 1_000 * place + "&size=100&owner_id=") + owner,
                        "");
                clients.add(this);
            }

            private byte[] request(String method, String target, String json) {
                return Swarm.request(method, target, gateway, user, json.isEmpty() ? null : json);
            }

            @Override
            public void answered(Line same, Answer answer) {
                int status = answer.status();
                boolean passing = status == 429 || status == 503;
                boolean told = !passing || answer.retryAfter() >= 0;
                statuses.merge(status + (told ? "" : " without Retry-After"), 1, Integer::sum);
                if (!told || !(passing || status == 200 || status == 409)) {
                    faults.add("one of the others got " + answer);
                }
                next(status);
            }

            @Override
            public void gone(Line same, String why) {
                statuses.merge("broken", 1, Integer::sum);
                faults.add("connection of one of the others: " + why);
                if (!over) {
                    swarm.after(Duration.ofMillis(100), () -> next(0));
                }
            }

            abstract void next(int status);
        }

        /** Takes and frees, without a pause; a few are after the same range. */
        private final class Loop extends Other {
            private boolean holds;

            Loop(int number) {
                super(number, firstFile + number % FILES, number / FILES / 2);
            }

            void go() {
                line.send(acquire);
            }

            @Override
            void next(int status) {
                // After a 503 it may hold.
                holds = holds ? status != 200 : status == 200 || status == 503;
                if (!over || holds) {
                    line.send(holds ? release : acquire);
                }
            }
        }

        /** Takes at one signal, and frees at the next. */
        private final class Burster extends Other {
            private boolean holds;

            Burster(int number) {
                super(number, firstFile + number % FILES, number / FILES);
            }

            /** So that it is known when the burst comes. */
            void ask() {
                line.send(release);
            }

            void burst() {
                if (!line.isOwed()) {
                    line.send(holds ? release : acquire);
                    holds = !holds;
                }
            }

            @Override
            void next(int status) {}
        }

        /** Takes a whole file as soon as it can, and frees it. */
        private final class Taker extends Other {
            private boolean holds;

            Taker(int number, long file) {
                super(number, file, -1);
            }

            void go() {
                line.send(acquire);
            }

            @Override
            void next(int status) {
                holds = holds ? status != 200 : status == 200 || status == 503;
                if (over && !holds) {
                    return;
                }
                swarm.after(Duration.ofMillis(10), () -> {
                    if (!line.isOwed()) {
                        line.send(holds ? release : acquire);
                    }
                });
            }
        }
    }
}
