package io.lockgate.api.admin;

/** The error catalogue of this API: status and text of everything that can go wrong (docs/api-admin.md). */
enum AdminError {
    MISSING(400, "Missing parameters"),
    BAD_REQUEST(400, "Bad request"),
    UNAUTHORIZED(401, "Unauthorized"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    CONFLICT(409, "Conflict"),
    TOO_LARGE(413, "Payload too large"),
    NOT_JSON(415, "Unsupported media type"),
    TOO_MANY(429, "Too many requests."),
    INTERNAL(500, "Internal server error"),
    UNAVAILABLE(503, "Service unavailable");

    private final int status;
    private final String text;

    AdminError(int status, String text) {
        this.status = status;
        this.text = text;
    }

    int status() {
        return status;
    }

    String text() {
        return text;
    }
}
