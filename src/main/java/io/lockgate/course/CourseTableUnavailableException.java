package io.lockgate.course;

/** The table of course locks did not answer. Whether the call happened is unknown; it is safe to repeat. */
public final class CourseTableUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CourseTableUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
