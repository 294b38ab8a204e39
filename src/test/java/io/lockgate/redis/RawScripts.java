package io.lockgate.redis;

import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.UnlockSpec;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.testing.LockClient;
import java.util.ArrayList;
import java.util.List;

/** Calls scripts as the table does, but under request ids of the test's choice: once, twice, or to be rolled back. */
final class RawScripts {
    private final ScriptRunner runner;
    private final RedisSettings settings;
    private final RedisKeys keys;
    private final RangeScripts scripts = RangeScripts.load();

    RawScripts(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.settings = settings;
        this.keys = new RedisKeys(settings.calls().buckets());
    }

    ScriptRunner runner() {
        return runner;
    }

    RangeScripts scripts() {
        return scripts;
    }

    String newId() {
        return runner.newRequestId();
    }

    Reply acquire(String id, LockSpace space, LockSpec lock) {
        return LockClient.get(runner.run(scripts.acquire(), id, keys(id, space), acquireArguments(space, lock), true));
    }

    List<String> keys(String id, LockSpace space) {
        return keys.ofSpace(keys.bucketOf(space.fileId()), id, RedisKeys.text(space));
    }

    List<String> acquireArguments(LockSpace space, LockSpec lock) {
        List<String> arguments = spaceArguments();
        GrantRows.addLock(arguments, lock, RedisKeys.text(space));
        arguments.add(Integer.toString(settings.limits().grantsPerPrincipalAndBucket()));
        return arguments;
    }

    Reply batch(String id, LockSpace space, List<UnlockSpec> unlocks, List<LockSpec> locks) {
        List<String> arguments = spaceArguments();
        arguments.add(Integer.toString(unlocks.size()));
        arguments.add(Integer.toString(locks.size()));
        for (UnlockSpec unlock : unlocks) {
            GrantRows.addUnlock(arguments, unlock);
        }
        for (LockSpec lock : locks) {
            GrantRows.addLock(arguments, lock, RedisKeys.text(space));
        }
        arguments.add(Integer.toString(settings.limits().grantsPerPrincipalAndBucket()));
        return LockClient.get(runner.run(scripts.batch(), id, keys(id, space), arguments, true));
    }

    /** Rolls back {@code request} as though its not-after time were long gone. */
    String undo(String request, LockSpace space) {
        return undo(request, space, 0);
    }

    /** Rolls back {@code request}, which carried a key. */
    String undo(String request, LockSpace space, IdempotencyKey key) {
        return undo(request, space, 0, keys.ofOnce(keys.bucketOf(space.fileId()), key));
    }

    /** Rolls back {@code request}; answers undone, nothing, or early. */
    String undo(String request, LockSpace space, long notAfterMillis) {
        return undo(request, space, notAfterMillis, List.of());
    }

    private String undo(String request, LockSpace space, long notAfterMillis, List<String> keysOfOnce) {
        String id = runner.newRequestId();
        List<String> undoKeys = keys(id, space);
        undoKeys.add(keys.result(keys.bucketOf(space.fileId()), request));
        undoKeys.addAll(keysOfOnce);
        List<String> arguments = spaceArguments();
        arguments.add(request);
        arguments.add(Long.toString(notAfterMillis));
        return LockClient.get(runner.run(scripts.undo(), id, undoKeys, arguments, true))
                .status();
    }

    List<String> spaceArguments() {
        return new ArrayList<>(List.of(
                Integer.toString(settings.calls().maxSteps()),
                Integer.toString(settings.limits().rangesPerOwnerAndSpace()),
                Integer.toString(settings.limits().namesPerGrant()),
                settings.locks().crossProtocol() == RedisSettings.CrossProtocol.ENFORCED ? "1" : "0"));
    }
}
