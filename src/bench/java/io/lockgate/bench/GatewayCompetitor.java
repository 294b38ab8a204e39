package io.lockgate.bench;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A build of the gateway, with a Redis and a Postgres of its own; each request bears a token. */
final class GatewayCompetitor implements Competitor {
    private final Gateway gateway;
    private final Processes processes;
    private final String file;

    private GatewayCompetitor(Gateway gateway, String file) {
        this.gateway = gateway;
        this.file = file;
        long redis = ScriptStore.pid(gateway.redis().orElseThrow());
        List<ProcessHandle> stores = gateway.stores();
        this.processes = new Processes(
                gateway.handle().stream().toList(),
                stores.stream().filter(each -> each.pid() == redis).toList(),
                stores.stream().filter(each -> each.pid() != redis).toList());
    }

    /**
     * @param file a jar or a binary
     * @param name of its log
     */
    static GatewayCompetitor start(String file, String name) {
        return new GatewayCompetitor(Gateway.build(file, "compare-" + name), file);
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
                .mapToObj(client -> client(new Place(client), credential))
                .toList();
    }

    private static ClosedLoop.Client client(Place place, List<String> credential) {
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
        return file + options + "; bearer token checked";
    }

    @Override
    public void close() {
        gateway.close();
    }
}
