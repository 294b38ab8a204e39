package io.lockgate.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The same as {@link BucketRepair} for the listing indexes ({@code lua/lib/lists.lua}). Which chunks a list has depends
 * on what was done to it, so a list that says what the rows say stays as it is, in chunks or as a gateway of format 2
 * has left it; any other is written from the rows.
 */
final class ListRepair {
    private static final String NEWEST = "newest";
    private static final String GONE = "gone";
    private static final int ID = 16;
    private static final int HEAD = 8;
    private static final int CHUNK = 32;
    /** Ids that may be among the newest, as in the scripts; more are listed instead. */
    private static final int MOST_NEWEST = 32;

    private static final Pattern IDS = Pattern.compile("(?:[0-9a-f]{16})*");
    private static final Pattern CLOSED_FIELD = Pattern.compile("(?s).*[\t:][0-9a-f]{16}");
    private static final Pattern TAIL = Pattern.compile("[0-9]{8}(?:[0-9a-f]{16})*");

    private final String prefix;
    private final NavigableMap<String, String> chunks;
    private final NavigableSet<String> entries;
    private final Map<String, Map<String, String>> keys;
    private final Map<String, NavigableSet<String>> idsByList = new TreeMap<>();
    private final String newest;
    /** Ids of grants that have gone and stand in lists still, in the order in which they went. */
    private final Set<String> gone = new LinkedHashSet<>();

    /** @param keys of the whole bucket, where those of lists are put */
    ListRepair(
            String prefix,
            Map<String, Map<String, String>> image,
            Map<String, Map<String, String>> keys,
            Collection<StoredRow> rows) {
        this.prefix = prefix;
        this.chunks = new TreeMap<>(image.getOrDefault(prefix + "chunks", Map.of()));
        this.entries =
                new TreeSet<>(image.getOrDefault(prefix + "list", Map.of()).keySet());
        this.keys = keys;
        String goneIds = image.getOrDefault(prefix + "meta", Map.of()).getOrDefault(GONE, "");
        if (IDS.matcher(goneIds).matches()) {
            gone.addAll(split(goneIds));
        }
        // Without the row that one had nobody knows its lists.
        gone.removeIf(id -> !chunks.containsKey("G" + id));
        rows.forEach(row -> gone.remove(row.id()));
        this.newest = newest(image.getOrDefault(prefix + "meta", Map.of()).getOrDefault(NEWEST, ""), rows);
        for (StoredRow row : rows) {
            if (newest.isEmpty() || row.id().compareTo(newest.substring(0, ID)) < 0) {
                row.lists()
                        .forEach(list -> idsByList
                                .computeIfAbsent(list, l -> new TreeSet<>())
                                .add(row.id()));
            }
        }
    }

    /** From the first of them on, all rows are among the newest. */
    private static String newest(String stored, Collection<StoredRow> rows) {
        if (stored.isEmpty() || !IDS.matcher(stored).matches()) {
            return "";
        }
        NavigableSet<String> ids = new TreeSet<>(split(stored));
        String first = ids.first();
        rows.stream().map(StoredRow::id).filter(id -> id.compareTo(first) >= 0).forEach(ids::add);
        return ids.size() > MOST_NEWEST ? "" : String.join("", ids);
    }

    private static List<String> split(String ids) {
        List<String> split = new ArrayList<>();
        for (int i = 0; i < ids.length(); i += ID) {
            split.add(ids.substring(i, i + ID));
        }
        return split;
    }

    /** @param meta of the bucket, as it will be */
    void repair(Map<String, String> meta) {
        if (meta.containsKey(NEWEST) || !newest.isEmpty()) {
            meta.put(NEWEST, newest);
        }
        if (meta.containsKey(GONE)) {
            meta.put(GONE, String.join("", gone));
        }
        chunks.forEach((field, row) -> {
            if (isOfGone(field) && gone.contains(field.substring(1))) {
                put("chunks", field, row);
            }
        });
        Set<String> lists = new TreeSet<>(idsByList.keySet());
        chunks.keySet().stream()
                .filter(field -> !isOfGone(field))
                .map(ListRepair::listOfField)
                .forEach(lists::add);
        entries.stream()
                .filter(ListRepair::isOfFormat2)
                .map(ListRepair::listOfEntry)
                .forEach(lists::add);
        lists.forEach(list -> {
            NavigableSet<String> ids = idsByList.getOrDefault(list, new TreeSet<>());
            if (!stays(list, ids)) {
                write(list, ids);
            }
        });
    }

    /** Whether it holds the row of a grant that has gone. */
    private static boolean isOfGone(String field) {
        return field.startsWith("G");
    }

