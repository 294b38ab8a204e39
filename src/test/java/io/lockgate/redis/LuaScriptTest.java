package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.RespClient;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LuaScriptTest {
    private static final Pattern CALL = Pattern.compile("\\bcall\\(([^\\s,)]+),? ?([A-Za-z0-9_\\[\\]'.:]*)");

    private static LuaScript load(Map<String, String> texts) {
        return LuaScript.load("verb", name -> source(texts, name));
    }

    private static @Nullable String source(Map<String, String> texts, String name) {
        return texts.get(name);
    }

    // ------------------------------------------------------------------------------------------------------- loader

    @Test
    @DisplayName("An include is replaced by its part in place, and parts may include parts")
    void includes() {
        LuaScript script = load(Map.of(
                "verb", "local a = 1\n  -- @include one\nreturn a",
                "lib/one", "-- @include two\nlocal b = 2",
                "lib/two", "local c = 3\n"));
        assertThat(script.text()).isEqualTo("local a = 1\nlocal c = 3\nlocal b = 2\nreturn a\n");
        assertThat(script.name()).isEqualTo("verb");
    }

    @Test
    @DisplayName("A missing part is an error that names the part and the including file")
    void missing() {
        assertThatThrownBy(() -> load(Map.of("verb", "-- @include gone")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("lib/gone", "verb");
        assertThatThrownBy(() -> load(Map.of())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("A part included twice, or in a circle, is an error")
    void twice() {
        assertThatThrownBy(() -> load(Map.of("verb", "-- @include a\n-- @include a", "lib/a", "local x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("lib/a");
        assertThatThrownBy(
                        () -> load(Map.of("verb", "-- @include a", "lib/a", "-- @include b", "lib/b", "-- @include a")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("lib/a");
    }

    @Test
    @DisplayName("Only comment lines, blank lines and indentation are left out; line ends stay")
    void comments() {
        LuaScript script = load(Map.of("verb", "-- why\n\n  local a = '--' -- no\r\n\t--x\nlocal b = 1"));
        assertThat(script.text()).isEqualTo("local a = '--' -- no\nlocal b = 1\n");
    }

    @Test
    @DisplayName("The SHA equals that of Redis for the same text")
    void sha() {
        assertThat(load(Map.of("verb", "return 1")).sha1()).isEqualTo("48df9b519ca145c867b895f740b37bd891e887af");
    }

    // ---------------------------------------------------------------------------------------------------- all scripts

    static Stream<LuaScript> scripts() throws IOException, URISyntaxException {
        Path lua = Path.of(
                Objects.requireNonNull(LuaScript.class.getResource("/lua")).toURI());
        try (Stream<Path> files = Files.list(lua)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".lua"))
                    .map(file -> file.substring(0, file.length() - 4))
                    .toList();
            return names.stream().map(LuaScript::load);
        }
    }

    @Test
    @DisplayName("Every script file is a verb of the table, and every part is used")
    void allUsed() throws Exception {
        Set<String> known = Arrays.stream(RangeScripts.class.getRecordComponents())
                .map(component -> component.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(scripts().map(LuaScript::name)).containsAll(known);
        Path lua = Path.of(
                Objects.requireNonNull(LuaScript.class.getResource("/lua")).toURI());
        Set<String> wanted = new TreeSet<>();
        try (Stream<Path> files = Files.walk(lua)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Matcher include = Pattern.compile("-- @include (\\w+)").matcher(Files.readString(file));
                while (include.find()) {
                    wanted.add(include.group(1) + ".lua");
                }
            }
        }
        try (Stream<Path> parts = Files.list(lua.resolve("lib"))) {
            assertThat(parts.map(part -> part.getFileName().toString())).containsExactlyInAnyOrderElementsOf(wanted);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    @DisplayName("Every key of every script comes from KEYS, never from a literal")
    void declaredKeys(LuaScript script) {
        assertThat(script.text()).doesNotContain("lg:1", "redis.pcall");
        assertThat(script.text().split("redis\\.call", -1))
                .as("the one alias of redis.call")
                .hasSizeLessThanOrEqualTo(2);
        Set<String> keyVariables = new TreeSet<>(Set.of(
                // Parameters that only ever hold one of the variables above them.
                "index", "levels", "nodes", "levels_key", "nodes_key", "counts", "members", "key", "set"));
        Matcher assigned = Pattern.compile("local ([A-Z_, ]+) = ((?:KEYS\\[\\d+], )*KEYS\\[\\d+])")
                .matcher(script.text());
        while (assigned.find()) {
            for (String variable : assigned.group(1).split(",", -1)) {
                keyVariables.add(variable.trim());
            }
        }
        Matcher call = CALL.matcher(script.text());
        while (call.find()) {
            String command = call.group(1);
            String key = call.group(2);
            if (command.equals("'TIME'")) {
                continue;
            }
            assertThat(keyVariables.contains(key) || key.startsWith("KEYS[") || key.equals("index_of"))
                    .as("key in %s", call.group())
                    .isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    @DisplayName("No script uses a command whose cost grows with all data")
    void boundedCommands(LuaScript script) {
        Matcher call = CALL.matcher(script.text());
        while (call.find()) {
            String line = lineAt(script.text(), call.start());
            String command = call.group(1).replace("'", "");
            assertThat(command)
                    .as(line)
                    .isIn(
                            "TIME",
                            "GET",
                            "SET",
                            "HGET",
                            "HMGET",
                            "HSET",
                            "HDEL",
                            "HINCRBY",
                            "HKEYS",
                            "HLEN",
                            "HGETALL",
                            "ZADD",
                            "ZREM",
                            "ZRANGEBYLEX",
                            "ZREVRANGEBYLEX",
                            "ZRANGEBYSCORE",
                            "ZLEXCOUNT",
                            "ZSCORE",
                            "ZCARD",
                            "PERSIST",
                            "command");
            if (command.equals("HGETALL")) {
                // As many as lockgate.distribution.reports-per-file.
                assertThat(call.group(2)).as(line).isEqualTo("PROVIDERS");
            }
            if (command.equals("HKEYS")) {
                assertThat(call.group(2)).as(line).isEqualTo("levels_key");
            }
            if (command.equals("ZRANGEBYSCORE")) {
                assertThat(line).contains("'LIMIT'");
            }
            if (command.endsWith("BYLEX") && !line.contains("'LIMIT'")) {
                // Bounded by something else: names of one grant, rows of one owner.
                assertThat(line).containsAnyOf("NAMES", "'[O' .. owner .. lo", "'[' .. prefix");
            }
        }
    }

    private static String lineAt(String text, int index) {
        return text.substring(text.lastIndexOf('\n', index) + 1, text.indexOf('\n', index));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    @DisplayName("Every script is framed: a script that wrote nothing ends with a write that changes nothing")
    void framed(LuaScript script) {
        assertThat(script.text())
                .startsWith("local call, wrote = redis.call, false\nlocal function decide()\n")
                .endsWith("""
                        end
                        local answer = decide()
                        if not wrote then
                        redis.set_repl(redis.REPL_NONE)
                        call('PERSIST', KEYS[1])
                        end
                        return answer
                        """);
    }

    @Test
    @DisplayName("Redis 6.2 loads every script under the SHA that the gateway calls")
    void loadsOnEmbedded() throws Exception {
        try (RespClient probe = new RespClient(Servers.redisUri())) {
            for (LuaScript script : scripts().toList()) {
                assertThat(probe.text("SCRIPT", "LOAD", script.text()))
                        .as(script.name())
                        .isEqualTo(script.sha1());
            }
        }
    }

    @Test
    @DisplayName("The Redis of the system, where installed, loads every script under the SHA that the gateway calls")
    void loadsOnSystem() throws Exception {
        Path binary = Path.of("/usr/bin/redis-server");
        assumeTrue(Files.isExecutable(binary), "no " + binary);
        String before = System.getProperty(EmbeddedRedis.BINARY_PROPERTY, "");
        System.setProperty(EmbeddedRedis.BINARY_PROPERTY, binary.toString());
        try (EmbeddedRedis redis = EmbeddedRedis.start();
                RespClient probe = new RespClient(redis.uri())) {
            for (LuaScript script : scripts().toList()) {
                assertThat(probe.text("SCRIPT", "LOAD", script.text()))
                        .as(script.name())
                        .isEqualTo(script.sha1());
            }
        } finally {
            System.setProperty(EmbeddedRedis.BINARY_PROPERTY, before);
        }
    }
}
