package io.lockgate.api.admin;

import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.Dialect;
import io.lockgate.http.Problem;
import io.lockgate.http.Problem.Dependency;
import io.lockgate.http.RenderedProblem;
import io.lockgate.identity.Credential;
import io.lockgate.identity.TokenKind;
import io.lockgate.route.RouteTableUnavailableException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The admin dialect (docs/api-admin.md): the cookie {@code refreshToken}, else a bearer token; {@code {"data","code"}}
 * for every answer. The accounts of {@code /auth} and {@code /admin} use it too.
 */
@Singleton
public final class AdminDialect implements Dialect {
    private static final String LOGIN = "/auth/login";
    private static final List<String> ROOTS = List.of("/admin", "/auth");
    private static final Duration SOON = Duration.ofSeconds(1);

    private final AdminLimits limits;

    AdminDialect(AdminLimits limits) {
        this.limits = limits;
    }

    @Override
    public List<String> roots() {
        return ROOTS;
    }

    @Override
    public boolean isOpen(String method, String path) {
        return path.equals(LOGIN) || path.equals(LOGIN + "/");
    }

    /** The cookie {@code refreshToken}, then {@code Authorization: Bearer}. */
    @Override
    public Optional<Credential> credential(MultiMap headers, String method, String path) {
        return CredentialExtractor.refreshCookie(headers)
                .map(token -> new Credential(token, Set.of(TokenKind.REFRESH)))
                .or(() -> CredentialExtractor.bearer(headers));
    }

    @Override
    public int maxBodyBytes(HttpMethod method) {
        return limits.bodyLimit();
    }

    /** The browser sends the cookie whatever page asks; a login sets one. */
    @Override
    public boolean isProtectedFromOtherSites(RoutingContext context, String path) {
        return Dialect.isAt(context, path, LOGIN)
                || CredentialExtractor.refreshCookie(context.request().headers())
                        .isPresent();
    }

    @Override
    public Optional<Problem> problemOf(Throwable failure) {
        return failure instanceof RouteTableUnavailableException
                ? Optional.of(Problem.Unavailable.of(Dependency.ROUTE_LOCKS))
                : Optional.empty();
    }

    @Override
    public RenderedProblem render(Problem problem) {
        return switch (problem) {
            case Problem.Specific(RenderedProblem rendered) -> rendered;
            case Problem.MalformedPath(Problem.PathFault fault) -> badRequest(fault.description());
            case Problem.MalformedQuery(String parameter) ->
                badRequest("field '" + parameter + "' is not percent-encoded UTF-8");
            case Problem.RepeatedParameter(String name) -> badRequest("field '" + name + "' is given twice");
            case Problem.CrossSite(CrossSiteRule.Fault fault) -> crossSite(fault);
            case Problem.BadRequest(int status, String description) -> early(status, description);
            case Problem.HeaderTooLarge header -> early(431, header.description());
            case Problem.BodyTooLarge ignored -> json(AdminError.TOO_LARGE);
            case Problem.UnreadableBody(String description) -> badRequest(description);
            case Problem.MissingField ignored -> json(AdminError.MISSING);
            case Problem.InvalidField(String field, String fault) -> badRequest("field '" + field + "' " + fault);
            case Problem.NotAuthenticated ignored -> json(AdminError.UNAUTHORIZED);
            case Problem.UserDeleted ignored -> json(AdminError.NOT_FOUND);
            case Problem.TooManyUnknownCredentials ignored ->
                json(AdminError.TOO_MANY).retryAfter(SOON);
            case Problem.TooManyLogins(Duration delay) ->
                json(AdminError.TOO_MANY).retryAfter(delay);
            case Problem.Forbidden ignored -> json(AdminError.FORBIDDEN);
            case Problem.NotFound ignored -> json(AdminError.NOT_FOUND);
            case Problem.Conflict ignored -> json(AdminError.CONFLICT);
            case Problem.TooManyRequests ignored -> json(AdminError.TOO_MANY).retryAfter(SOON);
            case Problem.Unavailable ignored -> json(AdminError.UNAVAILABLE).retryAfter(SOON);
            case Problem.ShuttingDown ignored -> json(AdminError.UNAVAILABLE).retryAfter(SOON);
            case Problem.OfStatus(int status) -> ofStatus(status);
            case Problem.Internal ignored -> json(AdminError.INTERNAL);
        };
    }

    private static RenderedProblem crossSite(CrossSiteRule.Fault fault) {
        return switch (fault) {
            case FOREIGN -> json(AdminError.FORBIDDEN, fault.description());
            case NOT_JSON -> json(AdminError.NOT_JSON, fault.description());
        };
    }

    private static RenderedProblem badRequest(String description) {
        return json(AdminError.BAD_REQUEST, description);
    }

    private static RenderedProblem early(int status, String description) {
        AdminError error = status >= 500 ? AdminError.INTERNAL : AdminError.BAD_REQUEST;
        return RenderedProblem.json(status, new AdminBody(error.text() + ": " + description, status));
    }

    private static RenderedProblem ofStatus(int status) {
        for (AdminError error : AdminError.values()) {
            if (error.status() == status && error != AdminError.MISSING) {
                return error == AdminError.UNAVAILABLE ? json(error).retryAfter(SOON) : json(error);
            }
        }
        AdminError error = status >= 500 ? AdminError.INTERNAL : AdminError.BAD_REQUEST;
        return RenderedProblem.json(status, new AdminBody(error.text(), status));
    }

    private static RenderedProblem json(AdminError error) {
        return RenderedProblem.json(error.status(), new AdminBody(error.text(), error.status()));
    }

    private static RenderedProblem json(AdminError error, String description) {
        return RenderedProblem.json(error.status(), new AdminBody(error.text() + ": " + description, error.status()));
    }
}
