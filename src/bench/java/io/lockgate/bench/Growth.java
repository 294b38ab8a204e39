package io.lockgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What locks, files, owners, lists, connections and primaries cost when there are more of them: measures it, draws it,
 * and writes the measured sections of {@code docs/growth.md}, down to the estimate for a billion locks.
 *
 * <p>What is measured is kept beside the page. So parts can be measured one by one, and what was not measured again stays.
 */
public final class Growth {
    private static final Path DOCS = Path.of("docs");

    private static final String PAGE = "growth.md";
    /** Of a quick run, whose figures are none to keep. */
    private static final Path QUICK = Path.of("target", "growth");

    private static final List<String> PACKAGES = List.of("redis-server");

    private Growth() {}

    /** Where the parts put what they measure. */
    static final class Log {
        private final Measured measured;
        private final String about;

        Log(Measured measured, String about) {
            this.measured = measured;
            this.about = about;
        }

        /** In place of what was known of it. */
        NavigableMap<Double, Double> begin(String part, String series) {
            return measured.begin(part, series, about);
        }

        void say(String format, Object... values) {
            System.err.printf(Locale.ROOT, format + "%n", values);
        }
    }

    /** A part of the measurement. */
    private interface Part {
        void run() throws Exception;
    }

    /**
     * Options: --quick, --only locks,files,owners,list,connections,idle,cluster,loading,registry, --shapes A,B (of locks),
     * --draw (measures nothing), --out DIR.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of("quick", "draw"), Set.of("only", "shapes", "out"));
        boolean quick = options.has("quick");
        Path out = options.text("out").map(Path::of).orElse(quick ? QUICK : DOCS);
        Path file = out.resolve("growth.tsv");
        Measured measured = Measured.read(file);
        if (!options.has("draw")) {
            String about = String.format(
                    Locale.ROOT,
                    "Measured on %s%s. %s",
                    LocalDate.now(ZoneOffset.UTC),
                    quick ? " by a quick run" : "",
                    Machine.text(PACKAGES));
            Map<String, Part> parts = parts(new Log(measured, about), quick, options);
            Set<String> chosen = chosen(options, parts.keySet());
            for (Map.Entry<String, Part> part : parts.entrySet()) {
                String name = part.getKey();
                if (!chosen.contains(name)) {
                    continue;
                }
                long began = System.nanoTime();
                System.err.println("measuring " + name + " ...");
                part.getValue().run();
                // Each part is kept, whatever becomes of the next one.
                measured.write(file);
                draw(measured, out);
                System.err.printf(Locale.ROOT, "%s: %d s%n", name, (System.nanoTime() - began) / 1_000_000_000);
            }
        } else {
            draw(measured, out);
        }
        System.exit(0);
    }

    private static Set<String> chosen(Options options, Set<String> names) {
        Set<String> chosen =
                options.text("only").map(text -> Set.of(text.split(",", -1))).orElse(names);
        for (String name : chosen) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("no part " + name + "; there are " + names);
            }
        }
        return chosen;
    }

    private static Map<String, Part> parts(Log log, boolean quick, Options options) {
        GrowthInRedis redis = new GrowthInRedis(log, quick ? 3 : 7, quick ? 200 : 300);
        GrowthOverHttp http = new GrowthOverHttp(
                log,
                Duration.ofSeconds(quick ? 5 : 30),
                quick ? 5_000 : 200_000,
                quick ? Duration.ofMillis(500) : Duration.ofSeconds(3),
                quick ? 1 : 5);
        List<Shape> shapes = options.text("shapes")
                .map(text -> Stream.of(text.split(",", -1)).map(Shape::valueOf).toList())
                .orElse(quick ? List.of(Shape.ALIGNED, Shape.HEADER) : List.of(Shape.values()));
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("locks", () -> redis.locks(upTo(10, quick ? 10_000 : 1_000_000), shapes));
        parts.put("files", () -> redis.files(upTo(1, quick ? 1_000 : 100_000)));
        parts.put("owners", () -> redis.owners(quick ? 10_000 : 100_000, upTo(10, quick ? 10_000 : 100_000)));
        parts.put("list", () -> http.list(upTo(1_000, quick ? 10_000 : 1_000_000)));
        parts.put(
                "connections",
                () -> http.connections(quick ? new int[] {1, 16, 256} : new int[] {1, 4, 16, 64, 256, 1_024}));
        parts.put(
                "idle",
                () -> http.idle(
                        quick ? 2 : ConnectionsBench.WARM_UPS,
                        quick ? new int[] {0, 500, 1_000} : new int[] {0, 2_000, 4_000, 6_000, 8_000, 10_000}));
        parts.put("cluster", () -> http.cluster(quick ? new int[] {1, 3} : new int[] {0, 1, 3}));
        parts.put(
                "loading",
                () -> redis.loading(
                        upTo(quick ? 1_000 : 10_000, quick ? 10_000 : 1_000_000), quick ? 10_000 : 100_000));
        parts.put("registry", () -> redis.registry(upTo(1_000, quick ? 10_000 : 100_000)));
        return parts;
    }

    /** Tenfold each. */
    private static int[] upTo(int first, int last) {
        return Stream.iterate(first, size -> size <= last, size -> 10 * size)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static void draw(Measured measured, Path out) throws IOException {
        GrowthPage page = new GrowthPage(measured);
        Path images = Files.createDirectories(out.resolve("images"));
        for (Map.Entry<String, String> plot : page.plots().entrySet()) {
            Files.writeString(images.resolve(plot.getKey()), plot.getValue());
        }
        Files.writeString(out.resolve(PAGE), page.fill(Files.readString(DOCS.resolve(PAGE))));
    }
}
