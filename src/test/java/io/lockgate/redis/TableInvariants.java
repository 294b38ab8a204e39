package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What must be true of the keys between any two scripts: every index says exactly what the rows say. Works the indexes
 * out from the rows once more, with other arithmetic than the scripts, and compares.
 */
final class TableInvariants {
    private static final Pattern KEY = Pattern.compile(
            "lg:1:\\{b(\\d+)}:(meta|done:\\w+|once(?:-rollback)?:[\\w-]{43}|claim:[\\w-]{43}|claims:.*|rows|list|chunks|expiry|names|sessions|opens|breaks|break-due|session-due|session-live|waiters|queue|waiting-due|events|(posix|smb)(-levels|-nodes)?:(.*))");
    private static final String NO_DEADLINE = "0000000000000";
    private static final int TAIL = 96;

    private TableInvariants() {}

    /** Reads a whole database and fails where an index and the rows disagree. */
    static void hold(URI redis) {
        try (RespClient probe = new RespClient(redis)) {
            Map<String, TreeSet<String>> keysOfBucket = new TreeMap<>();
            for (String key : probe.list("KEYS", "*")) {
                if (isOfStore(key)) {
                    continue;
                }
                Matcher m = KEY.matcher(key);
                assertThat(m.matches()).as("key %s", key).isTrue();
                keysOfBucket.computeIfAbsent(m.group(1), b -> new TreeSet<>()).add(key);
            }
            keysOfBucket.forEach((bucket, keys) -> holdIn(probe, "lg:1:{b" + bucket + "}:", keys));
        }
    }

    /**
     * As {@link #hold}, and there is no lock left, so nothing is but clocks, sessions and the memory of requests.
     */
    static void holdOfNothing(URI redis) {
        hold(redis);
        try (RespClient probe = new RespClient(redis)) {
            assertThat(probe.list("KEYS", "*"))
                    .allMatch(key -> isOfStore(key)
                            || key.endsWith(":meta")
                            || key.contains(":done:")
                            || key.contains(":once")
                            || key.contains(":claim")
                            || key.contains(":session")
                            || key.contains(":break")
                            || key.endsWith(":waiters")
                            || key.endsWith(":waiting-due")
                            || key.endsWith(":events"));
        }
    }

    /** Of no bucket: the mark of the store, and which function libraries are in use. */
    private static boolean isOfStore(String key) {
        return key.equals(RedisKeys.STORE) || key.startsWith("lg:1:libraries:");
    }

