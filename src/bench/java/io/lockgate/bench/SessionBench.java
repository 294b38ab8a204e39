package io.lockgate.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What one heartbeat of a session costs the gateway and Redis, by the number of its locks: processor time, because a
 * machine may have other things to do. The gateway and its stores are of their own.
 */
public final class SessionBench {
    private static final double LIMIT_MILLIS = 20;
    private static final int FILES = 200;
    private static final int BATCH = 50;
    private static final String SESSIONS = "/v1/files/locks/sessions/";

    private final HttpLine line;
    private final List<ProcessHandle> gateway;
    private final List<ProcessHandle> redis;

    private SessionBench(HttpLine line, ProcessHandle gateway, ProcessHandle redis) {
        this.line = line;
        this.gateway = List.of(gateway);
        this.redis = List.of(redis);
    }

    /** Options: --beats n that are measured; default 2,000. Exit code 1 when one takes 20 ms of both together, or more. */
    public static void main(String[] arguments) throws IOException {
        Options options = new Options(arguments, Set.of(), Set.of("beats"));
        int beats = options.number("beats", 2_000);
        Table table = new Table(0);
        table.row(List.of("locks", "files", "gateway, ms", "Redis, ms", "together, ms"));
        boolean passed = true;
        try (Gateway started = Gateway.build(Gateway.JAR, "gateway")) {
            URI redis = started.redis().orElseThrow();
            ProcessHandle ofRedis = ProcessHandle.of(ScriptStore.pid(redis)).orElseThrow();
            try (HttpLine line = new HttpLine(started.uri(), started.headers(List.of()))) {
                SessionBench bench = new SessionBench(line, started.handle().orElseThrow(), ofRedis);
                // Code is compiled for a while.
                bench.measure(10, 10, beats);
                for (int locks : new int[] {10, FILES, FILES * BATCH}) {
                    passed &= bench.measure(locks, Math.min(locks, FILES), beats, table);
                }
            }
        }
        System.out.println();
        System.out.print(table);
        System.out.printf(
                Locale.ROOT,
                "one heartbeat takes less than %.0f ms of the gateway and Redis together: %s%n",
                LIMIT_MILLIS,
                passed ? "PASS" : "FAIL");
        System.exit(passed ? 0 : 1);
    }

    private boolean measure(int locks, int files, int beats, Table table) throws IOException {
        ProcessorUse used = measure(locks, files, beats);
        double ofGateway = used.seconds(gateway) * 1_000 / beats;
        double ofRedis = used.seconds(redis) * 1_000 / beats;
        table.row(List.of(
                String.format(Locale.ROOT, "%,d", locks),
                Integer.toString(files),
                millis(ofGateway),
                millis(ofRedis),
                millis(ofGateway + ofRedis)));
        return ofGateway + ofRedis < LIMIT_MILLIS;
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.2f", millis);
    }

    /** Of a new session, which ends afterwards. */
    private ProcessorUse measure(int locks, int files, int beats) throws IOException {
        String session = asked(line.post(SESSIONS, "{\"ttl_ms\":600000}"), 201)
                .get("session_id")
                .textValue();
        for (int file = 0; file < files; file++) {
            String body = IntStream.range(0, locks / files)
                    .mapToObj(i -> "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"" + 20 * i
                            + "\",\"size\":\"10\",\"owner_id\":\"bench\",\"session_id\":\"" + session + "\"}")
                    .collect(Collectors.joining(",", "{\"locks\":[", "]}"));
            asked(line.post("/v1/files/" + (1_000 + file) + "/locks/nlm/byte-range/batch", body), 200);
        }
        List<ProcessHandle> both = new ArrayList<>(gateway);
        both.addAll(redis);
        beat(session, beats / 10);
        ProcessorUse before = ProcessorUse.of(both);
        beat(session, beats);
        ProcessorUse used = ProcessorUse.of(both).since(before);
        HttpLine.Answer ended = line.delete(SESSIONS + session);
        if (ended.status() != 200) {
            throw new IllegalStateException("not ended: " + ended);
        }
        return used;
    }

    private void beat(String session, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            asked(line.post(SESSIONS + session + "/renew", "{}"), 200);
        }
    }

    private static JsonNode asked(HttpLine.Answer answer, int status) {
        if (answer.status() != status) {
            throw new IllegalStateException("an answer of another kind: " + answer);
        }
        return answer.json();
    }
}
