package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How long the builds that are there take from the start of the process to the first answer, on a migrated database,
 * and how much memory they hold: idle, and after many acquires and releases.
 */
public final class StartBench {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, String> settings;
    private final int runs;
    private final int requests;

    private StartBench(Map<String, String> settings, int runs, int requests) {
        this.settings = settings;
        this.runs = runs;
        this.requests = requests;
    }

    /**
     * Options: --runs n, --requests n. Compares nothing with a limit: the limits are for an idle machine.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of(), Set.of("runs", "requests"));
        try (EmbeddedRedis redis = OwnRedis.start(Optional.empty());
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            StartBench bench = new StartBench(
                    AotCache.settings(redis, postgres),
                    options.number("runs", 15),
                    options.number("requests", 100_000));
            System.out.println(bench.report());
        }
        System.exit(0);
    }

    private Table report() throws Exception {
        Map<String, List<String>> forms = new LinkedHashMap<>();
        try (Stream<Path> target = Files.list(Path.of("target"))) {
            target.filter(path -> path.toString().endsWith("-runner"))
                    .findFirst()
                    .ifPresent(binary -> forms.put("native", List.of(binary.toString())));
        }
        if (Files.exists(AotCache.FILE)) {
            forms.put("jar, AOT cache", AotCache.java("-XX:AOTCache=" + AotCache.FILE));
        }
        if (Files.exists(AotCache.JAR)) {
            forms.put("jar", AotCache.java());
        }
        Table table = new Table();
        table.row(List.of(
                "form",
                "size, MB",
                "",
                "first answer, ms: median",
                "fastest",
                "idle, MB",
                "after " + requests + " requests, MB"));
        // Migrates, and fills the caches of the file system.
        for (List<String> command : forms.values()) {
            firstAnswer(command);
        }
        for (Map.Entry<String, List<String>> form : forms.entrySet()) {
            long[] millis = IntStream.range(0, runs)
                    .mapToLong(run -> firstAnswer(form.getValue()))
                    .sorted()
                    .toArray();
            List<String> row = new ArrayList<>(List.of(form.getKey(), size(form), ""));
            row.add(Long.toString(millis[millis.length / 2]));
            row.add(Long.toString(millis[0]));
            row.addAll(memory(form.getValue()));
            table.row(row);
        }
        return table;
    }

    private static String size(Map.Entry<String, List<String>> form) throws IOException {
        Path file =
                switch (form.getKey()) {
                    case "native" -> Path.of(form.getValue().getFirst());
                    case "jar" -> null;
                    default -> AotCache.FILE;
                };
        return file == null ? "" : "%.1f".formatted(Files.size(file) / 1e6);
    }

    /** From the start of the process to the end of the first answer. */
    private long firstAnswer(List<String> command) {
        long began = System.nanoTime();
        try (GatewayProcess packaged = GatewayProcess.launch(command, settings)) {
            while (!answers(packaged)) {
                if (!packaged.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
                    throw new IllegalStateException(packaged.output());
                }
            }
            long millis = (System.nanoTime() - began) / 1_000_000;
            packaged.terminate();
            packaged.awaitEnd(PATIENCE);
            return millis;
        }
    }

    private static boolean answers(GatewayProcess packaged) {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), packaged.port())) {
            socket.getOutputStream()
                    .write("GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).contains(" 200 ");
        } catch (IOException notYet) {
            // Asking all the time would take one of two cores from the start.
            GatewayProcess.pause(Duration.ofMillis(5));
            return false;
        }
    }

    private List<String> memory(List<String> command) throws Exception {
        try (GatewayProcess packaged = GatewayProcess.launch(command, settings)) {
            packaged.awaitReady();
            GatewayProcess.pause(Duration.ofSeconds(3));
            String idle = resident(packaged);
            LockRounds.run(packaged, requests);
            String after = resident(packaged);
            packaged.terminate();
            packaged.awaitEnd(PATIENCE);
            return List.of(idle, after);
        }
    }

    private static String resident(GatewayProcess packaged) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(packaged.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .map(line -> Long.toString(Long.parseLong(line.replaceAll("\\D", "")) / 1_000))
                .findFirst()
                .orElse("?");
    }
}
