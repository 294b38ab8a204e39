package io.lockgate.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Works out what the keys of a bucket must hold, given its rows, which are the truth. A plain function of what was
 * read; it writes nothing.
 *
 * <p>Rows that cannot both stand (a lock that half an acquire left, and the one granted over it): the one with the
 * newest token stays, because a storage that has seen it accepts no other, and the other ends as a whole, so that its
 * holder hears "lost" and its token is invalid. Of one POSIX owner's rows the newest keeps the bytes that several hold;
 * an older one keeps the rest; the id and tokens of a row that is wholly covered become aliases of the row that covers
 * it.
 */
final class BucketRepair {
    private static final int ONE_RANGE = 48;
    /** N or R, an id of 16 digits, and an alias: i or t, and 16 digits. */
    private static final int ALIAS_ENTRY = 34;

    private static final Pattern NUMBER = Pattern.compile("[0-9a-f]{16}");

    /** Live rows first, then those with the newest token. */
    private final Comparator<StoredRow> precedence;

    private final int bucket;
    private final String prefix;
    private final Map<String, Map<String, String>> image;
    private final long now;
    private final Map<String, StoredRow> rows = new TreeMap<>();
    /** By id of the grant: i or t, and the number. */
    private final Map<String, Set<String>> aliases = new TreeMap<>();

    private final Set<String> closedHandles = new HashSet<>();
    private final List<String> told = new ArrayList<>();
    private final String epoch;
    private long counter;

    /**
     * @param image field and value, or member and score, of each key
     * @param now ms of store time
     */
    private BucketRepair(int bucket, String prefix, Map<String, Map<String, String>> image, String epoch, long now) {
        this.bucket = bucket;
        this.prefix = prefix;
        this.image = image;
        this.epoch = epoch;
        this.now = now;
        this.precedence = Comparator.comparing((StoredRow row) -> !isLive(row))
                .thenComparing(StoredRow::token, Comparator.reverseOrder())
                .thenComparing(StoredRow::id, Comparator.reverseOrder());
    }

    /**
     * What a bucket must hold.
     *
     * @param keys as in the image; a key that is to go is empty
     * @param told locks that end or shrink, one line each
     */
    record Target(Map<String, Map<String, String>> keys, List<String> told) {}

    /**
     * What a bucket must hold.
     *
     * @param epoch that numbers of the bucket begin with, 6 hex digits
     * @throws RuntimeException when the bucket holds what no script writes; its message shows it
     */
    static Target of(int bucket, String prefix, Map<String, Map<String, String>> image, String epoch, long now) {
        return new BucketRepair(bucket, prefix, image, epoch, now).target();
    }

    private Target target() {
        key("rows").forEach((id, text) -> rows.put(id, new StoredRow(id, text)));
        readClosedHandles();
        counter = Long.parseLong(key("meta").getOrDefault("counter", "0"));
        readAliases();
        sawNumbers();
        bySpace().values().forEach(this::separateOwnRows);
        bySpace().values().forEach(this::endConflicts);
        settleAliases();

        Map<String, Map<String, String>> keys = new TreeMap<>();
        image.keySet().forEach(key -> keys.put(key, new TreeMap<>()));
        putRows(keys);
        putForks(keys);
        ReportRepair reports = new ReportRepair(prefix, image, keys, now);
        reports.repair();
        reports.numbers().forEach(this::saw);
        SessionRepair sessions = new SessionRepair(prefix, image, keys);
        sessions.repair();
        sessions.numbers().forEach(this::saw);
        Map<String, String> meta = new TreeMap<>(key("meta"));
        QueueRepair queues = new QueueRepair(prefix, image, keys, isEnforced());
        queues.repair(meta);
        queues.numbers().forEach(this::saw);
        BreakRepair breaks = new BreakRepair(prefix, image, keys, now);
        breaks.repair();
        breaks.numbers().forEach(this::saw);
        new ListRepair(prefix, image, keys, rows.values()).repair(meta);
        if (counter > 0) {
            meta.put("counter", Long.toString(counter));
        }
        keys.put(prefix + "meta", meta);
        return new Target(keys, told);
    }

    private boolean isLive(StoredRow row) {
        return isInTime(row) && !(row.smb() && !row.isOpen() && closedHandles.contains(handle(row)));
    }

    private static String handle(StoredRow row) {
        return row.space() + '\t' + row.owner();
    }

    /** The handles whose opens have all ended; their ranges have ended with the last (rows.lua). */
    private void readClosedHandles() {
        rows.values().stream()
                .filter(StoredRow::isOpen)
                .map(BucketRepair::handle)
                .forEach(closedHandles::add);
        rows.values().stream()
                .filter(StoredRow::isOpen)
                .filter(this::isInTime)
                .map(BucketRepair::handle)
                .forEach(closedHandles::remove);
    }

