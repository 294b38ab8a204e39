package io.lockgate.range;

/** The store of locks did not answer in time, or cannot be reached, or cannot take more now. */
public final class TableUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeKnown;

    public TableUnavailableException(String message, boolean outcomeKnown) {
        super(message);
        this.outcomeKnown = outcomeKnown;
    }

    public TableUnavailableException(String message, boolean outcomeKnown, Throwable cause) {
        super(message, cause);
        this.outcomeKnown = outcomeKnown;
    }

    /** True when the call certainly changed nothing; false when nobody can tell yet. */
    public boolean outcomeKnown() {
        return outcomeKnown;
    }
}
