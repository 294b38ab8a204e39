package io.lockgate.distribution;

import io.lockgate.range.ByteRange;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of bytes as nobody would build it: every place where it begins or ends, as a big integer, and whether it is in
 * the set from there on. Shares no arithmetic with what it is compared to.
 */
public final class BytesModel {
    private static final BigInteger END = BigInteger.ONE.shiftLeft(64);

    private final TreeMap<BigInteger, Boolean> turns = new TreeMap<>();

    public BytesModel() {
        turns.put(BigInteger.ZERO, false);
    }

    public BytesModel copy() {
        BytesModel copy = new BytesModel();
        copy.turns.putAll(turns);
        return copy;
    }

    public void add(ByteRange range) {
        set(range, true);
    }

    public void remove(ByteRange range) {
        set(range, false);
    }

    private void set(ByteRange range, boolean inside) {
        BigInteger from = new BigInteger(Long.toUnsignedString(range.first()));
        BigInteger to = new BigInteger(Long.toUnsignedString(range.last())).add(BigInteger.ONE);
        boolean behind = turns.floorEntry(to).getValue();
        turns.subMap(from, true, to, true).clear();
        turns.put(from, inside);
        turns.put(to, behind);
    }

    /** Its ranges, ascending, none touching the next. */
    public List<ByteRange> ranges() {
        List<ByteRange> ranges = new ArrayList<>();
        BigInteger from = null;
        for (Map.Entry<BigInteger, Boolean> turn : turns.entrySet()) {
            if (turn.getValue() && from == null && turn.getKey().compareTo(END) < 0) {
                from = turn.getKey();
            } else if (!turn.getValue() && from != null) {
                ranges.add(range(from, turn.getKey()));
                from = null;
            }
        }
        if (from != null) {
            ranges.add(range(from, END));
        }
        return ranges;
    }

    private static ByteRange range(BigInteger from, BigInteger to) {
        return ByteRange.between(
                Long.parseUnsignedLong(from.toString()),
                Long.parseUnsignedLong(to.subtract(BigInteger.ONE).toString()));
    }
}
