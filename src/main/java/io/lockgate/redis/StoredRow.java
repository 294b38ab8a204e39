package io.lockgate.redis;

import java.util.ArrayList;
import java.util.List;

/**
 * A row of {@code lua/lib/rows.lua} as a repair sees it, and every entry that must stand for it in the indexes. Numbers
 * stay the 16 hex digits that they are: comparing the text compares the numbers.
 */
record StoredRow(String id, String text) {
    private static final String NO_DEADLINE = "0000000000000";
    private static final int FIELDS = RowColumn.Field.values().length;

    /** @throws IllegalStateException when it is no row at all */
    StoredRow {
        if (text.length() <= RowColumn.TAIL.begin || RowColumn.Field.all(text).length != FIELDS) {
            throw new IllegalStateException("the row of grant " + id + " is malformed, which no script does: " + text);
        }
    }

    String lo() {
        return RowColumn.LO.of(text);
    }

    String hi() {
        return RowColumn.HI.of(text);
    }

    boolean exclusive() {
        return RowColumn.STRENGTH.letterOf(text) == 'S';
    }

    boolean smb() {
        return RowColumn.PROTOCOL.letterOf(text) == 's';
    }

    boolean zeroLength() {
        return RowColumn.SHAPE.letterOf(text) == 'z';
    }

    boolean isOpen() {
        return RowColumn.SHAPE.letterOf(text) == 'o';
    }

    boolean aliased() {
        return RowColumn.ALIASED.letterOf(text) == '1';
    }

    String token() {
        return RowColumn.TOKEN.of(text);
    }

    String deadline() {
        return RowColumn.DEADLINE.of(text);
    }

    boolean expires() {
        return !deadline().equals(NO_DEADLINE);
    }

    /** Whether its lease has not expired, for a row that is in no session. */
    boolean live(long now) {
        return !expires() || Long.parseLong(deadline()) > now;
    }

    String field(RowColumn.Field field) {
        return field.of(RowColumn.Field.all(text));
    }

    String space() {
        return field(RowColumn.Field.SPACE);
    }

    /** The owner as the engine sees it. */
    String owner() {
        String handle = field(RowColumn.Field.OWNER_ID) + '\t' + field(RowColumn.Field.PRINCIPAL) + '\t';
        return smb() ? handle : handle + field(RowColumn.Field.OWNER_NAME) + '\t';
    }

    StoredRow withRange(String lo, String hi) {
        return new StoredRow(id, RowColumn.BOUNDS.with(text, lo + hi));
    }

    StoredRow withId(String other) {
        return new StoredRow(other, text);
    }

    StoredRow withAliases() {
        return aliased() ? this : new StoredRow(id, RowColumn.ALIASED.with(text, "1"));
    }

    /** Whether it is an open that does what another denies, or the other way round. */
    boolean conflictsWith(StoredRow other) {
        return isOpen() && other.isOpen() && GrantRows.shareModes(lo()).conflictsWith(GrantRows.shareModes(other.lo()));
    }

    /** Whether both hold a common byte, or one a position inside the other (docs/lock-semantics.md). */
    boolean overlaps(StoredRow other) {
        if (zeroLength()) {
            return !other.zeroLength() && other.lo().compareTo(lo()) < 0 && lo().compareTo(other.hi()) <= 0;
        }
        if (other.zeroLength()) {
            return other.overlaps(this);
        }
        return lo().compareTo(other.hi()) <= 0 && other.lo().compareTo(hi()) <= 0;
    }

    /** Members of the POSIX or SMB index of its space, but for those of its fork node; of an open members of the opens. */
    List<String> indexEntries() {
        if (isOpen()) {
            return openEntries();
        }
        String strength = exclusive() ? "S" : "W";
        if (zeroLength()) {
            return List.of("P" + strength + lo() + id, "Q" + owner() + lo() + id);
        }
        return List.of(strength + (exclusive() ? hi() + lo() : lo() + hi()) + id, "O" + owner() + lo() + hi() + id);
    }

    private List<String> openEntries() {
        List<String> entries = new ArrayList<>(List.of("H" + space() + '\t' + owner() + id));
        for (int kind = 1; kind <= 3; kind++) {
            if (lo().charAt(9 + kind) == '1') {
                entries.add("A" + kind + space() + '\t' + id);
            }
            if (lo().charAt(12 + kind) == '1') {
                entries.add("D" + kind + space() + '\t' + id);
            }
        }
        return entries;
    }

    /** Whether it stands at a fork node. */
    boolean forks() {
        return !isOpen() && !zeroLength() && !exclusive() && !lo().equals(hi());
    }

    /** Level and fork node (index.lua). */
    String place() {
        long low = Long.parseUnsignedLong(lo(), 16);
        long high = Long.parseUnsignedLong(hi(), 16);
        int level = 63 - Long.numberOfLeadingZeros(low ^ high);
        String two = level < 10 ? "0" + level : Integer.toString(level);
        return two + GrantRows.hex(high >>> level << level);
    }

    List<String> forkEntries() {
        return List.of("L" + place() + lo() + id, "U" + place() + hi() + id);
    }

    /** Names of the lists in which it stands (lists_of in list_names.lua). */
    List<String> lists() {
        char protocol = isOpen() ? 'o' : RowColumn.PROTOCOL.letterOf(text);
        String space = space();
        String version = space.substring(0, space.indexOf(':', space.indexOf(':') + 1) + 1);
        List<String> lists = new ArrayList<>(List.of(
                "f" + protocol + version,
                "m" + protocol + field(RowColumn.Field.OWNER_ADDRESS) + '\t',
                "o" + protocol + field(RowColumn.Field.OWNER_ID) + '\t',
                "p" + protocol + field(RowColumn.Field.PRINCIPAL) + '\t'));
        String name = field(RowColumn.Field.OWNER_NAME);
        if (!name.isEmpty()) {
            lists.add("n" + protocol + name + '\t');
        }
        String session = field(RowColumn.Field.SESSION);
        if (!session.isEmpty()) {
            lists.add("s-" + session + '\t');
        }
        return lists;
    }
}
