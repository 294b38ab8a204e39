package io.lockgate.identity;

/**
 * The store of users and tokens does not answer, so nobody can be told from nobody. Not a refusal. Made often where
 * many ask, so without a stack.
 */
public final class IdentityUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean busy;

    public IdentityUnavailableException(String message, Throwable cause) {
        super(message, cause, false, false);
        this.busy = false;
    }

    public IdentityUnavailableException(String message) {
        this(message, false);
    }

    private IdentityUnavailableException(String message, boolean busy) {
        super(message, null, false, false);
        this.busy = busy;
    }

    /** The store is there, but had no place or no time for this call: no reason to live on what is remembered. */
    public static IdentityUnavailableException busy(String message) {
        return new IdentityUnavailableException(message, true);
    }

    /** Whether the store is reachable, and only busy. */
    public boolean isBusy() {
        return busy;
    }
}
