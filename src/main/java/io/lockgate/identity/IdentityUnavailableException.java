package io.lockgate.identity;

/** The store of users and tokens does not answer, so nobody can be told from nobody. Not a refusal. */
public final class IdentityUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public IdentityUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public IdentityUnavailableException(String message) {
        super(message, null, false, false);
    }
}
