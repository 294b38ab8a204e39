package io.lockgate.door.distribution;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;

/**
 * A failure in the terms of dialects.md 2.5.
 *
 * @param id what clients key on
 * @param details what else the nested form tells; empty for nothing
 * @param description for people
 */
record Fault(int status, String id, Map<String, Object> details, String description) {
    static final Fault NO_TOKEN = new Fault(401, "unauthorized", Map.of(), "A token must be provided.");
    static final Fault NOT_FOUND = new Fault(404, "notFound", Map.of(), "The resource could not be found.");
    static final Fault FORBIDDEN =
            new Fault(403, "forbidden", Map.of(), "You are not authorized to perform this operation.");
    static final Fault UNAVAILABLE =
            new Fault(503, "serviceUnavailable", Map.of(), "A neighbour of this service does not answer.");
    static final Fault INTERNAL = new Fault(500, "internalServerError", Map.of(), "The server failed.");

    /** A bad token: {@code authError} says in which way. */
    static Fault badToken(String id, Map<String, Object> details, String description) {
        Map<String, Object> authError = details.isEmpty()
                ? Map.of("id", id, "description", description)
                : Map.of("id", id, "details", details, "description", description);
        return new Fault(401, "unauthorized", Map.of("authError", authError), description);
    }

    /** A failure of which only the status is known. */
    static Fault ofStatus(int status) {
        return switch (status) {
            case 401 -> NO_TOKEN;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> new Fault(405, "notSupported", Map.of(), "This method is not allowed here.");
            case 413 -> new Fault(413, "badData", Map.of(), "The body is too long.");
            case 415 -> new Fault(415, "badData", Map.of(), "The body must be application/json.");
            case 503 -> UNAVAILABLE;
            default ->
                status >= 500
                        ? new Fault(status, INTERNAL.id, Map.of(), INTERNAL.description)
                        : new Fault(status, "badData", Map.of(), "The request cannot be taken.");
        };
    }

    /** The body to send. */
    Object body(ErrorFormat format) {
        return switch (format) {
            case FLAT -> new Flat(id, description);
            case NESTED ->
                new Nested(
                        details.isEmpty()
                                ? Map.of("id", id, "description", description)
                                : Map.of("id", id, "details", details, "description", description));
        };
    }

    /** The components have the names of the wire. */
    @RegisterForReflection
    record Flat(String error, String error_description) {}

    @RegisterForReflection
    record Nested(Map<String, Object> error) {}
}
