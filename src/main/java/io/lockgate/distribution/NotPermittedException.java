package io.lockgate.distribution;

/** The caller may not do that. Without a stack. */
public final class NotPermittedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotPermittedException(String permission) {
        super("this needs " + permission, null, false, false);
    }
}
