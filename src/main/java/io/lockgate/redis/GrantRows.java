package io.lockgate.redis;

import io.lockgate.range.ByteRange;
import io.lockgate.range.FencingToken;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockStrength;
import io.lockgate.range.LockType;
import io.lockgate.range.Notice;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.SessionId;
import io.lockgate.range.UnlockSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The row format of {@code lua/lib/rows.lua}, seen from Java; its columns are those of {@link RowColumn}. */
final class GrantRows {
    private static final HexFormat HEX = HexFormat.of();
    private static final String MODE_LETTERS = "ESRW";
    /** The share modes in the order of their digits in an open's lo ({@code lua/lib/opens.lua}). */
    private static final List<LockMode> SHARE_MODES = List.of(
            LockMode.READ,
            LockMode.WRITE,
            LockMode.DELETE,
            LockMode.EXCLUDE_READ,
            LockMode.EXCLUDE_WRITE,
            LockMode.EXCLUDE_DELETE);

    private static final List<LockMode> BYTE_RANGE_MODES =
            List.of(LockMode.EXCLUSIVE, LockMode.SHARED, LockMode.READ_OP, LockMode.WRITE_OP);
    private static final String NO_MODES = "----";
    /** The shape of an open. */
    private static final String OPEN = "o";

    private static final int ID = 16;
    private static final int FIELDS = RowColumn.Field.values().length;

    private GrantRows() {}

    static String hex(long unsigned) {
        return HEX.toHexDigits(unsigned);
    }

    static long number(String hex) {
        return Long.parseUnsignedLong(hex, 16);
    }

    private static long number(String row, RowColumn column) {
        return Long.parseUnsignedLong(row, column.begin, column.end, 16);
    }

    static String letter(Protocol protocol) {
        return switch (protocol) {
            case NLM -> "n";
            case NFS4 -> "4";
            case SMB -> "s";
        };
    }

    private static Protocol protocol(char letter) {
        return switch (letter) {
            case 'n' -> Protocol.NLM;
            case '4' -> Protocol.NFS4;
            case 's' -> Protocol.SMB;
            default -> throw new IllegalStateException("unknown protocol in a row: " + letter);
        };
    }

    static String letter(LockSemantics semantics) {
        return semantics == LockSemantics.SMB ? "s" : "p";
    }

    private static String shareModes(LockModes modes) {
        StringBuilder digits = new StringBuilder("0000000000");
        SHARE_MODES.forEach(mode -> digits.append(modes.contains(mode) ? '1' : '0'));
        return digits.toString();
    }

    /** Of an open's lo. */
    static LockModes shareModes(String lo) {
        int first = lo.length() - SHARE_MODES.size();
        return LockModes.of(SHARE_MODES.stream()
                .filter(mode -> lo.charAt(first + SHARE_MODES.indexOf(mode)) == '1')
                .toList());
    }

    static String shape(ByteRange range) {
        return range.empty() ? "z" : "r";
    }

    /** The owner as the engine of {@code semantics} sees it; the beginning of the row's tail, and of the owner index. */
    static String ownerKey(LockSemantics semantics, Owner owner) {
        String handle = owner.ownerId() + '\t' + owner.principal() + '\t';
        return semantics == LockSemantics.SMB ? handle : handle + owner.ownerName() + '\t';
    }

    /** Of the key of a POSIX owner. */
    static Owner owner(String key) {
        String[] fields = key.split("\t", -1);
        return new Owner(fields[1], fields[0], fields[2]);
    }

    /** The prefix of the keys of the selected owners, and whether it is the whole key of one. */
    static List<String> selector(LockSemantics semantics, OwnerSelector selector) {
        String key = selector.ownerId() + '\t';
        if (selector.principal().isEmpty()) {
            return List.of(key, "begins");
        }
        key += selector.principal().get() + '\t';
        if (semantics == LockSemantics.SMB) {
            return List.of(key, "whole");
        }
        return selector.ownerName().isEmpty()
                ? List.of(key, "begins")
                : List.of(key + selector.ownerName().get() + '\t', "whole");
    }

