package io.lockgate.load;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts the answers of a run by call and outcome, those of the warm-up in one row, and how late operations began. */
final class Tally {
    /** An operation that begins later than this was held up by the machine of the test, not by the deployment. */
    private static final long LATE_MS = 100;
    /** Unexpected answers that are printed. */
    private static final int SHOWN = 20;

    private static final int SHOWN_CHARACTERS = 300;
    /** Behind the names of calls. */
    private static final String WARM_UP = "~ warm-up, all calls";

    private final Map<String, Map<Outcome, LongAdder>> counts = new ConcurrentSkipListMap<>();
    private final AtomicInteger shown = new AtomicInteger();
    private final AtomicLong arrivals = new AtomicLong();
    private final AtomicLong firstNanos = new AtomicLong();
    private final AtomicLong latest = new AtomicLong();
    private final LongAdder late = new LongAdder();

    void count(String call, boolean measured, Outcome outcome) {
        counts.computeIfAbsent(measured ? call : WARM_UP, name -> {
                    Map<Outcome, LongAdder> row = new EnumMap<>(Outcome.class);
                    for (Outcome each : Outcome.values()) {
                        row.put(each, new LongAdder());
                    }
                    return row;
                })
                .getOrDefault(outcome, new LongAdder())
                .increment();
    }

    /** Tells the first unexpected answers as they come; a report has no bodies. */
    void show(String call, String answer) {
        if (shown.incrementAndGet() <= SHOWN) {
            System.err.println("unexpected answer: " + call + ": "
                    + answer.substring(0, Math.min(answer.length(), SHOWN_CHARACTERS))
                            .replaceAll("\\p{Cntrl}", " "));
        }
    }

    /** An operation of the measured part begins. At a constant rate each has a moment of its own. */
    void arrived(double rate) {
        long now = System.nanoTime();
        firstNanos.compareAndSet(0, now);
        long due = firstNanos.get() + (long) (arrivals.getAndIncrement() * 1_000_000_000.0 / rate);
        long lag = (now - due) / 1_000_000;
        latest.accumulateAndGet(lag, Math::max);
        if (lag > LATE_MS) {
            late.increment();
        }
    }

    /** Of the warm-up too: what is wrong there is wrong. */
    long unexpected() {
        return counts.values().stream()
                .mapToLong(row -> sum(row, Outcome.UNEXPECTED))
                .sum();
    }

    long measured(Outcome... outcomes) {
        return counts.entrySet().stream()
                .filter(row -> !row.getKey().equals(WARM_UP))
                .mapToLong(row -> Arrays.stream(outcomes)
                        .mapToLong(outcome -> sum(row.getValue(), outcome))
                        .sum())
                .sum();
    }

    /** Whether so many operations began late that the times of the report are too good. */
    boolean generatorTooSlow() {
        return late.sum() * 100 > arrivals.get();
    }

    String arrivalsText() {
        return String.format(
                Locale.ROOT,
                "%,d operations began, %,d of them more than %d ms late, the latest by %,d ms",
                arrivals.get(),
                late.sum(),
                LATE_MS,
                latest.get());
    }

    String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%-36s %10s %10s %13s %11s%n",
                "call",
                "served",
                "conflict",
                "told to wait",
                "unexpected"));
        counts.forEach((call, row) -> text.append(row(call, row)));
        return text.toString();
    }

    private static String row(String call, Map<Outcome, LongAdder> row) {
        return String.format(
                Locale.ROOT,
                "%-36s %,10d %,10d %,13d %,11d%n",
                call,
                sum(row, Outcome.SERVED),
                sum(row, Outcome.CONFLICT),
                sum(row, Outcome.TOLD_TO_WAIT),
                sum(row, Outcome.UNEXPECTED));
    }

    private static long sum(Map<Outcome, LongAdder> row, Outcome outcome) {
        return row.getOrDefault(outcome, new LongAdder()).sum();
    }
}
