package io.lockgate.app.start;

import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Collects the garbage of the start, once, in the native binary. An idle gateway never fills its young generation, so it
 * would hold that garbage for good; a small young generation would not hold it, but halves the speed under load (ADR
 * 16). The JVM needs no such help.
 */
@Singleton
final class StartGarbage {
    /** When whoever waited for the start has been answered. */
    private static final long AFTER_MILLIS = 1_000;

    void collect(@Observes StartupEvent event, Vertx vertx) {
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            vertx.setTimer(AFTER_MILLIS, later -> System.gc());
        }
    }
}
