package io.lockgate.bench;

import java.util.List;
import java.util.Locale;

/** Ratios of two competitors, one of each pair or round: their median, and an interval that holds it. */
final class Ratios {
    /** The probability with which the interval holds the median of all such pairs is at least this, from six pairs on. */
    private static final double CONFIDENCE = 0.95;

    private final List<Double> sorted;

    private Ratios(List<Double> sorted) {
        this.sorted = sorted;
    }

    /** At least one. */
    static Ratios of(List<Double> ratios) {
        if (ratios.isEmpty()) {
            throw new IllegalArgumentException("no ratios");
        }
        return new Ratios(ratios.stream().sorted().toList());
    }

    double median() {
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    /** The lower end of the interval; the smallest ratio when there are fewer than nine. */
    double low() {
        return sorted.get(outside(sorted.size()));
    }

    /** The upper end of the interval; the greatest ratio when there are fewer than nine. */
    double high() {
        return sorted.get(sorted.size() - 1 - outside(sorted.size()));
    }

    /** How many lie outside the interval at each end: order statistics, binomial with one half (the sign test). */
    private static int outside(int pairs) {
        double below = 0;
        double ways = 1;
        int from = 0;
        for (int k = 0; k < pairs / 2; k++) {
            below += ways / Math.pow(2, pairs);
            if (2 * below > 1 - CONFIDENCE) {
                break;
            }
            from = k;
            ways = ways * (pairs - k) / (k + 1);
        }
        return from;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", median(), low(), high());
    }
}
