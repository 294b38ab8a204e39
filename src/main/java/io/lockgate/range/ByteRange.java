package io.lockgate.range;

/**
 * Bytes {@code first} to {@code last} of a file, both inside, both <em>unsigned</em> 64-bit; or, when {@code empty}, a
 * zero-length range that lies just before byte {@code first} (SMB only; {@code last} then equals {@code first}).
 *
 * <p>No arithmetic here or elsewhere wraps: a range that would pass 2<sup>64</sup>-1 cannot be made.
 */
public record ByteRange(long first, long last, boolean empty) {
    /** 2<sup>64</sup>-1, the highest offset, as an unsigned long. */
    public static final long MAX = -1L;

    /** Every byte of a stream. */
    public static final ByteRange ALL = new ByteRange(0, MAX, false);

    public ByteRange {
        if (Long.compareUnsigned(first, last) > 0) {
            throw new InvalidRangeException("offset", "a range must not end before it begins");
        }
        if (empty && first != last) {
            throw new InvalidRangeException("size", "a zero-length range has one position");
        }
    }

    /** Bytes {@code first} to {@code last}, both inside, unsigned. */
    public static ByteRange between(long first, long last) {
        return new ByteRange(first, last, false);
    }

    /** The zero-length range just before byte {@code position} (unsigned). */
    public static ByteRange zeroLength(long position) {
        return new ByteRange(position, position, true);
    }

    /**
     * The range that {@code offset} and {@code size} (unsigned) mean in {@code semantics}: size 0 reaches to
     * 2<sup>64</sup>-1 in POSIX and is a genuine zero-length range in SMB (docs/lock-semantics.md, POSIX rule 6, SMB
     * rule 1).
     *
     * @throws InvalidRangeException when {@code offset + size} passes 2<sup>64</sup>
     */
    public static ByteRange of(LockSemantics semantics, long offset, long size) {
        if (size == 0) {
            return semantics == LockSemantics.SMB ? zeroLength(offset) : between(offset, MAX);
        }
        long last = offset + (size - 1);
        if (Long.compareUnsigned(last, offset) < 0) {
            throw new InvalidRangeException("size", "offset + size passes 2^64");
        }
        return between(offset, last);
    }

    /**
     * The size to show for this range in {@code semantics}, unsigned: 0 for a POSIX range that reaches 2<sup>64</sup>-1 and
     * for a zero-length SMB range.
     */
    public long sizeIn(LockSemantics semantics) {
        if (empty || (semantics == LockSemantics.POSIX && last == MAX)) {
            return 0;
        }
        return last - first + 1;
    }

    /** Whether every byte of {@code other} lies inside this range; a zero-length range covers nothing. */
    public boolean covers(ByteRange other) {
        return !empty && Long.compareUnsigned(first, other.first) <= 0 && Long.compareUnsigned(last, other.last) >= 0;
    }

    @Override
    public String toString() {
        return empty
                ? "[" + Long.toUnsignedString(first) + ",zero)"
                : "[" + Long.toUnsignedString(first) + "," + Long.toUnsignedString(last) + "]";
    }
}
