package io.lockgate.app.start;

import java.util.List;

/**
 * What the command line asked for, and how far the start has come. {@link Main} makes it, {@link StartupChecks} reads
 * it.
 */
final class StartupState {
    /** The purpose of the process. */
    enum Mode {
        SERVE,
        MIGRATE,
        CHECK_CONFIG,
        REPAIR,
        REPAIR_APPLY
    }

    /**
     * The one static of the start: a main class can hand nothing to the beans that {@code Quarkus.run} makes. In dev
     * mode and in tests, which have other main classes or none, it stays as it is here.
     */
    private static volatile StartupState current = new StartupState(Mode.SERVE, List.of());

    private final Mode mode;
    private final List<String> faults;
    private volatile boolean passed;
    private volatile boolean ended;

    private StartupState(Mode mode, List<String> faults) {
        this.mode = mode;
        this.faults = List.copyOf(faults);
    }

    /**
     * @param faults what is known to be wrong with the settings before Quarkus starts; {@link StartupChecks} refuses
     * the start for it
     */
    static StartupState begin(Mode mode, List<String> faults) {
        StartupState state = new StartupState(mode, faults);
        current = state;
        return state;
    }

    static StartupState current() {
        return current;
    }

    Mode mode() {
        return mode;
    }

    List<String> faults() {
        return faults;
    }

    /** Notes that this start has found everything fit. */
    void pass() {
        passed = true;
    }

    /** Before this the start has touched nothing and served nobody. */
    boolean isPassed() {
        return passed;
    }

    /** Notes that the run is over and the process about to exit. */
    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }
}
