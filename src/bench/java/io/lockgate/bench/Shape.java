package io.lockgate.bench;

import io.lockgate.range.ByteRange;
import io.lockgate.range.LockStrength;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** What the locks on a file look like, and which requests fit in between: the five shapes of PERFORMANCE.md. */
enum Shape {
    /** Every other record of 4 KiB, exclusive and shared in turn; requests ask for the records between. */
    ALIGNED("aligned 4 KiB records", 1.5) {
        @Override
        Piece lock(int i, SplittableRandom random) {
            return Piece.sized(2L * i * 4096, 4096, inTurn(i));
        }

        @Override
        Piece request(Ask ask, int n, SplittableRandom random) {
            int at = random.nextInt(n);
            return Piece.sized((2L * at + (ask.granted ? 1 : 0)) * 4096, 4096, ask.strength);
        }
    },
    /** All hold the same bytes, shared; exclusive requests go to the bytes beside, or are refused. */
    HEADER("readers of one header", 1.5) {
        @Override
        Piece lock(int i, SplittableRandom random) {
            return Piece.sized(0, 512, LockStrength.SHARED);
        }

        @Override
        Piece request(Ask ask, int n, SplittableRandom random) {
            long first = ask == Ask.EXCLUSIVE ? 512L * (1 + random.nextInt(1_000_000)) : 0;
            return Piece.sized(first, 512, ask.strength);
        }

        @Override
        boolean overlapsItself() {
            return true;
        }
    },
    /** Each inside the one before: [i, 2^40-1-i], shared; exclusive requests go behind them all, or into the middle. */
    NESTED("nested ranges", 1.5) {
        @Override
        Piece lock(int i, SplittableRandom random) {
            return new Piece(i, (1L << 40) - 1 - i, LockStrength.SHARED);
        }

        @Override
        Piece request(Ask ask, int n, SplittableRandom random) {
            return switch (ask) {
                case SHARED -> lock(random.nextInt(n), random);
                case EXCLUSIVE -> Piece.sized((1L << 40) + 4096L * (1 + random.nextInt(1_000_000)), 4096, ask.strength);
                case EXCLUSIVE_REFUSED -> Piece.sized(1L << 39, 4096, ask.strength);
            };
        }

        @Override
        boolean overlapsItself() {
            return true;
        }
    },
    /** Every other record of 100 bytes, exclusive and shared in turn. */
    UNALIGNED("unaligned 100-byte records", 2.5) {
        @Override
        Piece lock(int i, SplittableRandom random) {
            return Piece.sized(200L * i, 100, inTurn(i));
        }

        @Override
        Piece request(Ask ask, int n, SplittableRandom random) {
            return Piece.sized(200L * random.nextInt(n) + (ask.granted ? 100 : 0), 100, ask.strength);
        }
    },
    /**
     * Anywhere below 2^62, sizes spread evenly over the powers of two up to 2^40; the refused request asks for the
     * whole file.
     */
    LOG_UNIFORM("sizes log-uniform over 1..2^40", 2.5) {
        @Override
        Piece lock(int i, SplittableRandom random) {
            return anywhere(inTurn(i), random);
        }

        @Override
        Piece request(Ask ask, int n, SplittableRandom random) {
            return ask.granted ? anywhere(ask.strength, random) : new Piece(0, ByteRange.MAX, ask.strength);
        }

        private Piece anywhere(LockStrength strength, SplittableRandom random) {
            long size = Math.max(1, Math.round(Math.exp(random.nextDouble() * 40 * Math.log(2))));
            return Piece.sized(random.nextLong(1L << 62), size, strength);
        }
    };

    /** A kind of request. */
    enum Ask {
        SHARED(LockStrength.SHARED, true, "shared"),
        EXCLUSIVE(LockStrength.EXCLUSIVE, true, "exclusive"),
        EXCLUSIVE_REFUSED(LockStrength.EXCLUSIVE, false, "exclusive, refused");

        final LockStrength strength;
        final boolean granted;
        final String text;

        Ask(LockStrength strength, boolean granted, String text) {
            this.strength = strength;
            this.granted = granted;
            this.text = text;
        }
    }

    /** Bytes {@code first} to {@code last}, unsigned, both inside. */
    record Piece(long first, long last, LockStrength strength) {
        static Piece sized(long first, long size, LockStrength strength) {
            return new Piece(first, first + size - 1, strength);
        }

        boolean meets(Piece other) {
            return Long.compareUnsigned(first, other.last) <= 0 && Long.compareUnsigned(other.first, last) <= 0;
        }
    }

    final String text;
    /** How many times dearer an acquire may be at 1,000,000 locks than at 1,000. */
    final double growthLimit;

    Shape(String text, double growthLimit) {
        this.text = text;
        this.growthLimit = growthLimit;
    }

    /** The i-th lock on the file. May meet an earlier one (then the population goes on without it). */
    abstract Piece lock(int i, SplittableRandom random);

    /** A request for a file with {@code n} locks; one that should be granted may, rarely, meet a lock. */
    abstract Piece request(Ask ask, int n, SplittableRandom random);

    /** Whether each lock needs an owner of its own: one owner's locks would merge. */
    boolean overlapsItself() {
        return false;
    }

    /** {@code count} different requests, none of which stands in another's way. */
    List<Piece> requests(Ask ask, int n, int count, SplittableRandom random) {
        List<Piece> pieces = new ArrayList<>(count);
        Set<Piece> seen = new HashSet<>();
        while (pieces.size() < count) {
            Piece piece = request(ask, n, random);
            boolean fits = ask != Ask.EXCLUSIVE || pieces.stream().noneMatch(piece::meets);
            boolean isNew = seen.add(piece) || ask == Ask.EXCLUSIVE_REFUSED || overlapsItself();
            if (fits && isNew) {
                pieces.add(piece);
            }
        }
        return pieces;
    }

    private static LockStrength inTurn(int i) {
        return i % 2 == 0 ? LockStrength.EXCLUSIVE : LockStrength.SHARED;
    }
}
