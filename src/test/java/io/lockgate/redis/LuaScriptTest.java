package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.Servers;
import io.lockgate.testing.redis.RespClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
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
    @DisplayName("A part that several files include stands once, before the first that needs it")
    void shared() {
        LuaScript script = load(Map.of(
                "verb", "-- @include one (b)\n-- @include two (c)\nreturn b + c",
                "lib/one", "-- @include two (c)\nlocal b = c",
                "lib/two", "local c = 3"));
        assertThat(script.text()).isEqualTo("local c = 3\nlocal b = c\nreturn b + c\n");
    }

    @Test
    @DisplayName("A part that stands within a function only is an error where it is wanted outside of it")
    void outOfScope() {
        assertFails(
                Map.of(
                        "verb", "do\n  -- @include one (b)\nend\n-- @include two (c)\nreturn c",
                        "lib/one", "local b = 1",
                        "lib/two", "-- @include one (b)\nlocal c = b"),
                "lib/one",
                "lib/two",
                "outside");
    }

    private static void assertFails(Map<String, String> texts, String... words) {
        assertThatThrownBy(() -> load(texts))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    @DisplayName("A name that an include lists and the part does not define is an error that names both")
    void listedButNotDefined() {
        String part = "local one, two = 1, 2 -- three\nlocal four\nlocal function five(six)\n  local seven\nend";
        assertThat(load(Map.of("verb", "-- @include a (one, two, four,\n--   five)\nreturn one", "lib/a", part))
                        .text())
                .endsWith("return one\n");
        for (String inside : List.of("three", "six", "seven")) {
            assertFails(Map.of("verb", "-- @include a (" + inside + ")", "lib/a", part), "lib/a", inside, "verb");
        }
        // What another part brings it does not bring.
        assertFails(
                Map.of("verb", "-- @include b (one)", "lib/a", part, "lib/b", "-- @include a (one)\nlocal x = one"),
                "lib/b",
                "one");
        assertFails(Map.of("verb", "-- @include a (one,\nreturn one", "lib/a", part), "no end");
    }

    @Test
    @DisplayName("A named column stands for its characters, also within another and in a list of a part")
    void columns() {
        LuaScript script = load(Map.of(
                "verb",
                """
                -- @include rows (lo_of, after_lo, before_hi, id_of)
                local a = lo_of(row) .. after_lo(rows[i]) .. before_hi(f(x, ')'))
                local b = id_of(lo_of(row)) .. tail_of(row) .. slo_of(row) .. 'lo_of(row)' -- lo_of(row)
                local c = COLUMN.tail
                """,
                "lib/rows",
                "-- @column lo 1 16\n-- @column hi 17 32\n-- @column id -16\n-- @column tail 33"));
        assertThat(script.text()).isEqualTo("""
                local a = sub(row, 1, 16) .. sub(rows[i], 17) .. sub(f(x, ')'), 1, 16)
                local b = sub(sub(row, 1, 16), -16) .. sub(row, 33) .. slo_of(row) .. 'lo_of(row)' -- lo_of(row)
                local c = 33
                """);
        assertFails(Map.of("verb", "-- @column lo 1 2\n-- @column lo 1 2"), "lo", "twice");
        assertFails(Map.of("verb", "-- @column lo 1 2\nreturn lo_of(f(\nx))"), "bracket");
    }

    @Test
    @DisplayName(
            "Keys and arguments go by the names that the head lists, in parts too; groups and open ends have a place")
    void arguments() {
        LuaScript script = load(Map.of(
                "verb",
                "-- @keys meta rows\n-- @argv id <lock>\n-- @argv more? rest...\n-- @include part (x)\n"
                        + "return KEYS.rows, ARGV.id, ARGV.more, PLACE.lock, PLACE.rest, lock_lo_at(PLACE.lock), #ARGV",
                "lib/part",
                "-- @group lock kind lo hi\nlocal x = KEYS.meta .. lock_kind_at(i) .. lock_hi_at(i) .. SIZE.lock"));
        assertThat(script.text()).isEqualTo("""
                local x = KEYS[1] .. ARGV[i] .. ARGV[i + 2] .. 3
                return KEYS[2], ARGV[1], ARGV[5], 2, 6, ARGV[2 + 1], #ARGV
                """);
        assertThat(script.takes(2, 4)).isTrue();
        assertThat(script.takes(2, 99)).isTrue();
        assertThat(script.takes(2, 3)).isFalse();
        assertThat(script.takes(1, 4)).isFalse();
        assertThat(script.takes(3, 4)).isFalse();
    }

    @Test
    @DisplayName("An argument behind an open end is counted from the last")
    void behindAnOpenEnd() {
        LuaScript script = load(Map.of(
                "verb", "-- @argv a <pair>... b c\n-- @group pair x y\nreturn ARGV.a, PLACE.pair, ARGV.b, ARGV.c"));
        assertThat(script.text()).isEqualTo("return ARGV[1], 2, ARGV[#ARGV - 1], ARGV[#ARGV]\n");
        assertThat(script.takes(0, 3)).isTrue();
        assertThat(script.takes(0, 2)).isFalse();
    }

    @Test
    @DisplayName("A name that the head does not list, a head in a part and an unknown directive are errors")
    void wrongNames() {
        assertFails(Map.of("verb", "-- @keys meta\nreturn KEYS.rows"), "KEYS.rows", "verb");
        assertFails(
                Map.of("verb", "-- @argv id\n-- @include a", "lib/a", "local x = ARGV.token"), "ARGV.token", "lib/a");
        assertFails(Map.of("verb", "-- @argv id\nreturn PLACE.id"), "PLACE.id");
        assertFails(Map.of("verb", "-- @argv id <lock>"), "lock");
        assertFails(Map.of("verb", "-- @argv id id"), "ARGV.id", "twice");
        assertFails(Map.of("verb", "-- @include a", "lib/a", "-- @keys meta"), "lib/a", "head");
        assertFails(Map.of("verb", "-- @includes a"), "@includes", "verb");
    }

    @Test
    @DisplayName("Only whole lines of comment, blank lines and indentation are left out; line ends stay")
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

    private static final Path LUA = Path.of("src/main/resources/lua");

    /** Folder and name of every script. */
    static List<String> paths() throws IOException {
        return files().keySet().stream()
                .filter(path -> !path.startsWith("lib/") && !path.startsWith("frame/"))
                .toList();
    }

    static Stream<LuaScript> scripts() throws IOException {
        return paths().stream().map(LuaScript::load);
    }

    /** The text of every file by folder and name. */
    private static Map<String, String> files() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(LUA)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                texts.put(LUA.relativize(file).toString().replaceFirst("\\.lua$", ""), Files.readString(file));
            }
        }
        return texts;
    }

    @Test
    @DisplayName("Every verb of the table has a script file, and every part is used")
    void allUsed() throws Exception {
        Set<String> known = Arrays.stream(RangeScripts.class.getRecordComponents())
                .map(component -> component.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(scripts().map(LuaScript::name)).containsAll(known).doesNotHaveDuplicates();
        Set<String> wanted = new TreeSet<>();
        for (String text : files().values()) {
            LuaSource.includes(text).forEach(include -> wanted.add(include.part()));
        }
        assertThat(files().keySet().stream().filter(path -> path.startsWith("lib/")))
                .containsExactlyInAnyOrderElementsOf(wanted);
    }

    // ------------------------------------------------------------------------------------------------- names and heads

    /** Words of code in order; not those in strings, comments, behind a point, or before the equals sign in a table. */
    private static Set<String> words(String text) {
        List<String> tokens = new ArrayList<>();
        for (String line : text.lines().toList()) {
            for (int i = 0; i < line.length(); ) {
                int end = LuaSource.endOfToken(line, i);
                if (!line.startsWith("--", i) && !Character.isWhitespace(line.charAt(i))) {
                    tokens.add(line.substring(i, end));
                }
                i = end;
            }
        }
        tokens.addAll(List.of(" ", " "));
        Set<String> words = new TreeSet<>();
        int depth = 0;
        for (int i = 0; i < tokens.size() - 2; i++) {
            String token = tokens.get(i);
            depth += token.equals("{") ? 1 : token.equals("}") ? -1 : 0;
            boolean isField = i > 0
                    && tokens.get(i - 1).equals(".")
                    && (i < 2 || !tokens.get(i - 2).equals("."));
            boolean isKey = depth > 0
                    && tokens.get(i + 1).equals("=")
                    && !tokens.get(i + 2).equals("=")
                    && (tokens.get(i - 1).equals("{") || tokens.get(i - 1).equals(","));
            if (Character.isLetter(token.charAt(0)) && !isField && !isKey) {
                words.add(token);
            }
        }
        return words;
    }

    /** The names that a file gives to something itself, anywhere. */
    private static Set<String> own(String text) {
        Set<String> own = new TreeSet<>(LuaSource.definitions(text));
        for (String declares : List.of(
                "local function (\\w+)",
                "function ?[\\w.]*\\(([^)]*)\\)",
                "local (?!function)([\\w, ]+)",
                "for ([\\w, ]+) (?:in|=)")) {
            Matcher matcher = Pattern.compile(declares).matcher(text);
            while (matcher.find()) {
                own.addAll(List.of(matcher.group(1).strip().split(", ?", -1)));
            }
        }
        return own;
    }

    /** For each part, in the order of its names, those of other files that {@code text} uses. */
    private static Map<String, Set<String>> used(String text, Map<String, String> parts) {
        Set<String> words = words(text);
        if (text.contains("-- @column ")) {
            words.add("sub"); // to which the loader turns the column
        }
        words.removeAll(own(text));
        Map<String, Set<String>> used = new TreeMap<>();
        parts.forEach((part, its) -> {
            Set<String> names = new TreeSet<>(LuaSource.definitions(its));
            names.retainAll(words);
            if (!names.isEmpty()) {
                used.put(part, names);
            }
        });
        return used;
    }

    private static Map<String, String> parts() throws IOException {
        Map<String, String> parts = files();
        parts.keySet().removeIf(path -> !path.startsWith("lib/"));
        return parts;
    }

    private static Map<String, Set<String>> listed(String text) {
        Map<String, Set<String>> listed = new TreeMap<>();
        LuaSource.includes(text).forEach(include -> listed.put(include.part(), new TreeSet<>(include.names())));
        return listed;
    }

    @Test
    @DisplayName("Every file lists of each part that it includes the names that it uses, all of them and no other")
    void includesListNames() throws IOException {
        Map<String, String> parts = parts();
        for (Map.Entry<String, String> file : files().entrySet()) {
            Map<String, String> others = new TreeMap<>(parts);
            others.remove(file.getKey());
            assertThat(listed(file.getValue())).as(file.getKey()).isEqualTo(used(file.getValue(), others));
        }
    }

    /** What needs no declaration: keywords, what Redis and the frame have, and what the loader turns into numbers. */
    private static final Set<String> GIVEN = Set.of(
            ("and break do else elseif end false for function if in local nil not or repeat return then true until"
                            + " while call wrote redis cmsgpack KEYS ARGV PLACE SIZE COLUMN"
                            + " error ipairs math pairs string table tonumber tostring unpack")
                    .split(" ", -1));

    @Test
    @DisplayName("No file uses a name that nothing defines, as that of a column that is not declared")
    void everyNameIsDefined() throws IOException {
        Map<String, String> parts = parts();
        for (Map.Entry<String, String> file : files().entrySet()) {
            Set<String> unknown = words(file.getValue());
            unknown.removeAll(own(file.getValue()));
            parts.values().forEach(part -> unknown.removeAll(LuaSource.definitions(part)));
            unknown.removeAll(GIVEN);
            assertThat(unknown).as(file.getKey()).isEmpty();
        }
    }

    @Test
    @DisplayName("The test of the lists finds a name that is used and not listed, and one that is listed and not used")
    void listsAreTested() {
        Map<String, String> parts = Map.of("lib/a", "local one, two = 1, 2\nlocal function three()\nend");
        String text = "-- @include a (one, three)\nlocal x = { two = one, y.three } .. two\n-- three\nreturn 'three'";
        assertThat(listed(text)).isEqualTo(Map.of("lib/a", Set.of("one", "three")));
        assertThat(used(text, parts)).isEqualTo(Map.of("lib/a", Set.of("one", "two")));
    }

    @Test
    @DisplayName("No two parts bring the same name")
    void namesAreUnique() throws IOException {
        List<String> names = new ArrayList<>();
        parts().values().forEach(text -> names.addAll(LuaSource.definitions(text)));
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("No file names a key, an argument or a column by number")
    void noNumbers() throws IOException {
        Pattern numbered =
                Pattern.compile("(KEYS|ARGV)\\[\\d+]|\\bsub\\([^()]+, -?\\d+(, -?\\d+)?\\)|ARGV\\[\\w+ [+-]");
        for (Map.Entry<String, String> file : files().entrySet()) {
            // The frame is around every script; stamp and filter go through lists.
            String text = file.getValue()
                    .replace("call('PERSIST', KEYS[1])", "")
                    .replace("call('HMGET', KEYS[1], 'buckets'", "")
                    .replace("call('HSET', KEYS[1], 'buckets'", "")
                    .replace("wanted[ARGV[i + 2 * k - 1]] = ARGV[i + 2 * k]", "");
            assertThat(numbered.matcher(text).find()).as(file.getKey()).isFalse();
        }
    }

    private static final Pattern STATUS = Pattern.compile("\\{ (?:[^{}']* and )?'([a-z]{2,})'(?: or '([a-z]+)')?[, ]");

    /** The code that a script runs at most: its own, and the functions of parts that it may call. */
    private static String reachable(String text, Map<String, String> functions) {
        StringBuilder code = new StringBuilder(text);
        Set<String> seen = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(words(text));
        while (!next.isEmpty()) {
            String name = next.removeFirst();
            if (functions.containsKey(name) && seen.add(name)) {
                code.append(functions.get(name));
                next.addAll(words(String.valueOf(functions.get(name))));
            }
        }
        return code.toString();
    }

    @Test
    @DisplayName("The head of every script lists its keys, its arguments, and every answer that it gives, by name")
    void heads() throws IOException {
        Map<String, String> functions = new TreeMap<>();
        for (String text : parts().values()) {
            Matcher function =
                    Pattern.compile("(?ms)^local function (\\w+).*?^end$").matcher(text);
            while (function.find()) {
                functions.put(function.group(1), function.group());
            }
        }
        for (String path : paths()) {
            String text = String.valueOf(files().get(path));
            assertThat(LuaSource.head(text, "keys")).as(path).isNotEmpty();
            assertThat(LuaSource.head(text, "argv")).as(path).isNotEmpty();
            Set<String> listed = new TreeSet<>();
            for (String line : LuaSource.head(text, "answer")) {
                for (String answer : line.split(" \\| (?=[a-z]+ )", -1)) {
                    listed.add(answer.split(" ", 2)[0]);
                }
            }
            Set<String> given = new TreeSet<>();
            Matcher status = STATUS.matcher(reachable(text, functions));
            while (status.find()) {
                given.add(status.group(1));
                if (status.group(2) != null) {
                    given.add(status.group(2));
                }
            }
            assertThat(listed).as(path).isEqualTo(given);
        }
    }

    @Test
    @DisplayName("Java finds every column and field of a row in the table of the scripts")
    void rowColumns() throws IOException {
        String rows = String.valueOf(files().get("lib/rows"));
        assertThat(RowColumn.LO.of("0123456789abcdef-")).isEqualTo("0123456789abcdef");
        assertThat(Arrays.stream(RowColumn.Field.values())
                        .map(field -> field.name().toLowerCase(Locale.ROOT))
                        .toList())
                .isEqualTo(LuaSource.fields(rows));
        // One behind the other, without a gap, up to the tab before the tail.
        int end = 0;
        for (String column : List.of(
                "lo",
                "hi",
                "strength",
                "protocol",
                "lifetime",
                "shape",
                "aliased",
                "provisional",
                "modes",
                "token",
                "deadline",
                "request")) {
            LuaSource.Column its =
                    Objects.requireNonNull(LuaSource.columns(rows).get(column), column);
            assertThat(its.begin()).as(column).isEqualTo(end);
            end = its.end();
        }
        assertThat(RowColumn.TAIL.begin).isEqualTo(end + 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    @DisplayName("Every key of every script comes from KEYS, never from a literal")
    void declaredKeys(LuaScript script) {
        // A message may fail: that its user has no right to the channel must not end a script that has written.
        // So may an event, for want of a right or of a stream.
        assertThat(script.text()
                        .replace("redis.pcall('PUBLISH', WAKE_CHANNEL,", "")
                        .replace("redis.pcall('XADD', EVENTS, 'MAXLEN', '~', listened,", ""))
                .doesNotContain("lg:1", "redis.pcall");
        assertThat(script.text().split("redis\\.call", -1))
                .as("the one alias of redis.call")
                .hasSizeLessThanOrEqualTo(2);
        Set<String> keyVariables = new TreeSet<>(Set.of(
                // Parameters that only ever hold one of the variables above them.
                "index", "levels", "nodes", "nodes_key", "counts", "members", "key", "set"));
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
                            "PEXPIRE",
                            "XADD",
                            "XRANGE",
                            "XREVRANGE",
                            "command");
            if (command.equals("XADD")) {
                assertThat(line).contains("'MAXLEN'");
            }
            if (command.startsWith("X") && command.endsWith("RANGE")) {
                assertThat(line).contains("'COUNT'");
            }
            if (command.equals("HGETALL")) {
                // As many as lockgate.distribution.reports-per-file.
                assertThat(call.group(2)).as(line).isEqualTo("PROVIDERS");
            }
            if (command.equals("HKEYS")) {
                assertThat(call.group(2)).as(line).isEqualTo("levels");
            }
            if (command.equals("ZRANGEBYSCORE")) {
                assertThat(line).contains("'LIMIT'");
            }
            if (command.endsWith("BYLEX") && !line.contains("'LIMIT'")) {
                // Bounded by something else: names of one grant, rows of one owner.
                assertThat(line).containsAnyOf("ALIASES", "'[' .. prefix");
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
