package io.lockgate.http;

import io.lockgate.identity.Credential;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What counts for paths that no API owns: the operations endpoints under {@code /q} are open, everything else is
 * closed. Problems are problem+json (RFC 9457), as the operations endpoints give. Not a bean, so it is in no list of
 * dialects.
 */
final class NoDialect implements Dialect {
    static final NoDialect INSTANCE = new NoDialect();

    private NoDialect() {}

    @Override
    public List<String> roots() {
        return List.of("");
    }

    @Override
    public boolean isOpen(String method, String path) {
        return Dialect.isUnder(path, "/q");
    }

    @Override
    public Optional<Credential> credential(MultiMap headers, String method, String path) {
        return Optional.empty();
    }

    @Override
    public int maxBodyBytes(HttpMethod method) {
        return 0;
    }

    @Override
    public Optional<Problem> problemOf(Throwable failure) {
        return Optional.empty();
    }

    @Override
    public RenderedProblem render(Problem problem) {
        return switch (problem) {
            case Problem.Specific(RenderedProblem rendered) -> rendered;
            case Problem.MalformedPath(Problem.PathFault fault) -> json(400, fault.description());
            case Problem.MalformedQuery(String parameter) ->
                json(400, "field '" + parameter + "' is not percent-encoded UTF-8");
            case Problem.RepeatedParameter(String name) -> json(400, "field '" + name + "' is given twice");
            case Problem.CrossSite(CrossSiteRule.Fault fault) -> json(fault.status(), fault.description());
            case Problem.BadRequest(int status, String description) -> json(status, description);
            case Problem.HeaderTooLarge header -> json(431, header.description());
            case Problem.BodyTooLarge(int limit) -> json(413, "the body is longer than " + limit + " bytes");
            case Problem.UnreadableBody(String description) -> json(400, description);
            case Problem.MissingField(String field) -> json(400, "field '" + field + "' not found");
            case Problem.InvalidField(String field, String fault) -> json(400, "field '" + field + "' " + fault);
            case Problem.NotAuthenticated ignored -> json(401, "");
            case Problem.UserDeleted ignored -> json(401, "");
            case Problem.TooManyUnknownCredentials ignored -> json(429, "").retryAfter(Duration.ofSeconds(1));
            case Problem.TooManyLogins(Duration retryAfter) -> json(429, "").retryAfter(retryAfter);
            case Problem.Forbidden(String permission) -> json(403, "this needs " + permission);
            case Problem.NotFound(String description) -> json(404, description);
            case Problem.Conflict(String description) -> json(409, description);
            case Problem.TooManyRequests many -> json(429, many.description()).retryAfter(Duration.ofSeconds(1));
            case Problem.Unavailable ignored -> json(503, "").retryAfter(Duration.ofSeconds(1));
            case Problem.ShuttingDown ignored -> json(503, "").retryAfter(Duration.ofSeconds(1));
            case Problem.OfStatus(int status) -> json(status, "");
            case Problem.Internal ignored -> json(500, "");
        };
    }

    private static RenderedProblem json(int status, String detail) {
        Response.Status known = Response.Status.fromStatusCode(status);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "about:blank");
        body.put("title", known == null ? "Error" : known.getReasonPhrase());
        body.put("status", status);
        if (!detail.isEmpty()) {
            body.put("detail", detail);
        }
        return new RenderedProblem(status, body, "application/problem+json", Map.of());
    }
}
