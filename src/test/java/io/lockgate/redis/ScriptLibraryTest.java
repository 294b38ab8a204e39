package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.LockSpace;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.Redis7;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scripts as functions of a library: what it is made of, and what a server does with it. */
@Timeout(60)
@Tag("slow")
class ScriptLibraryTest {
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient A = LockClient.nlm(SPACE, "A");

    private static void acquireAndRelease(RangeLockTable table) {
        A.granted(table, X, 0, 10);
        assertThat(A.released(table, 0, 10)).isEqualTo(1);
    }

    private static void untilFunctionsAreCalled(BreakableRedis redis, RangeLockTable table) {
        long before = Redis7.functionCalls(redis);
        await().untilAsserted(() -> {
            acquireAndRelease(table);
            assertThat(Redis7.functionCalls(redis)).isGreaterThan(before);
        });
    }

    @Test
    @DisplayName("What a script defines is defined once, and what a call begins with is set by each call")
    void block() {
        Map<String, String> texts = Map.of(
                "verb",
                "-- @keys key\n-- @include one\nlocal place = KEYS.key\nlocal seen = first(place)\n"
                        + "local function last()\n  return seen\nend\nreturn last()",
                "lib/one",
                "local sub = string.sub\nlocal ZERO = '0'\nlocal count = 0 -- so many\n"
                        + "local function first(a)\n  count = count + 1\n  return sub(a, 1, 1)\nend");
        assertThat(LuaScript.load("verb", texts::get).function().lines())
                .containsExactly(
                        "do",
                        "local sub",
                        "local ZERO = '0'",
                        "local count",
                        "local first",
                        "local seen",
                        "local last",
                        "first = function(a)",
                        "count = count + 1",
                        "return sub(a, 1, 1)",
                        "end",
                        "last = function()",
                        "return seen",
                        "end",
                        "local function fetch()",
                        "sub = string.sub",
                        "end",
                        "local function head_of_one()",
                        "count = 0 -- so many",
                        "end",
                        "register(PREFIX .. 'verb', fetch, function()",
                        "head_of_one()",
                        "local place = KEYS[1]",
                        "seen = first(place)",
                        "return last()",
                        "end)",
                        "end");
    }

    @Test
    @DisplayName("The library's name and those of its functions change with its text")
    void names() {
        List<LuaScript> scripts = RangeScripts.load().all();
        ScriptLibrary all = ScriptLibrary.of(scripts);
        ScriptLibrary fewer = ScriptLibrary.of(scripts.subList(1, scripts.size()));
        assertThat(all.name()).startsWith(ScriptLibrary.NAMES).isNotEqualTo(fewer.name());
        assertThat(all.functionOf(RangeScripts.load().undo())).isEqualTo(all.name() + "_undo");
        assertThat(fewer.functionOf(scripts.getFirst())).isNull();
        assertThat(all.text()).startsWith("#!lua name=" + all.name() + "\n");
    }

    @Test
    @DisplayName("A server with functions gets the library with the first call, and is sent functions from then on")
    void loaded() {
        try (BreakableRedis redis = Redis7.start()) {
            RangeLockTable table = RedisTables.table(redis.uri(), Settings.DEFAULT);
            untilFunctionsAreCalled(redis, table);
            long scripts = Redis7.scriptCalls(redis);
            acquireAndRelease(table);
            assertThat(Redis7.scriptCalls(redis)).isEqualTo(scripts);
        }
    }

    @Test
    @DisplayName("FUNCTION FLUSH goes unnoticed, and the library is loaded again")
    void flushed() {
        try (BreakableRedis redis = Redis7.start();
                RespClient probe = redis.probe()) {
            RangeLockTable table = RedisTables.table(redis.uri(), Settings.DEFAULT);
            for (int i = 0; i < 5; i++) {
                untilFunctionsAreCalled(redis, table);
                probe.send("FUNCTION", "FLUSH");
                acquireAndRelease(table);
            }
        }
    }

    @Test
    @DisplayName("Two gateways share the library of their version")
    void shared() {
        try (BreakableRedis redis = Redis7.start();
                RespClient probe = redis.probe()) {
            untilFunctionsAreCalled(redis, RedisTables.table(redis.uri(), Settings.DEFAULT));
            untilFunctionsAreCalled(redis, RedisTables.table(redis.uri(), Settings.DEFAULT));
            assertThat(libraries(probe)).containsExactly(ScriptLibrary.load().name());
        }
    }