    /** The arguments of a lock, in the order of the group in {@code lua/lib/request.lua}. */
    static void addLock(List<String> arguments, LockSpec lock, String space) {
        LockSemantics semantics = lock.protocol().semantics();
        ByteRange range = lock.range();
        Owner owner = lock.owner();
        arguments.add(letter(lock.protocol()));
        arguments.add(lock.modes().strength() == LockStrength.EXCLUSIVE ? "S" : "W");
        boolean isOpen = lock.modes().type() == LockType.SHARE_MODE;
        arguments.add(isOpen ? NO_MODES : letters(lock.modes()));
        switch (lock.lifetime()) {
            case LockLifetime.UntilReleased() -> {
                arguments.add("u");
                arguments.add("0");
            }
            case LockLifetime.Lease(Duration length) -> {
                arguments.add("l");
                arguments.add(Long.toString(length.toMillis()));
            }
            case LockLifetime.InSession ignored -> {
                arguments.add("s");
                arguments.add("0");
            }
        }
        String session = lock.lifetime() instanceof LockLifetime.InSession(SessionId id) ? id.toString() : "";
        arguments.add(session);
        if (isOpen) {
            String modes = shareModes(lock.modes());
            arguments.addAll(List.of(OPEN, modes, modes, modes, modes));
        } else {
            arguments.add(shape(range));
            arguments.add(hex(range.first()));
            arguments.add(hex(range.last()));
            arguments.add(hex(range.first() == 0 ? 0 : range.first() - 1));
            arguments.add(hex(range.last() == ByteRange.MAX ? ByteRange.MAX : range.last() + 1));
        }
        arguments.add(ownerKey(semantics, owner));
        String name = semantics == LockSemantics.SMB ? owner.ownerName() + '\t' : "";
        arguments.add(name + session + '\t' + space + '\t' + lock.ownerAddress() + '\t' + lock.nodeAddress() + '\t');
    }

    /**
     * The arguments of a release of opens, in the order of {@code lua/locks/release.lua}.
     *
     * @param only that one, or empty for all of the handles
     */
    static void addUnlock(List<String> arguments, OwnerSelector handles, Optional<GrantId> only) {
        arguments.addAll(List.of(
                letter(LockSemantics.SMB),
                OPEN,
                only.map(id -> hex(id.sequence())).orElse(""),
                ""));
        arguments.addAll(selector(LockSemantics.SMB, handles));
    }

    /** The arguments of a release, in the order of {@code lua/locks/release.lua}. */
    static void addUnlock(List<String> arguments, UnlockSpec unlock) {
        LockSemantics semantics = unlock.protocol().semantics();
        arguments.add(letter(semantics));
        arguments.add(shape(unlock.range()));
        arguments.add(hex(unlock.range().first()));
        arguments.add(hex(unlock.range().last()));
        arguments.addAll(selector(semantics, unlock.owner()));
    }

    /** Where the letter of a mode stands among the four. */
    private static int column(LockMode mode) {
        return switch (mode) {
            case EXCLUSIVE -> 0;
            case SHARED -> 1;
            case READ_OP -> 2;
            case WRITE_OP -> 3;
            case READ, WRITE, DELETE, EXCLUDE_READ, EXCLUDE_WRITE, EXCLUDE_DELETE ->
                throw new IllegalArgumentException("not a mode of a byte range: " + mode);
        };
    }

    static String letters(LockModes modes) {
        char[] letters = {'-', '-', '-', '-'};
        for (LockMode mode : modes) {
            letters[column(mode)] = MODE_LETTERS.charAt(column(mode));
        }
        return new String(letters);
    }

    /** Of the column of modes, or of an open's lo. */
    static LockModes modes(LockType type, String text) {
        return type == LockType.SHARE_MODE ? shareModes(text) : modes(text);
    }

    private static LockModes modes(String letters) {
        EnumSet<LockMode> modes = EnumSet.noneOf(LockMode.class);
        for (LockMode mode : BYTE_RANGE_MODES) {
            if (letters.charAt(column(mode)) != '-') {
                modes.add(mode);
            }
        }
        return LockModes.of(modes);
    }

