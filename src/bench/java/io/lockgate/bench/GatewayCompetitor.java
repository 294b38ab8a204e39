package io.lockgate.bench;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A build of the gateway, with a Redis and a Postgres of its own; each request bears a token. */
final class GatewayCompetitor implements Competitor {
    /** As many as one call may have (lockgate.files.batch-limit). */
    static final int BATCH = 100;

    private final Gateway gateway;
    private final Processes processes;
    private final String file;
    private final int ranges;

    private GatewayCompetitor(Gateway gateway, String file, int ranges) {
        this.gateway = gateway;
        this.file = file;
        this.ranges = ranges;
        this.processes = processes(gateway);
    }

    /** Of a gateway with a single Redis that is ours. */
    static Processes processes(Gateway gateway) {
        long redis = ScriptStore.pid(gateway.redis().orElseThrow());
        List<ProcessHandle> stores = gateway.stores();
        return new Processes(
                gateway.handle().stream().toList(),
                stores.stream().filter(each -> each.pid() == redis).toList(),
                stores.stream().filter(each -> each.pid() != redis).toList());
    }

    /**
     * @param file a jar or a binary
     * @param name of its log
     */
    static GatewayCompetitor start(String file, String name) {
        return new GatewayCompetitor(Gateway.build(file, "compare-" + name), file, 1);
    }

    /** The same, asked for {@value #BATCH} records in one call. */
    static GatewayCompetitor startBatches(String file, String name) {
        return new GatewayCompetitor(Gateway.build(file, "compare-" + name), file, BATCH);
    }

    @Override
    public InetSocketAddress server() {
        return new InetSocketAddress(gateway.uri().getHost(), gateway.uri().getPort());
    }

    @Override
    public Framing framing() {
        return Framing.HTTP;
    }

    @Override
    public List<ClosedLoop.Client> clients(int number) {
        List<String> credential = gateway.headers(List.of());
        return IntStream.range(0, number)
                .mapToObj(client -> ranges == 1
                        ? client(new Place(client), credential)
                        : batchClient(new Place(client), ranges, credential))
                .toList();
    }

    /** Acquires and releases that record with that header. */
    static ClosedLoop.Client client(Place place, List<String> credential) {
        String path = "/v1/files/" + place.file() + "/locks/nlm/byte-range/";
        String lock = "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"" + place.offset() + "\",\"size\":\""
                + RECORD + "\",\"owner_id\":\"" + place.owner() + "\"}";
        List<String> withBody = new ArrayList<>(credential);
        withBody.add("Content-Type: application/json");
        String release =
                "DELETE " + path + "?offset=" + place.offset() + "&size=" + RECORD + "&owner_id=" + place.owner();
        return new ClosedLoop.Client(
                Request.of(Request.http("POST " + path, withBody, lock), "", "\"grant_id\""),
                Request.of(Request.http(release, credential, ""), "", ""));
    }

    /** Records that touch no other, so that they do not merge; each client has its own part of the file. */
    private static ClosedLoop.Client batchClient(Place place, int ranges, List<String> credential) {
        long first = place.offset() * 2 * ranges;
        List<String> locks = new ArrayList<>();
        List<String> unlocks = new ArrayList<>();
        for (int i = 0; i < ranges; i++) {
            String range = "\"offset\":\"" + (first + 2L * i * RECORD) + "\",\"size\":\"" + RECORD
                    + "\",\"owner_id\":\"" + place.owner() + "\"}";
            locks.add("{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"]," + range);
            unlocks.add("{" + range);
        }
        String head = "POST /v1/files/" + place.file() + "/locks/nlm/byte-range/batch";
        List<String> headers = new ArrayList<>(credential);
        headers.add("Content-Type: application/json");
        return new ClosedLoop.Client(
                Request.of(
                        Request.http(head, headers, "{\"locks\":[" + String.join(",", locks) + "]}"),
                        "",
                        "\"grant_id\""),
                Request.of(Request.http(head, headers, "{\"unlocks\":[" + String.join(",", unlocks) + "]}"), "", ""));
    }

    @Override
    public int ranges() {
        return ranges;
    }

    @Override
    public Processes processes() {
        return processes;
    }

    @Override
    public boolean compilesItself() {
        return file.endsWith(".jar");
    }

    @Override
    public String about() {
        String options = compilesItself()
                ? " on Java " + Runtime.version() + " with the options of its image: "
                        + String.join(" ", Gateway.imageOptions())
                : " without options";
        return file + options + "; bearer token checked"
                + (ranges == 1 ? "" : "; a request is a batch of " + ranges + " records");
    }

    @Override
    public void close() {
        gateway.close();
    }
}
