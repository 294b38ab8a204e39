package io.lockgate.course;

/** The caller is known but lacks the permission that this use case needs. */
public final class NotPermittedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotPermittedException(String permission) {
        super("this needs " + permission, null, false, false);
    }
}
