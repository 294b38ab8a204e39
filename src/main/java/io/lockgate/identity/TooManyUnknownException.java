package io.lockgate.identity;

/**
 * More credentials of one network that are not known here than are looked up or checked at once: 429, for that network
 * alone.
 */
public final class TooManyUnknownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyUnknownException() {
        super("too many unknown credentials at once", null, false, false);
    }
}
