package io.lockgate.api.admin;

/** A request that this door cannot take, with the answer that says so. Not a fault of ours, so without a stack. */
final class AdminProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final AdminError error;

    private AdminProblemException(AdminError error, String text) {
        super(text, null, false, false);
        this.error = error;
    }

    /** What the seed calls a required parameter is not there, or empty. */
    static AdminProblemException missing() {
        return of(AdminError.MISSING);
    }

    static AdminProblemException of(AdminError error) {
        return new AdminProblemException(error, error.text());
    }

    /** {@code field} is there, but not as it must be. */
    static AdminProblemException field(String field, String fault) {
        return saying("field '" + field + "' " + fault);
    }

    static AdminProblemException saying(String fault) {
        return new AdminProblemException(AdminError.BAD_REQUEST, AdminError.BAD_REQUEST.text() + ": " + fault);
    }

    AdminError error() {
        return error;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
