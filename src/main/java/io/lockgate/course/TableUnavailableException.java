package io.lockgate.course;

/** The table of locks, or the audit trail before it, did not answer. Whether the call happened is unknown; it is safe to repeat. */
public final class TableUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TableUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
