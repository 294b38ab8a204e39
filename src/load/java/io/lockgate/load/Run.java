package io.lockgate.load;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** The run of this process: Gatling makes the simulation itself and passes it nothing. */
record Run(Stage stage, Tally tally, AtomicBoolean stopped) {
    private static final AtomicReference<Run> CURRENT = new AtomicReference<>();

    static void begin(Stage stage, Tally tally) {
        CURRENT.set(new Run(stage, tally, new AtomicBoolean()));
    }

    /** From now on no operation begins: the run is broken off. False when there is none. */
    static boolean stop() {
        Run run = CURRENT.get();
        if (run != null) {
            run.stopped.set(true);
        }
        return run != null;
    }

    boolean goesOn() {
        return !stopped.get();
    }

    static Run current() {
        Run run = CURRENT.get();
        if (run == null) {
            throw new IllegalStateException("a run begins with " + Main.class.getName());
        }
        return run;
    }
}
