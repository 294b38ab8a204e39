package io.lockgate.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The same as {@link BucketRepair} for the distribution map: what {@code lua/lib/report.lua} keeps of a bucket's files.
 * The row of a report (version and revision) is the truth: of its version a block counts that was born by that revision
 * and has not gone by then. What a change that never counted has left goes; blocks that such a change left and a later
 * one made count are joined where they overlap.
 */
final class ReportRepair {
    /** How long a version that nothing knows stays all the same, for readers who may have begun with it. */
    private static final long KEPT_MILLIS = 600_000;

    private static final String PROVIDERS = "providers:";
    private static final String BLOCKS = "blocks:";
    private static final String PAST = "past:";
    private static final int VERSION = 24;

    private final String prefix;
    private final Map<String, Map<String, String>> image;
    private final Map<String, Map<String, String>> keys;
    private final long now;
    private final Map<String, String> leftovers;
    private final Set<String> numbers = new TreeSet<>();

    /** @param keys of the whole bucket, where those of reports are put */
    ReportRepair(
            String prefix, Map<String, Map<String, String>> image, Map<String, Map<String, String>> keys, long now) {
        this.prefix = prefix;
        this.image = image;
        this.keys = keys;
        this.now = now;
        this.leftovers = new TreeMap<>(image.getOrDefault(prefix + "leftovers", Map.of()));
    }

    /** Every number of the bucket's counter that was met. */
    Set<String> numbers() {
        return numbers;
    }

    void repair() {
        Set<String> reports = new TreeSet<>();
        image.forEach((key, held) -> {
            String name = key.substring(prefix.length());
            if (name.startsWith(PROVIDERS)) {
                keys.put(key, held);
                held.values().forEach(row -> numbers.add(row.substring(VERSION)));
            } else if (name.startsWith(BLOCKS)) {
                reports.add(name.substring(BLOCKS.length()));
            } else if (name.startsWith(PAST)) {
                reports.add(name.substring(PAST.length()));
            }
        });
        reports.forEach(this::repair);
        if (!leftovers.isEmpty()) {
            keys.put(prefix + "leftovers", leftovers);
        }
    }

    /** @param report file TAB provider */
    private void repair(String report) {
        int tab = report.indexOf('\t');
        if (tab < 0) {
            throw new IllegalStateException("a key of blocks is malformed, which no script does: " + report);
        }
        String row = image.getOrDefault(prefix + PROVIDERS + report.substring(0, tab), Map.of())
                .getOrDefault(report.substring(tab + 1), "");
        String version = row.isEmpty() ? "" : row.substring(0, VERSION);
        String revision = row.isEmpty() ? "" : row.substring(VERSION);
        Set<String> gone = new TreeSet<>();
        Map<String, String> past = new TreeMap<>();
        for (String member :
                image.getOrDefault(prefix + PAST + report, Map.of()).keySet()) {
            checkLength(member, 88);
            String died = member.substring(72, 88);
            numbers.add(died);
            boolean counts = member.startsWith(version);
            if (version.isEmpty() || !counts) {
                past.put(member, "0");
                leave("v", member, report);
            } else if (died.compareTo(revision) <= 0) {
                past.put(member, "0");
                leave("p", member, report);
                // Version, lo, hi, born: as the block stood.
                gone.add(member.substring(0, 40) + member.substring(56, 72) + member.substring(40, 56));
            }
        }
        List<String> blocks = new ArrayList<>();
        Map<String, String> kept = new TreeMap<>();
        for (String member :
                image.getOrDefault(prefix + BLOCKS + report, Map.of()).keySet()) {
            checkLength(member, 72);
            String born = member.substring(56);
            numbers.add(born);
            if (version.isEmpty() || !member.startsWith(version)) {
                kept.put(member, "0");
                leave("v", member, report);
            } else if (born.compareTo(revision) <= 0 && !gone.contains(member)) {
                blocks.add(member);
            }
        }
        joined(blocks).forEach(member -> kept.put(member, "0"));
        keys.put(prefix + BLOCKS + report, kept);
        keys.put(prefix + PAST + report, past);
    }

    private static void checkLength(String member, int least) {
        if (member.length() < least) {
            throw new IllegalStateException("a block is malformed, which no script does: " + member);
        }
    }

    private void leave(String kind, String member, String report) {
        leftovers.putIfAbsent(kind + member.substring(0, VERSION) + '\t' + report, Long.toString(now + KEPT_MILLIS));
    }

    /** @param blocks version lo hi born, sorted; of one version */
    private static List<String> joined(List<String> blocks) {
        List<String> joined = new ArrayList<>();
        for (String block : blocks) {
            String last = joined.isEmpty() ? "" : joined.getLast();
            if (!last.isEmpty() && block.substring(24, 40).compareTo(last.substring(40, 56)) <= 0) {
                String hi = max(block.substring(40, 56), last.substring(40, 56));
                String born = max(block.substring(56), last.substring(56));
                joined.set(joined.size() - 1, last.substring(0, 40) + hi + born);
            } else {
                joined.add(block);
            }
        }
        return joined;
    }

    private static String max(String a, String b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
