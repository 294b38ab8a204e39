package io.lockgate.range;

/**
 * The caller has as many requests under way and waiting in this gateway as one principal may. Nothing was changed; it
 * may come again when some of them have ended. Renewals and releases never meet it.
 */
public final class TooManyRequestsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int limit;

    public TooManyRequestsException(int limit) {
        super("more than " + limit + " requests of one principal", null, false, false);
        this.limit = limit;
    }

    /** {@code lockgate.limits.requests-per-principal}. */
    public int limit() {
        return limit;
    }
}
