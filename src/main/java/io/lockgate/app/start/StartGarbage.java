package io.lockgate.app.start;

import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.graalvm.nativeimage.RuntimeOptions;

/**
 * Collects the garbage of the start, once, in the native binary, and gives its memory back. An idle gateway never fills
 * its young generation, so it would hold that garbage for good; a small young generation would not hold it, but halves
 * the speed under load (ADR 16). The JVM needs no such help.
 */
@Singleton
final class StartGarbage {
    /** Behind the first answers. */
    private static final long AFTER_MILLIS = 1_000;

    /** How many bytes a collection keeps for the next allocations; 0 leaves it to the collector. */
    private static final String KEPT_FREE = "MaxHeapFree";

    void begin(@Observes StartupEvent event, Vertx vertx) {
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            vertx.setTimer(AFTER_MILLIS, later -> collect());
        }
    }

    private static void collect() {
        RuntimeOptions.set(KEPT_FREE, 1L << 20);
        System.gc();
        // For good it would cost more than half of the speed: each collection would give memory back.
        RuntimeOptions.set(KEPT_FREE, 0L);
    }
}
