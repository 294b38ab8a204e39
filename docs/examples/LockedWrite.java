import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Waits for a lock, writes two lines to a store that checks its token, and releases it. Java 21, nothing else. */
public class LockedWrite {
    static final String SERVER = System.getenv("LOCKGATE_SERVER");
    static final String CREDENTIAL = "Bearer " + System.getenv("LOCKGATE_TOKEN");
    static final Duration LEASE = Duration.ofMillis(number("LEASE_MS", 30_000));
    static final Duration WAIT = Duration.ofMillis(number("WAIT_MS", 60_000));
    static final String LOCKS = "/v1/files/locks";
    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    record Answer(int status, String body) {
        /** Of a flat JSON object. */
        String field(String name) {
            Matcher matcher = Pattern.compile('"' + name + "\":\"([^\"]*)").matcher(body);
            return matcher.find() ? matcher.group(1) : "";
        }
    }

    /** Without an answer, or with 429 or 503, it asks again: every call below may be repeated. */
    static Answer call(String method, String path, String body, String key, Duration patience) throws Exception {
        long giveUp = System.nanoTime() + patience.toNanos();
        while (true) {
            // Longer than a call is held, and no longer than there is patience.
            Duration timeout = patience.compareTo(Duration.ofSeconds(35)) < 0 ? patience : Duration.ofSeconds(35);
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(SERVER + path))
                    .timeout(timeout)
                    .header("Authorization", CREDENTIAL)
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (!key.isEmpty()) {
                request.header("Idempotency-Key", key);
            }
            try {
                HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() != 429 && response.statusCode() != 503) {
                    return new Answer(response.statusCode(), response.body());
                }
            } catch (IOException noAnswer) {
                // As 503.
            }
            if (System.nanoTime() - giveUp > 0) {
                throw new IOException("no answer: " + method + " " + path);
            }
            Thread.sleep(1_000);
        }
    }

    static Answer call(String method, String path, String body, String key) throws Exception {
        return call(method, path, body, key, Duration.ofSeconds(60));
    }

    /** An exclusive lock on bytes 0 to 4095, renewed until it is closed. */
    static final class Lock implements AutoCloseable {
        private final ScheduledExecutorService renewals =
                Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
        private final String token;
        private volatile String id;
        private volatile long until;
        private volatile boolean lost;

        Lock(String fileId) throws Exception {
            // An owner of its own for each piece of work: an owner is never in its own way.
            String lock = """
                    {"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"4096","owner_id":"job-%s",
                     "lease_ms":%d,"wait_ms":%d}""".formatted(UUID.randomUUID(), LEASE.toMillis(), WAIT.toMillis());
            // Under its key a repeat finds the lock, or the place in the queue, of the first attempt.
            String key = UUID.randomUUID().toString();
            Answer answer = call("POST", "/v1/files/" + fileId + "/locks/nlm/byte-range/", lock, key);
            while (answer.status() == 202) {
                answer = call("GET", LOCKS + "/waiters/" + answer.field("waiter_id") + "?wait_ms=20000", "", "");
            }
            if (answer.status() != 200) {
                throw new IllegalStateException("no lock: " + answer.body());
            }
            id = answer.field("grant_id");
            // The first renewal confirms a grant from the queue; until then it is provisional, and its token not good.
            token = renew().field("fencing_token");
            long pause = LEASE.toMillis() / 4;
            renewals.scheduleWithFixedDelay(this::keep, pause, pause, TimeUnit.MILLISECONDS);
        }

        private Answer renew() throws Exception {
            long sent = System.nanoTime();
            String body = "{\"lease_ms\":" + LEASE.toMillis() + "}";
            Answer answer = call("POST", LOCKS + "/nlm/grants/" + id + "/renew", body, "", LEASE.dividedBy(4));
            if (answer.status() != 200) {
                lost = true;
                throw new IllegalStateException("the lock is lost: " + answer.body());
            }
            // Counted from before the call: the lease began later, in the store.
            until = sent + LEASE.toNanos();
            id = answer.field("grant_id");
            return answer;
        }

        private void keep() {
            try {
                renew();
            } catch (Exception failure) {
                // The next may be answered; check() looks at the time.
            }
        }

        /** Before each step, with some time left for the step. */
        String token() {
            if (lost || System.nanoTime() - until > -LEASE.toNanos() / 10) {
                throw new IllegalStateException("the lock may be lost");
            }
            return token;
        }

        @Override
        public void close() throws Exception {
            renewals.shutdown();
            renewals.awaitTermination(LEASE.toMillis(), TimeUnit.MILLISECONDS);
            // 404: it has ended by itself, or a first attempt was not answered.
            call("DELETE", LOCKS + "/nlm/grants/" + id, "", "");
        }
    }

    /** What a storage does: in one step it compares the token with the highest that it has seen, and writes. */
    static void write(Path store, String token, String text) throws IOException {
        try (FileChannel file = FileChannel.open(
                        store, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock alone = file.lock()) {
            ByteBuffer highest = ByteBuffer.allocate(20);
            file.read(highest, 0);
            // 20 digits: texts compare as the numbers do, up to 2^64.
            String padded = "0".repeat(20 - token.length()) + token;
            if (new String(highest.array(), StandardCharsets.US_ASCII).compareTo(padded) > 0) {
                throw new IllegalStateException("the store has seen a higher token");
            }
            file.write(StandardCharsets.US_ASCII.encode(padded), 0);
            file.write(StandardCharsets.UTF_8.encode("\n" + text), Math.max(20, file.size()));
        }
    }

    static long number(String name, long otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : Long.parseLong(value);
    }

    public static void main(String[] arguments) throws Exception {
        Path store = Path.of(arguments[1]);
        try (Lock lock = new Lock(arguments[0])) {
            for (String step : new String[] {"first", "second"}) {
                write(store, lock.token(), step);
                Thread.sleep(number("WORK_SECONDS", 1) * 1_000);
            }
            System.out.println("written under token " + lock.token());
        }
    }
}