    private static void holdIn(RespClient probe, String bucket, SortedSet<String> keys) {
        Map<String, String> rows = probe.map("HGETALL", bucket + "rows");
        Map<String, SortedSet<String>> lists = new TreeMap<>();
        SortedSet<String> newest = ids(probe.map("HGETALL", bucket + "meta").getOrDefault("newest", ""));
        Map<String, String> expiry = new TreeMap<>();
        Map<String, TreeSet<String>> trees = new TreeMap<>();
        Map<String, Map<String, String>> levels = new TreeMap<>();
        Map<String, Map<String, List<Row>>> nodes = new TreeMap<>();
        SortedSet<String> opens = new TreeSet<>();
        rows.forEach((id, row) -> {
            Row r = new Row(id, row);
            if (newest.isEmpty() || id.compareTo(newest.first()) < 0) {
                r.lists()
                        .forEach(list -> lists.computeIfAbsent(list, l -> new TreeSet<>())
                                .add(id));
            } else {
                assertThat(newest).as(bucket + "newest").contains(id);
            }
            if (!r.deadline().equals(NO_DEADLINE)) {
                expiry.put(id, Long.toString(Long.parseLong(r.deadline())));
            }
            if (r.isOpen()) {
                opens.addAll(r.openEntries());
                return;
            }
            String semantics = r.smb() ? "smb" : "posix";
            trees.computeIfAbsent(bucket + semantics + ":" + r.space(), k -> new TreeSet<>())
                    .addAll(r.indexEntries());
            if (r.inTree()) {
                levels.computeIfAbsent(bucket + semantics + "-levels:" + r.space(), k -> new TreeMap<>())
                        .merge(r.level(), "1", (a, b) -> Long.toString(Long.parseLong(a) + 1));
                nodes.computeIfAbsent(bucket + semantics + "-nodes:" + r.space(), k -> new TreeMap<>())
                        .computeIfAbsent(r.level() + r.node(), k -> new ArrayList<>())
                        .add(r);
            }
        });
        listsHold(probe, bucket, lists, gone(probe, bucket, rows));
        assertThat(members(probe, bucket + "opens")).as(bucket + "opens").isEqualTo(opens);
        assertThat(probe.map("ZRANGE", bucket + "expiry", "0", "-1", "WITHSCORES"))
                .as(bucket + "expiry")
                .isEqualTo(expiry);
        Map<String, SortedSet<String>> treesThere = new TreeMap<>();
        Map<String, Map<String, String>> levelsThere = new TreeMap<>();
        for (String key : keys) {
            String part = key.substring(bucket.length());
            if (part.startsWith("posix:") || part.startsWith("smb:")) {
                treesThere.put(key, members(probe, key));
            } else if (part.matches("(posix|smb)-levels:.*")) {
                levelsThere.put(key, probe.map("HGETALL", key));
            } else if (part.matches("(posix|smb)-nodes:.*")) {
                String tree = key.replaceFirst("-nodes:", ":");
                nodesHold(
                        key,
                        probe.map("HGETALL", key),
                        nodes.getOrDefault(key, Map.of()),
                        trees.computeIfAbsent(tree, k -> new TreeSet<>()));
                nodes.remove(key);
            }
        }
        assertThat(treesThere).isEqualTo(trees);
        treesThere.forEach(TableInvariants::exclusiveAreDisjoint);
        assertThat(levelsThere).isEqualTo(levels);
        assertThat(nodes).as("nodes that should be there").isEmpty();
        namesHold(probe, bucket, rows);
        sessionsHold(probe, bucket, rows);
        queuesHold(probe, bucket);
        breaksHold(probe, bucket);
        numbersWereDrawn(probe, bucket, rows);
    }

    /**
     * Grants that have gone, by list. They stand there until 32 have gone, and their rows say where; a script that died
     * may have taken them away already.
     */
    private static Map<String, SortedSet<String>> gone(RespClient probe, String bucket, Map<String, String> rows) {
        Map<String, SortedSet<String>> lists = new TreeMap<>();
        String gone = probe.map("HGETALL", bucket + "meta").getOrDefault("gone", "");
        Map<String, String> kept = new TreeMap<>(probe.map("HGETALL", bucket + "chunks"));
        kept.keySet().removeIf(field -> !field.startsWith("G"));
        TreeSet<String> ids = new TreeSet<>();
        for (int i = 0; i < gone.length(); i += 16) {
            ids.add(gone.substring(i, i + 16));
        }
        assertThat(kept.keySet()).isEqualTo(ids.stream().map(id -> "G" + id).collect(Collectors.toSet()));
        kept.forEach((field, row) -> {
            String id = field.substring(1);
            if (!rows.containsKey(id)) {
                new Row(id, row)
                        .lists()
                        .forEach(list -> lists.computeIfAbsent(list, l -> new TreeSet<>())
                                .add(id));
            }
        });
        return lists;
    }

