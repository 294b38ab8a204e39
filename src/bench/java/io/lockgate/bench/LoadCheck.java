package io.lockgate.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.bench.HttpLine.Answer;
import io.lockgate.bench.Recorder.Held;
import io.lockgate.range.LockStrength;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Many clients acquire, renew, test and release random ranges of few files through HTTP, while a {@link Recorder} watches
 * that no two grants conflict. Any status but 200 and 409 is an error. In the end the listings of the gateway are
 * compared with what the clients hold: nothing acknowledged is lost, nothing is there that nobody was told of. Then all
 * is released.
 */
public final class LoadCheck {
    private static final int SLOTS = 400;
    private static final int SLOT = 1_000;
    private static final int LEASE_MILLIS = 600_000;
    private static final List<String> PROTOCOLS = List.of("nlm", "nfs4", "smb");

    /**
     * What load, and where.
     *
     * @param headers further headers of each request, for example a credential
     * @param flushScripts Redis on which the script cache is flushed again and again, and the pause in between
     */
    public record Plan(
            URI gateway,
            List<String> headers,
            int clients,
            int files,
            Duration length,
            Optional<FlushScripts> flushScripts) {}

    /** Empty the script cache every so often. */
    public record FlushScripts(URI redis, Duration every) {}

    /** What came of it. */
    public record Report(
            long requests,
            double perSecond,
            Map<String, Long> answers,
            Map<String, Latencies> latencies,
            int connections,
            int flushes,
            int heldInTheEnd,
            List<String> errors) {
        public boolean passed() {
            return errors.isEmpty();
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%,.0f requests/s%n", perSecond));
            latencies.forEach((verb, times) -> text.append(String.format("  %-8s %s%n", verb, times)));
            text.append("answers: ").append(answers).append('\n');
            text.append(String.format(
                    Locale.ROOT,
                    "connections: %d, script cache flushed %d times, locks held in the end and compared: %d%n",
                    connections,
                    flushes,
                    heldInTheEnd));
            errors.stream()
                    .limit(10)
                    .forEach(error -> text.append("ERROR: ").append(error).append('\n'));
            if (errors.size() > 10) {
                text.append("... and ").append(errors.size() - 10).append(" more\n");
            }
            return text.append(passed() ? "PASS" : "FAIL").toString();
        }
    }

    private final Plan plan;
    private final long firstFile = ThreadLocalRandom.current().nextLong(1L << 40, 1L << 61);
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    private final Map<String, Recorder> recorders = new ConcurrentHashMap<>();
    private final CountDownLatch ready;
    private volatile boolean over;

    private LoadCheck(Plan plan) {
        this.plan = plan;
        this.ready = new CountDownLatch(plan.clients());
    }

    public static Report run(Plan plan) throws InterruptedException {
        return new LoadCheck(plan).run();
    }

