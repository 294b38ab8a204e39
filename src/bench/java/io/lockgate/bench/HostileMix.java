package io.lockgate.bench;

import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.RawHttp2Frames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Attacks of strangers and of a greedy user, all at once and at fixed rates, beside one good client: its times and
 * statuses with and without them, in one run, and what the gateway holds and logs. Everything goes to this machine.
 */
final class HostileMix {
    /** What the gateway may take, as a container with that limit would let it. */
    private static final long MEMORY_MIB = 384;

    private static final double LIMIT_MILLIS = 50;
    private static final long LOG_BYTES = 1 << 20;
    private static final int GOOD_PER_SECOND = 50;
    private static final int FIRST_SECONDS = 10;

    private static final String LOGIN_IN_CHUNKS = """
            POST /v1/session/login HTTP/1.1\r
            Host: a\r
            Content-Type: application/json\r
            Transfer-Encoding: chunked\r
            \r
            """;

    private static final Set<String> VALUED = Set.of("seconds", "baseline");

    private final Gateway gateway;
    private final URI uri;
    private final RawHttp stranger;
    private final String token;
    private final String greedy;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(12, work -> {
        Thread thread = new Thread(work, "attack");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<AutoCloseable> held = new ArrayDeque<>();
    private final AtomicLong attacks = new AtomicLong();

    private HostileMix(Gateway gateway) {
        this.gateway = gateway;
        this.uri = gateway.uri();
        this.stranger = RawHttp.anonymous(uri);
        this.token = gateway.headers(List.of()).getFirst().substring("Authorization: Bearer ".length());
        RawHttp admin = stranger;
        Answer made = admin.post(
                "/admin/users",
                "{\"username\":\"greedy\",\"password\":\"greedy-greedy\",\"permissions\":[\"PRIVILEGE_FS_LOCK_ACQUIRE\","
                        + "\"report-any-distribution\",\"manage-locks\"]}",
                "Authorization: Bearer " + token);
        if (made.status() >= 300) {
            throw new IllegalStateException("no user for the attack: " + made.status() + " " + made.text());
        }
        this.greedy = stranger.login("greedy", "greedy-greedy")
                .json()
                .get("bearer_token")
                .textValue();
    }

    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments, Set.of("binary"), VALUED);
        int seconds = options.number("seconds", 3_600);
        int baseline = options.number("baseline", Math.clamp(seconds / 4, 10, 120));
        boolean good;
        try (Gateway gateway = Gateway.bounded(MEMORY_MIB, options.has("binary") ? Gateway.binary() : Gateway.JAR)) {
            good = new HostileMix(gateway).run(baseline, seconds);
        }
        System.exit(good ? 0 : 1);
    }

    private record Served(Latencies latencies, TreeMap<Integer, Integer> statuses) {
        long serverErrors() {
            return statuses.entrySet().stream()
                    .filter(entry -> entry.getKey() >= 500 || entry.getKey() == 0)
                    .mapToLong(entry -> entry.getValue())
                    .sum();
        }

        @Override
        public String toString() {
            return latencies + ", statuses " + statuses;
        }
    }