    /**
     * Each list has the ids of its rows, in order, in its closed chunks and then in its tail, and each closed chunk
     * stands in the directory.
     */
    private static void listsHold(
            RespClient probe,
            String bucket,
            Map<String, SortedSet<String>> lists,
            Map<String, SortedSet<String>> gone) {
        Map<String, String> chunks = new TreeMap<>(probe.map("HGETALL", bucket + "chunks"));
        chunks.keySet().removeIf(field -> field.startsWith("G"));
        TreeSet<String> directory = new TreeSet<>();
        Map<String, SortedSet<String>> there = new TreeMap<>();
        Map<String, Integer> closed = new TreeMap<>();
        chunks.forEach((field, ids) -> {
            String list = field.replaceFirst("(?<=[\t:])[0-9a-f]{16}$", "");
            boolean isTail = list.equals(field);
            if (isTail && (field.startsWith("f") || field.startsWith("m"))) {
                directory.add("D" + field + "t");
            }
            SortedSet<String> its = ids(isTail ? ids.substring(8) : ids);
            if (!isTail) {
                directory.add("D" + field);
                assertThat(its).as(field).isNotEmpty();
                assertThat(its.last()).as(field).isLessThanOrEqualTo(field.substring(list.length()));
                closed.merge(list, its.size(), Integer::sum);
            }
            assertThat(its.size()).as("ids of %s", field).isLessThanOrEqualTo(isTail ? 32 : 64);
            there.computeIfAbsent(list, l -> new TreeSet<>()).addAll(its);
        });
        SortedSet<String> entries = members(probe, bucket + "list");
        assertThat(entries.headSet("E")).as(bucket + "list").isEqualTo(directory);
        TreeSet<String> withTail = new TreeSet<>(there.keySet());
        // Not moved into chunks yet: entries of format 2.
        for (String entry : entries.tailSet("E")) {
            int end = entry.length() - 16;
            assertThat(there.computeIfAbsent(entry.substring(0, end), l -> new TreeSet<>())
                            .add(entry.substring(end)))
                    .as("%s is in no chunk", entry)
                    .isTrue();
        }
        gone.forEach((list, ids) -> {
            SortedSet<String> its = there.getOrDefault(list, new TreeSet<>());
            its.removeAll(ids);
            if (its.isEmpty()) {
                there.remove(list);
            }
        });
        assertThat(there).as(bucket + "chunks").isEqualTo(lists);
        withTail.forEach(list -> {
            assertThat(chunks).as("tail").containsKey(list);
            assertThat(Integer.parseInt(chunks.getOrDefault(list, "").substring(0, 8)))
                    .as(list)
                    .isEqualTo(closed.getOrDefault(list, 0));
            String before = "";
            for (String field : new TreeMap<>(chunks).tailMap(list + "0").keySet()) {
                if (field.startsWith(list)) {
                    String ids = chunks.getOrDefault(field, "");
                    assertThat(before).as(field).isLessThan(ids.substring(0, 16));
                    before = field.substring(list.length());
                }
            }
            String tail = chunks.getOrDefault(list, "").substring(8);
            assertThat(tail.isEmpty() || before.compareTo(tail) < 0).as(list).isTrue();
        });
    }

    /** Ids one behind the other, in order. */
    private static SortedSet<String> ids(String text) {
        TreeSet<String> ids = new TreeSet<>();
        for (int i = 0; i < text.length(); i += 16) {
            String id = text.substring(i, i + 16);
            assertThat(ids.isEmpty() || ids.last().compareTo(id) < 0).as(text).isTrue();
            ids.add(id);
        }
        return ids;
    }

    /**
     * A node that one range has holds that range; one that several have, or have had, holds their number, and their
     * entries stand in the sorted set. Adds those to {@code tree}.
     */
    private static void nodesHold(
            String key, Map<String, String> there, Map<String, List<Row>> rows, SortedSet<String> tree) {
        assertThat(there.keySet()).as(key).isEqualTo(rows.keySet());
        there.forEach((node, held) -> {
            List<Row> its = rows.getOrDefault(node, List.of());
            if (held.length() == 48) {
                assertThat(its).as("%s %s", key, node).hasSize(1);
                assertThat(held)
                        .isEqualTo(its.getFirst().column(1, 32) + its.getFirst().id());
            } else {
                assertThat(held).as("%s %s", key, node).isEqualTo(Integer.toString(its.size()));
                its.forEach(row -> tree.addAll(row.treeEntries()));
            }
        });
    }

    /** No two exclusive ranges in one index of a space overlap: the index finds them by that. */
    private static void exclusiveAreDisjoint(String key, SortedSet<String> members) {
        String lastHi = "";
        for (String member : members.subSet("S", "T")) {
            assertThat(member.substring(17, 33)).as("%s: %s", key, member).isGreaterThan(lastHi);
            lastHi = member.substring(1, 17);
        }
    }

    /** N (name) (id) and R (id) (name) go in pairs, and only with rows that say they have some. */
    private static void namesHold(RespClient probe, String bucket, Map<String, String> rows) {
        TreeSet<String> forward = new TreeSet<>();
        TreeSet<String> backward = new TreeSet<>();
        for (String member : members(probe, bucket + "names")) {
            String name = member.startsWith("N") ? member.substring(1, 18) : member.substring(17);
            String id = member.startsWith("N") ? member.substring(18) : member.substring(1, 17);
            (member.startsWith("N") ? forward : backward).add(name + " " + id);
            assertThat(rows).as("the grant that %s names", member).containsKey(id);
            assertThat(rows.getOrDefault(id, "").charAt(36))
                    .as("row of %s says so", member)
                    .isEqualTo('1');
        }
        assertThat(forward).as("names and who has them").isEqualTo(backward);
    }

