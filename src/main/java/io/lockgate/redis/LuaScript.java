package io.lockgate.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One verb, executed by Redis in one atomic step. The text is {@code lua/<name>.lua}; a line {@code -- @include part} stands
 * for {@code lua/lib/<part>.lua}. A part that is missing, or included twice, is an error at start, not at the first call.
 *
 * @param name the verb, also the name of its metric
 * @param sha1 what {@code EVALSHA} calls it by
 * @param whenFull the same script as it is to be run when Redis has refused it for want of memory; null where Redis must refuse it
 */
public record LuaScript(
        String name, String text, String sha1, @Nullable LuaScript whenFull) {
    private static final String INCLUDE = "-- @include ";
    private static final String SCRIPT = "-- @script";
    private static final String FRAME = "frame/primary";

    /**
     * Redis at its maxmemory refuses a script at its first write, if that is a command that may need memory, and at no later one
     * (6.2 {@code scripting.c}, 7.0 {@code script.c}: {@code CMD_DENYOOM} counts only before the script has written). HDEL never
     * needs any, and this one changes nothing.
     */
    private static final String WRITES_FIRST = "redis.call('HDEL', KEYS[1], '')\n";

    /** Loads a script and its parts from the class path, within the frame that lets only a primary answer. */
    static LuaScript load(String name) {
        StringBuilder out = new StringBuilder(1 << 14);
        String frame = Objects.requireNonNull(resource(FRAME), FRAME);
        for (String line : frame.lines().map(String::strip).toList()) {
            if (line.equals(SCRIPT)) {
                append(name, LuaScript::resource, new LinkedHashSet<>(), out);
            } else if (isCode(line)) {
                out.append(line).append('\n');
            }
        }
        String text = out.toString();
        return new LuaScript(name, text, sha1(text), null);
    }

    /**
     * Loads a script through {@code source}, which answers a text for {@code "acquire"} or {@code "lib/plan"}, or null.
     *
     * @throws IllegalStateException when a part is missing or is included twice
     */
    static LuaScript load(String name, Function<String, @Nullable String> source) {
        StringBuilder out = new StringBuilder(1 << 14);
        append(name, source, new LinkedHashSet<>(), out);
        String text = out.toString();
        return new LuaScript(name, text, sha1(text), null);
    }

    /** This script, and its other form for a full Redis: for what frees memory or keeps a lock that is held. */
    LuaScript evenWhenFull() {
        String other = WRITES_FIRST + text;
        return new LuaScript(name, text, sha1, new LuaScript(name, other, sha1(other), null));
    }

    private static void append(
            String name, Function<String, @Nullable String> source, Set<String> seen, StringBuilder out) {
        if (!seen.add(name)) {
            throw new IllegalStateException("Lua part " + name + " is included twice: " + seen);
        }
        String text = source.apply(name);
        if (text == null) {
            throw new IllegalStateException("Lua part " + name + " does not exist, wanted by " + seen);
        }
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.startsWith(INCLUDE)) {
                append("lib/" + line.substring(INCLUDE.length()).trim(), source, seen, out);
            } else if (isCode(line)) {
                out.append(line).append('\n');
            }
        }
    }

    private static boolean isCode(String line) {
        return !line.isBlank() && !line.startsWith("--");
    }

    private static @Nullable String resource(String name) {
        try (InputStream in = LuaScript.class.getResourceAsStream("/lua/" + name + ".lua")) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
