package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.dependency.CheckResult;
import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.Precondition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockSpace;
import io.lockgate.range.Protocol;
import io.lockgate.range.Renewal;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RespClient;
import io.lockgate.testing.redis.Servers6And7;
import io.lockgate.testing.redis.TestCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rights that the gateway needs at Redis: that they are all known, enough, tried at start, and documented. */
@Timeout(120)
@Tag("slow")
class RedisRightsTest {
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final Pattern CALLED = Pattern.compile("(?:call|send)\\('([A-Z]+)'");
    private static final Pattern SENT = Pattern.compile("Command\\.([A-Z]+)");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^user lockgate .*$");

    static Stream<String> binaries() {
        return Servers6And7.binaries();
    }

    private static Set<String> needed() {
        Set<String> needed = new TreeSet<>(RedisCommands.ON_KEY.keySet());
        needed.addAll(RedisCommands.WITHOUT_KEY);
        needed.addAll(RedisCommands.SCRIPTING);
        return needed;
    }

    private static void collect(Path under, String ending, Pattern pattern, Set<String> found) throws IOException {
        try (Stream<Path> files = Files.walk(under)) {
            for (Path file : files.filter(f -> f.toString().endsWith(ending)).toList()) {
                Matcher matcher = pattern.matcher(Files.readString(file));
                while (matcher.find()) {
                    found.add(matcher.group(1));
                }
            }
        }
    }

    @Test
    @DisplayName("A start tries every command that a script calls or the gateway sends")
    void listIsComplete() throws IOException {
        Set<String> used = new TreeSet<>();
        collect(Path.of("src/main/resources/lua"), ".lua", CALLED, used);
        assertThat(used).hasSizeGreaterThan(15);
        collect(Path.of("src/main/java/io/lockgate/redis"), ".java", SENT, used);
        Set<String> known = needed();
        known.addAll(RedisCommands.TOPOLOGY);
        known.addAll(RedisCommands.REPAIR);
        known.addAll(RedisCommands.OPTIONAL);
        assertThat(used).isEqualTo(known);
    }

    private static String documented() throws IOException {
        Matcher matcher = DOCUMENTED.matcher(Files.readString(Path.of("docs", "redis-acl.md")));
        assertThat(matcher.find()).isTrue();
        return matcher.group();
    }

    /** The words of ACL SETUSER for the documented user, with a password and without some words. */
    static String[] setUser(String... without) throws IOException {
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER"));
        words.addAll(List.of(documented().split(" ")).subList(1, documented().split(" ").length));
        words.replaceAll(word -> word.startsWith(">") || word.startsWith("#") ? ">secret" : word);
        words.removeAll(List.of(without));
        return words.toArray(String[]::new);
    }

    static URI as(BreakableRedis redis) {
        return URI.create("redis://lockgate:secret@127.0.0.1:" + redis.uri().getPort());
    }

    private static CheckResult look(BreakableRedis redis) {
        return new StoreCheck(RedisTables.runner(as(redis), SETTINGS)).look();
    }

    @ParameterizedTest(name = "redis-server {0}")
    @MethodSource("binaries")
    @DisplayName("The documented rights are enough for all that the gateway does")
    void documentedRightsAreEnough(String binary) throws Exception {
        try (BreakableRedis redis = Servers6And7.start(binary)) {
            TestCluster.on(redis, probe -> probe.send(words()));
            ScriptRunner runner = RedisTables.runner(as(redis), SETTINGS);
            assertThat(new StoreCheck(runner).claim().faults()).isEmpty();
            RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
            RedisDistributionMap map = new RedisDistributionMap(
                    runner, SETTINGS, new TestReportLimits(1_000, 10, Duration.ofMinutes(1)), 100);
            for (Protocol protocol : Protocol.values()) {
                LockClient a = LockClient.nlm(SPACE, "A").over(protocol).leasing(Duration.ofHours(1));
                Grant first = a.granted(table, LockClient.S, 0, 10);
                Grant wide = a.granted(table, LockClient.S, 5, 20);
                LockClient.nlm(SPACE, "B").over(protocol).granted(table, LockClient.S, 1, 9);
                assertThat(get(table.renew(wide.id(), protocol, "p", Duration.ofHours(2))))
                        .isInstanceOf(Renewal.Renewed.class);
                assertThat(a.valid(table, wide, 5, 10)).isTrue();
                assertThat(get(LockClient.nlm(SPACE, "C").over(protocol).test(table, X, 0, 5)))
                        .isPresent();
                get(table.batch(a.space(), List.of(), List.of(a.lock(X, 100, 5), a.lock(X, 200, 5))));
                assertThat(get(table.find(first.id()))).isPresent();
                assertThat(a.standing(table)).isNotEmpty();
                a.released(table, 100, 5);
                get(table.releaseAll(GrantFilter.all(protocol)));
            }
            get(table.sweep());
            RawScripts byHand = new RawScripts(runner, SETTINGS);
            String id = byHand.newId();
            byHand.acquire(id, SPACE, LockClient.nlm(SPACE, "A").lock(X, 0, 10));
            assertThat(byHand.undo(id, SPACE)).isEqualTo("undone");
            get(map.replace("f", "edge", BlockSet.of(List.of(ByteRange.between(0, 9))), new Precondition.Always()));
            get(map.patch(
                    "f",
                    "edge",
                    List.of(ByteRange.between(3, 4)),
                    List.of(ByteRange.between(20, 29)),
                    new Precondition.Always()));
            get(map.page("f", get(map.reports("f")).getFirst(), java.util.Optional.empty()));
            get(map.withdraw("f", "edge", new Precondition.Always()));
            get(map.sweep());
            assertThat(new Repair(runner, SETTINGS).look(line -> {})).isZero();
        }
    }

    private static String[] words() {
        try {
            return setUser();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest(name = "redis-server {0}")
    @MethodSource("binaries")
    @DisplayName(
            "If any right is missing the start is refused in one line that names the command, and nothing is written")
    void eachRightIsTried(String binary) throws Exception {
        try (BreakableRedis redis = Servers6And7.start(binary);
                RespClient probe = redis.probe()) {
            probe.send(setUser());
            for (boolean dryRun : new boolean[] {true, false}) {
                // On 6.2 there is no dry run: the second round is for 7.0 where it is not allowed.
                probe.send("ACL", "SETUSER", "lockgate", dryRun ? "+acl|dryrun" : "-acl");
                assertThat(look(redis).faults()).isEmpty();
                for (String command : needed()) {
                    String right = command.toLowerCase(Locale.ROOT);
                    probe.send("ACL", "SETUSER", "lockgate", "-" + right);
                    CheckResult found = look(redis);
                    assertThat(found.mayPass()).as(command).isFalse();
                    assertThat(found.faults())
                            .as(command)
                            .singleElement()
                            .asString()
                            .containsPattern("(?i)\\b" + command + "\\b")
                            .contains("docs/redis-acl.md");
                    probe.send("ACL", "SETUSER", "lockgate", "+" + right);
                }
                probe.send("ACL", "SETUSER", "lockgate", "resetkeys", "~other:*");
                assertThat(look(redis).faults()).singleElement().asString().contains("lg:1:*");
                probe.send("ACL", "SETUSER", "lockgate", "resetkeys", "~lg:1:*");
            }
            assertThat(probe.list("KEYS", "*")).isEmpty();
        }
    }
}
