package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.Acquisition;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.RequestId;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RecordingProxy;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link RawScripts} and {@link EngineCalls} build calls of their own: here they are compared with the table's. */
@Timeout(60)
class ScriptArgumentsTest {
    private static final URI REDIS = RedisTables.database(5);
    private static final Settings SETTINGS =
            Settings.DEFAULT.withGrants(77).withNames(6).withRanges(99);

    private final LockSpace space = LockSpace.head(4_711);
    private final LockClient a = LockClient.nlm(space, "A");
    private final LockClient h = LockClient.smb(space, "H");
    private final List<LockSpec> locks =
            List.of(a.lock(X, 0, 10), a.leasing(Duration.ofHours(1)).lock(S, 20, 0), h.lock(S, 5, 0), h.lock(X, 7, 3));
    private final List<UnlockSpec> unlocks = List.of(a.unlock(0, 10), h.unlock(7, 3));

    private final RecordingProxy proxy = new RecordingProxy(REDIS);
    private final ScriptRunner runner = RedisTables.runner(proxy.uri(), SETTINGS);
    private final RedisRangeLockTable table = new RedisRangeLockTable(runner, SETTINGS);
    private final RawScripts raw = new RawScripts(runner, SETTINGS);
    private final EngineCalls engine = new EngineCalls(SETTINGS);

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
        get(a.test(table, X, 0, 1));
    }

    @AfterEach
    void close() {
        proxy.close();
    }

    @Test
    @DisplayName("RawScripts sends acquire, batch and rollback as the table does")
    void rawScripts() {
        for (LockSpec lock : locks) {
            same(() -> get(table.acquire(space, lock)), () -> raw.acquire(raw.newId(), space, lock));
        }
        List<LockSpec> posix = locks.subList(0, 2);
        List<UnlockSpec> unlock = unlocks.subList(0, 1);
        same(() -> get(table.batch(space, unlock, posix)), () -> raw.batch(raw.newId(), space, unlock, posix));
        RequestId granted = granted(a.lock(X, 100, 1));
        same(() -> get(table.rollBack(granted)), () -> raw.undo(granted.text(), space));
    }

    @Test
    @DisplayName("EngineCalls sends acquire, test and release as the table does")
    void engineCalls() {
        for (LockSpec lock : locks) {
            same(() -> get(table.acquire(space, lock)), engine.acquire(space, lock));
            same(() -> get(table.test(space, lock)), engine.test(space, lock));
        }
        for (UnlockSpec unlock : unlocks) {
            same(() -> get(table.release(space, unlock)), engine.release(space, unlock));
        }
    }

    private RequestId granted(LockSpec lock) {
        return ((Acquisition.Granted) get(table.acquire(space, lock))).request();
    }

    private void same(Runnable byTable, Runnable byOther) {
        List<String> expected = sent(byTable);
        assertThat(sent(byOther)).isEqualTo(expected);
    }

    private void same(Runnable byTable, EngineCalls.Call call) {
        List<String> words = new ArrayList<>(
                List.of(call.script().sha1(), Integer.toString(call.keys().size())));
        words.addAll(call.keys());
        words.addAll(call.arguments());
        assertThat(comparable(words)).isEqualTo(sent(byTable));
    }

    /** The one script that is called, without its request id and its deadline, which differ from call to call. */
    private List<String> sent(Runnable calls) {
        proxy.commands();
        calls.run();
        List<List<String>> scripts = proxy.commands().stream()
                .filter(words -> words.getFirst().equalsIgnoreCase("EVALSHA"))
                .toList();
        return comparable(
                new ArrayList<>(scripts.getLast().subList(1, scripts.getLast().size())));
    }

    private static List<String> comparable(List<String> words) {
        int firstArgument = 2 + Integer.parseInt(words.get(1));
        String id = words.get(firstArgument);
        List<String> same = new ArrayList<>(words);
        same.replaceAll(word -> word.replace(id, "ID"));
        same.set(firstArgument + 1, "DEADLINE");
        return same;
    }
}