    private static List<String> libraries(RespClient probe) {
        List<String> names = new ArrayList<>();
        for (Object library : (List<?>) Objects.requireNonNull(probe.send("FUNCTION", "LIST"))) {
            names.add(String.valueOf(((List<?>) library).get(1)));
        }
        return names;
    }

    @Test
    @DisplayName("A library of another version is deleted when it was not used for a day, behind one that cannot be"
            + " judged too, and nobody else's is")
    void oldLibraries() throws Exception {
        String odd = ScriptLibrary.NAMES + "0000000000000000";
        String old = ScriptLibrary.NAMES + "0123456789abcdef";
        String recent = ScriptLibrary.NAMES + "fedcba9876543210";
        String ours = ScriptLibrary.load().name();
        String notes = RedisKeys.libraries(Settings.DEFAULT.buckets()).getFirst();
        try (BreakableRedis redis = Redis7.start();
                RespClient probe = redis.probe()) {
            for (String name : List.of(odd, old, recent, "mine")) {
                probe.send(
                        "FUNCTION",
                        "LOAD",
                        "#!lua name=" + name + "\nredis.register_function('" + name + "_f', function() end)");
            }
            visit(redis);
            assertThat(libraries(probe)).as("first seen now").containsExactlyInAnyOrder(odd, old, recent, "mine", ours);
            assertThat(probe.map("HGETALL", notes)).containsOnlyKeys(odd, old, recent, ours);

            long now = Long.parseLong(probe.list("TIME").getFirst());
            probe.send("HSET", notes, old, Long.toString(now - 86_500), recent, Long.toString(now - 86_300));
            probe.send("HSET", notes, odd, "no number");
            visit(redis);
            assertThat(libraries(probe)).containsExactlyInAnyOrder(odd, recent, "mine", ours);
            assertThat(probe.map("HGETALL", notes)).containsOnlyKeys(odd, recent, ours);
        }
    }

    /** What a gateway that has just been started does. */
    private static void visit(BreakableRedis redis) throws Exception {
        ScriptRunner runner = RedisTables.runner(redis.uri(), Settings.DEFAULT);
        untilFunctionsAreCalled(redis, new RedisRangeLockTable(runner, Settings.DEFAULT));
        try (RespClient probe = redis.probe()) {
            String notes = RedisKeys.libraries(Settings.DEFAULT.buckets()).getFirst();
            probe.send("HDEL", notes, ScriptLibrary.load().name());
            runner.times().toCompletionStage().toCompletableFuture().get();
            await().until(() ->
                    probe.map("HGETALL", notes).containsKey(ScriptLibrary.load().name()));
            // The answers to the visit's further questions.
            Thread.sleep(200);
        }
    }

    @Test
    @DisplayName("A user without the rights to functions gets scripts, also when the rights are taken away later")
    void forbidden() {
        try (BreakableRedis redis = Redis7.start();
                RespClient probe = redis.probe()) {
            probe.send("ACL", "SETUSER", "few", "on", ">secret", "~*", "+@all", "-function");
            URI uri = URI.create("redis://few:secret@127.0.0.1:" + redis.uri().getPort());
            RangeLockTable table = RedisTables.table(uri, Settings.DEFAULT);
            for (int i = 0; i < 5; i++) {
                acquireAndRelease(table);
            }
            assertThat(Redis7.functionCalls(redis)).isZero();

            probe.send("ACL", "SETUSER", "few", "+function");
            RangeLockTable other = RedisTables.table(uri, Settings.DEFAULT);
            untilFunctionsAreCalled(redis, other);
            probe.send("ACL", "SETUSER", "few", "-fcall");
            for (int i = 0; i < 5; i++) {
                acquireAndRelease(other);
            }
        }
    }

    @Test
    @DisplayName("A server before Redis 7 gets scripts")
    void before7() {
        try (BreakableRedis redis = BreakableRedis.start()) {
            RangeLockTable table = RedisTables.table(redis.uri(), Settings.DEFAULT);
            for (int i = 0; i < 5; i++) {
                acquireAndRelease(table);
            }
            assertThat(Redis7.functionCalls(redis)).isZero();
        }
    }
}
