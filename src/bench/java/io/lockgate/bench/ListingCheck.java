package io.lockgate.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.bench.HttpLine.Answer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Lists many grants of one machine page by page, following {@code paging.next} as it is, while other clients acquire
 * and release grants of the same machine on the same files, and grow, trim and renew some of those that stand. Each grant that
 * stood throughout must come exactly once, no other more than once, and no page but the last may be short.
 *
 * <p>The others' response times are taken in turns with and without a listing under way.
 */
public final class ListingCheck {
    private static final int GRANTS_PER_FILE = 2_000;
    private static final int BATCH = 100;
    private static final int SIZE = 4_096;
    /** Bytes from one standing grant to the next; the space between is for growing, and for other owners. */
    private static final long STEP = 4 * SIZE;

    /**
     * What is listed, and who does what meanwhile.
     *
     * @param headers further headers of each request
     * @param grants how many stand
     * @param limit rows of a page
     * @param others clients that acquire and release meanwhile
     * @param think their pause between two requests
     * @param walks how often all is listed
     */
    public record Plan(
            URI gateway, List<String> headers, int grants, int limit, int others, Duration think, int walks) {}

    /** What came of it. */
    public record Report(
            int pages, int rows, double walkSeconds, Latencies quiet, Latencies beside, List<String> errors) {
        /** How many times longer the others' p99 is while a listing is under way. */
        public double p99Growth() {
            return beside.millis(0.99) / quiet.millis(0.99);
        }

        public boolean passed() {
            return errors.isEmpty();
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%d pages, %,d rows, %.2f s a walk%nothers without listing: %s%nothers beside listing:  %s%np99 growth: %.2f"
                            + " (limit 2)%n",
                    pages,
                    rows,
                    walkSeconds,
                    quiet,
                    beside,
                    p99Growth()));
            errors.stream()
                    .limit(10)
                    .forEach(error -> text.append("ERROR: ").append(error).append('\n'));
            return text.append(passed() ? "each standing grant exactly once: PASS" : "FAIL")
                    .toString();
        }
    }

    private enum Phase {
        QUIET,
        BESIDE,
        OVER
    }

    private record Standing(String file, long first, String owner) {}

    private final Plan plan;
    private final long firstFile = ThreadLocalRandom.current().nextLong(1L << 40, 1L << 61);
    private final String machine;
    private final Map<String, Standing> standing = new HashMap<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private volatile Phase phase = Phase.QUIET;

    private ListingCheck(Plan plan) {
        this.plan = plan;
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        this.machine = "10." + random.nextInt(256) + '.' + random.nextInt(256) + '.' + random.nextInt(256);
    }

    public static Report run(Plan plan) throws IOException, InterruptedException {
        return new ListingCheck(plan).run();
    }

    private Report run() throws IOException, InterruptedException {
        int pages = 0;
        int rows = 0;
        long walking = 0;
        Latencies quiet = new Latencies();
        Latencies beside = new Latencies();
        try (HttpLine line = new HttpLine(plan.gateway(), plan.headers());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            takeAll(line);
            List<Other> others = new ArrayList<>();
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < plan.others(); i++) {
                Other other = new Other(i);
                others.add(other);
                running.add(threads.submit(other::play));
            }
            try {
                // The first walk warms up, and tells how long the quiet times must be.
                long length = walk(line).nanos;
                for (int i = 0; i < plan.walks(); i++) {
                    phase = Phase.QUIET;
                    Thread.sleep(Duration.ofNanos(length));
                    phase = Phase.BESIDE;
                    Walk walk = walk(line);
                    length = walk.nanos;
                    pages += walk.pages;
                    rows += walk.rows;
                    walking += walk.nanos;
                }
            } finally {
                phase = Phase.OVER;
            }
            for (Future<?> future : running) {
                join(future);
            }
            for (Other other : others) {
                quiet.addAll(other.quiet);
                beside.addAll(other.beside);
            }
            freeAll(line);
        }
        return new Report(
                pages / plan.walks(),
                rows / plan.walks(),
                walking / 1e9 / plan.walks(),
                quiet,
                beside,
                List.copyOf(errors));
    }

    private void join(Future<?> future) throws InterruptedException {
        try {
            future.get();
        } catch (ExecutionException e) {
            errors.add(String.valueOf(e.getCause()));
        }
    }

    private void takeAll(HttpLine line) throws IOException {
        for (int taken = 0; taken < plan.grants(); taken += BATCH) {
            String file = Long.toString(firstFile + taken / GRANTS_PER_FILE);
            StringBuilder body = new StringBuilder("{\"locks\":[");
            List<Standing> asked = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                long first = (taken % GRANTS_PER_FILE + i) * STEP;
                asked.add(new Standing(file, first, "standing"));
                body.append(i == 0 ? "" : ",").append(lock("standing", "SHARED", first));
            }
            Answer answer =
                    expect200(line.post(place(file) + "batch", body.append("]}").toString()));
            JsonNode grants = answer.json().path("grants");
            for (int i = 0; i < BATCH; i++) {
                standing.put(grants.path(i).path("grant_id").textValue(), asked.get(i));
            }
        }
        if (standing.size() != plan.grants()) {
            throw new IllegalStateException("acquired " + standing.size() + " grants instead of " + plan.grants());
        }
    }

    private void freeAll(HttpLine line) throws IOException {
        for (int taken = 0; taken < plan.grants(); taken += GRANTS_PER_FILE) {
            String file = Long.toString(firstFile + taken / GRANTS_PER_FILE);
            for (long slice = 0; slice < GRANTS_PER_FILE; slice += 200) {
                expect200(line.delete(
                        place(file) + "?offset=" + slice * STEP + "&size=" + 200 * STEP + "&owner_id=standing"));
            }
        }
    }

    private record Walk(int pages, int rows, long nanos) {}

    private Walk walk(HttpLine line) throws IOException {
        long began = System.nanoTime();
        Set<String> seen = new HashSet<>();
        int pages = 0;
        int rows = 0;
        String next = "/v1/files/locks/nlm/byte-range/?owner_address=" + machine + "&limit=" + plan.limit();
        boolean more = true;
        while (more) {
            JsonNode page = expect200(line.get(next)).json();
            JsonNode grants = page.path("grants");
            for (JsonNode grant : grants) {
                String id = grant.path("grant_id").textValue();
                if (!seen.add(id)) {
                    errors.add("listed twice: " + grant);
                }
            }
            pages++;
            rows += grants.size();
            more = grants.size() == plan.limit();
            next = page.path("paging").path("next").textValue();
        }
        long nanos = System.nanoTime() - began;
        Set<String> missed = new HashSet<>(standing.keySet());
        missed.removeAll(seen);
        if (!missed.isEmpty()) {
            errors.add(missed.size() + " standing grants were not listed, for example "
                    + missed.iterator().next());
        }
        return new Walk(pages, rows, nanos);
    }

    private static Answer expect200(Answer answer) {
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.toString());
        }
        return answer;
    }

    private static String place(String file) {
        return "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    private String lock(String owner, String mode, long first) {
        return "{\"mode\":[\"API_BYTE_RANGE_" + mode + "\"],\"offset\":\"" + first + "\",\"size\":\"" + SIZE
                + "\",\"owner_id\":\"" + owner + "\",\"owner_address\":\"" + machine + "\",\"lease_ms\":3600000}";
    }

    /** Another client of the same machine. */
    private final class Other {
        private final int number;
        private final SplittableRandom random;
        private final List<Map.Entry<String, Standing>> ours;
        private final Latencies quiet = new Latencies();
        private final Latencies beside = new Latencies();

        Other(int number) {
            this.number = number;
            this.random = new SplittableRandom(number);
            // Each touches standing grants of its own, so that no two grow the same at once.
            this.ours = standing.entrySet().stream()
                    .filter(entry -> Math.floorMod(entry.getKey().hashCode(), 10 * plan.others()) == number)
                    .toList();
        }

        void play() {
            try (HttpLine line = new HttpLine(plan.gateway(), plan.headers())) {
                while (phase != Phase.OVER) {
                    if (random.nextInt(4) == 0 && !ours.isEmpty()) {
                        touch(line, ours.get(random.nextInt(ours.size())));
                    } else {
                        comeAndGo(line);
                    }
                }
            } catch (IOException e) {
                errors.add("other client: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void comeAndGo(HttpLine line) throws IOException, InterruptedException {
            String owner = "other-" + number;
            String file =
                    Long.toString(firstFile + random.nextInt((plan.grants() + GRANTS_PER_FILE - 1) / GRANTS_PER_FILE));
            long first = random.nextInt(GRANTS_PER_FILE) * STEP + 2 * SIZE;
            timed(() -> line.post(place(file), lock(owner, "SHARED", first)));
            pause();
            timed(() -> line.delete(place(file) + "?offset=" + first + "&size=" + SIZE + "&owner_id=" + owner));
            pause();
        }

        /** Renews a standing grant, or lets it grow and trims it again; its id and place in the listing stay. */
        private void touch(HttpLine line, Map.Entry<String, Standing> entry) throws IOException, InterruptedException {
            Standing grant = entry.getValue();
            if (random.nextBoolean()) {
                timed(() ->
                        line.post("/v1/files/locks/nlm/grants/" + entry.getKey() + "/renew", "{\"lease_ms\":3600000}"));
            } else {
                long beyond = grant.first() + SIZE;
                timed(() -> line.post(place(grant.file()), lock(grant.owner(), "SHARED", beyond)));
                pause();
                timed(() -> line.delete(
                        place(grant.file()) + "?offset=" + beyond + "&size=" + SIZE + "&owner_id=" + grant.owner()));
            }
            pause();
        }

        private void timed(Exchange exchange) throws IOException {
            Phase during = phase;
            long began = System.nanoTime();
            Answer answer = exchange.run();
            (during == Phase.QUIET ? quiet : beside).add(System.nanoTime() - began);
            if (answer.status() != 200) {
                errors.add("other client: " + answer);
            }
        }

        private void pause() throws InterruptedException {
            Thread.sleep(plan.think());
        }
    }

    private interface Exchange {
        Answer run() throws IOException;
    }
}
