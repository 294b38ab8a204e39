package io.lockgate.redis;

import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** A filter as {@code lua/lib/filter.lua} reads it, and the listing index that serves it best. */
final class GrantFilters {
    private GrantFilters() {}

    static Map<String, String> letters(GrantFilter filter) {
        Map<String, String> letters = new LinkedHashMap<>();
        filter.file().ifPresent(file -> letters.put("f", text(file)));
        filter.ownerAddress().ifPresent(value -> letters.put("a", value));
        filter.ownerName().ifPresent(value -> letters.put("n", value));
        filter.ownerId().ifPresent(value -> letters.put("o", value));
        filter.principal().ifPresent(value -> letters.put("p", value));
        return letters;
    }

    static void add(List<String> arguments, Map<String, String> letters) {
        arguments.add(Integer.toString(letters.size()));
        letters.forEach((letter, value) -> {
            arguments.add(letter);
            arguments.add(value);
        });
    }

    /** The letter of the lists ({@code listed_as} in {@code lua/lib/rows.lua}). */
    static String letter(GrantFilter filter) {
        return filter.type() == LockType.SHARE_MODE ? "o" : GrantRows.letter(filter.protocol());
    }

    /** The list that {@code lists_of} in {@code lua/lib/list_names.lua} names, or what its lists begin with; narrowest first. */
    static String indexPrefix(GrantFilter filter) {
        String protocol = letter(filter);
        if (filter.ownerId().isPresent()) {
            return "o" + protocol + filter.ownerId().get() + '\t';
        }
        if (filter.file().isPresent()) {
            return "f" + protocol + text(filter.file().get());
        }
        if (filter.ownerAddress().isPresent()) {
            return "m" + protocol + filter.ownerAddress().get() + '\t';
        }
        if (filter.ownerName().isPresent()) {
            return "n" + protocol + filter.ownerName().get() + '\t';
        }
        if (filter.principal().isPresent()) {
            return "p" + protocol + filter.principal().get() + '\t';
        }
        return "f" + protocol;
    }

    static String modeNames(LockModes modes) {
        StringJoiner names = new StringJoiner(",");
        for (LockMode mode : modes) {
            names.add(mode.name());
        }
        return names.toString();
    }

    private static String text(GrantFilter.FileVersion file) {
        return Long.toUnsignedString(file.fileId()) + ':' + file.snapshotId() + ':';
    }
}