    private Report run() throws InterruptedException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < plan.clients(); i++) {
            clients.add(new Client(i));
        }
        int flushes;
        double seconds;
        int held;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            clients.forEach(client -> running.add(threads.submit(client::play)));
            ready.await();
            long began = System.nanoTime();
            flushes = passTime(began);
            over = true;
            join(running);
            seconds = (System.nanoTime() - began) / 1e9;
            held = compareWithListings();
            List<Future<?>> leaving = new ArrayList<>();
            clients.forEach(client -> leaving.add(threads.submit(client::leave)));
            join(leaving);
        }
        requireEmpty();
        Map<String, Latencies> latencies = new TreeMap<>();
        long requests = 0;
        int connections = 0;
        for (Client client : clients) {
            for (Map.Entry<String, Latencies> times : client.latencies.entrySet()) {
                latencies.computeIfAbsent(times.getKey(), v -> new Latencies()).addAll(times.getValue());
                requests += times.getValue().size();
            }
            connections += client.line.opened();
        }
        if (connections > plan.clients()) {
            errors.add("connections were not kept alive: " + connections + " for " + plan.clients() + " clients");
        }
        Map<String, Long> counts = new TreeMap<>();
        answers.forEach((name, count) -> counts.put(name, count.sum()));
        return new Report(
                requests, requests / seconds, counts, latencies, connections, flushes, held, List.copyOf(errors));
    }

    private int passTime(long began) throws InterruptedException {
        long end = began + plan.length().toNanos();
        if (plan.flushScripts().isEmpty()) {
            Thread.sleep(plan.length());
            return 0;
        }
        int flushes = 0;
        FlushScripts flush = plan.flushScripts().get();
        try (Resp redis = new Resp(flush.redis())) {
            while (System.nanoTime() < end) {
                Thread.sleep(flush.every().toMillis());
                redis.call("SCRIPT", "FLUSH");
                flushes++;
            }
        }
        return flushes;
    }

    private void join(List<Future<?>> running) throws InterruptedException {
        for (Future<?> future : running) {
            try {
                future.get();
            } catch (ExecutionException e) {
                errors.add(String.valueOf(e.getCause()));
            }
        }
    }

    private String file(int index) {
        return Long.toString(firstFile + index);
    }

    private Recorder recorder(String file, String protocol) {
        String engine = protocol.equals("smb") ? "smb" : "posix";
        return recorders.computeIfAbsent(file + "/" + engine, space -> new Recorder(space, errors));
    }

    // ------------------------------------------------------------ in the end

    /** Compares byte by byte who holds what, so that merged and split rows do not matter; in SMB lock by lock. */
    private int compareWithListings() {
        int compared = 0;
        try (HttpLine line = new HttpLine(plan.gateway(), plan.headers())) {
            for (int i = 0; i < plan.files(); i++) {
                String file = file(i);
                List<Held> posix = new ArrayList<>(list(line, file, "nlm"));
                posix.addAll(list(line, file, "nfs4"));
                List<Held> posixKnown = recorder(file, "nlm").all();
                expectSame(file + " posix", joined(posixKnown), joined(posix));
                List<Held> smb = list(line, file, "smb");
                expectSame(file + " smb", texts(recorder(file, "smb").all()), texts(smb));
                compared += posix.size() + smb.size();
            }
        } catch (IOException e) {
            errors.add("listing: " + e);
        }
        return compared;
    }

    private void requireEmpty() {
        try (HttpLine line = new HttpLine(plan.gateway(), plan.headers())) {
            for (int i = 0; i < plan.files(); i++) {
                for (String protocol : PROTOCOLS) {
                    List<Held> left = list(line, file(i), protocol);
                    if (!left.isEmpty()) {
                        errors.add("released, but still listed: " + left);
                    }
                }
            }
        } catch (IOException e) {
            errors.add("listing: " + e);
        }
    }

    private static List<Held> list(HttpLine line, String file, String protocol) throws IOException {
        List<Held> all = new ArrayList<>();
        String next = "/v1/files/" + file + "/locks/" + protocol + "/byte-range/?limit=1000";
        while (true) {
            Answer page = line.get(next);
            if (page.status() != 200) {
                throw new IOException(next + ": " + page);
            }
            JsonNode grants = page.json().path("grants");
            for (JsonNode grant : grants) {
                long first = Long.parseLong(grant.path("offset").textValue());
                long size = Long.parseLong(grant.path("size").textValue());
                String mode = grant.path("mode").path(0).textValue();
                all.add(new Held(
                        grant.path("owner_id").textValue(),
                        first,
                        first + size - 1,
                        mode.endsWith("EXCLUSIVE") ? LockStrength.EXCLUSIVE : LockStrength.SHARED));
            }
            if (grants.size() < 1000) {
                return all;
            }
            next = page.json().path("paging").path("next").textValue();
        }
    }

    private void expectSame(String where, List<String> known, List<String> listed) {
        if (!known.equals(listed)) {
            TreeSet<String> lost = new TreeSet<>(known);
            listed.forEach(lost::remove);
            TreeSet<String> strange = new TreeSet<>(listed);
            known.forEach(strange::remove);
            errors.add(where + ": acknowledged but not listed " + lost + ", listed but not acknowledged " + strange);
        }
    }

    private static List<String> texts(List<Held> locks) {
        return locks.stream().map(Held::toString).sorted().toList();
    }

    /** Touching pieces of one owner and strength as one. */
    private static List<String> joined(List<Held> pieces) {
        Map<String, List<Held>> groups = new TreeMap<>();
        pieces.forEach(piece -> groups.computeIfAbsent(piece.owner() + piece.strength(), k -> new ArrayList<>())
                .add(piece));
        List<Held> joined = new ArrayList<>();
        for (List<Held> group : groups.values()) {
            group.sort((a, b) -> Long.compare(a.first(), b.first()));
            Held open = group.getFirst();
            for (Held piece : group.subList(1, group.size())) {
                if (piece.first() == open.last() + 1) {
                    open = new Held(open.owner(), open.first(), piece.last(), open.strength());
                } else {
                    joined.add(open);
                    open = piece;
                }
            }
            joined.add(open);
        }
        return texts(joined);
    }

    // ------------------------------------------------------------ one client

    /** One owner on one file and in one protocol at a time, on a connection of its own. */
    private final class Client {
        private final String owner;
        private final String protocol;
        private final String file;
        private final String place;
        private final SplittableRandom random;
        private final HttpLine line = new HttpLine(plan.gateway(), plan.headers());
        private final Recorder recorder;
        private final Map<String, Latencies> latencies = new TreeMap<>();
        /** Grant whose bytes nothing of ours has touched since. */
        private @Nullable String renewable;

        Client(int number) {
            this.owner = "client-" + number;
            this.protocol = PROTOCOLS.get(number % PROTOCOLS.size());
            this.file = file(number / PROTOCOLS.size() % plan.files());
            this.place = "/v1/files/" + file + "/locks/" + protocol + "/byte-range/";
            this.random = new SplittableRandom(number);
            this.recorder = recorder(file, protocol);
        }

        void play() {
            try {
                // The first exchange opens the connection; the clock starts when all have theirs.
                line.get("/v1/version");
            } catch (IOException e) {
                errors.add(owner + ": " + e);
            }
            ready.countDown();
            try {
                while (!over) {
                    step();
                }
            } catch (IOException | RuntimeException e) {
                errors.add(owner + ": " + e);
            }
        }

        private void step() throws IOException {
            List<Held> mine = recorder.of(owner);
            int dice = random.nextInt(100);
            if (mine.size() >= 4 || (dice < 40 && !mine.isEmpty())) {
                release(mine.get(random.nextInt(mine.size())));
            } else if (dice < 50 && renewable != null) {
                renew(renewable);
            } else if (dice < 60) {
                test();
            } else {
                acquire();
            }
        }

        private void acquire() throws IOException {
            Held wanted = anything();
            boolean smb = protocol.equals("smb");
            List<Held> before = recorder.of(owner);
            if (!smb && wanted.strength() == LockStrength.SHARED) {
                recorder.downgrade(owner, wanted.first(), wanted.last());
            }
            Answer answer = timed("acquire", () -> line.post(place, body(wanted)));
            if (answer.status() != 200) {
                recorder.restore(owner, before);
                return;
            }
            if (smb) {
                recorder.stack(wanted);
            } else {
                recorder.replace(wanted);
            }
            renewable = answer.json().path("grant_id").textValue();
        }

        private void test() throws IOException {
            Held wanted = anything();
            timed("test", () -> line.post(place + "test", body(wanted)));
        }

        private void renew(String grant) throws IOException {
            String target = "/v1/files/locks/" + protocol + "/grants/" + grant + "/renew";
            timed("renew", () -> line.post(target, "{\"lease_ms\":" + LEASE_MILLIS + "}"));
        }

        private void release(Held lock) throws IOException {
            long first = lock.first();
            long last = lock.last();
            if (protocol.equals("smb")) {
                recorder.removeExclusiveFirst(lock);
            } else {
                // Now and then only a part of it, which trims or splits.
                if (random.nextInt(4) == 0 && last - first >= 3) {
                    first += (last - first) / 4;
                    last -= (last - first) / 2;
                }
                recorder.cut(owner, first, last);
            }
            renewable = null;
            String target = place + "?offset=" + first + "&size=" + (last - first + 1) + "&owner_id=" + owner;
            timed("release", () -> line.delete(target));
        }

        /** Releases what is left: a whole file's worth in POSIX, lock by lock in SMB. */
        void leave() {
            try (HttpLine closing = line) {
                for (Held lock : recorder.of(owner)) {
                    String target = place + "?offset=" + lock.first() + "&size=" + (lock.last() - lock.first() + 1)
                            + "&owner_id=" + owner;
                    Answer answer = closing.delete(target);
                    if (answer.status() != 200) {
                        errors.add("last release: " + target + ": " + answer);
                    }
                }
            } catch (IOException e) {
                errors.add(owner + ": " + e);
            }
        }

        private Held anything() {
            long first = (long) random.nextInt(SLOTS) * SLOT + random.nextInt(3);
            long size = (long) (1 + random.nextInt(3)) * SLOT - random.nextInt(2);
            return new Held(
                    owner,
                    first,
                    first + size - 1,
                    random.nextBoolean() ? LockStrength.EXCLUSIVE : LockStrength.SHARED);
        }

        private String body(Held lock) {
            return "{\"mode\":[\"API_BYTE_RANGE_" + (lock.strength() == LockStrength.EXCLUSIVE ? "EXCLUSIVE" : "SHARED")
                    + "\"],\"offset\":\"" + lock.first() + "\",\"size\":\"" + (lock.last() - lock.first() + 1)
                    + "\",\"owner_id\":\"" + owner + "\",\"lease_ms\":" + LEASE_MILLIS + "}";
        }

        private Answer timed(String verb, Exchange exchange) throws IOException {
            long began = System.nanoTime();
            Answer answer = exchange.run();
            latencies.computeIfAbsent(verb, v -> new Latencies()).add(System.nanoTime() - began);
            answers.computeIfAbsent(verb + " " + answer.status(), k -> new LongAdder())
                    .increment();
            boolean mayConflict = verb.equals("acquire") && answer.status() == 409;
            if (answer.status() != 200 && !mayConflict) {
                errors.add(owner + ", " + verb + ": " + answer);
            }
            return answer;
        }
    }

    private interface Exchange {
        Answer run() throws IOException;
    }
}
