package io.lockgate.bench;

import java.util.Arrays;
import java.util.Locale;

/** Durations of one client, kept whole: no bucket hides the slowest. Not for several threads. */
public final class Latencies {
    private long[] nanos = new long[1024];
    private int size;

    void add(long duration) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * size);
        }
        nanos[size++] = duration;
    }

    void addAll(Latencies other) {
        for (int i = 0; i < other.size; i++) {
            add(other.nanos[i]);
        }
    }

    public int size() {
        return size;
    }

    /** The duration in ms that the given share of all does not exceed. */
    double millis(double share) {
        if (size == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(size - 1, Math.floor(share * size))] / 1e6;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d calls, p50 %.2f ms, p99 %.2f ms, longest %.2f ms",
                size,
                millis(0.5),
                millis(0.99),
                millis(1));
    }
}
