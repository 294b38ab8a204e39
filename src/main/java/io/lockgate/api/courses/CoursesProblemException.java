package io.lockgate.api.courses;

/** A request that this door cannot take, with the answer that says so. Not a fault of ours, so without a stack. */
final class CoursesProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final CoursesError error;

    private CoursesProblemException(CoursesError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    static CoursesProblemException of(CoursesError error) {
        return new CoursesProblemException(error, error.message());
    }

    /** {@code field} is not there, or not as it must be. */
    static CoursesProblemException field(String field, String fault) {
        return saying("field '" + field + "' " + fault);
    }

    static CoursesProblemException saying(String fault) {
        return new CoursesProblemException(CoursesError.BAD_REQUEST, CoursesError.BAD_REQUEST.message() + ": " + fault);
    }

    CoursesError error() {
        return error;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
