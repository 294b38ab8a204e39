package io.lockgate.api.distribution;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;

/**
 * A failure in the terms of docs/api-distribution.md.
 *
 * @param id what clients key on
 * @param details what else the nested form tells; empty for nothing
 * @param description for people
 */
record DistributionProblem(int status, String id, Map<String, Object> details, String description) {
    static final DistributionProblem NO_TOKEN =
            new DistributionProblem(401, "unauthorized", Map.of(), "A token must be provided.");
    static final DistributionProblem NOT_FOUND =
            new DistributionProblem(404, "notFound", Map.of(), "The resource could not be found.");
    static final DistributionProblem FORBIDDEN =
            new DistributionProblem(403, "forbidden", Map.of(), "You are not authorized to perform this operation.");
    static final DistributionProblem UNAVAILABLE =
            new DistributionProblem(503, "serviceUnavailable", Map.of(), "A store of this service does not answer.");
    static final DistributionProblem UNDER_REPAIR =
            new DistributionProblem(503, "serviceUnavailable", Map.of(), "This part of the store is being repaired.");
    static final DistributionProblem INTERNAL =
            new DistributionProblem(500, "internalServerError", Map.of(), "The server failed.");

    static final DistributionProblem NOT_ON_SHARES =
            new DistributionProblem(400, "notSupported", Map.of(), "This operation is not available on shares.");
    static final DistributionProblem MISMATCH = new DistributionProblem(
            412, "preconditionFailed", Map.of(), "The report is not what If-Match or If-None-Match says it must be.");
    static final DistributionProblem TOO_SLOW =
            new DistributionProblem(408, "badData", Map.of(), "The body took too long to arrive.");
    static final DistributionProblem TOO_MANY = new DistributionProblem(
            429,
            "temporaryFailure",
            Map.of(),
            "Too many tokens that are not known come from this network; try again later.");
    static final DistributionProblem BUSY = new DistributionProblem(
            503, "temporaryFailure", Map.of(), "Too many reports are being read; try again later.");

    /** The id in the request decodes to no object id, so it is taken for the id of a space, and none is known here. */
    static DistributionProblem notASpace(String id, String providerId) {
        return new DistributionProblem(
                400,
                "spaceNotSupportedBy",
                Map.of("spaceId", id, "providerId", providerId),
                "field 'id' is neither an object id nor a space that this provider supports.");
    }

    /** A field or header that is not what it must be. */
    static DistributionProblem badField(String field, String fault) {
        return new DistributionProblem(400, "badData", Map.of("key", field), "field '" + field + "' " + fault + ".");
    }

    /** @param instead what could be there in its place, or nothing */
    static DistributionProblem missing(String field, String instead) {
        return new DistributionProblem(
                400, "missingRequiredValue", Map.of("key", field), "field '" + field + "' " + instead + "is missing.");
    }

    /** A body that is no JSON of the kind that this call takes. */
    static DistributionProblem malformed(String description) {
        return new DistributionProblem(400, "malformedData", Map.of(), description);
    }

    /** A request that is wrong before anybody has looked at what it wants. */
    static DistributionProblem badRequest(String description) {
        return new DistributionProblem(400, "badData", Map.of(), description + ".");
    }

    /** As {@link #badRequest}, with another status. */
    static DistributionProblem early(int status, String description) {
        return new DistributionProblem(status, status == 500 ? INTERNAL.id : "badData", Map.of(), description + ".");
    }

    static DistributionProblem tokenTooLarge(int limitBytes) {
        return badToken("tokenTooLarge", Map.of("limit", limitBytes), "Provided token exceeds the allowed size.");
    }

    /** More than a report or a file may have. */
    static DistributionProblem limit(String description) {
        return new DistributionProblem(400, "limitExceeded", Map.of(), description);
    }

    /** As many calls of the caller are under way and waiting as one may have. */
    static DistributionProblem tooManyRequests(int limit) {
        return new DistributionProblem(
                429,
                "temporaryFailure",
                Map.of(),
                "The caller has as many requests under way as one may have (lockgate.limits.requests-per-principal): "
                        + limit + "; nothing was changed.");
    }

    /** A bad token: {@code authError} says in which way. */
    static DistributionProblem badToken(String id, Map<String, Object> details, String description) {
        Map<String, Object> authError = details.isEmpty()
                ? Map.of("id", id, "description", description)
                : Map.of("id", id, "details", details, "description", description);
        return new DistributionProblem(401, "unauthorized", Map.of("authError", authError), description);
    }

    /** A failure of which only the status is known. */
    static DistributionProblem ofStatus(int status) {
        return switch (status) {
            case 401 -> NO_TOKEN;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> new DistributionProblem(405, "notSupported", Map.of(), "This method is not allowed here.");
            case 413 -> new DistributionProblem(413, "badData", Map.of(), "The body is too long.");
            case 415 -> new DistributionProblem(415, "badData", Map.of(), "The body must be application/json.");
            case 503 -> UNAVAILABLE;
            default ->
                status >= 500
                        ? new DistributionProblem(status, INTERNAL.id, Map.of(), INTERNAL.description)
                        : new DistributionProblem(status, "badData", Map.of(), "The request cannot be taken.");
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
