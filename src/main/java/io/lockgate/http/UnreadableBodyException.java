package io.lockgate.http;

/** A body that is not what this call takes; the message says why in words fit for the client. Without a stack. */
public final class UnreadableBodyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableBodyException(String description) {
        super(description, null, false, false);
    }

    public String description() {
        return String.valueOf(getMessage());
    }
}
