package io.lockgate.http;

/** The gateway is about to end and takes no new request. Nothing has been done; another replica will. */
public final class ShuttingDownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ShuttingDownException() {
        super("the gateway is stopping", null, false, false);
    }
}
