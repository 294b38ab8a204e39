package io.lockgate.redis;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The columns of a grant's row: as {@code lua/lib/rows.lua} declares them, so that each number stands in one place. */
enum RowColumn {
    LO,
    HI,
    BOUNDS,
    STRENGTH,
    PROTOCOL,
    LIFETIME,
    SHAPE,
    ALIASED,
    PROVISIONAL,
    MODES,
    TOKEN,
    DEADLINE,
    TAIL;

    private static final class Table {
        static final String TEXT = Objects.requireNonNull(LuaScript.resource("lib/rows"));
        static final Map<String, LuaSource.Column> COLUMNS = LuaSource.columns(TEXT);
        static final List<String> FIELDS = LuaSource.fields(TEXT);
    }

    /** Of its first character, counted from 0. */
    final int begin;

    /** Behind its last character; the tail has no end. */
    final int end;

    RowColumn() {
        String name = name().toLowerCase(Locale.ROOT);
        LuaSource.Column column = Objects.requireNonNull(Table.COLUMNS.get(name), name);
        this.begin = column.begin();
        this.end = column.end();
    }

    String of(String row) {
        return row.substring(begin, Math.min(end, row.length()));
    }

    char letterOf(String row) {
        return row.charAt(begin);
    }

    /** The row with other text in this column. */
    String with(String row, String text) {
        return row.substring(0, begin) + text + row.substring(end);
    }

    /** A field of the tail. */
    enum Field {
        OWNER_ID,
        PRINCIPAL,
        OWNER_NAME,
        SESSION,
        SPACE,
        OWNER_ADDRESS,
        NODE_ADDRESS,
        SINCE;

        private final int place = Table.FIELDS.indexOf(name().toLowerCase(Locale.ROOT));

        /** All fields of a row. */
        static String[] all(String row) {
            return TAIL.of(row).split("\t", -1);
        }

        String of(String[] fields) {
            return fields[place];
        }
    }
}
