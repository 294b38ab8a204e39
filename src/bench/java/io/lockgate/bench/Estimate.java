package io.lockgate.bench;

import io.lockgate.bench.Measured.Series;
import java.util.List;
import java.util.Locale;
import java.util.Map.Entry;
import java.util.Optional;

/**
 * What a billion locks need, from what was measured at a million: arithmetic with the figures of {@code bench/growth}, and none
 * other.
 *
 * @param bytes of Redis for a lock without a lease, a thousand on each file
 * @param leasedBytes the same with a lease
 * @param loadSeconds to start from a snapshot with a million locks
 * @param writeSeconds to write it
 * @param diskBytes of a snapshot for a lock
 * @param acquireMicros inside Redis, aligned records, one file, at {@code acquireAt} locks
 * @param decade the factor by which the last tenfold growth has made it dearer
 * @param requestMicros of a primary's processor for a request with all around it; 0 when not measured
 * @param rowBytes of Postgres for a file of the registry; 0 when not measured
 */
record Estimate(
        double bytes,
        double leasedBytes,
        double loadSeconds,
        double writeSeconds,
        double diskBytes,
        double acquireMicros,
        double acquireAt,
        double decade,
        double requestMicros,
        double rowBytes) {
    static final String SECTION = "estimate";

    static final double LOCKS = 1e9;
    private static final double GIB = 1L << 30;
    private static final double MILLION = 1e6;

    /** Memory of the machine or container of a primary. */
    static final double PRIMARY_GIB = 64;

    /**
     * The share of it that data may take: the rest is for the pages that are copied while a snapshot is written, for
     * fragmentation, for buffers of connections, and for a day with more locks.
     */
    static final double FILL = 0.6;

    /** By default, and at most. */
    private static final List<Integer> BUCKETS = List.of(64, 1_024, 16_384);

    private static final double LOCKS_OF_A_FILE = 10;

    /** Empty until memory, snapshots and locks on a file were measured. */
    static Optional<Estimate> of(Measured measured) {
        Optional<Entry<Double, Double>> bytes = last(measured, "loading", "bytes of memory per lock");
        Optional<Entry<Double, Double>> load = last(measured, "loading", "start from the snapshot, s");
        Optional<Series> acquire = measured.series("locks", "acquire, exclusive: " + Shape.ALIGNED.text);
        if (bytes.isEmpty()
                || load.isEmpty()
                || acquire.isEmpty()
                || acquire.get().points().size() < 2) {
            return Optional.empty();
        }
        Entry<Double, Double> most = acquire.get().points().lastEntry();
        Entry<Double, Double> before = Optional.ofNullable(
                        acquire.get().points().lowerEntry(most.getKey()))
                .orElseThrow();
        double decades = Math.log10(most.getKey() / before.getKey());
        return Optional.of(new Estimate(
                bytes.get().getValue(),
                value(last(measured, "loading", "bytes of memory per lock with a lease")),
                perMillion(load),
                perMillion(last(measured, "loading", "write the snapshot, s")),
                value(last(measured, "loading", "bytes of the snapshot per lock")),
                most.getValue(),
                most.getKey(),
                // What is noise must not make it cheaper.
                Math.max(1, Math.pow(most.getValue() / before.getValue(), 1 / decades)),
                value(last(measured, "cluster", "us a request: all primaries")),
                value(last(measured, "registry", "bytes of Postgres per file"))));
    }

    private static Optional<Entry<Double, Double>> last(Measured measured, String part, String series) {
        return measured.series(part, series)
                .flatMap(found -> Optional.ofNullable(found.points().lastEntry()));
    }

    private static double value(Optional<Entry<Double, Double>> point) {
        return point.map(Entry::getValue).orElse(0.0);
    }

    private static double perMillion(Optional<Entry<Double, Double>> point) {
        return point.map(each -> each.getValue() * MILLION / each.getKey()).orElse(0.0);
    }

    /** Of memory, for a billion locks with so many bytes each. */
    static double gib(double bytesPerLock) {
        return bytesPerLock * LOCKS / GIB;
    }

    static long primaries(double bytesPerLock) {
        return (long) Math.ceil(gib(bytesPerLock) / (PRIMARY_GIB * FILL));
    }

    /** What an acquire costs beside so many locks of its file or bucket; beyond what was measured, by the last growth. */
    double acquireMicros(double locks) {
        double decades = Math.log10(locks / acquireAt);
        return acquireMicros * Math.pow(decade, Math.max(0, decades));
    }

    String text() {
        long primaries = primaries(bytes);
        double each = LOCKS / primaries;
        Table table = new Table(2);
        table.row(List.of("for a billion locks", "arithmetic", "estimate"));
        table.row(List.of(
                "memory of Redis",
                String.format(Locale.ROOT, "%,.0f bytes \u00d7 10^9", bytes),
                String.format(Locale.ROOT, "%,.0f GiB", gib(bytes))));
        table.row(List.of(
                String.format(Locale.ROOT, "primaries of %.0f GiB, filled to %.0f %%", PRIMARY_GIB, 100 * FILL),
                String.format(Locale.ROOT, "%,.0f GiB \u00f7 (%.0f GiB \u00d7 %.1f)", gib(bytes), PRIMARY_GIB, FILL),
                String.format(Locale.ROOT, "**%,d**", primaries)));
        if (leasedBytes > 0) {
            table.row(List.of(
                    "the same if every lock has a lease",
                    String.format(
                            Locale.ROOT,
                            "%,.0f bytes \u00d7 10^9 \u00f7 (%.0f GiB \u00d7 %.1f)",
                            leasedBytes,
                            PRIMARY_GIB,
                            FILL),
                    String.format(Locale.ROOT, "%,d", primaries(leasedBytes))));
        }
        table.row(List.of(
                "with a replica of each",
                String.format(Locale.ROOT, "2 \u00d7 %,d servers", primaries),
                String.format(
                        Locale.ROOT,
                        "%,d servers, %,.0f GiB of machines",
                        2 * primaries,
                        2 * primaries * PRIMARY_GIB)));
        table.row(List.of(
                "locks of a primary",
                String.format(Locale.ROOT, "10^9 \u00f7 %,d", primaries),
                String.format(Locale.ROOT, "%.1f million", each / MILLION)));
        table.row(List.of(
                "snapshot of a primary",
                String.format(Locale.ROOT, "%,.0f bytes \u00d7 %.1f million", diskBytes, each / MILLION),
                String.format(Locale.ROOT, "%.1f GiB", diskBytes * each / GIB)));
        table.row(List.of(
                "a primary writes its snapshot",
                String.format(Locale.ROOT, "%.1f s a million \u00d7 %.1f", writeSeconds, each / MILLION),
                String.format(Locale.ROOT, "%,.0f s", writeSeconds * each / MILLION)));
        table.row(List.of(
                "a primary starts from it",
                String.format(Locale.ROOT, "%.1f s a million \u00d7 %.1f", loadSeconds, each / MILLION),
                String.format(Locale.ROOT, "%,.0f s", loadSeconds * each / MILLION)));
        for (int buckets : BUCKETS) {
            table.row(List.of(
                    String.format(Locale.ROOT, "%,d buckets: the fullest primary has", buckets),
                    String.format(
                            Locale.ROOT,
                            "%,d \u00f7 %,d, rounded up; %,.0f locks in each",
                            buckets,
                            primaries,
                            LOCKS / buckets),
                    String.format(
                            Locale.ROOT,
                            "%,d buckets, %.2f of the average",
                            fullest(buckets, primaries),
                            fullest(buckets, primaries) * primaries / (double) buckets)));
        }
        for (int buckets : List.of(BUCKETS.get(1), BUCKETS.getFirst())) {
            double locks = LOCKS / buckets;
            table.row(List.of(
                    String.format(Locale.ROOT, "an acquire inside Redis, %,d buckets", buckets),
                    locks <= acquireAt
                            ? String.format(
                                    Locale.ROOT, "as measured with %,.0f locks on one file of its bucket", acquireAt)
                            : String.format(
                                    Locale.ROOT,
                                    "%.1f us \u00d7 %.2f ^ log10(%,.0f \u00f7 %,.0f)",
                                    acquireMicros,
                                    decade,
                                    locks,
                                    acquireAt),
                    String.format(Locale.ROOT, "%.1f us", acquireMicros(locks))));
        }
        if (requestMicros > 0) {
            double perSecond = primaries * MILLION / requestMicros;
            table.row(List.of(
                    "requests a second that the primaries serve, a core each",
                    String.format(Locale.ROOT, "%,d \u00d7 10^6 \u00f7 %.1f us", primaries, requestMicros),
                    String.format(Locale.ROOT, "%,.0f", perSecond)));
            table.row(List.of(
                    "each lock renewed once takes at least",
                    String.format(Locale.ROOT, "10^9 \u00f7 %,.0f, a renewal taken for as dear", perSecond),
                    String.format(Locale.ROOT, "%,.0f s", LOCKS / perSecond)));
        }
        if (rowBytes > 0) {
            table.row(List.of(
                    String.format(Locale.ROOT, "Postgres, if each file has %.0f locks and a row", LOCKS_OF_A_FILE),
                    String.format(Locale.ROOT, "%,.0f bytes \u00d7 10^9 \u00f7 %.0f", rowBytes, LOCKS_OF_A_FILE),
                    String.format(Locale.ROOT, "%,.1f GiB", rowBytes * LOCKS / LOCKS_OF_A_FILE / GIB)));
        }
        return table.toString();
    }

    private static long fullest(int buckets, long primaries) {
        return (buckets + primaries - 1) / primaries;
    }
}
