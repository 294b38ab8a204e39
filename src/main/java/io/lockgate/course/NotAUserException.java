package io.lockgate.course;

/** The credential is good, but it is no user's, and this use case needs one. */
public final class NotAUserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotAUserException() {
        super("this needs a user", null, false, false);
    }
}
