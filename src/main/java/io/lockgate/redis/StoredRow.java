package io.lockgate.redis;

import java.util.List;

/**
 * A row of {@code lua/lib/rows.lua} as a repair sees it, and every entry that must stand for it in the indexes. Numbers stay the 16
 * hex digits that they are: comparing the text compares the numbers.
 */
record StoredRow(String id, String text) {
    private static final String NO_DEADLINE = "0000000000000";
    private static final int TAIL = 96;
    private static final int FIELDS = 8;

    /** @throws IllegalStateException when it is no row at all */
    StoredRow {
        if (text.length() <= TAIL || text.substring(TAIL).split("\t", -1).length != FIELDS) {
            throw new IllegalStateException("the row of grant " + id + " is malformed, which no script does: " + text);
        }
    }

    String lo() {
        return text.substring(0, 16);
    }

    String hi() {
        return text.substring(16, 32);
    }

    boolean strong() {
        return text.charAt(32) == 'S';
    }

    boolean smb() {
        return text.charAt(33) == 's';
    }

    boolean zeroLength() {
        return text.charAt(35) == 'z';
    }

    boolean named() {
        return text.charAt(36) == '1';
    }

    String token() {
        return text.substring(42, 58);
    }

    String deadline() {
        return text.substring(58, 71);
    }

    boolean expires() {
        return !deadline().equals(NO_DEADLINE);
    }

    boolean live(long now) {
        return !expires() || Long.parseLong(deadline()) > now;
    }

    /** owner_id, principal, owner_name, session, space, owner_address, … */
    String field(int index) {
        return text.substring(TAIL).split("\t", -1)[index];
    }

    String space() {
        return field(4);
    }

    /** The owner as the engine sees it. */
    String owner() {
        String handle = field(0) + '\t' + field(1) + '\t';
        return smb() ? handle : handle + field(2) + '\t';
    }

    StoredRow withRange(String lo, String hi) {
        return new StoredRow(id, lo + hi + text.substring(32));
    }

    StoredRow withId(String other) {
        return new StoredRow(other, text);
    }

    StoredRow withNames() {
        return named() ? this : new StoredRow(id, text.substring(0, 36) + '1' + text.substring(37));
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

    /** Members of the index of its space and world, but for those of its fork node. */
    List<String> indexEntries() {
        String strength = strong() ? "S" : "W";
        if (zeroLength()) {
            return List.of("P" + strength + lo() + id, "Q" + owner() + lo() + id);
        }
        return List.of(strength + (strong() ? hi() + lo() : lo() + hi()) + id, "O" + owner() + lo() + hi() + id);
    }

    /** Whether it stands at a fork node. */
    boolean forks() {
        return !zeroLength() && !strong() && !lo().equals(hi());
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

    List<String> listEntries() {
        char protocol = text.charAt(33);
        String space = space();
        String version = space.substring(0, space.indexOf(':', space.indexOf(':') + 1) + 1);
        return List.of(
                "f" + protocol + version + id,
                "m" + protocol + field(5) + '\t' + id,
                "n" + protocol + field(2) + '\t' + id,
                "o" + protocol + field(0) + '\t' + id,
                "p" + protocol + field(1) + '\t' + id);
    }
}
