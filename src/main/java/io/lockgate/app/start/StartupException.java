package io.lockgate.app.start;

import java.util.List;

/** The start ends here, for reasons that have been found out and need no stack trace: one line each. */
final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String[] lines;

    /**
     * @param lines what is wrong; empty when nothing is and only a look was asked for
     */
    StartupException(List<String> lines) {
        super(String.join("; ", lines), null, false, false);
        this.lines = lines.toArray(String[]::new);
    }

    List<String> lines() {
        return List.of(lines);
    }
}
