package io.lockgate.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code --name value} and {@code --flag} arguments. What is not known is refused, so that no typing error goes
 * unnoticed.
 */
final class Options {
    private final Map<String, List<String>> given = new HashMap<>();

    Options(String[] arguments, Set<String> flags, Set<String> valued) {
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i].startsWith("--") ? arguments[i].substring(2) : "";
            if (flags.contains(name)) {
                given.put(name, List.of(""));
            } else if (valued.contains(name) && i + 1 < arguments.length) {
                given.computeIfAbsent(name, n -> new ArrayList<>()).add(arguments[++i]);
            } else {
                throw new IllegalArgumentException("unknown or incomplete option: " + arguments[i] + " (flags: " + flags
                        + ", with a value: " + valued + ")");
            }
        }
    }

    boolean has(String flag) {
        return given.containsKey(flag);
    }

    List<String> all(String name) {
        return given.getOrDefault(name, List.of());
    }

    Optional<String> text(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    int number(String name, int otherwise) {
        return text(name).map(Integer::parseInt).orElse(otherwise);
    }

    /** {@code 5s}, {@code 500ms} or {@code 2m}. */
    Optional<Duration> duration(String name) {
        return text(name).map(text -> {
            if (text.endsWith("ms")) {
                return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
            }
            return Duration.parse("PT" + text);
        });
    }
}