    private boolean isInTime(StoredRow row) {
        String session = row.field(RowColumn.Field.SESSION);
        return session.isEmpty() ? row.live(now) : SessionRepair.isLive(key("sessions"), session, now);
    }

    private Map<String, List<StoredRow>> bySpace() {
        Map<String, List<StoredRow>> bySpace = new TreeMap<>();
        rows.values()
                .forEach(row -> bySpace.computeIfAbsent(row.space(), s -> new ArrayList<>())
                        .add(row));
        return bySpace;
    }

    private Map<String, String> key(String name) {
        return image.getOrDefault(prefix + name, Map.of());
    }

    // ---------------------------------------------------------------- numbers and aliases

    private void saw(String number) {
        if (!NUMBER.matcher(number).matches()) {
            throw new IllegalStateException("a number is malformed, which no script does: " + number);
        }
        if (number.startsWith(epoch)) {
            counter = Math.max(counter, Long.parseLong(number.substring(6), 16));
        }
    }

    private void sawNumbers() {
        rows.values().forEach(row -> {
            saw(row.id());
            saw(row.token());
        });
        aliases.forEach((id, its) -> {
            saw(id);
            its.forEach(alias -> saw(alias.substring(1)));
        });
    }

    private String draw() {
        counter++;
        return epoch + GrantRows.hex(counter).substring(6);
    }

    /** A pair of entries of which one is missing says as much as both. */
    private void readAliases() {
        for (String member : key("names").keySet()) {
            if (member.length() != ALIAS_ENTRY) {
                throw new IllegalStateException("an entry of names is malformed, which no script does: " + member);
            }
            boolean forward = member.startsWith("N");
            String id = forward ? member.substring(18) : member.substring(1, 17);
            String alias = forward ? member.substring(1, 18) : member.substring(17);
            aliasesOf(id).add(alias);
        }
    }

    private Set<String> aliasesOf(String id) {
        return aliases.computeIfAbsent(id, i -> new TreeSet<>());
    }

    private void settleAliases() {
        aliases.keySet().removeIf(id -> !rows.containsKey(id));
        key("sessions")
                .keySet()
                .forEach(field -> SessionRepair.ofGrant(field)
                        .ifPresent(id -> rows.computeIfPresent(id, (same, row) -> row.withAliases())));
        for (StoredRow row : List.copyOf(rows.values())) {
            if (!row.token().equals(row.id())) {
                aliasesOf(row.id()).add("t" + row.token());
            }
            if (!aliases.getOrDefault(row.id(), Set.of()).isEmpty()) {
                rows.put(row.id(), row.withAliases());
            }
        }
    }

    // ---------------------------------------------------------------- rows that cannot all stand

    /** An owner's POSIX rows have no byte in common. */
    private void separateOwnRows(List<StoredRow> ofSpace) {
        Map<String, List<StoredRow>> byOwner = new HashMap<>();
        ofSpace.stream()
                .filter(row -> !row.smb())
                .forEach(row -> byOwner.computeIfAbsent(row.owner(), o -> new ArrayList<>())
                        .add(row));
        for (List<StoredRow> own : byOwner.values()) {
            own.sort(Comparator.comparing(StoredRow::lo));
            boolean disjoint = true;
            for (int i = 1; i < own.size(); i++) {
                disjoint &= own.get(i - 1).hi().compareTo(own.get(i).lo()) < 0;
            }
            if (!disjoint) {
                separate(own);
            }
        }
    }

    private void separate(List<StoredRow> own) {
        own.sort(precedence);
        TreeMap<String, StoredRow> kept = new TreeMap<>();
        for (StoredRow row : own) {
            List<StoredRow> over = over(kept, row);
            if (over.isEmpty()) {
                kept.put(row.lo(), row);
            } else if (!isLive(row)) {
                rows.remove(row.id());
            } else {
                keepRest(row, over, kept);
            }
        }
    }

    private static List<StoredRow> over(NavigableMap<String, StoredRow> kept, StoredRow row) {
        List<StoredRow> over = new ArrayList<>();
        var before = kept.lowerEntry(row.lo());
        if (before != null && before.getValue().hi().compareTo(row.lo()) >= 0) {
            over.add(before.getValue());
        }
        over.addAll(kept.subMap(row.lo(), true, row.hi(), true).values());
        return over;
    }

