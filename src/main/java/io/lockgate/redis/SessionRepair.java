package io.lockgate.redis;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of {@link BucketRepair} for sessions ({@code lua/lib/copies.lua}, {@code home.lua}, {@code loss_entries.lua}). The
 * hash is the truth: what is due, and which sessions are live at home, is worked out from its fields.
 */
final class SessionRepair {
    private static final Pattern FIELD = Pattern.compile("[CHBL](\\d{1,5})-([0-9a-f]{16})|L[0-9a-f]{16}");
    /** What others took of a grant that has no session. */
    private static final Pattern OF_GRANT = Pattern.compile("L([0-9a-f]{16})");
    /** State and time; of a home row its length, principal and machine name too. */
    private static final Pattern COPY = Pattern.compile("(?s)[lex]\\d{13}[^\t]*\t[^\t]*");

    private static final Pattern HOME = Pattern.compile("(?s)([led])\\d{21}([^\t]*)\t[^\t]*\t\\d+");

    private final String prefix;
    private final Map<String, String> fields;
    private final Map<String, String> due;
    private final Map<String, Map<String, String>> keys;

    /** @param keys of the whole bucket, where those of sessions are put */
    SessionRepair(String prefix, Map<String, Map<String, String>> image, Map<String, Map<String, String>> keys) {
        this.prefix = prefix;
        this.fields = image.getOrDefault(prefix + "sessions", Map.of());
        this.due = image.getOrDefault(prefix + "session-due", Map.of());
        this.keys = keys;
    }

    /** Whether a session has neither expired nor ended in this bucket. */
    static boolean isLive(Map<String, String> sessions, String session, long now) {
        String copy = sessions.getOrDefault("C" + session, "");
        return copy.startsWith("l") && copy.length() > 14 && Long.parseLong(copy.substring(1, 14)) > now;
    }

    /** The id of a grant of which others took something, if a field of the hash of sessions says so. */
    static Optional<String> ofGrant(String field) {
        Matcher matcher = OF_GRANT.matcher(field);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The numbers of sessions whose home is here. */
    List<String> numbers() {
        return fields.keySet().stream()
                .filter(field -> field.startsWith("H"))
                .map(field -> field.substring(field.indexOf('-') + 1))
                .toList();
    }

    /** @throws IllegalStateException when there is a field that no script writes */
    void repair() {
        Map<String, String> live = new TreeMap<>();
        Map<String, String> times = new TreeMap<>();
        fields.forEach((field, value) -> {
            if (!FIELD.matcher(field).matches()) {
                throw malformed(field, value);
            }
            char kind = field.charAt(0);
            if (kind == 'C' || kind == 'H') {
                Matcher matcher = (kind == 'C' ? COPY : HOME).matcher(value);
                if (!matcher.matches()) {
                    throw malformed(field, value);
                }
                // A script has put it there before the field, and a sweep puts it where it belongs.
                times.put(field, due.getOrDefault(field, Long.toString(Long.parseLong(value.substring(1, 14)))));
                if (kind == 'H' && value.startsWith("l")) {
                    live.put(matcher.group(2) + '\t' + field.substring(1), "0");
                }
            }
        });
        // A key that is to go is empty.
        keys.computeIfPresent(prefix + "sessions", (key, ignored) -> kept());
        put("session-due", times);
        put("session-live", live);
    }

    /** All but what was lost of grants that are gone. */
    private Map<String, String> kept() {
        Map<String, String> rows = keys.getOrDefault(prefix + "rows", Map.of());
        Map<String, String> kept = new TreeMap<>(fields);
        kept.keySet()
                .removeIf(field ->
                        ofGrant(field).filter(id -> !rows.containsKey(id)).isPresent());
        return kept;
    }

    private void put(String name, Map<String, String> members) {
        if (!members.isEmpty()) {
            keys.put(prefix + name, members);
        }
    }

    private static IllegalStateException malformed(String field, String value) {
        return new IllegalStateException("a session is malformed, which no script does: " + field + "=" + value);
    }
}
