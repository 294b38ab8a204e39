package io.lockgate.distribution;

import org.jspecify.annotations.Nullable;

/** The store of reports did not answer, or cannot take more now. */
public final class MapUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean repaired;

    public MapUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    /** @param repaired whether an operator has closed this part of the store to repair it */
    public MapUnavailableException(String message, @Nullable Throwable cause, boolean repaired) {
        super(message, cause);
        this.repaired = repaired;
    }

    /** True when an operator has closed this part of the store to repair it. */
    public boolean isUnderRepair() {
        return repaired;
    }
}