    /** @param over kept rows over bytes of {@code row}, in order */
    private void keepRest(StoredRow row, List<StoredRow> over, NavigableMap<String, StoredRow> kept) {
        List<StoredRow> parts = new ArrayList<>();
        String next = row.lo();
        boolean open = true;
        for (StoredRow other : over) {
            if (next.compareTo(other.lo()) < 0) {
                parts.add(row.withRange(next, step(other.lo(), -1)));
            }
            open = other.hi().compareTo(row.hi()) < 0;
            next = open ? step(other.hi(), 1) : next;
        }
        if (open) {
            parts.add(row.withRange(next, row.hi()));
        }
        rows.remove(row.id());
        if (parts.isEmpty()) {
            Set<String> successors = aliasesOf(over.getFirst().id());
            successors.addAll(aliases.getOrDefault(row.id(), Set.of()));
            successors.add("i" + row.id());
            successors.add("t" + row.id());
            successors.add("t" + row.token());
        }
        for (int i = 0; i < parts.size(); i++) {
            StoredRow part = parts.get(i);
            if (i > 0) {
                part = part.withId(draw());
                for (String alias : aliases.getOrDefault(row.id(), Set.of())) {
                    if (alias.startsWith("t")) {
                        aliasesOf(part.id()).add(alias);
                    }
                }
                aliasesOf(part.id()).add("t" + row.id());
            }
            rows.put(part.id(), part);
            kept.put(part.lo(), part);
        }
    }

    private static String step(String hex, int by) {
        return GrantRows.hex(Long.parseUnsignedLong(hex, 16) + by);
    }

    private void endConflicts(List<StoredRow> ofSpace) {
        List<StoredRow> sorted =
                ofSpace.stream().sorted(Comparator.comparing(StoredRow::lo)).toList();
        Map<String, Set<StoredRow>> against =
                conflicts(sorted.stream().filter(row -> !row.isOpen()).toList());
        addConflictsOfOpens(
                against,
                sorted.stream()
                        .filter(StoredRow::isOpen)
                        .collect(Collectors.groupingBy(StoredRow::lo))
                        .values());
        if (against.isEmpty()) {
            return;
        }
        Set<String> ended = new HashSet<>();
        sorted.stream()
                .filter(row -> against.containsKey(row.id()))
                .sorted(precedence)
                .filter(row -> !ended.contains(row.id()))
                .forEach(row -> Objects.requireNonNull(against.get(row.id())).stream()
                        .filter(other -> precedence.compare(row, other) < 0 && ended.add(other.id()))
                        .forEach(other -> end(other, row)));
    }

    /**
     * Who cannot stand beside whom.
     *
     * @param sorted the rows of a space, by their first byte
     */
    private Map<String, Set<StoredRow>> conflicts(List<StoredRow> sorted) {
        boolean enforced = isEnforced();
        Map<String, Set<StoredRow>> against = new HashMap<>();
        Comparator<StoredRow> byEnd = Comparator.comparing(StoredRow::hi);
        PriorityQueue<StoredRow> exclusive = new PriorityQueue<>(byEnd);
        PriorityQueue<StoredRow> shared = new PriorityQueue<>(byEnd);
        for (StoredRow row : sorted) {
            endedBefore(exclusive, row);
            endedBefore(shared, row);
            exclusive.stream()
                    .filter(other -> conflict(row, other, enforced))
                    .forEach(other -> pair(against, row, other));
            if (row.exclusive()) {
                shared.stream()
                        .filter(other -> conflict(row, other, enforced))
                        .forEach(other -> pair(against, row, other));
            }
            (row.exclusive() ? exclusive : shared).add(row);
        }
        return against;
    }

    /** @param byModes opens of a space, those with the same share modes together */
    private static void addConflictsOfOpens(Map<String, Set<StoredRow>> against, Collection<List<StoredRow>> byModes) {
        for (List<StoredRow> these : byModes) {
            for (List<StoredRow> those : byModes) {
                if (these.getFirst().conflictsWith(those.getFirst())) {
                    these.forEach(one -> those.stream()
                            .filter(other -> !other.id().equals(one.id()))
                            .forEach(other -> pair(against, one, other)));
                }
            }
        }
    }

    private boolean isEnforced() {
        Map<String, String> meta = key("meta");
        // Format 1 kept the rule in a field of its own.
        return meta.getOrDefault("mark", "").endsWith("/enforced") || "enforced".equals(meta.get("rule"));
    }

    private static void endedBefore(PriorityQueue<StoredRow> open, StoredRow row) {
        while (!open.isEmpty() && open.element().hi().compareTo(row.lo()) < 0) {
            open.remove();
        }
    }

