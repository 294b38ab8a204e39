package io.lockgate.file;

/**
 * Text that names no file: the message says why, in words fit for the client, and never repeats the text itself. A
 * fault of whoever sent it.
 */
public final class BadPathException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    BadPathException(String message) {
        super(message);
    }
}
