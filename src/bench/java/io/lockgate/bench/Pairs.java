package io.lockgate.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Two builds of the gateway under the load of {@link LoadCheck} in turns, so that what the machine does beside meets
 * both: each pair gives the ratio of requests a second and of processor time a request (gateway, Redis and Postgres),
 * this build to the other.
 */
public final class Pairs {
    /** What a build may lose against the other. */
    private static final double MOST_LOSS = 0.05;

    private static final String PACKAGED = "target/quarkus-app/quarkus-run.jar";

    private final int clients;
    private final int files;
    private final Duration length;
    private final Duration warmUp;

    private Pairs(int clients, int files, Duration length, Duration warmUp) {
        this.clients = clients;
        this.files = files;
        this.length = length;
        this.warmUp = warmUp;
    }

    /**
     * @param micros of processor a request, in the gateway, its Redis and its Postgres
     * @param ownMicros of these, those of the gateway
     */
    private record Run(double perSecond, double micros, double ownMicros) {}

    /**
     * Options: --other FILE (a jar or a binary, required), --this FILE, --pairs n, --seconds n of each run, --warm-up n
     * seconds of each build before the first pair, --clients n, --files n. Exit code 1 when a run has errors, or the
     * median of either ratio is worse than 5 %.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(
                arguments, Set.of(), Set.of("other", "this", "pairs", "seconds", "warm-up", "clients", "files"));
        String other = options.text("other").orElseThrow(() -> new IllegalArgumentException("--other is missing"));
        Pairs pairs = new Pairs(
                options.number("clients", 64),
                options.number("files", 64),
                Duration.ofSeconds(options.number("seconds", 15)),
                Duration.ofSeconds(options.number("warm-up", 45)));
        boolean kept;
        try (Gateway that = Gateway.build(other, "other");
                Gateway own = Gateway.build(options.text("this").orElse(PACKAGED), "gateway")) {
            kept = pairs.compare(own, that, options.number("pairs", 9));
        }
        System.exit(kept ? 0 : 1);
    }

    private boolean compare(Gateway own, Gateway other, int pairs) throws InterruptedException {
        // Both compile their code first, which takes longer than one run.
        run(other, warmUp);
        run(own, warmUp);
        List<Double> speed = new ArrayList<>();
        List<Double> cost = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            boolean ownFirst = pair % 2 == 0;
            Run first = run(ownFirst ? own : other, length);
            Run second = run(ownFirst ? other : own, length);
            Run mine = ownFirst ? first : second;
            Run theirs = ownFirst ? second : first;
            speed.add(mine.perSecond() / theirs.perSecond());
            cost.add(mine.micros() / theirs.micros());
            System.out.printf(
                    Locale.ROOT,
                    "pair %d: %,.0f and %,.0f requests/s (%.3f), %.1f and %.1f us of processor a request (%.3f),"
                            + " of these %.1f and %.1f in the gateway%n",
                    pair + 1,
                    mine.perSecond(),
                    theirs.perSecond(),
                    speed.getLast(),
                    mine.micros(),
                    theirs.micros(),
                    cost.getLast(),
                    mine.ownMicros(),
                    theirs.ownMicros());
        }
        boolean asFast = judge("requests a second", speed, 1 - MOST_LOSS, true);
        boolean asCheap = judge("processor time a request", cost, 1 + MOST_LOSS, false);
        return asFast && asCheap;
    }

    private Run run(Gateway gateway, Duration length) throws InterruptedException {
        Duration before = gateway.processorTime();
        Duration ownBefore = gateway.ownProcessorTime();
        LoadCheck.Report report = LoadCheck.run(new LoadCheck.Plan(
                gateway.uri(), gateway.headers(List.of()), clients, files, length, Optional.empty()));
        if (!report.passed()) {
            throw new IllegalStateException(report.toString());
        }
        return new Run(
                report.perSecond(),
                microsARequest(gateway.processorTime().minus(before), report),
                microsARequest(gateway.ownProcessorTime().minus(ownBefore), report));
    }

    private static double microsARequest(Duration processor, LoadCheck.Report report) {
        return processor.toNanos() / 1e3 / report.requests();
    }

    private static boolean judge(String name, List<Double> ratios, double limit, boolean moreIsBetter) {
        Ratios found = Ratios.of(ratios);
        double median = found.median();
        boolean kept = moreIsBetter ? median >= limit : median <= limit;
        System.out.printf(
                Locale.ROOT,
                "%s %s, this to other: median %.3f, interval %.3f to %.3f (limit %.2f)%n",
                kept ? "PASS" : "FAIL",
                name,
                median,
                found.low(),
                found.high(),
                limit);
        return kept;
    }
}
