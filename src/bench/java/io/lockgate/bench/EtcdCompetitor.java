package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedRedis;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One etcd with its HTTP gateway and its lock service. Each client has a lease, and each request bears a token. A lock
 * of etcd is a name: a record is one name here, and nothing compares ranges.
 */
final class EtcdCompetitor implements Competitor {
    private static final String USER = "{\"name\":\"root\",\"password\":\"bench-password\"}";
    /** Longer than a whole run. */
    private static final int LEASE_SECONDS = 86_400;

    private static final long FIRST_LEASE = 4_711;
    /** Where Linux has a file system in memory. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private final OwnProcess process;
    private final InetSocketAddress server;
    private final Path data;
    private int leases;

    private EtcdCompetitor(OwnProcess process, InetSocketAddress server, Path data) {
        this.process = process;
        this.server = server;
        this.data = data;
    }

    /**
     * @param directory for its log
     * @param onDisk whether it writes each change to disk before it answers, as it does where nobody tells it otherwise;
     *     Redis does not
     */
    static EtcdCompetitor start(String program, Path directory, boolean onDisk) throws IOException {
        InetSocketAddress place = OwnProcess.freePlace();
        String clients = "http://127.0.0.1:" + place.getPort();
        String peers = "http://127.0.0.1:" + OwnProcess.freePlace().getPort();
        Path data = Files.createTempDirectory(
                !onDisk && Files.isWritable(MEMORY) ? MEMORY : directory.toAbsolutePath(), "etcd-");
        List<String> command = List.of(
                program,
                "--data-dir=" + data,
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--logger=zap",
                "--log-level=error",
                // It keeps what was, until told otherwise.
                "--auto-compaction-mode=revision",
                "--auto-compaction-retention=1000");
        try {
            EtcdCompetitor etcd = new EtcdCompetitor(OwnProcess.start(command, place, directory), place, data);
            // Its data must not stay in memory when the tool is ended.
            Runtime.getRuntime().addShutdownHook(new Thread(etcd::close));
            etcd.demandTokens();
            return etcd;
        } catch (IOException | RuntimeException e) {
            EmbeddedRedis.deleteTree(data);
            throw e;
        }
    }

    private void demandTokens() throws IOException {
        try (HttpLine line = line(List.of())) {
            ask(line, "auth/user/add", USER);
            ask(line, "auth/role/add", "{\"name\":\"root\"}");
            ask(line, "auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
            ask(line, "auth/enable", "{}");
        }
    }

    private HttpLine line(List<String> headers) {
        return new HttpLine(URI.create("http://127.0.0.1:" + server.getPort()), headers);
    }

    private static HttpLine.Answer ask(HttpLine line, String call, String body) throws IOException {
        HttpLine.Answer answer = line.post("/v3/" + call, body);
        if (answer.status() != 200) {
            throw new IOException("etcd, " + call + ": " + answer);
        }
        return answer;
    }

    @Override
    public InetSocketAddress server() {
        return server;
    }

    @Override
    public Framing framing() {
        return Framing.HTTP;
    }

    /** With a new token, because an unused one ends after five minutes. */
    @Override
    public List<ClosedLoop.Client> clients(int number) throws IOException {
        String token;
        try (HttpLine line = line(List.of())) {
            token = ask(line, "auth/authenticate", USER).json().get("token").textValue();
        }
        List<String> headers = List.of("Authorization: " + token, "Content-Type: application/json");
        try (HttpLine line = line(headers.subList(0, 1))) {
            for (; leases < number; leases++) {
                ask(line, "lease/grant", "{\"TTL\":" + LEASE_SECONDS + ",\"ID\":" + (FIRST_LEASE + leases) + "}");
            }
        }
        return IntStream.range(0, number)
                .mapToObj(client -> client(client, headers))
                .toList();
    }

    private static ClosedLoop.Client client(int number, List<String> headers) {
        Place place = new Place(number);
        String name = place.file() + "/" + place.offset();
        long lease = FIRST_LEASE + number;
        // What it answers to a lock, and wants to have for the unlock.
        String key = base64(name + "/" + Long.toHexString(lease));
        String lock = "{\"name\":\"" + base64(name) + "\",\"lease\":" + lease + "}";
        String unlock = "{\"key\":\"" + key + "\"}";
        return new ClosedLoop.Client(
                Request.of(Request.http("POST /v3/lock/lock", headers, lock), "", "\"key\":\"" + key),
                Request.of(Request.http("POST /v3/lock/unlock", headers, unlock), "", "\"revision\""));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Processes processes() {
        return new Processes(process.handles(), List.of(), List.of());
    }

    @Override
    public String about() {
        return "one node, data " + (data.startsWith(MEMORY) ? "in memory" : "on disk")
                + ", token checked; a lock is a name, no ranges";
    }

    @Override
    public void close() {
        process.close();
        try {
            EmbeddedRedis.deleteTree(data);
        } catch (IOException e) {
            System.err.println(data + " is left: " + e);
        }
    }
}
