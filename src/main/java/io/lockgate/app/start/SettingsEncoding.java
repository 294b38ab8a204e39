package io.lockgate.app.start;

import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Settings that are not read as they were written. Java decodes the environment by the locale's encoding, which without
 * {@code LANG} is ASCII: an umlaut silently becomes another character, and a password or a name another one.
 */
final class SettingsEncoding {
    private static final char REPLACEMENT = '\uFFFD';

    /** The environment of this process as it was given, on Linux. */
    private static final Path GIVEN = Path.of("/proc/self/environ");

    private SettingsEncoding() {}

    /** One line for each; never with its value, which may be a secret. */
    static List<String> faults(SmallRyeConfig config) {
        List<String> faults = new ArrayList<>(faults(System.getenv(), given()));
        for (String name : broken(config)) {
            if (faults.stream().noneMatch(fault -> fault.startsWith(variable(name) + " "))) {
                faults.add(
                        name + " holds U+FFFD, which stands for bytes that are not in the encoding expected (UTF-8)");
            }
        }
        return faults;
    }

    /** Settings of any source, files among them, in the order of the alphabet. */
    private static Set<String> broken(SmallRyeConfig config) {
        Set<String> names = new TreeSet<>();
        for (ConfigSource source : config.getConfigSources()) {
            for (String name : source.getPropertyNames()) {
                if ((name.startsWith("lockgate.") || name.startsWith("quarkus."))
                        && holdsReplacement(source.getValue(name))) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    /**
     * @param read what Java made of the environment
     * @param given the bytes that it was made of; empty where they cannot be had
     */
    static List<String> faults(Map<String, String> read, byte[] given) {
        Map<String, byte[]> bytes = split(given);
        List<String> faults = new ArrayList<>();
        new TreeMap<>(read).forEach((name, value) -> {
            if ((name.startsWith("LOCKGATE_") || name.startsWith("QUARKUS_"))
                    && (holdsReplacement(value) || isOther(value, bytes.get(name)))) {
                faults.add(name + " holds characters that are not read as they are written: start with LC_ALL=C.UTF-8"
                        + " (now the encoding is " + System.getProperty("sun.jnu.encoding", "unknown") + ")");
            }
        });
        return faults;
    }

    private static boolean holdsReplacement(@Nullable String value) {
        return value != null && value.indexOf(REPLACEMENT) >= 0;
    }

    /** Whether the bytes are UTF-8, and of another text. */
    private static boolean isOther(String value, byte @Nullable [] bytes) {
        if (bytes == null) {
            return false;
        }
        try {
            return !StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .equals(value);
        } catch (CharacterCodingException e) {
            // In another encoding, which the locale names too, for there is no replacement in it.
            return false;
        }
    }

    private static Map<String, byte[]> split(byte[] given) {
        Map<String, byte[]> variables = new HashMap<>();
        int from = 0;
        for (int i = 0; i < given.length; i++) {
            if (given[i] == 0) {
                put(variables, given, from, i);
                from = i + 1;
            }
        }
        return variables;
    }

    private static void put(Map<String, byte[]> variables, byte[] all, int from, int to) {
        for (int i = from; i < to; i++) {
            if (all[i] == '=') {
                byte[] value = new byte[to - i - 1];
                System.arraycopy(all, i + 1, value, 0, value.length);
                variables.putIfAbsent(new String(all, from, i - from, StandardCharsets.UTF_8), value);
                return;
            }
        }
    }

    private static byte[] given() {
        try {
            return Files.readAllBytes(GIVEN);
        } catch (IOException | SecurityException e) {
            // Not Linux, or /proc is not there: then U+FFFD alone tells.
            return new byte[0];
        }
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }
}
