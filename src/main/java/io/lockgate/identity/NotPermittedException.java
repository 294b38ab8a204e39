package io.lockgate.identity;

/** The caller is known but lacks the permission that this use case needs. */
public final class NotPermittedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String permission;

    public NotPermittedException(String permission) {
        super("this needs " + permission, null, false, false);
        this.permission = permission;
    }

    /** The name of the missing permission. */
    public String permission() {
        return permission;
    }
}
