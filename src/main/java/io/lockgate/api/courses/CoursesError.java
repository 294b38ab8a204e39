package io.lockgate.api.courses;

/**
 * The error catalogue of this API: status and message of everything that can go wrong (docs/api-courses.md, "Errors").
 */
enum CoursesError {
    BAD_REQUEST(400, "Bad request"),
    INVALID_CREDENTIALS(401, "Invalid credentials"),
    NOT_PERMITTED(403, "Insufficient permissions"),
    LOCKED(403, "Resource locked"),
    NO_SUCH_COURSE(404, "Course '%s' not found"),
    NO_SUCH_GADGET(404, "Gadget '%s' not found"),
    NO_SUCH_LOCK(404, "Lock '%s' not found"),
    NOT_FOUND(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    TOO_LARGE(413, "Payload too large"),
    NOT_JSON(415, "Unsupported media type"),
    TOO_MANY(429, "Too many requests."),
    INTERNAL(500, "Internal server error"),
    UNAVAILABLE(503, "Service unavailable");

    private final int status;
    private final String message;

    CoursesError(int status, String message) {
        this.status = status;
        this.message = message;
    }

    int status() {
        return status;
    }

    String message() {
        return message;
    }

    /** The message about {@code subject}, where there is a place for it. */
    String message(String subject) {
        return message.replace("%s", subject);
    }
}