    /** Each copy and each session at home is due at some time, and those that are live at home are listed. */
    private static void sessionsHold(RespClient probe, String bucket, Map<String, String> rows) {
        Map<String, String> sessions = new TreeMap<>(probe.map("HGETALL", bucket + "sessions"));
        TreeSet<String> due = new TreeSet<>();
        TreeSet<String> live = new TreeSet<>();
        sessions.forEach((field, value) -> {
            if (field.startsWith("C") || field.startsWith("H")) {
                due.add(field);
            }
            if (field.matches("L[0-9a-f]{16}")) {
                String id = field.substring(1);
                assertThat(rows).as("the grant of what was lost").containsKey(id);
                assertThat(new Row(id, rows.getOrDefault(id, "")).column(37, 37))
                        .as("whether %s may have lost something", id)
                        .isEqualTo("1");
            }
            if (field.startsWith("H") && value.startsWith("l")) {
                live.add(value.substring(22).split("\t", -1)[0] + "\t" + field.substring(1));
            }
        });
        assertThat(members(probe, bucket + "session-due"))
                .as(bucket + "session-due")
                .isEqualTo(due);
        assertThat(members(probe, bucket + "session-live"))
                .as(bucket + "session-live")
                .isEqualTo(live);
        rows.forEach((id, text) -> {
            Row row = new Row(id, text);
            String session = row.field(3);
            assertThat(session.isEmpty())
                    .as("lifetime of %s", id)
                    .isNotEqualTo(row.column(35, 35).equals("s"));
            if (!session.isEmpty()) {
                assertThat(row.deadline()).isEqualTo(NO_DEADLINE);
                assertThat(sessions).as("the session of %s", id).containsKey("C" + session);
            }
        });
    }

    /** Each waiter has its entries, is due at some time, and is found by its grant; and meta says that somebody waits. */
    private static void queuesHold(RespClient probe, String bucket) {
        Map<String, String> meta = probe.map("HGETALL", bucket + "meta");
        boolean enforced = meta.getOrDefault("mark", "").endsWith("/enforced");
        TreeSet<String> entries = new TreeSet<>();
        TreeSet<String> due = new TreeSet<>();
        Map<String, String> granted = new TreeMap<>();
        Map<String, String> grants = new TreeMap<>();
        TreeSet<String> cycles = new TreeSet<>();
        TreeSet<String> deadlocked = new TreeSet<>();
        probe.map("HGETALL", bucket + "waiters").forEach((field, value) -> {
            if (field.startsWith("D")) {
                cycles.add(field.substring(1));
                return;
            }
            if (field.startsWith("G")) {
                granted.put(field.substring(1), value);
                return;
            }
            due.add(field);
            if (field.startsWith("V")) {
                return;
            }
            char state = value.charAt(0);
            if (state == 'd') {
                deadlocked.add(field);
            }
            if (state == 'p') {
                grants.put(value.substring(27, 43), field);
            }
            Row row = new Row(field, value.substring(51));
            if (state == 'w' || state == 'p') {
                String tail = field + row.column(1, 33) + row.column(36, 36) + row.column(34, 34);
                String queue = row.space() + '\t' + (row.isOpen() ? "o" : enforced ? "e" : row.smb() ? "s" : "p");
                String owner = row.field(0) + '\t' + row.field(1) + '\t' + (row.smb() ? "" : row.field(2) + '\t');
                entries.add(queue + state + tail);
                entries.add('O' + owner + queue + tail);
                entries.add("P" + row.field(1) + '\t' + tail);
                if (!row.field(3).isEmpty()) {
                    entries.add("S" + row.field(3) + '\t' + tail);
                }
            }
        });
        assertThat(members(probe, bucket + "queue")).as(bucket + "queue").isEqualTo(entries);
        assertThat(members(probe, bucket + "waiting-due"))
                .as(bucket + "waiting-due")
                .isEqualTo(due);
        assertThat(cycles).as("cycles that are told").isEqualTo(deadlocked);
        assertThat(granted).as("grants of waiters").isEqualTo(grants);
        assertThat(meta.containsKey("waiting")).as("somebody waits").isEqualTo(!entries.isEmpty());
    }

