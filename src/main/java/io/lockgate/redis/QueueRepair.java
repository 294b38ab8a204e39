package io.lockgate.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The part of {@link BucketRepair} for queues ({@code lua/lib/waiters.lua}, {@code queue.lua}). The hash of the waiters is the
 * truth: their entries, and when they are due, are worked out from it.
 */
final class QueueRepair {
    private static final Map<String, LuaSource.Column> COLUMNS =
            LuaSource.columns(Objects.requireNonNull(LuaScript.resource("lib/waiters")));

    private static final Pattern TIMES = Pattern.compile("[wpgtsld]\\d{26}[0-9a-f]{16}\\d{8}");
    private static final Pattern NUMBER = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern CYCLE = Pattern.compile("D[0-9a-f]{16}");
    private static final Pattern GRANT = Pattern.compile("G[0-9a-f]{16}");
    private static final Pattern SERVICE = Pattern.compile("(?s)V[pseo].+");

    private final String prefix;
    private final Map<String, String> fields;
    private final Map<String, String> due;
    private final Map<String, Map<String, String>> keys;
    private final boolean enforced;
    private final List<String> numbers = new ArrayList<>();

    /**
     * @param keys of the whole bucket, where those of queues are put
     * @param enforced whether POSIX and SMB share a queue
     */
    QueueRepair(
            String prefix,
            Map<String, Map<String, String>> image,
            Map<String, Map<String, String>> keys,
            boolean enforced) {
        this.prefix = prefix;
        this.fields = image.getOrDefault(prefix + "waiters", Map.of());
        this.due = image.getOrDefault(prefix + "waiting-due", Map.of());
        this.keys = keys;
        this.enforced = enforced;
    }

    private static String column(String waiter, String name) {
        LuaSource.Column column = Objects.requireNonNull(COLUMNS.get(name), name);
        return waiter.substring(column.begin(), Math.min(column.end(), waiter.length()));
    }

    /** The numbers of waiters and of what was granted to them. */
    List<String> numbers() {
        return numbers;
    }

    /**
     * @param meta where it says whether anybody waits
     * @throws IllegalStateException when there is a field that no script writes
     */
    void repair(Map<String, String> meta) {
        Map<String, String> waiters = new TreeMap<>();
        Map<String, String> entries = new TreeMap<>();
        Map<String, String> times = new TreeMap<>();
        fields.forEach((field, value) -> {
            if (NUMBER.matcher(field).matches()) {
                waiters.put(field, value);
                add(field, value, entries, times);
            } else if (GRANT.matcher(field).matches()) {
                // One that a script left before its waiter said so is of nobody.
                String waiter = fields.getOrDefault(value, "");
                if (TIMES.matcher(waiter).lookingAt()
                        && waiter.startsWith("p")
                        && column(waiter, "granted_id").equals(field.substring(1))) {
                    waiters.put(field, value);
                }
            } else if (CYCLE.matcher(field).matches()) {
                // One that a script left before its waiter said so is told to nobody.
                if (fields.getOrDefault(field.substring(1), "").startsWith("d")) {
                    waiters.put(field, value);
                }
            } else if (SERVICE.matcher(field).matches()) {
                waiters.put(field, value);
                times.put(field, due.getOrDefault(field, "0"));
            } else {
                throw malformed(field, value);
            }
        });
        // A key that is to go is empty.
        keys.computeIfPresent(prefix + "waiters", (key, ignored) -> waiters);
        put("queue", entries);
        put("waiting-due", times);
        if (entries.isEmpty()) {
            meta.remove("waiting");
        } else {
            meta.put("waiting", "1");
        }
    }

    private void add(String id, String waiter, Map<String, String> entries, Map<String, String> times) {
        if (!TIMES.matcher(waiter).lookingAt()) {
            throw malformed(id, waiter);
        }
        String state = column(waiter, "state");
        String waitUntil = column(waiter, "wait_until");
        String nextAt = column(waiter, "next_at");
        boolean waits = state.equals("w");
        String next = waits && waitUntil.compareTo(nextAt) < 0 ? waitUntil : nextAt;
        // A script puts it there before the waiter.
        times.put(id, due.getOrDefault(id, Long.toString(Long.parseLong(next))));
        numbers.add(id);
        numbers.add(column(waiter, "granted_id"));
        if (waits || state.equals("p")) {
            StoredRow row = new StoredRow(id, column(waiter, "asked"));
            String tail = id
                    + row.lo()
                    + row.hi()
                    + (row.exclusive() ? "S" : "W")
                    + RowColumn.SHAPE.letterOf(row.text())
                    + RowColumn.PROTOCOL.letterOf(row.text());
            String queue = row.space() + '\t' + (row.isOpen() ? "o" : enforced ? "e" : row.smb() ? "s" : "p");
            String session = row.field(RowColumn.Field.SESSION);
            entries.put(queue + state + tail, "0");
            entries.put('O' + row.owner() + queue + tail, "0");
            entries.put("P" + row.field(RowColumn.Field.PRINCIPAL) + '\t' + tail, "0");
            if (!session.isEmpty()) {
                entries.put("S" + session + '\t' + tail, "0");
            }
        }
    }

    private void put(String name, Map<String, String> members) {
        if (!members.isEmpty()) {
            keys.put(prefix + name, members);
        }
    }

    private static IllegalStateException malformed(String field, String value) {
        return new IllegalStateException("a waiter is malformed, which no script does: " + field + "=" + value);
    }
}
