package io.lockgate.distribution;

import io.lockgate.range.ByteRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A set of bytes as the fewest ranges that make it up: ascending, and between any two of them at least one byte that is
 * not in the set. Offsets are unsigned 64-bit. Immutable; 16 bytes for each range.
 */
public final class BlockSet {
    public static final BlockSet EMPTY = new BlockSet(new long[0], new long[0]);

    private final long[] first;
    private final long[] last;

    private BlockSet(long[] first, long[] last) {
        this.first = first;
        this.last = last;
    }

    /** The bytes of all {@code ranges}, which may overlap and come in any order; none of them zero-length. */
    public static BlockSet of(Collection<ByteRange> ranges) {
        Builder builder = new Builder();
        ranges.forEach(range -> builder.add(range.first(), range.last()));
        return builder.build();
    }

    /** Number of ranges. */
    public int size() {
        return first.length;
    }

    public ByteRange get(int index) {
        return ByteRange.between(first[index], last[index]);
    }

    /** The ranges from {@code from} (inside) to {@code to} (outside). */
    public List<ByteRange> slice(int from, int to) {
        List<ByteRange> slice = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            slice.add(get(i));
        }
        return slice;
    }

    /** All ranges. */
    public List<ByteRange> ranges() {
        return slice(0, size());
    }

    /** The bytes that are in this set and not in {@code other}. */
    public BlockSet without(BlockSet other) {
        Builder rest = new Builder();
        int behind = 0;
        for (int i = 0; i < first.length; i++) {
            long from = first[i];
            boolean left = true;
            while (behind < other.first.length && Long.compareUnsigned(other.last[behind], from) < 0) {
                behind++;
            }
            for (int j = behind; left && j < other.first.length; j++) {
                if (Long.compareUnsigned(other.first[j], last[i]) > 0) {
                    break;
                }
                if (Long.compareUnsigned(other.first[j], from) > 0) {
                    rest.add(from, other.first[j] - 1);
                }
                left = Long.compareUnsigned(other.last[j], last[i]) < 0;
                from = other.last[j] + 1;
            }
            if (left) {
                rest.add(from, last[i]);
            }
        }
        return rest.build();
    }

    /** The bytes that are in this set or in {@code other}. */
    public BlockSet with(BlockSet other) {
        Builder both = new Builder();
        for (BlockSet one : List.of(this, other)) {
            for (int i = 0; i < one.first.length; i++) {
                both.add(one.first[i], one.last[i]);
            }
        }
        return both.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockSet set && Arrays.equals(first, set.first) && Arrays.equals(last, set.last);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(first) + Arrays.hashCode(last);
    }

    @Override
    public String toString() {
        return size() <= 20 ? ranges().toString() : size() + " blocks";
    }

    /** Collects ranges in any order; ranges in order, as nearly everybody sends them, are merged as they come. */
    public static final class Builder {
        private long[] first = new long[16];
        private long[] last = new long[16];
        private int size;
        private boolean ascending = true;

        /** Bytes {@code from} to {@code to}, both inside, unsigned. */
        public Builder add(long from, long to) {
            if (size > 0 && ascending) {
                int end = size - 1;
                boolean touches = last[end] == ByteRange.MAX || Long.compareUnsigned(from, last[end] + 1) <= 0;
                if (touches && Long.compareUnsigned(from, first[end]) >= 0) {
                    last[end] = max(last[end], to);
                    return this;
                }
                ascending = !touches;
            }
            if (size == first.length) {
                first = Arrays.copyOf(first, size * 2);
                last = Arrays.copyOf(last, size * 2);
            }
            first[size] = from;
            last[size] = to;
            size++;
            return this;
        }

        /** Ranges collected so far, at least as many as the set will have. */
        public int size() {
            return size;
        }

        public BlockSet build() {
            if (ascending) {
                return new BlockSet(Arrays.copyOf(first, size), Arrays.copyOf(last, size));
            }
            List<ByteRange> sorted = new BlockSet(Arrays.copyOf(first, size), Arrays.copyOf(last, size)).ranges();
            sorted.sort(Comparator.comparing(ByteRange::first, Long::compareUnsigned));
            Builder merged = new Builder();
            sorted.forEach(range -> merged.add(range.first(), range.last()));
            return merged.build();
        }

        private static long max(long a, long b) {
            return Long.compareUnsigned(a, b) >= 0 ? a : b;
        }
    }
}
