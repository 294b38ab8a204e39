package io.lockgate.load;

import com.sun.net.httpserver.SimpleFileServer;
import io.gatling.app.Gatling$;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** One run: prepares, loads, cleans up, tells the result. */
public final class Main {
    private static final int PASSED = 0;
    private static final int NOT_STARTED = 1;
    private static final int FAILED = 2;

    private Main() {}

    /** Options are {@code --NAME VALUE}; see {@link Parameters}. */
    public static void main(String[] args) {
        if (args.length > 0 && List.of("--help", "-h").contains(args[0])) {
            System.out.println("bench/load [--file FILE] [--NAME VALUE]...\n\nScenarios: " + Scenario.titles()
                    + "\nThe names, with their defaults:\n\n" + Parameters.text());
            return;
        }
        int code;
        try {
            code = run(Parameters.of(List.of(args), System.getenv()));
        } catch (Fault e) {
            System.err.println(e.getMessage());
            code = NOT_STARTED;
        }
        System.exit(code);
    }

    private static int run(Parameters parameters) {
        String time =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).format(LocalDateTime.now(ZoneOffset.UTC));
        Stage stage = new Stage(new Api(parameters.urls().getFirst()), parameters, time, System.out::println);
        Tally tally = new Tally();
        CleanUp cleanUp = new CleanUp(stage);
        cleanUp.atExit();
        stage.prepare();
        Run.begin(stage, tally);
        String title = parameters.scenario().title();
        // Gatling adds a directory named by its class.
        Path reports = Path.of(
                        parameters.text("reports").isEmpty()
                                ? System.getProperty("load.reports", "reports")
                                : parameters.text("reports"),
                        title + "-" + time)
                .toAbsolutePath();
        String what = title + ", " + parameters.text("rate") + " operations/s for " + parameters.text("duration") + ", "
                + parameters.text("url");
        System.out.println(what + "; warm-up " + parameters.text("warm-up"));
        int gatling = load(parameters, reports, what);
        Path report = written(reports);
        String left = cleanUp.run();
        String verdict = left.isEmpty() ? verdict(parameters, tally, gatling) : "failed: " + left;
        String summary = what + "\n\n" + tally.table() + "\n" + tally.arrivalsText() + "\n" + verdict + "\n";
        System.out.println("\n" + summary + "report: " + report.resolve("index.html"));
        try {
            Files.writeString(report.resolve("summary.txt"), summary);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        show(report, parameters.time("show-report"), parameters.number("report-port"));
        return verdict.startsWith("passed") ? PASSED : FAILED;
    }

    private static int load(Parameters parameters, Path reports, String what) {
        System.setProperty(
                "gatling.http.requestTimeout",
                Long.toString(parameters.time("request-timeout").toMillis()));
        return Gatling$.MODULE$.fromArgs(new String[] {
            "--simulation", LoadSimulation.class.getName(),
            "--results-folder", reports.toString(),
            "--run-description", what
        });
    }

    private static String verdict(Parameters parameters, Tally tally, int gatling) {
        long unexpected = tally.unexpected();
        if (unexpected > 0) {
            return "failed: " + unexpected + " unexpected answers";
        }
        int most = parameters.number("max-told-to-wait");
        if (tally.measured(Outcome.TOLD_TO_WAIT) * 100 > tally.measured(Outcome.values()) * most) {
            return "failed: more than " + most + " % were told to wait (max-told-to-wait)";
        }
        if (gatling != 0) {
            return "failed: a limit is passed (above), or Gatling itself failed with code " + gatling;
        }
        return tally.generatorTooSlow()
                ? "passed, but the machine of the test was too slow for this rate: the times of the report are too good"
                : "passed";
    }

    private static Path written(Path reports) {
        try (Stream<Path> all = Files.list(reports)) {
            return all.findFirst().orElseThrow(() -> new Fault("Gatling wrote no report into " + reports));
        } catch (IOException e) {
            throw new Fault("no report in " + reports + ": " + e);
        }
    }

    /** In a cluster: kubectl port-forward, or kubectl cp, while this process is there. */
    private static void show(Path report, Duration time, int port) {
        if (!time.isPositive()) {
            return;
        }
        var server = SimpleFileServer.createFileServer(
                new InetSocketAddress(port), report, SimpleFileServer.OutputLevel.NONE);
        server.start();
        System.out.println("the report is shown on port " + port + " for " + time.toSeconds() + " s");
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
    }
}