    /** Each order, and each break that can be taken back, is due at some time. */
    private static void breaksHold(RespClient probe, String bucket) {
        assertThat(members(probe, bucket + "break-due"))
                .as(bucket + "break-due")
                .isEqualTo(probe.map("HGETALL", bucket + "breaks").keySet());
    }

    private static void numbersWereDrawn(RespClient probe, String bucket, Map<String, String> rows) {
        long counter = Long.parseLong(probe.map("HGETALL", bucket + "meta").getOrDefault("counter", "0"));
        String highest = "%06x%010x".formatted(StoreMark.EPOCH, counter);
        rows.forEach((id, row) -> {
            assertThat(id).isLessThanOrEqualTo(highest);
            assertThat(row.substring(42, 58)).as("token of %s", id).isLessThanOrEqualTo(highest);
        });
    }

    private static SortedSet<String> members(RespClient probe, String key) {
        return new TreeSet<>(probe.list("ZRANGE", key, "0", "-1"));
    }

    private record Row(String id, String text) {
        String column(int from, int to) {
            return text.substring(from - 1, to);
        }

        String field(int index) {
            return text.substring(TAIL).split("\t", -1)[index];
        }

        boolean smb() {
            return column(34, 34).equals("s");
        }

        boolean zeroLength() {
            return column(36, 36).equals("z");
        }

        boolean isOpen() {
            return column(36, 36).equals("o");
        }

        /** By handle, and by each of the share modes that it has. */
        List<String> openEntries() {
            assertThat(column(1, 16))
                    .as("share modes of %s", id)
                    .matches("0{10}[01]{6}")
                    .isEqualTo(column(17, 32));
            List<String> entries = new ArrayList<>(List.of("H" + space() + "\t" + owner() + id));
            List<String> kinds = List.of("A1", "A2", "A3", "D1", "D2", "D3");
            for (int i = 0; i < kinds.size(); i++) {
                if (column(11 + i, 11 + i).equals("1")) {
                    entries.add(kinds.get(i) + space() + "\t" + id);
                }
            }
            return entries;
        }

        String strength() {
            return column(33, 33);
        }

        String deadline() {
            return column(59, 71);
        }

        String space() {
            return field(4);
        }

        private String owner() {
            String handle = field(0) + "\t" + field(1) + "\t";
            return smb() ? handle : handle + field(2) + "\t";
        }

        /** Shared ranges of more than one byte. */
        boolean inTree() {
            return !zeroLength() && strength().equals("W") && lo() != hi();
        }

        private long lo() {
            return Long.parseUnsignedLong(column(1, 16), 16);
        }

        private long hi() {
            return Long.parseUnsignedLong(column(17, 32), 16);
        }

        String level() {
            return "%02d".formatted(63 - Long.numberOfLeadingZeros(lo() ^ hi()));
        }

        String node() {
            int level = Integer.parseInt(level());
            return "%016x".formatted(hi() >>> level << level);
        }

        List<String> indexEntries() {
            if (zeroLength()) {
                return List.of("P" + strength() + column(1, 16) + id, "Q" + owner() + column(1, 16) + id);
            }
            String bounds = strength().equals("S") ? column(17, 32) + column(1, 16) : column(1, 32);
            return List.of(strength() + bounds + id, "O" + owner() + column(1, 32) + id);
        }

        List<String> treeEntries() {
            return List.of("L" + level() + node() + column(1, 16) + id, "U" + level() + node() + column(17, 32) + id);
        }

        List<String> lists() {
            String protocol = isOpen() ? "o" : column(34, 34);
            String version = space().substring(0, space().indexOf(':', space().indexOf(':') + 1) + 1);
            List<String> lists = new ArrayList<>(List.of(
                    "f" + protocol + version,
                    "m" + protocol + field(5) + "\t",
                    "o" + protocol + field(0) + "\t",
                    "p" + protocol + field(1) + "\t"));
            if (!field(2).isEmpty()) {
                lists.add("n" + protocol + field(2) + "\t");
            }
            if (!field(3).isEmpty()) {
                lists.add("s-" + field(3) + "\t");
            }
            return lists;
        }
    }
}
