package io.lockgate.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One verb, executed by Redis in one atomic step. The text is {@code lua/<folder>/<name>.lua} with its parts, see
 * {@link LuaSource}; what is wrong with a file is an error at start, not at the first call.
 *
 * @param name the verb, also the name of its metric
 * @param sha1 what {@code EVALSHA} calls it by
 * @param source its files, from which {@link #function} is made
 * @param keys how many keys its head lists
 * @param arguments how many arguments its head lists
 * @param whenFull the same script as it is to be run when Redis has refused it for want of memory; null where Redis
 *     must refuse it
 */
public record LuaScript(
        String name,
        String text,
        String sha1,
        LuaSource source,
        LuaSource.Count keys,
        LuaSource.Count arguments,
        @Nullable LuaScript whenFull) {
    private static final String SCRIPT = "-- @script";
    private static final String FRAME = "frame/primary";

    /**
     * Redis at its maxmemory refuses a script at its first write, if that is a command that may need memory, and at no
     * later one (6.2 {@code scripting.c}, 7.0 {@code script.c}: {@code CMD_DENYOOM} counts only before the script has
     * written). HDEL never needs any, and this one changes nothing.
     */
    private static final String WRITES_FIRST = "redis.call('HDEL', KEYS[1], '')\n";

    /**
     * Loads a script and its parts from the class path, within the frame that lets only a primary answer.
     *
     * @param path folder and name, {@code "locks/acquire"}
     */
    static LuaScript load(String path) {
        LuaScript bare = load(path, LuaScript::resource);
        StringBuilder out = new StringBuilder(1 << 14);
        String frame = Objects.requireNonNull(resource(FRAME), FRAME);
        for (String line : frame.lines().map(String::strip).toList()) {
            if (line.equals(SCRIPT)) {
                out.append(bare.text);
            } else if (!line.isBlank() && !line.startsWith("--")) {
                out.append(line).append('\n');
            }
        }
        return bare.withText(out.toString());
    }

    /**
     * Loads a script through {@code source}, which answers a text for {@code "locks/acquire"} or {@code "lib/plan"}, or
     * null.
     *
     * @throws IllegalStateException when a file is missing or wrong, see {@link LuaSource}
     */
    static LuaScript load(String path, Function<String, @Nullable String> source) {
        LuaSource file = new LuaSource(path, source);
        String text = file.expanded();
        String name = path.substring(path.lastIndexOf('/') + 1);
        return new LuaScript(name, text, sha1(text), file, file.keys(), file.arguments(), null);
    }

    private LuaScript withText(String other) {
        return new LuaScript(name, other, sha1(other), source, keys, arguments, null);
    }

    /** This script, and its other form for a full Redis: for what frees memory or keeps a lock that is held. */
    LuaScript evenWhenFull() {
        return new LuaScript(name, text, sha1, source, keys, arguments, withText(WRITES_FIRST + text));
    }

    /** This script as a part of a function library, see {@link LuaFunction}. */
    String function() {
        return LuaFunction.of(name, source.name(), source.code());
    }

    /** Whether its head lists as many keys and arguments. */
    boolean takes(int keyCount, int argumentCount) {
        return keys.allows(keyCount) && arguments.allows(argumentCount);
    }

    static @Nullable String resource(String name) {
        try (InputStream in = LuaScript.class.getResourceAsStream("/lua/" + name + ".lua")) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
