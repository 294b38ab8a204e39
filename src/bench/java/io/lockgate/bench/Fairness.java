package io.lockgate.bench;

import io.lockgate.bench.HttpLine.Answer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * What a flood of one user costs another. The flood acquires 100 ranges in one batch and releases them in the next, over many
 * connections at once; the other user acquires and releases single locks on files of its own. Quiet times and floods come in
 * turns.
 */
public final class Fairness {
    private static final int BATCH = 100;
    private static final double MOST_P50_MILLIS = 40;

    private enum Phase {
        WARM_UP,
        QUIET,
        FLOOD,
        OVER
    }

    private final URI gateway;
    private final List<String> flooding;
    private final List<String> other;
    private final Duration think;
    private final long firstFile = ThreadLocalRandom.current().nextLong(1L << 40, 1L << 61);
    private final AtomicLong ranges = new AtomicLong();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private volatile Phase phase = Phase.WARM_UP;

    private Fairness(URI gateway, List<String> flooding, List<String> other, Duration think) {
        this.gateway = gateway;
        this.flooding = flooding;
        this.other = other;
        this.think = think;
    }

    /**
     * Options: --url, --header (repeatable), --flood n, --others n, --think-ms n, --seconds n of each turn, --rounds n.
     * Exit code 1 on an error or when the other user's p50 beside the flood is over 40 ms.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(
                arguments,
                Set.of(),
                Set.of("url", "redis", "header", "flood", "others", "think-ms", "seconds", "rounds"));
        boolean passed;
        try (Gateway gateway = Gateway.of(options)) {
            List<String> administrator = gateway.headers(options.all("header"));
            Fairness fairness = new Fairness(
                    gateway.uri(),
                    gateway.newUser(administrator, "PRIVILEGE_FS_LOCK_ACQUIRE"),
                    gateway.newUser(administrator, "PRIVILEGE_FS_LOCK_ACQUIRE"),
                    Duration.ofMillis(options.number("think-ms", 5)));
            passed = fairness.run(
                    options.number("flood", 16),
                    options.number("others", 16),
                    Duration.ofSeconds(options.number("seconds", 5)),
                    options.number("rounds", 3));
        }
        System.exit(passed ? 0 : 1);
    }

    private boolean run(int flood, int others, Duration turn, int rounds) throws InterruptedException {
        List<Other> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < others; i++) {
                Other client = new Other(firstFile + i);
                clients.add(client);
                running.add(threads.submit(client::play));
            }
            for (int i = 0; i < flood; i++) {
                long file = firstFile + others + i;
                running.add(threads.submit(() -> flood(file)));
            }
            Thread.sleep(turn);
            for (int i = 0; i < rounds; i++) {
                phase = Phase.QUIET;
                Thread.sleep(turn);
                phase = Phase.FLOOD;
                Thread.sleep(turn);
            }
            phase = Phase.OVER;
            for (Future<?> future : running) {
                try {
                    future.get();
                } catch (ExecutionException e) {
                    errors.add(String.valueOf(e.getCause()));
                }
            }
        }
        Latencies quiet = together(clients.stream().map(client -> client.quiet));
        Latencies acquires = together(clients.stream().map(client -> client.acquires));
        Latencies releases = together(clients.stream().map(client -> client.releases));
        System.out.printf(
                Locale.ROOT,
                "without the flood: %s%nbeside it, acquires: %s%nbeside it, releases: %s%nthe flood: %,.0f ranges/s%n",
                quiet,
                acquires,
                releases,
                ranges.get() / (double) (turn.toSeconds() * rounds));
        errors.stream().limit(10).forEach(error -> System.out.println("ERROR: " + error));
        boolean quick = acquires.millis(0.5) <= MOST_P50_MILLIS && releases.millis(0.5) <= MOST_P50_MILLIS;
        System.out.printf(
                Locale.ROOT, "p50 beside the flood at most %.0f ms: %s%n", MOST_P50_MILLIS, quick ? "PASS" : "FAIL");
        return quick && errors.isEmpty();
    }

    private static Latencies together(Stream<Latencies> parts) {
        Latencies all = new Latencies();
        parts.forEach(all::addAll);
        return all;
    }

    private static String place(long file) {
        return "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    private void expect200(Answer answer) {
        if (answer.status() != 200) {
            errors.add(answer.toString());
        }
    }

    private void flood(long file) {
        String locks = batch("locks", "\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],");
        String unlocks = batch("unlocks", "");
        try (HttpLine line = new HttpLine(gateway, flooding)) {
            boolean held = false;
            while (phase != Phase.OVER || held) {
                if (phase == Phase.QUIET && !held) {
                    Thread.sleep(5);
                    continue;
                }
                expect200(line.post(place(file) + "batch", held ? unlocks : locks));
                held = !held;
                if (phase == Phase.FLOOD) {
                    ranges.addAndGet(BATCH);
                }
            }
        } catch (IOException e) {
            errors.add("flood: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String batch(String list, String mode) {
        StringBuilder body = new StringBuilder("{\"" + list + "\":[");
        for (int i = 0; i < BATCH; i++) {
            body.append(i == 0 ? "{" : ",{")
                    .append(mode)
                    .append("\"offset\":\"")
                    .append(1_000L * i)
                    .append("\",\"size\":\"100\",\"owner_id\":\"flood\"}");
        }
        return body.append("]}").toString();
    }

    /** A connection of the other user. */
    private final class Other {
        private final long file;
        private final Latencies quiet = new Latencies();
        private final Latencies acquires = new Latencies();
        private final Latencies releases = new Latencies();

        Other(long file) {
            this.file = file;
        }

        void play() {
            String lock =
                    "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"0\",\"size\":\"100\",\"owner_id\":\"other\"}";
            String range = "?offset=0&size=100&owner_id=other";
            try (HttpLine line = new HttpLine(gateway, other)) {
                while (phase != Phase.OVER) {
                    Thread.sleep(think);
                    long began = System.nanoTime();
                    expect200(line.post(place(file), lock));
                    note(acquires, began);
                    Thread.sleep(think);
                    began = System.nanoTime();
                    expect200(line.delete(place(file) + range));
                    note(releases, began);
                }
            } catch (IOException e) {
                errors.add("other: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void note(Latencies beside, long began) {
            long nanos = System.nanoTime() - began;
            switch (phase) {
                case QUIET -> quiet.add(nanos);
                case FLOOD -> beside.add(nanos);
                default -> {}
            }
        }
    }
}
