package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docs/using-a-lock-safely.md shows does what the page says. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class UsingALockSafelyTest {
    private static final Path PAGE = Path.of("docs/using-a-lock-safely.md");
    private static final Path EXAMPLES = Path.of("docs/examples");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(?:sh|java|python)\n(.*?)^```$");
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TestHTTPResource("/")
    URI base;

    @TempDir
    Path directory;

    private RawHttp http;
    private String client;
    private String holder;
    private String file;
    private String locks;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        Accounts accounts = new Accounts(http);
        client = accounts.token(accounts.user("PRIVILEGE_FS_LOCK_ACQUIRE"), "bearer");
        holder = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE", "PRIVILEGE_FS_LOCK_READ"));
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        locks = "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    @Test
    @DisplayName("The page has every example word for word")
    void pageHasTheExamples() throws IOException {
        List<String> shown = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
        List<String> examples = new ArrayList<>();
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path example : files.toList()) {
                examples.add(Files.readString(example));
            }
        }
        assertThat(examples).hasSize(3);
        assertThat(shown).containsAll(examples);
    }

    @ParameterizedTest
    @DisplayName("An example waits, asks again without an answer, polls, confirms, renews, is fenced, and releases")
    @CsvSource({"sh, locked-write.sh", "python3, locked_write.py", "java, LockedWrite.java"})
    void works(String command, String example) throws Exception {
        assumeTrue(needed(command).allMatch(UsingALockSafelyTest::isInstalled));
        JsonNode held = expect(200, http.post(locks, lock(), holder)).json();
        try (Between between = new Between()) {
            Process process = start(command, example, between);
            await().atMost(PATIENCE).until(() -> !process.isAlive() || between.asked("GET .*/waiters/.*") > 0);
            expect(200, http.delete(locks + "?offset=0&size=10&owner_id=holder", holder));
            String said = said(process);
            assertThat(process.exitValue()).as(said).isZero();
            long token = Long.parseLong(said.lines().toList().getLast().replace("written under token ", ""));
            assertThat(token).isGreaterThan(held.get("fencing_token").asLong());
            assertThat(between.asked("POST .*/byte-range/")).as("acquire").isEqualTo(2);
            assertThat(Set.copyOf(between.keys)).as("under one key").hasSize(1).doesNotContain("null");
            assertThat(between.asked("POST .*/renew")).as("confirm and renew").isGreaterThan(1);
            assertThat(expect(200, http.get(locks, holder)).json().get("grants"))
                    .isEmpty();

            between.token = "1";
            Process fenced = start(command, example, between);
            assertThat(said(fenced)).contains("the store has seen a higher token");
            assertThat(fenced.exitValue()).isPositive();
        }
    }

    // ----------------------------------------------------------------------------------------------------------
    // helpers

    private static String lock() {
        return JsonText.object(
                "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", "0", "size", "10", "owner_id", "holder");
    }

    private Process start(String command, String example, Between between) throws IOException {
        String program = command.equals("java")
                ? Path.of(System.getProperty("java.home"), "bin", "java").toString()
                : command;
        ProcessBuilder builder = new ProcessBuilder(
                program,
                EXAMPLES.resolve(example).toString(),
                file,
                directory.resolve("store").toString());
        builder.environment()
                .putAll(Map.of(
                        "LOCKGATE_SERVER",
                        between.address(),
                        "LOCKGATE_TOKEN",
                        client,
                        "LEASE_MS",
                        "5000",
                        "WORK_SECONDS",
                        "2"));
        return builder.redirectErrorStream(true)
                .redirectOutput(output().toFile())
                .start();
    }

    private Path output() {
        return directory.resolve("output");
    }

    /** What it has written, once it has ended. */
    private String said(Process process) throws IOException, InterruptedException {
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly();
        String said = Files.readString(output());
        assertThat(ended).as("ended in time: " + said).isTrue();
        return said;
    }

    /** The programs that an example calls; the JDK is there. */
    private static Stream<String> needed(String command) {
        return switch (command) {
            case "java" -> Stream.of();
            case "sh" -> Stream.of("sh", "curl", "flock");
            default -> Stream.of(command);
        };
    }

    private static boolean isInstalled(String command) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    private static Answer expect(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    /**
     * Passes calls on to the gateway. While a lock has to wait, the first acquire gets no answer, and the second is
     * answered as if it had been held for its longest time: the client must ask again, and then poll.
     */
    private final class Between implements AutoCloseable {
        private final HttpServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final Queue<String> calls = new ConcurrentLinkedQueue<>();
        private final Queue<String> keys = new ConcurrentLinkedQueue<>();
        private volatile String token = "";

        Between() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::handle);
            server.setExecutor(threads);
            server.start();
        }

        String address() {
            return "http://localhost:" + server.getAddress().getPort();
        }

        long asked(String call) {
            return calls.stream().filter(made -> made.matches(call)).count();
        }

        private void handle(HttpExchange exchange) throws IOException {
            try (exchange) {
                String target = exchange.getRequestURI().toString();
                String call = exchange.getRequestMethod() + " " + target;
                calls.add(call);
                byte[] body = exchange.getRequestBody().readAllBytes();
                Answer answer;
                long acquires = asked("POST .*/byte-range/");
                if (call.endsWith("/byte-range/") && acquires <= 2) {
                    keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
                    threads.execute(() -> pass(exchange, target, body));
                    await().atMost(PATIENCE).until(() -> !waiters().isEmpty());
                    if (acquires == 1) {
                        return;
                    }
                    String waiter = waiters().get(0).get("waiter_id").textValue();
                    answer = http.get("/v1/files/locks/waiters/" + waiter, "Authorization: Bearer " + client);
                } else {
                    answer = pass(exchange, target, body);
                }
                String text = token.isEmpty()
                        ? answer.text()
                        : answer.text().replaceAll("(\"fencing_token\":\")\\d+", "$1" + token);
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        }

        private Answer pass(HttpExchange exchange, String target, byte[] body) {
            String[] headers = Stream.of("Authorization", "Content-Type", "Idempotency-Key")
                    .filter(exchange.getRequestHeaders()::containsKey)
                    .map(name -> name + ": " + exchange.getRequestHeaders().getFirst(name))
                    .toArray(String[]::new);
            return http.send(exchange.getRequestMethod(), target, body.length == 0 ? null : body, headers);
        }

        private JsonNode waiters() {
            return http.get(locks + "waiters/", holder).json().get("waiters");
        }

        @Override
        public void close() {
            server.stop(0);
            threads.close();
        }
    }
}
