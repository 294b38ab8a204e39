package io.lockgate.door;

/** The gateway is about to end and takes no new request. Nothing has been done; another replica will. */
public final class StoppingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppingException() {
        super("the gateway is stopping", null, false, false);
    }
}
