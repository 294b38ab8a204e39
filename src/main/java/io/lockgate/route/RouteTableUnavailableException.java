package io.lockgate.route;

/** The table of route locks did not answer. Whether the call happened is unknown; it is safe to repeat. */
public final class RouteTableUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RouteTableUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
