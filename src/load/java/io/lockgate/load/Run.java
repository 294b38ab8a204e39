package io.lockgate.load;

import java.util.concurrent.atomic.AtomicReference;

/** The run of this process: Gatling makes the simulation itself and passes it nothing. */
record Run(Stage stage, Tally tally) {
    private static final AtomicReference<Run> CURRENT = new AtomicReference<>();

    static void begin(Run run) {
        CURRENT.set(run);
    }

    static Run current() {
        Run run = CURRENT.get();
        if (run == null) {
            throw new IllegalStateException("a run begins with " + Main.class.getName());
        }
        return run;
    }
}
