package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.range.ByteRange;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.EngineCalls;
import io.lockgate.redis.LuaScript;
import io.lockgate.redis.RedisTables;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Redis with the gateway's scripts, and the calls of them that the gateway would make for a client. */
final class ScriptStore implements AutoCloseable {
    /** As many as a gateway has by its default. */
    private static final int BUCKETS = 64;

    private static final String PRINCIPAL = "bench-bench";
    private static final String ADDRESS = "127.0.0.1";

    private final EmbeddedRedis redis = OwnRedis.start(Optional.empty());
    private final EngineCalls calls = new EngineCalls(RedisTables.Settings.DEFAULT.withBuckets(BUCKETS));
    private final ProcessHandle process;

    ScriptStore() {
        try (Resp line = new Resp(redis.uri())) {
            for (LuaScript script : calls.scripts()) {
                line.call("SCRIPT", "LOAD", script.text());
            }
            line.call(calls.stamping());
        }
        process = ProcessHandle.of(pid(redis.uri())).orElseThrow();
    }

    /** The words of a call, command and all, and the request id that stands among them. */
    record Words(List<String> words, String id) {
        private static Words of(EngineCalls.Call call) {
            List<String> words = new ArrayList<>(List.of(
                    "EVALSHA",
                    call.script().sha1(),
                    Integer.toString(call.keys().size())));
            words.addAll(call.keys());
            words.addAll(call.arguments());
            return new Words(words, call.arguments().getFirst());
        }
    }

    static long pid(URI redis) {
        try (Resp line = new Resp(redis)) {
            return (long) RedisCost.field(line.call("INFO", "server"), "process_id");
        }
    }

    InetSocketAddress server() {
        return new InetSocketAddress(redis.uri().getHost(), redis.port());
    }

    ProcessHandle process() {
        return process;
    }

    Words acquire(Competitor.Place place) {
        return Words.of(calls.acquire(
                LockSpace.head(place.file()),
                new LockSpec(
                        Protocol.NLM,
                        LockModes.of(LockMode.EXCLUSIVE),
                        range(place),
                        new Owner(PRINCIPAL, place.owner(), ""),
                        ADDRESS,
                        ADDRESS,
                        LockLifetime.UNTIL_RELEASED)));
    }

    Words release(Competitor.Place place) {
        return Words.of(calls.release(
                LockSpace.head(place.file()),
                new UnlockSpec(
                        Protocol.NLM,
                        range(place),
                        OwnerSelector.anybody(place.owner()).ofPrincipal(PRINCIPAL))));
    }

    private static ByteRange range(Competitor.Place place) {
        return ByteRange.between(place.offset(), place.offset() + Competitor.RECORD - 1);
    }

    @Override
    public void close() {
        redis.close();
    }
}