    private boolean run(int baseline, int seconds) throws IOException {
        serve(5);
        Duration atFirst = processorTime();
        Served alone = serve(baseline);
        double coresAlone = processorTime().minus(atFirst).toNanos() / 1e9 / baseline;
        System.out.println("alone:    " + alone);
        // A batch that is refused for its form would be no attack.
        Answer batch = batch();
        if (batch.status() != 200) {
            throw new IllegalStateException("the greedy user's batch: " + batch.status() + " " + batch.text());
        }
        startAttacks();
        // The first seconds compile code, here and in the gateway, on the same cores: reported, and only their statuses
        // have a limit.
        Served first = serve(FIRST_SECONDS);
        System.out.println("first:    " + first);
        if (alone.statuses().lastKey() >= 300) {
            throw new IllegalStateException("the good client is refused without attacks: " + alone.statuses());
        }
        Duration before = processorTime();
        List<Long> memory = new ArrayList<>();
        TreeMap<Integer, Integer> statuses = new TreeMap<>();
        Latencies latencies = new Latencies();
        int part = Math.max(10, seconds / 12);
        for (int done = 0; done < seconds; done += part) {
            Served served = serve(Math.min(part, seconds - done));
            latencies.addAll(served.latencies());
            served.statuses().forEach((status, count) -> statuses.merge(status, count, Integer::sum));
            memory.add(gateway.residentKib() / 1_024);
        }
        Served attacked = new Served(latencies, statuses);
        double cores = processorTime().minus(before).toNanos() / 1e9 / seconds;
        threads.shutdownNow();
        System.out.println("attacked: " + attacked);
        System.out.printf(
                Locale.ROOT,
                "%,d attacks; cores in all processes: %.2f alone, %.2f attacked; resident MiB %s; log %,d bytes%n",
                attacks.get(),
                coresAlone,
                cores,
                memory,
                gateway.logBytes());
        double limit = Math.max(LIMIT_MILLIS, 3 * alone.latencies().millis(0.99));
        return Check.all(
                new Check("p99 of the good client, ms", attacked.latencies().millis(0.99), limit),
                new Check(
                        "5xx and broken connections of the good client",
                        first.serverErrors() + attacked.serverErrors(),
                        0),
                new Check("memory at the end, MiB", memory.getLast(), MEMORY_MIB),
                new Check(
                        "memory at the end, to that after a third",
                        (double) memory.getLast() / memory.get(memory.size() / 3),
                        1.2),
                new Check("log, bytes", gateway.logBytes(), LOG_BYTES));
    }

    private record Check(String name, double value, double limit) {
        static boolean all(Check... checks) {
            boolean good = true;
            for (Check check : checks) {
                boolean kept = check.value <= check.limit;
                good &= kept;
                System.out.printf(
                        Locale.ROOT,
                        "%s %s: %.2f (limit %.2f)%n",
                        kept ? "PASS" : "FAIL",
                        check.name,
                        check.value,
                        check.limit);
            }
            return good;
        }
    }

    // ---------------------------------------------------------------- the good client

    /** Acquires and releases at a fixed rate; a late answer delays none of the next ones' due times. */
    private Served serve(int seconds) {
        Latencies latencies = new Latencies();
        TreeMap<Integer, Integer> statuses = new TreeMap<>();
        long period = TimeUnit.SECONDS.toNanos(1) / GOOD_PER_SECOND;
        long due = System.nanoTime();
        long end = due + TimeUnit.SECONDS.toNanos(seconds);
        String head = "Host: lockgate\r\nAuthorization: Bearer " + token + "\r\n";
        String body =
                "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"0\",\"size\":\"64\",\"owner_id\":\"good\"}";
        RawHttp.Connection connection = connect();
        for (int i = 0; due < end; i++, due += period) {
            pauseUntil(due);
            String request = i % 2 == 0
                    ? "POST /v1/files/4711/locks/nlm/byte-range/ HTTP/1.1\r\n" + head
                            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body
                    : "DELETE /v1/files/4711/locks/nlm/byte-range/?offset=0&size=64&owner_id=good HTTP/1.1\r\n" + head
                            + "\r\n";
            int status;
            try {
                connection.write(request);
                Answer answer = connection.read("POST");
                status = answer.status();
                if (status >= 400 && statuses.getOrDefault(status, 0) == 0) {
                    System.out.println("the good client got " + status + ": " + answer.text());
                }
            } catch (IOException broken) {
                status = 0;
                connection = connect();
            }
            latencies.add(System.nanoTime() - due);
            statuses.merge(status, 1, Integer::sum);
        }
        close(connection);
        return new Served(latencies, statuses);
    }

