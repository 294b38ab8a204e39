package io.lockgate.door.admin;

/** A request that this door cannot take, with the answer that says so. Not a fault of ours, so without a stack. */
final class BadRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final AdminError error;

    private BadRequest(AdminError error, String text) {
        super(text, null, false, false);
        this.error = error;
    }

    /** What the seed calls a required parameter is not there, or empty. */
    static BadRequest missing() {
        return of(AdminError.MISSING);
    }

    static BadRequest of(AdminError error) {
        return new BadRequest(error, error.text());
    }

    /** {@code field} is there, but not as it must be. */
    static BadRequest field(String field, String fault) {
        return saying("field '" + field + "' " + fault);
    }

    static BadRequest saying(String fault) {
        return new BadRequest(AdminError.BAD_REQUEST, AdminError.BAD_REQUEST.text() + ": " + fault);
    }

    AdminError error() {
        return error;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
