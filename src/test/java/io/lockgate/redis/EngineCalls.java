package io.lockgate.redis;

import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.UnlockSpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * The calls that {@link RedisRangeLockTable} sends, for tools that send them over connections of their own.
 * ScriptArgumentsTest holds them equal.
 */
public final class EngineCalls {
    /** As long as a slow machine may take to populate a million locks. */
    private static final long NOT_AFTER_MILLIS = 3_600_000;

    private final RedisSettings settings;
    private final RedisKeys keys;
    private final RangeScripts scripts = RangeScripts.load();
    private final ScriptLibrary library = ScriptLibrary.load();
    private long requests;

    public EngineCalls(RedisSettings settings) {
        this.settings = settings;
        this.keys = new RedisKeys(settings.calls().buckets());
    }

    /** One call: {@code EVALSHA sha1 numkeys keys... arguments...}, or the same with {@code FCALL} and a function. */
    public record Call(LuaScript script, List<String> keys, List<String> arguments) {
        /** The key that holds what the request did; gone after 30 s by itself. */
        public String resultKey() {
            return keys.get(1);
        }
    }

    /** Every script that these calls run. */
    public List<LuaScript> scripts() {
        return List.of(scripts.acquire(), scripts.test(), scripts.release());
    }

    /** What {@code FUNCTION LOAD} takes: all of them as functions. */
    public String library() {
        return library.text();
    }

    /** What {@code FCALL} calls one of them by. */
    public String functionOf(LuaScript script) {
        return Objects.requireNonNull(library.functionOf(script));
    }

    /** {@code EVAL} of what makes an empty store ready for these calls: claims it and stamps its buckets. */
    public String[] stamping() {
        List<String> scriptKeys = new ArrayList<>(List.of(RedisKeys.STORE));
        for (int bucket = 0; bucket < keys.buckets(); bucket++) {
            scriptKeys.add(keys.meta(bucket));
            scriptKeys.add(keys.rows(bucket));
        }
        StoreMark mark = StoreMark.of(settings);
        List<String> words = new ArrayList<>(
                List.of("EVAL", LuaScript.load("buckets/stamp").text(), Integer.toString(scriptKeys.size())));
        words.addAll(scriptKeys);
        words.addAll(List.of(
                "1",
                "stamp",
                Long.toString(StoreMark.EPOCH),
                Integer.toString(StoreMark.FORMAT),
                Integer.toString(mark.buckets()),
                mark.rule(),
                "0",
                ""));
        return words.toArray(String[]::new);
    }

    public Call acquire(LockSpace space, LockSpec lock) {
        Call call = lock(scripts.acquire(), space, lock);
        call.arguments().add(Integer.toString(settings.limits().grantsPerPrincipalAndBucket()));
        return call;
    }

    public Call test(LockSpace space, LockSpec lock) {
        return lock(scripts.test(), space, lock);
    }

    public Call release(LockSpace space, UnlockSpec unlock) {
        String id = requestId();
        List<String> arguments = arguments(id);
        GrantRows.addUnlock(arguments, unlock);
        arguments.add("");
        return new Call(scripts.release(), keysOf(space, id), arguments);
    }

    /** The hash that counts the ranges of each strength and level of a space, POSIX. */
    public String posixLevels(LockSpace space) {
        return keysOf(space, "").get(9);
    }

    private Call lock(LuaScript script, LockSpace space, LockSpec lock) {
        String id = requestId();
        List<String> arguments = arguments(id);
        GrantRows.addLock(arguments, lock, RedisKeys.text(space));
        return new Call(script, keysOf(space, id), arguments);
    }

    private List<String> keysOf(LockSpace space, String requestId) {
        return keys.ofSpace(keys.bucketOf(space.fileId()), requestId, RedisKeys.text(space));
    }

    private String requestId() {
        return "beefbeef" + HexFormat.of().toHexDigits(++requests);
    }

    private List<String> arguments(String requestId) {
        List<String> arguments = new ArrayList<>(24);
        arguments.add(requestId);
        arguments.add(Long.toString(System.currentTimeMillis() + NOT_AFTER_MILLIS));
        arguments.add(StoreMark.of(settings).argument());
        arguments.add(Integer.toString(settings.calls().maxSteps()));
        arguments.add(Integer.toString(settings.limits().rangesPerOwnerAndSpace()));
        arguments.add(Integer.toString(settings.limits().namesPerGrant()));
        arguments.add(settings.locks().crossProtocol() == RedisSettings.CrossProtocol.ENFORCED ? "1" : "0");
        return arguments;
    }
}
