package io.lockgate.bench;

import io.lockgate.boot.EmbeddedPostgres;
import io.lockgate.boot.EmbeddedRedis;
import io.lockgate.testing.Packaged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How long the builds that are there take from the start of the process to the first answer, on a migrated database, and how much
 * memory they hold: idle, and after many acquires and releases.
 */
public final class StartBench {
    private static final Path APP = Path.of("target", "quarkus-app");
    private static final String CACHE = "lockgate.aot";
    private static final String USER = "bench";
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
     * Options: --runs n, --requests n, --train: first makes the AOT cache of the jar, by a run that serves some requests. Compares
     * nothing with a limit: the limits are for an idle machine.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of("train"), Set.of("runs", "requests"));
        try (EmbeddedRedis redis = OwnRedis.start(java.util.Optional.empty());
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
            settings.put("quarkus.redis.hosts", redis.uri().toString());
            settings.put("lockgate.bootstrap.admin.username", USER);
            settings.put("lockgate.bootstrap.admin.password", USER);
            settings.put("quarkus.shutdown.delay", "0s");
            StartBench bench =
                    new StartBench(settings, options.number("runs", 15), options.number("requests", 100_000));
            if (options.has("train")) {
                bench.train();
            }
            System.out.println(bench.report());
        }
        System.exit(0);
    }

    private static List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", APP.resolve("quarkus-run.jar").toString()));
        return command;
    }

    /** A run that is watched, and its end, at which Java writes the cache. */
    private void train() throws Exception {
        try (Packaged packaged = Packaged.launch(java("-XX:AOTCacheOutput=" + APP.resolve(CACHE)), settings)) {
            packaged.awaitReady();
            load(packaged, 2_000);
            packaged.terminate();
            packaged.awaitEnd(Duration.ofMinutes(2));
        }
    }

    private Table report() throws Exception {
        Map<String, List<String>> forms = new LinkedHashMap<>();
        try (Stream<Path> target = Files.list(Path.of("target"))) {
            target.filter(path -> path.toString().endsWith("-runner"))
                    .findFirst()
                    .ifPresent(binary -> forms.put("native", List.of(binary.toString())));
        }
        if (Files.exists(APP.resolve(CACHE))) {
            forms.put("jar, AOT cache", java("-XX:AOTCache=" + APP.resolve(CACHE)));
        }
        if (Files.exists(APP.resolve("quarkus-run.jar"))) {
            forms.put("jar", java());
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
                    default -> APP.resolve(CACHE);
                };
        return file == null ? "" : "%.1f".formatted(Files.size(file) / 1e6);
    }

    /** From the start of the process to the end of the first answer. */
    private long firstAnswer(List<String> command) {
        long began = System.nanoTime();
        try (Packaged packaged = Packaged.launch(command, settings)) {
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

    private static boolean answers(Packaged packaged) {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), packaged.port())) {
            socket.getOutputStream()
                    .write("GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).contains(" 200 ");
        } catch (IOException notYet) {
            // Asking all the time would take one of two cores from the start.
            Packaged.pause(Duration.ofMillis(5));
            return false;
        }
    }

    private List<String> memory(List<String> command) throws Exception {
        try (Packaged packaged = Packaged.launch(command, settings)) {
            packaged.awaitReady();
            Packaged.pause(Duration.ofSeconds(3));
            String idle = resident(packaged);
            load(packaged, requests);
            String after = resident(packaged);
            packaged.terminate();
            packaged.awaitEnd(PATIENCE);
            return List.of(idle, after);
        }
    }

    private static String resident(Packaged packaged) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(packaged.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .map(line -> Long.toString(Long.parseLong(line.replaceAll("\\D", "")) / 1_000))
                .findFirst()
                .orElse("?");
    }

    /** So many acquires and releases, together, over eight connections. */
    private static void load(Packaged packaged, int requests) {
        String token;
        try (HttpLine line = new HttpLine(packaged.uri(), List.of())) {
            token = line.post("/v1/session/login", "{\"username\":\"" + USER + "\",\"password\":\"" + USER + "\"}")
                    .json()
                    .get("bearer_token")
                    .textValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<CompletableFuture<Void>> clients = IntStream.range(0, 8)
                .mapToObj(client -> CompletableFuture.runAsync(
                        () -> client(packaged, token, client, requests / 16), command -> new Thread(command).start()))
                .toList();
        clients.forEach(CompletableFuture::join);
    }

    private static void client(Packaged packaged, String token, int client, int rounds) {
        try (HttpLine line = new HttpLine(packaged.uri(), List.of("Authorization: Bearer " + token))) {
            for (int i = 0; i < rounds; i++) {
                String path = "/v1/files/" + (1_000 + i % 100) + "/locks/nlm/byte-range/";
                int taken = line.post(
                                path,
                                "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"" + client * 100
                                        + "\",\"size\":\"100\",\"owner_id\":\"c" + client + "\"}")
                        .status();
                int freed = line.delete(path + "?offset=" + client * 100 + "&size=100&owner_id=c" + client)
                        .status();
                if (taken != 200 || freed != 200) {
                    throw new IllegalStateException(taken + ", " + freed);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
