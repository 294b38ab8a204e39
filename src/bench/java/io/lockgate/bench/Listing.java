package io.lockgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** Runs {@link ListingCheck} from the command line. */
public final class Listing {
    private static final double MOST_P99_GROWTH = 2;

    private Listing() {}

    /**
     * Options: --url, --header (repeatable), --grants n (a multiple of 100), --limit n, --others n, --think-ms n,
     * --walks n. Exit code 1 when the check fails or the others' p99 more than doubles.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(
                arguments,
                Set.of(),
                Set.of("url", "redis", "header", "grants", "limit", "others", "think-ms", "walks"));
        ListingCheck.Report report;
        try (Gateway gateway = Gateway.of(options)) {
            report = ListingCheck.run(new ListingCheck.Plan(
                    gateway.uri(),
                    gateway.headers(options.all("header")),
                    options.number("grants", 100_000),
                    options.number("limit", 1_000),
                    options.number("others", 16),
                    Duration.ofMillis(options.number("think-ms", 5)),
                    options.number("walks", 5)));
            if (gateway.pid().isPresent()) {
                System.out.println("gateway: " + memory(gateway.pid().get()));
            }
        }
        System.out.println(report);
        boolean quickEnough = report.p99Growth() <= MOST_P99_GROWTH;
        System.out.println("p99 at most doubled: " + (quickEnough ? "PASS" : "FAIL"));
        System.exit(report.passed() && quickEnough ? 0 : 1);
    }

    private static String memory(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return "memory unknown on this system";
        }
        return String.join(
                ", ",
                Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM") || line.startsWith("VmRSS"))
                        .map(line -> line.replaceAll("\\s+", " "))
                        .toList());
    }
}
