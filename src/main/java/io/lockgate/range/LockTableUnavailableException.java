package io.lockgate.range;

/** The store of locks did not answer in time, or cannot be reached, or cannot take more now. */
public final class LockTableUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeKnown;
    private final boolean repaired;

    public LockTableUnavailableException(String message, boolean outcomeKnown) {
        super(message);
        this.outcomeKnown = outcomeKnown;
        this.repaired = false;
    }

    public LockTableUnavailableException(String message, boolean outcomeKnown, Throwable cause) {
        super(message, cause);
        this.outcomeKnown = outcomeKnown;
        this.repaired = false;
    }

    private LockTableUnavailableException(String message, boolean outcomeKnown, boolean repaired) {
        super(message);
        this.outcomeKnown = outcomeKnown;
        this.repaired = repaired;
    }

    /** The part of the table that the call is about is closed while it is repaired. */
    public static LockTableUnavailableException underRepair(String message, boolean outcomeKnown) {
        return new LockTableUnavailableException(message, outcomeKnown, true);
    }

    /** True when the call certainly changed nothing; false when nobody can tell yet. */
    public boolean outcomeKnown() {
        return outcomeKnown;
    }

    /** True when an operator has closed this part of the table to repair it. */
    public boolean isUnderRepair() {
        return repaired;
    }
}
