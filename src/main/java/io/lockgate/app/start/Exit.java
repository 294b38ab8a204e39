package io.lockgate.app.start;

import io.lockgate.http.LogText;
import java.util.List;

/** The last words of a process that does not serve, and its exit code. */
final class Exit {
    /** The longest line said of a fault, in characters. */
    private static final int MAX_LINE = 4_096;

    private Exit() {}

    /** On standard error, without secrets and without control characters. */
    static void say(List<String> lines) {
        for (String line : lines) {
            System.err.println("lockgate: "
                    + LogText.escaped(
                            SecretRedactor.hide(line.replaceAll("\\s+", " ").strip()), MAX_LINE));
        }
    }

    /** The end of {@code --check-config}; at once, since an orderly stop would wait for what hangs. */
    static void checked(List<String> faults) {
        if (faults.isEmpty()) {
            System.out.println("lockgate: the settings are good, Redis and Postgres are fit for use");
        }
        say(faults);
        halt(faults.isEmpty());
    }

    /** The end of {@code --repair}; at once, as that of {@code --check-config}. */
    static void repaired(boolean good, String line) {
        (good ? System.out : System.err).println("lockgate: " + SecretRedactor.hide(line));
        halt(good);
    }

    /**
     * The end of {@code --migrate}; at once, since all is committed, and an orderly stop of half a start takes Quarkus
     * 5 s.
     */
    static void migrated() {
        System.out.println("lockgate: the schema is up to date");
        halt(true);
    }

    private static void halt(boolean good) {
        System.out.flush();
        Runtime.getRuntime().halt(good ? 0 : 1);
    }
}