    private RawHttp.Connection connect() {
        try {
            return stranger.connect();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pauseUntil(long due) {
        long left = due - System.nanoTime();
        if (left > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // ---------------------------------------------------------------- attacks

    private interface Attack {
        void run() throws Exception;
    }

    /** At rates that take at most half a core in all processes together, once the code is compiled. */
    private void startAttacks() {
        every(Duration.ofSeconds(2), this::readsNothing);
        every(Duration.ofSeconds(1), this::zeroWindow);
        every(Duration.ofMillis(100), this::madeUpNames);
        every(Duration.ofMillis(100), this::halfHeader);
        every(Duration.ofMillis(300), this::halfBody);
        every(Duration.ofSeconds(1), this::fullButOne);
        every(Duration.ofSeconds(1), this::manyFields);
        every(Duration.ofSeconds(2), this::refusedBody);
        every(Duration.ofSeconds(2), this::byteByByte);
        every(Duration.ofSeconds(4), this::bytesOverTwo);
        every(Duration.ofMillis(20), this::oneBadToken);
        every(Duration.ofMillis(100), this::manyBadTokens);
        every(Duration.ofMillis(200), this::forgedLines);
        every(Duration.ofMillis(200), this::badFraming);
        every(Duration.ofMillis(200), this::crossSite);
        every(Duration.ofMillis(100), this::oddAddresses);
        every(Duration.ofSeconds(2), this::wrongLogin);
        every(Duration.ofMillis(200), this::batches);
        every(Duration.ofSeconds(3), this::halfReport);
    }

    private void every(Duration period, Attack attack) {
        var _ = threads.scheduleAtFixedRate(
                () -> {
                    try {
                        attacks.incrementAndGet();
                        attack.run();
                    } catch (Exception refused) {
                        // Being refused is what an attack is for.
                    }
                },
                ThreadLocalRandom.current().nextLong(period.toMillis() + 1),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Keeps a connection open; the oldest of many goes. */
    private void hold(AutoCloseable connection) {
        AutoCloseable oldest = null;
        synchronized (held) {
            held.addLast(connection);
            if (held.size() > 400) {
                oldest = held.pollFirst();
            }
        }
        if (oldest != null) {
            close(oldest);
        }
    }

    private static void close(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception alreadyGone) {
            // The gateway was faster.
        }
    }

    private void readsNothing() throws IOException {
        byte[] request = "GET /q/openapi HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer many = ByteBuffer.allocate(request.length * 1_000);
        for (int i = 0; i < 1_000; i++) {
            many.put(request);
        }
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort()));
        channel.configureBlocking(false);
        for (int i = 0; i < 20; i++) {
            many.rewind();
            if (channel.write(many) == 0) {
                break;
            }
        }
        hold(channel);
    }

    private void zeroWindow() throws IOException {
        RawHttp2Frames two = new RawHttp2Frames(uri, 4, 0);
        for (int stream = 1; stream < 400; stream += 2) {
            two.write(RawHttp2Frames.request(stream, RawHttp2Frames.END_STREAM, "GET", "/q/openapi"));
        }
        hold(two);
    }

    private void madeUpNames() throws IOException {
        String name = "X"
                + Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36)
                        .toUpperCase(Locale.ROOT);
        send(name + " /v1/" + name + " HTTP/1.1\r\nHost: a\r\nSID: " + name + "\r\n" + name + ": " + name + "\r\n\r\n");
        send("GET /" + name.repeat(20) + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    }

    private void halfHeader() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\nX: "
                + "x".repeat(ThreadLocalRandom.current().nextInt(60_000)));
    }

    private void halfBody() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write("POST /v1/session/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: 100\r\n\r\n{");
    }

