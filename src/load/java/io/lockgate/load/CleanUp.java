package io.lockgate.load;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Takes away what a run leaves: once, at its end or when it is broken off (SIGINT, SIGTERM). */
final class CleanUp {
    /** Beside the time for which locks are held. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Stage stage;
    private final AtomicBoolean done = new AtomicBoolean();

    CleanUp(Stage stage) {
        this.stage = stage;
    }

    void atExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::breakOff));
    }

    private void breakOff() {
        if (done.get()) {
            return;
        }
        try {
            if (Run.stop()) {
                // What has begun comes to its end and releases its locks.
                Thread.sleep(stage.parameters().time("hold").plus(PATIENCE));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String fault = run();
        if (!fault.isEmpty()) {
            System.err.println(fault);
        }
    }

    /** What went wrong, or nothing. */
    String run() {
        if (!done.compareAndSet(false, true)) {
            return "";
        }
        try {
            stage.cleanUp();
            return "";
        } catch (Fault e) {
            return "what the run left is not all cleaned up: " + e.getMessage();
        }
    }
}
