package io.lockgate.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Scripts as one function library of Redis 7 ({@code FUNCTION LOAD}), which defines once what a script defines in each
 * call. Its name ends in a digest of its text, and the names of its functions carry the digest too, so that the
 * libraries of several versions stand side by side.
 */
final class ScriptLibrary {
    /** What the name of every library of Lockgate begins with. */
    static final String NAMES = "lockgate_";

    private static final int DIGEST = 16;

    private final String name;
    private final String text;
    private final Map<String, String> functions; // by the digest of the script

    private ScriptLibrary(String name, String text, Map<String, String> functions) {
        this.name = name;
        this.text = text;
        this.functions = functions;
    }

    /** The scripts of the lock tables. Those that serve whole buckets run rarely. */
    static ScriptLibrary load() {
        return of(Stream.of(
                        RangeScripts.load().all(),
                        QueueScripts.load().all(),
                        SessionScripts.load().ofHeartbeats(),
                        EventScripts.load().all(),
                        BreakScripts.load().all())
                .flatMap(List::stream)
                .toList());
    }

    static ScriptLibrary of(List<LuaScript> scripts) {
        String frame = Objects.requireNonNull(LuaScript.resource("frame/library"))
                .lines()
                .filter(line -> !line.startsWith("--"))
                .map(String::strip)
                .collect(Collectors.joining("\n"));
        String blocks = scripts.stream().map(LuaScript::function).collect(Collectors.joining());
        String digest = LuaScript.sha1(frame + blocks).substring(0, DIGEST);
        String name = NAMES + digest;
        Map<String, String> functions = new HashMap<>();
        scripts.forEach(script -> functions.put(script.sha1(), name + '_' + LuaFunction.functionName(script.name())));
        String text = "#!lua name=" + name + "\nlocal PREFIX = '" + name + "_'\n" + frame + '\n' + blocks;
        return new ScriptLibrary(name, text, Map.copyOf(functions));
    }

    String name() {
        return name;
    }

    String text() {
        return text;
    }

    /** What {@code FCALL} calls a script by; null when it is not in the library. */
    @Nullable String functionOf(LuaScript script) {
        return functions.get(script.sha1());
    }

    Request loading() {
        return Request.cmd(Command.FUNCTION).arg("LOAD").arg(text);
    }

    /** Whether an error says that the library was there before. */
    boolean isThere(String error) {
        return error.startsWith("ERR Library '" + name + "' already exists");
    }
}
