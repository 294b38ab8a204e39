package io.lockgate.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a bucket must hold of breaks ({@code lua/lib/breaks.lua}): each field at its time.
 */
final class BreakRepair {
    private static final Pattern ORDER = Pattern.compile("(?s)([0-9]{13})[0-9a-f]{16}.*");
    private static final Pattern UNDO = Pattern.compile("(?s)([0-9]{13})(?:[w-][^\t]*\t.*|=[0-9a-f]{16})");
    private static final Pattern TIME = Pattern.compile("[0-9]{13}");
    private static final Pattern FIELD = Pattern.compile("([NPUR])([0-9a-f]{16})");

    private final String prefix;
    private final Map<String, String> fields;
    private final Map<String, String> due;
    private final Map<String, Map<String, String>> keys;
    private final long now;
    private final List<String> numbers = new ArrayList<>();

    /**
     * @param keys of the whole bucket, where those of breaks are put
     * @param now ms of store time
     */
    BreakRepair(
            String prefix, Map<String, Map<String, String>> image, Map<String, Map<String, String>> keys, long now) {
        this.prefix = prefix;
        this.fields = image.getOrDefault(prefix + "breaks", Map.of());
        this.due = image.getOrDefault(prefix + "break-due", Map.of());
        this.keys = keys;
        this.now = now;
    }

    /** The tokens and ids that breaks name. */
    List<String> numbers() {
        return numbers;
    }

    /** @throws IllegalStateException when there is a field that no script writes */
    void repair() {
        Map<String, String> breaks = new TreeMap<>();
        Map<String, String> times = new TreeMap<>();
        fields.forEach((field, value) -> {
            Matcher name = FIELD.matcher(field);
            if (!name.matches()) {
                throw malformed(field, value);
            }
            String number = name.group(2);
            numbers.add(number);
            switch (name.group(1)) {
                case "N" -> {
                    breaks.put(field, value);
                    times.put(field, time(matched(ORDER, field, value).group(1)));
                }
                case "U" -> {
                    breaks.put(field, value);
                    times.put(field, time(matched(UNDO, field, value).group(1)));
                }
                case "R" -> {
                    breaks.put(field, value);
                    times.put(field, due.getOrDefault(field, Long.toString(now)));
                }
                case "P" -> {
                    breaks.put(field, value);
                    times.put(field, time(matched(TIME, field, value).group()));
                }
                default -> throw malformed(field, value);
            }
        });
        keys.computeIfPresent(prefix + "breaks", (key, ignored) -> breaks);
        if (!times.isEmpty()) {
            keys.put(prefix + "break-due", times);
        }
    }

    private static String time(String digits) {
        return Long.toString(Long.parseLong(digits));
    }

    private static Matcher matched(Pattern pattern, String field, String value) {
        Matcher matcher = pattern.matcher(value);
        if (!matcher.matches()) {
            throw malformed(field, value);
        }
        return matcher;
    }

    private static IllegalStateException malformed(String field, String value) {
        return new IllegalStateException("a break is malformed, which no script does: " + field + "=" + value);
    }
}