    private static void pair(Map<String, Set<StoredRow>> against, StoredRow a, StoredRow b) {
        against.computeIfAbsent(a.id(), id -> new HashSet<>()).add(b);
        against.computeIfAbsent(b.id(), id -> new HashSet<>()).add(a);
    }

    /** Of two rows of which one is exclusive. */
    private static boolean conflict(StoredRow a, StoredRow b, boolean enforced) {
        if (!a.overlaps(b)) {
            return false;
        }
        if (a.smb() != b.smb()) {
            return enforced && !a.zeroLength() && !b.zeroLength();
        }
        if (!a.owner().equals(b.owner())) {
            return true;
        }
        // A handle may lay shared locks over its exclusive ones, in either order of their ids.
        return a.exclusive() && b.exclusive() && !a.zeroLength() && !b.zeroLength();
    }

    private void end(StoredRow row, StoredRow newer) {
        rows.remove(row.id());
        if (isLive(row)) {
            told.add("ends: " + words(row) + ", because it conflicts with the newer " + words(newer));
        }
        if (row.isOpen()) {
            endRangesWithout(row);
        }
    }

    /** The ranges of a handle end with its last open. */
    private void endRangesWithout(StoredRow open) {
        List<StoredRow> ofHandle = rows.values().stream()
                .filter(row -> row.smb() && handle(row).equals(handle(open)))
                .toList();
        if (ofHandle.stream().noneMatch(row -> row.isOpen() && isInTime(row))) {
            ofHandle.forEach(row -> {
                rows.remove(row.id());
                if (isLive(row)) {
                    told.add("ends: " + words(row) + ", because the last open of its handle has ended");
                }
            });
        }
    }

    private String words(StoredRow row) {
        return GrantRows.grant(bucket, row.id(), row.text(), now).id() + " of owner_id="
                + row.field(RowColumn.Field.OWNER_ID) + " principal=" + row.field(RowColumn.Field.PRINCIPAL) + " on "
                + row.space() + ' '
                + (row.isOpen() ? GrantRows.shareModes(row.lo()) : "[" + row.lo() + "," + row.hi() + "]");
    }

    // ---------------------------------------------------------------- keys

    private void put(Map<String, Map<String, String>> keys, String name, String member, String value) {
        keys.computeIfAbsent(prefix + name, k -> new TreeMap<>()).put(member, value);
    }

    private void putRows(Map<String, Map<String, String>> keys) {
        for (StoredRow row : rows.values()) {
            put(keys, "rows", row.id(), row.text());
            if (row.expires()) {
                put(keys, "expiry", row.id(), Long.toString(Long.parseLong(row.deadline())));
            }
            String index = row.isOpen() ? "opens" : (row.smb() ? "smb:" : "posix:") + row.space();
            row.indexEntries().forEach(entry -> put(keys, index, entry, "0"));
        }
        aliases.forEach((id, its) -> its.forEach(alias -> {
            put(keys, "names", "N" + alias + id, "0");
            put(keys, "names", "R" + id + alias, "0");
        }));
    }

    /** Levels and nodes. A node that has had several ranges may go on counting when it has one. */
    private void putForks(Map<String, Map<String, String>> keys) {
        Map<String, Map<String, List<StoredRow>>> places = new TreeMap<>();
        for (StoredRow row : rows.values()) {
            if (row.forks()) {
                places.computeIfAbsent((row.smb() ? "smb" : "posix") + "\t" + row.space(), k -> new TreeMap<>())
                        .computeIfAbsent(row.place(), p -> new ArrayList<>())
                        .add(row);
            }
        }
        places.forEach((key, byPlace) -> {
            String semantics = key.substring(0, key.indexOf('\t'));
            String space = key.substring(key.indexOf('\t') + 1);
            Map<String, String> there = key(semantics + "-nodes:" + space);
            Map<String, Integer> levels = new TreeMap<>();
            byPlace.forEach((place, its) -> {
                levels.merge(place.substring(0, 2), its.size(), Integer::sum);
                String held = there.getOrDefault(place, "");
                boolean counts = its.size() > 1 || (!held.isEmpty() && held.length() < ONE_RANGE);
                StoredRow only = its.getFirst();
                put(
                        keys,
                        semantics + "-nodes:" + space,
                        place,
                        counts ? Integer.toString(its.size()) : only.lo() + only.hi() + only.id());
                if (counts) {
                    entries(its).forEach(entry -> put(keys, semantics + ":" + space, entry, "0"));
                }
            });
            levels.forEach((level, count) -> put(keys, semantics + "-levels:" + space, level, Integer.toString(count)));
        });
    }

    private static List<String> entries(Collection<StoredRow> rows) {
        return rows.stream().flatMap(row -> row.forkEntries().stream()).toList();
    }
}