    static Grant grant(int bucket, String id, String row, long nowMillis) {
        String[] tail = RowColumn.Field.all(row);
        long deadline = Long.parseLong(row, RowColumn.DEADLINE.begin, RowColumn.DEADLINE.end, 10);
        boolean expires = deadline != 0;
        String session = RowColumn.Field.SESSION.of(tail);
        return new Grant(
                new GrantId(bucket, number(id)),
                space(RowColumn.Field.SPACE.of(tail)),
                protocol(RowColumn.PROTOCOL.letterOf(row)),
                RowColumn.SHAPE.letterOf(row) == 'o'
                        ? shareModes(RowColumn.LO.of(row))
                        : modes(RowColumn.MODES.of(row)),
                range(row),
                new Owner(
                        RowColumn.Field.PRINCIPAL.of(tail),
                        RowColumn.Field.OWNER_ID.of(tail),
                        RowColumn.Field.OWNER_NAME.of(tail)),
                RowColumn.Field.OWNER_ADDRESS.of(tail),
                RowColumn.Field.NODE_ADDRESS.of(tail),
                new FencingToken(number(row, RowColumn.TOKEN)),
                RowColumn.LIFETIME.letterOf(row) != 'u',
                // The time may be one that a jumping clock brought; a lease that stands has time left.
                expires ? Duration.ofMillis(Math.max(0, deadline - nowMillis)) : null,
                session.isEmpty() ? Optional.empty() : SessionId.parse(session),
                stage(row, tail, nowMillis));
    }

    private static ByteRange range(String row) {
        return switch (RowColumn.SHAPE.letterOf(row)) {
            case 'r' -> ByteRange.between(number(row, RowColumn.LO), number(row, RowColumn.HI));
            case 'z' -> ByteRange.zeroLength(number(row, RowColumn.LO));
            case 'o' -> ByteRange.ALL;
            default -> throw new IllegalStateException("unknown shape in a row: " + row);
        };
    }

    /** What an owner is told by a renewal, as {@code lua/lib/loss_entries.lua} keeps it. */
    record Told(List<Grant> lost, List<Notice> notices) {}

    static Told told(int bucket, String entries, long nowMillis) {
        List<Grant> lost = new ArrayList<>();
        List<Notice> notices = new ArrayList<>();
        entries.lines().forEach(entry -> {
            String row = entry.substring(ID);
            char kind = RowColumn.PROVISIONAL.letterOf(row);
            Grant grant = grant(bucket, entry.substring(0, ID), RowColumn.PROVISIONAL.with(row, "0"), nowMillis);
            switch (kind) {
                case '0' -> lost.add(grant);
                case 'b' -> {
                    String[] tail = RowColumn.Field.all(row);
                    Duration in = left(tail[FIELDS], nowMillis);
                    notices.add(new Notice(Notice.Kind.ANNOUNCED, grant, Optional.of(in), tail[FIELDS + 1]));
                }
                case 'c' -> notices.add(new Notice(Notice.Kind.CANCELLED, grant, Optional.empty(), ""));
                case 'u' -> notices.add(new Notice(Notice.Kind.RESTORED, grant, Optional.empty(), ""));
                default -> throw new IllegalStateException("unknown entry of what a renewal tells: " + entry);
            }
        });
        return new Told(lost, notices);
    }

    private static Duration left(String at, long nowMillis) {
        return Duration.ofMillis(Math.max(0, Long.parseLong(at) - nowMillis));
    }

    /** When a row's lock was acquired. */
    static Instant since(String row) {
        return Instant.ofEpochMilli(Long.parseLong(RowColumn.Field.SINCE.of(RowColumn.Field.all(row))));
    }

    private static Grant.Stage stage(String row, String[] tail, long nowMillis) {
        return switch (RowColumn.PROVISIONAL.letterOf(row)) {
            case '0' -> Grant.HELD;
            // As it is told; a row of an event has no time in it.
            case 'b' -> tail.length > FIELDS ? new Grant.Held(Optional.of(left(tail[FIELDS], nowMillis))) : Grant.HELD;
            case '1' -> new Grant.Provisional(left(tail[FIELDS], nowMillis));
            case 'w' -> new Grant.Waiting();
            default -> throw new IllegalStateException("unknown stage in a row: " + row);
        };
    }

    private static LockSpace space(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        return new LockSpace(
                Long.parseUnsignedLong(text, 0, first, 10),
                text.substring(first + 1, second),
                text.substring(second + 1));
    }
}
