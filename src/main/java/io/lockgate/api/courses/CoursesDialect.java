package io.lockgate.api.courses;

import io.lockgate.course.CourseTableUnavailableException;
import io.lockgate.course.NotAUserException;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.Dialect;
import io.lockgate.http.Problem;
import io.lockgate.http.Problem.Dependency;
import io.lockgate.http.RenderedProblem;
import io.lockgate.identity.Credential;
import io.lockgate.identity.TokenKind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The courses dialect (docs/api-courses.md): the header {@code SID}; {@code {"error","message"}} for every failure.
 * Locks are acquired by users, not by partners; sessions are opened by partners, not by users; the catalogue also takes
 * bearer tokens.
 */
@Singleton
public final class CoursesDialect implements Dialect {
    private static final String LOCKS = "/locks";
    private static final String SESSIONS = "/sessions";
    private static final String CATALOGUE = "/courses";
    private static final List<String> ROOTS = List.of(LOCKS, SESSIONS, CATALOGUE);
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final String SID = "SID";
    private static final Set<TokenKind> USERS = Set.of(TokenKind.SID);
    private static final Set<TokenKind> PARTNERS = Set.of(TokenKind.PARTNER);
    private static final Set<TokenKind> BOTH = Set.of(TokenKind.SID, TokenKind.PARTNER);

    private final CoursesLimits limits;

    CoursesDialect(CoursesLimits limits) {
        this.limits = limits;
    }

    @Override
    public List<String> roots() {
        return ROOTS;
    }

    @Override
    public boolean isOpen(String method, String path) {
        return false;
    }

    /** {@code SID}; in the catalogue also {@code Authorization: Bearer}, when there is no {@code SID}. */
    @Override
    public Optional<Credential> credential(MultiMap headers, String method, String path) {
        if (Dialect.isUnder(path, CATALOGUE)) {
            return CredentialExtractor.header(headers, SID, USERS).or(() -> CredentialExtractor.bearer(headers));
        }
        if (Dialect.isUnder(path, SESSIONS)) {
            return CredentialExtractor.header(headers, SID, PARTNERS);
        }
        return CredentialExtractor.header(headers, SID, method.equals("POST") ? USERS : BOTH);
    }

    @Override
    public int maxBodyBytes(HttpMethod method) {
        return limits.bodyLimit();
    }

    @Override
    public boolean isProtectedFromOtherSites(RoutingContext context, String path) {
        return Dialect.isUnder(path, SESSIONS);
    }

    @Override
    public Optional<Problem> problemOf(Throwable failure) {
        return switch (failure) {
            case CourseTableUnavailableException e -> Optional.of(Problem.Unavailable.of(Dependency.COURSE_LOCKS));
            case NotAUserException e -> Optional.of(new Problem.NotAuthenticated(Optional.empty()));
            default -> Optional.empty();
        };
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
            case Problem.BodyTooLarge ignored -> json(CoursesError.TOO_LARGE);
            case Problem.UnreadableBody(String description) -> badRequest(description);
            case Problem.MissingField(String field) -> badRequest("field '" + field + "' not found");
            case Problem.InvalidField(String field, String fault) -> badRequest("field '" + field + "' " + fault);
            case Problem.NotAuthenticated ignored -> json(CoursesError.INVALID_CREDENTIALS);
            case Problem.UserDeleted ignored -> json(CoursesError.INVALID_CREDENTIALS);
            case Problem.TooManyUnknownCredentials ignored ->
                json(CoursesError.TOO_MANY).retryAfter(SOON);
            case Problem.TooManyLogins(Duration delay) ->
                json(CoursesError.TOO_MANY).retryAfter(delay);
            case Problem.Forbidden ignored -> json(CoursesError.NOT_PERMITTED);
            case Problem.NotFound(String description) -> json(CoursesError.NOT_FOUND, description);
            case Problem.Conflict(String description) -> json(CoursesError.LOCKED, description);
            case Problem.TooManyRequests ignored -> json(CoursesError.TOO_MANY).retryAfter(SOON);
            case Problem.Unavailable ignored -> json(CoursesError.UNAVAILABLE).retryAfter(SOON);
            case Problem.ShuttingDown ignored -> json(CoursesError.UNAVAILABLE).retryAfter(SOON);
            case Problem.OfStatus(int status) -> ofStatus(status);
            case Problem.Internal ignored -> json(CoursesError.INTERNAL);
        };
    }

    private static RenderedProblem crossSite(CrossSiteRule.Fault fault) {
        CoursesError error =
                switch (fault) {
                    case FOREIGN -> CoursesError.NOT_PERMITTED;
                    case NOT_JSON -> CoursesError.NOT_JSON;
                };
        return json(error, error.message() + ": " + fault.description());
    }

    private static RenderedProblem badRequest(String description) {
        return json(CoursesError.BAD_REQUEST, CoursesError.BAD_REQUEST.message() + ": " + description);
    }

    private static RenderedProblem early(int status, String description) {
        CoursesError error = status >= 500 ? CoursesError.INTERNAL : CoursesError.BAD_REQUEST;
        return RenderedProblem.json(status, new CourseErrorBody(status, error.message() + ": " + description));
    }

    private static RenderedProblem ofStatus(int status) {
        return switch (status) {
            case 400 -> json(CoursesError.BAD_REQUEST);
            case 401 -> json(CoursesError.INVALID_CREDENTIALS);
            case 403 -> json(CoursesError.NOT_PERMITTED);
            case 404 -> json(CoursesError.NOT_FOUND);
            case 405 -> json(CoursesError.METHOD_NOT_ALLOWED);
            case 413 -> json(CoursesError.TOO_LARGE);
            case 415 -> json(CoursesError.NOT_JSON);
            case 503 -> json(CoursesError.UNAVAILABLE).retryAfter(SOON);
            default -> {
                CoursesError error = status >= 500 ? CoursesError.INTERNAL : CoursesError.BAD_REQUEST;
                yield RenderedProblem.json(status, new CourseErrorBody(status, error.message()));
            }
        };
    }

    private static RenderedProblem json(CoursesError error) {
        return json(error, error.message());
    }

    private static RenderedProblem json(CoursesError error, String message) {
        return RenderedProblem.json(error.status(), new CourseErrorBody(error.status(), message));
    }
}
