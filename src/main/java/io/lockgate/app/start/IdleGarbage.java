package io.lockgate.app.start;

import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.lang.ref.WeakReference;
import java.util.function.LongSupplier;
import org.graalvm.nativeimage.RuntimeOptions;

/**
 * Collects the garbage of the native binary while it has little to do, and gives the memory back: a second after the
 * start, then once a minute in which nothing else has collected and enough has come together. An idle gateway takes
 * minutes to fill its young generation, and would then hold all of it; a small young generation would not hold as much,
 * but halves the speed under load (ADR 16). The JVM needs no such help.
 */
@Singleton
final class IdleGarbage {
    /** Behind the first answers. */
    private static final long AFTER_START_MILLIS = 1_000;

    private static final long LOOK_MILLIS = 60_000;
    /** Less is not worth a pause of some 50 ms. */
    static final long WORTH_BYTES = 8 << 20;

    /** How many bytes a collection keeps for the next allocations; 0 leaves it to the collector. */
    private static final String KEPT_FREE = "MaxHeapFree";

    private final LongSupplier usedBytes;
    private final Runnable collector;
    /** Empty when there was a collection since it was made. */
    private WeakReference<Object> untilCollected = new WeakReference<>(new Object());

    private long usedBefore;

    IdleGarbage() {
        this(
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
                IdleGarbage::collectAndGiveBack);
    }

    /**
     * @param usedBytes of the heap, garbage included
     * @param collector collects all garbage
     */
    IdleGarbage(LongSupplier usedBytes, Runnable collector) {
        this.usedBytes = usedBytes;
        this.collector = collector;
    }

    void begin(@Observes StartupEvent event, Vertx vertx) {
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            vertx.setTimer(AFTER_START_MILLIS, started -> collect());
            vertx.setPeriodic(LOOK_MILLIS, minute -> look());
        }
    }

    void look() {
        if (untilCollected.refersTo(null)) {
            // Whoever fills the young generation within a minute is not idle.
            remember();
        } else if (usedBytes.getAsLong() - usedBefore >= WORTH_BYTES) {
            collect();
        }
    }

    private void collect() {
        collector.run();
        remember();
    }

    private void remember() {
        untilCollected = new WeakReference<>(new Object());
        usedBefore = usedBytes.getAsLong();
    }

    private static void collectAndGiveBack() {
        RuntimeOptions.set(KEPT_FREE, 1L << 20);
        System.gc();
        // For good it would cost more than half of the speed: each collection would give memory back.
        RuntimeOptions.set(KEPT_FREE, 0L);
    }
}