    /** Whether it is no part of the directory. */
    private static boolean isOfFormat2(String entry) {
        return !entry.startsWith("D") && entry.length() > ID;
    }

    private static String listOfEntry(String entry) {
        return entry.substring(0, entry.length() - ID);
    }

    /** Whether it is a list by an empty machine name, as 5f5eaf0 has written; the sweeps delete its entries. */
    private static boolean isByNoName(String list) {
        return list.length() == 3;
    }

    private static String listOfField(String field) {
        return CLOSED_FIELD.matcher(field).matches() ? field.substring(0, field.length() - ID) : field;
    }

    /** Whether the list says what it must; then it is put as it is. */
    private boolean stays(String list, NavigableSet<String> ids) {
        if (isByNoName(list)) {
            entries.subSet(list + '0', list + 'g').forEach(entry -> put("list", entry, "0"));
            return true;
        }
        NavigableMap<String, String> closed = new TreeMap<>(chunks.subMap(list + '0', list + 'g'));
        NavigableSet<String> directory = new TreeSet<>(entries.subSet("D" + list + '0', "D" + list + 'g'));
        String tail = chunks.get(list);
        NavigableSet<String> inChunks = new TreeSet<>();
        if (tail == null ? !closed.isEmpty() : !TAIL.matcher(tail).matches()) {
            return false;
        }
        String above = "";
        for (Map.Entry<String, String> chunk : closed.entrySet()) {
            String last = chunk.getKey().substring(list.length());
            if (chunk.getValue().isEmpty()
                    || !adds(inChunks, chunk.getValue(), above, last)
                    || !directory.remove('D' + chunk.getKey())) {
                return false;
            }
            above = last;
        }
        boolean isMarked = entries.contains(marker(list));
        if (!directory.isEmpty() || isMarked != (tail != null && isWalked(list))) {
            return false;
        }
        if (tail != null
                && (Integer.parseInt(tail.substring(0, HEAD)) != inChunks.size()
                        || !adds(inChunks, tail.substring(HEAD), above, "g"))) {
            return false;
        }
        NavigableSet<String> surplus = new TreeSet<>(inChunks);
        surplus.removeAll(ids);
        if (!gone.containsAll(surplus) || (tail != null && inChunks.isEmpty())) {
            return false;
        }
        NavigableSet<String> ofFormat2 = new TreeSet<>(ids);
        ofFormat2.removeAll(inChunks);
        if (!ofFormat2.stream().allMatch(id -> entries.contains(list + id))) {
            return false;
        }
        ofFormat2.addAll(gone.stream().filter(id -> entries.contains(list + id)).toList());
        ofFormat2.forEach(id -> put("list", list + id, "0"));
        closed.forEach((field, its) -> {
            put("chunks", field, its);
            put("list", "D" + field, "0");
        });
        if (tail != null) {
            putTail(list, tail);
        }
        return true;
    }

    /** Adds the ids of a chunk, if they are in order, behind {@code above} and not behind {@code last}. */
    private static boolean adds(NavigableSet<String> ids, String chunk, String above, String last) {
        if (!IDS.matcher(chunk).matches()) {
            return false;
        }
        String before = above;
        for (String id : split(chunk)) {
            if (id.compareTo(before) <= 0 || id.compareTo(last) > 0) {
                return false;
            }
            ids.add(id);
            before = id;
        }
        return true;
    }

    private void write(String list, NavigableSet<String> ids) {
        if (ids.isEmpty()) {
            return;
        }
        List<String> rest = new ArrayList<>(ids);
        int closed = 0;
        while (rest.size() > CHUNK) {
            List<String> chunk = rest.subList(0, CHUNK);
            put("chunks", list + chunk.getLast(), String.join("", chunk));
            put("list", "D" + list + chunk.getLast(), "0");
            closed += CHUNK;
            rest = rest.subList(CHUNK, rest.size());
        }
        putTail(list, digits(closed) + String.join("", rest));
    }

    private static String digits(int number) {
        String text = Integer.toString(number);
        return "0".repeat(HEAD - text.length()) + text;
    }

    private void putTail(String list, String tail) {
        put("chunks", list, tail);
        if (isWalked(list)) {
            put("list", marker(list), "0");
        }
    }

    private static String marker(String list) {
        return "D" + list + 't';
    }

    private static boolean isWalked(String list) {
        return list.startsWith("f") || list.startsWith("m");
    }

    private void put(String name, String member, String value) {
        keys.computeIfAbsent(prefix + name, k -> new TreeMap<>()).put(member, value);
    }
}
