package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.ReportChange;
import io.lockgate.range.ByteRange;
import io.lockgate.redis.RedisDistributionMap;
import io.lockgate.redis.RedisTables;
import io.lockgate.redis.TestReportLimits;
import io.lockgate.testing.RawHttp;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What a patch of one block costs inside Redis, by the number of blocks in the report, and how much of the gateway's
 * memory an answer holds while its client is slow to take it.
 *
 * <p>The rounds visit all numbers of blocks in turn, as in {@link EngineBench}. A round brings blocks in gaps, joins
 * them to their neighbours, and takes them out again, so that the report stays what it is.
 */
public final class BlocksBench {
    private static final int[] SIZES = {10, 1_000, 100_000};
    private static final double MOST_GROWTH = 1.5;

    /** Of the live heap, for each answer under way; the answer itself is some 4 MB. */
    private static final long MOST_BYTES = 512 * 1024;

    /** Blocks are 100 bytes long, 100 bytes apart, and far out, so that their numbers are as long as numbers get. */
    private static final long BASE = 1L << 62;

    private static final String FILE = "bench";

    private BlocksBench() {}

    /**
     * Options: --quick, --rounds n, --calls n (per round and kind), --readers n, --server path. Exit code 1 when a
     * limit is passed.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of("quick"), Set.of("rounds", "calls", "readers", "server"));
        boolean quick = options.has("quick");
        boolean passed;
        try (EmbeddedRedis server = OwnRedis.start(options.text("server"));
                Resp redis = new Resp(server.uri())) {
            passed = patches(
                    redis,
                    server.uri(),
                    options.number("rounds", quick ? 5 : 15),
                    options.number("calls", quick ? 50 : 200));
        }
        try (Gateway gateway = Gateway.of(new Options(new String[0], Set.of(), Set.of("url", "redis")))) {
            passed &= answers(gateway, options.number("readers", 64));
        }
        System.exit(passed ? 0 : 1);
    }

    // ---------------------------------------------------------------- patches

    private static boolean patches(Resp redis, URI uri, int rounds, int calls) {
        RedisDistributionMap map = new RedisDistributionMap(
                RedisTables.runner(uri, RedisTables.Settings.DEFAULT),
                RedisTables.Settings.DEFAULT,
                new TestReportLimits(1_000_000, 100, Duration.ofSeconds(1)));
        for (int size : SIZES) {
            done(get(map.replace(FILE, "p" + size, blocks(size), new Precondition.Always())));
        }
        ScriptLine.finishGrowing(redis);
        Map<String, Map<Integer, List<RedisCost>>> costs = new TreeMap<>();
        SplittableRandom random = new SplittableRandom(42);
        // The first round warms allocator and caches, and is not counted.
        for (int round = 0; round <= rounds; round++) {
            for (int size : SIZES) {
                List<Long> places = new ArrayList<>();
                for (int i = 0; i < calls; i++) {
                    places.add(BASE + 200L * random.nextInt(size));
                }
                // In pairs, so that every patch changes something, however few blocks there are.
                Map<String, Runnable> kinds = new TreeMap<>(Map.of(
                        "a block in a gap, and out again",
                        () -> each(
                                places,
                                at -> add(map, size, at + 150, at + 151),
                                at -> remove(map, size, at + 150, at + 151)),
                        "joined to a block, and cut off",
                        () -> each(
                                places,
                                at -> add(map, size, at + 100, at + 149),
                                at -> remove(map, size, at + 100, at + 149)),
                        "a block split, and mended",
                        () -> each(
                                places,
                                at -> remove(map, size, at + 50, at + 50),
                                at -> add(map, size, at + 50, at + 50))));
                for (Map.Entry<String, Runnable> kind : kinds.entrySet()) {
                    RedisCost cost = RedisCost.of(redis, kind.getValue());
                    if (round > 0) {
                        costs.computeIfAbsent(kind.getKey(), name -> new TreeMap<>())
                                .computeIfAbsent(size, n -> new ArrayList<>())
                                .add(cost);
                    }
                }
            }
            get(map.sweep());
        }
        Table table = new Table();
        table.row(List.of("patch", "", "", "10 blocks", "1,000", "100,000", "growth", "limit", ""));
        boolean passed = true;
        for (Map.Entry<String, Map<Integer, List<RedisCost>>> kind : costs.entrySet()) {
            List<String> row = new ArrayList<>(List.of(kind.getKey(), "us in Redis", ""));
            TreeMap<Integer, Double> micros = new TreeMap<>();
            kind.getValue()
                    .forEach((size, all) ->
                            micros.put(size, ScriptLine.undisturbed(all, RedisCost::scriptMicrosPerCall)));
            micros.values().forEach(value -> row.add("%.1f".formatted(value)));
            double growth = micros.lastEntry().getValue() / micros.firstEntry().getValue();
            boolean held = growth <= MOST_GROWTH;
            passed &= held;
            row.addAll(List.of("%.2f".formatted(growth), "<= " + MOST_GROWTH, held ? "PASS" : "FAIL"));
            table.row(row);
        }
        System.out.println(table);
        return passed;
    }

    private interface Patch {
        ReportChange at(long place);
    }

    private static void each(List<Long> places, Patch first, Patch second) {
        places.forEach(place -> {
            done(first.at(place));
            done(second.at(place));
        });
    }

    private static ReportChange add(RedisDistributionMap map, int size, long first, long last) {
        return get(map.patch(
                FILE, "p" + size, List.of(), List.of(ByteRange.between(first, last)), new Precondition.Always()));
    }

    private static ReportChange remove(RedisDistributionMap map, int size, long first, long last) {
        return get(map.patch(
                FILE, "p" + size, List.of(ByteRange.between(first, last)), List.of(), new Precondition.Always()));
    }

    private static BlockSet blocks(int count) {
        BlockSet.Builder blocks = new BlockSet.Builder();
        for (int i = 0; i < count; i++) {
            blocks.add(BASE + 200L * i, BASE + 200L * i + 99);
        }
        return blocks.build();
    }

    private static void done(ReportChange change) {
        if (!(change instanceof ReportChange.Done)) {
            throw new IllegalStateException(change.toString());
        }
    }

    private static <T> T get(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(20));
    }

    // ---------------------------------------------------------------- answers

    /** Opens so many answers and takes the first bytes of each only. */
    private static boolean answers(Gateway gateway, int readers) throws IOException, InterruptedException {
        String credential = gateway.headers(List.of()).getFirst();
        RawHttp http = RawHttp.anonymous(gateway.uri());
        boolean passed = true;
        for (int size : new int[] {1_000, 100_000}) {
            String target = "/data/bench-" + size + "/distribution";
            RawHttp.Answer put = http.send("PUT", target + "/p", body(size), credential);
            if (put.status() / 100 != 2) {
                throw new IllegalStateException(put.toString());
            }
            long began = System.nanoTime();
            int length = http.get(target, credential).body().length;
            double seconds = (System.nanoTime() - began) / 1e9;
            long before = liveHeap(gateway);
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                open.add(begin(gateway.uri(), target, credential));
            }
            long each = (liveHeap(gateway) - before) / readers;
            for (Socket socket : open) {
                socket.close();
            }
            boolean held = each <= MOST_BYTES;
            passed &= held;
            System.out.printf(
                    Locale.ROOT,
                    "GET of %,d blocks: %,d bytes in %.2f s; %d slow readers hold %,d bytes of live heap each (limit %,d): %s; %s%n",
                    size,
                    length,
                    seconds,
                    readers,
                    each,
                    MOST_BYTES,
                    held ? "PASS" : "FAIL",
                    residentSet(gateway));
        }
        return passed;
    }

    private static byte[] body(int size) {
        StringBuilder body = new StringBuilder("{\"blocks\":[");
        for (int i = 0; i < size; i++) {
            body.append(i == 0 ? "[" : ",[").append(BASE + 200L * i).append(",100]");
        }
        return body.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Socket begin(URI gateway, String target, String credential) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16_384);
        socket.connect(new java.net.InetSocketAddress(gateway.getHost(), gateway.getPort()));
        socket.getOutputStream()
                .write(("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + credential + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        if (in.readNBytes(12)[9] != '2') {
            throw new IllegalStateException("the gateway did not answer 200");
        }
        return socket;
    }

    /** Bytes of live objects, after a full collection. */
    private static long liveHeap(Gateway gateway) throws IOException, InterruptedException {
        Thread.sleep(1_000);
        Process histogram = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(gateway.pid().orElseThrow()),
                        "GC.class_histogram")
                .start();
        String last = "";
        try (var lines = histogram.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line.startsWith("Total") ? line : last;
            }
        }
        histogram.waitFor();
        return Long.parseLong(last.trim().split("\\s+", -1)[2]);
    }

    private static String residentSet(Gateway gateway) throws IOException {
        Path status = Path.of("/proc", Long.toString(gateway.pid().orElseThrow()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmRSS"))
                        .map(line -> line.replaceAll("\\s+", " "))
                        .findFirst()
                        .orElse("")
                : "";
    }
}