    /** As much as the limits of one request allow. */
    private void fullButOne() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write("POST /v1/session/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: 65000\r\nX: " + "x".repeat(60_000) + "\r\n\r\n" + "{".repeat(64_999));
    }

    private void manyFields() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write("GET /v1/version HTTP/1.1\r\nHost: a\r\n" + "x:\r\n".repeat(6_000));
    }

    /** Eight megabytes of a body whose request has been refused. */
    private void refusedBody() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write(LOGIN_IN_CHUNKS);
        String chunk = "10000\r\n" + "x".repeat(65_536) + "\r\n";
        for (int i = 0; i < 128; i++) {
            connection.write(chunk);
        }
    }

    private void byteByByte() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write(LOGIN_IN_CHUNKS + "1\r\nx\r\n".repeat(20_000));
    }

    private void bytesOverTwo() throws IOException {
        RawHttp2Frames two = new RawHttp2Frames(uri);
        hold(two);
        byte[] one = RawHttp2Frames.frame(RawHttp2Frames.DATA, 0, 1, new byte[] {'x'});
        two.write(RawHttp2Frames.request(1, 0, "POST", "/v1/session/login", "content-type", "application/json"));
        ByteBuffer many = ByteBuffer.allocate(20_000 * one.length);
        for (int i = 0; i < 20_000; i++) {
            many.put(one);
        }
        two.write(many.array());
    }

    private void oneBadToken() throws IOException {
        send("GET /v1/session/who-am-i HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer access-v1:" + "a".repeat(43)
                + "\r\n\r\n");
    }

    private void manyBadTokens() throws IOException {
        byte[] random = new byte[32];
        ThreadLocalRandom.current().nextBytes(random);
        String bad = java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        send("GET /v1/session/who-am-i HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer access-v1:" + bad + "\r\n\r\n");
    }

    private void forgedLines() throws IOException {
        send("GET /v1/files/\u001b[31m\u0007 HTTP/1.1\r\nHost: a\r\n\r\n");
        send("GET /v1/files/" + "y".repeat(30_000) + "%0A2026 ERROR HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + token + "\r\n\r\n");
        try (RawHttp2Frames two = new RawHttp2Frames(uri)) {
            two.write(RawHttp2Frames.request(1, RawHttp2Frames.END_STREAM, "GET", "/v1/a\n2026-01-01 ERROR forged"));
            two.read();
        }
    }

    private void badFraming() throws IOException {
        send(
                "POST /v1/session/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        send("GET /admin/locks HTTP/1.1\r\nHost: a:99999999999\r\n\r\n");
        send("GET /v1/version HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(100_000) + "\r\n\r\n");
    }

    private void crossSite() throws IOException {
        send("POST /auth/login HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n"
                + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
    }

    private void oddAddresses() throws IOException {
        String body = "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"0\",\"size\":\"1\",\"owner_id\":\"o\","
                + "\"owner_address\":\"010.0.0.1\"}";
        send(
                "POST /v1/files/9/locks/nlm/byte-range/ HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ,ip\r\nAuthorization: Bearer "
                        + greedy + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                        + body);
    }

    private void wrongLogin() {
        stranger.login("nobody" + ThreadLocalRandom.current().nextInt(1_000), "wrong-wrong");
    }

    private void batches() throws IOException {
        batch();
    }

    private Answer batch() throws IOException {
        long from = ThreadLocalRandom.current().nextLong(1L << 40);
        StringBuilder locks = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            locks.append(i == 0 ? "" : ",")
                    .append("{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"")
                    .append(from + 128L * i)
                    .append("\",\"size\":\"64\",\"owner_id\":\"g")
                    .append(from)
                    .append("\",\"lease_ms\":5000}");
        }
        String body = "{\"locks\":[" + locks + "]}";
        return send("POST /v1/files/8/locks/nlm/byte-range/batch HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + greedy
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private void halfReport() throws IOException {
        RawHttp.Connection connection = stranger.connect();
        hold(connection);
        connection.write(
                "PUT /api/v3/oneprovider/data/ab12/distribution/p HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                        + greedy
                        + "\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n{\"blocks\":[[0,1]");
    }

    private Answer send(String request) throws IOException {
        try (RawHttp.Connection connection = stranger.connect()) {
            connection.write(request);
            return connection.read("GET");
        }
    }

    // ---------------------------------------------------------------- measures

    /** Processor time of this process, the gateway, its Redis and its Postgres. */
    private Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().plus(gateway.processorTime());
    }
}
