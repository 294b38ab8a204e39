package io.lockgate.door.courses;

/** A request that this door cannot take, with the answer that says so. Not a fault of ours, so without a stack. */
final class BadRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final CoursesError error;

    private BadRequest(CoursesError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    static BadRequest of(CoursesError error) {
        return new BadRequest(error, error.message());
    }

    /** {@code field} is not there, or not as it must be. */
    static BadRequest field(String field, String fault) {
        return saying("field '" + field + "' " + fault);
    }

    static BadRequest saying(String fault) {
        return new BadRequest(CoursesError.BAD_REQUEST, CoursesError.BAD_REQUEST.message() + ": " + fault);
    }

    CoursesError error() {
        return error;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
