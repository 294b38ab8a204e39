package io.lockgate.http.connection;

/** A header by which nobody can tell where the request ends (RFC 9112, 6). Without a stack. */
final class FramingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    FramingException(int status, String description) {
        super(description, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }

    String description() {
        return String.valueOf(getMessage());
    }
}
