package io.lockgate.api.distribution;

import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.CrossOrigin;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.Dialect;
import io.lockgate.http.Problem;
import io.lockgate.http.Problem.Dependency;
import io.lockgate.http.RenderedProblem;
import io.lockgate.identity.Credential;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.TokenKind;
import io.lockgate.range.TooManyRequestsException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The distribution dialect (docs/api-distribution.md): a bearer token in one of three headers. Of a bad one it says
 * whether it could be a token at all; not whether it was revoked, has expired, is of another kind or was never issued.
 */
@Singleton
public final class DistributionDialect implements Dialect {
    private static final String SHORT = "/data/";
    private static final String LONG = "/api/v3/oneprovider/data/";
    private static final Set<TokenKind> BEARERS = Set.of(TokenKind.BEARER);
    private static final List<String> ROOTS = List.of("/data", "/api/v3");

    private static final CrossOrigin CROSS_ORIGIN = new CrossOrigin(
            "GET, PUT, PATCH, DELETE",
            "X-Auth-Token, Authorization, Macaroon, Content-Type, If-Match, If-None-Match",
            "ETag, Retry-After");

    /** The longest token, in bytes. */
    private static final int MAX_TOKEN = 1 << 20;

    /** The reader of reports keeps its own time, and answers first. */
    private static final Duration AFTER_READER = Duration.ofSeconds(2);

    private static final Duration SOON = Duration.ofSeconds(1);

    private final ErrorFormat format;
    private final DistributionLimits limits;
    private final IdentityService identities;

    DistributionDialect(ErrorFormat format, DistributionLimits limits, IdentityService identities) {
        this.format = format;
        this.limits = limits;
        this.identities = identities;
    }

    @Override
    public List<String> roots() {
        return ROOTS;
    }

    @Override
    public String canonical(String path) {
        return path.startsWith(SHORT) ? LONG + path.substring(SHORT.length()) : path;
    }

    @Override
    public boolean isOpen(String method, String path) {
        return false;
    }

    /** {@code X-Auth-Token}, then {@code Authorization: Bearer}, then {@code Macaroon}. */
    @Override
    public Optional<Credential> credential(MultiMap headers, String method, String path) {
        return CredentialExtractor.header(headers, "X-Auth-Token", BEARERS)
                .or(() -> CredentialExtractor.bearer(headers))
                .or(() -> CredentialExtractor.header(headers, "Macaroon", BEARERS));
    }

    @Override
    public int maxBodyBytes(HttpMethod method) {
        return method.equals(HttpMethod.PUT) ? limits.bodyLimit() : DistributionLimits.PATCH_BYTES;
    }

    @Override
    public Optional<Duration> bodyTime(HttpMethod method) {
        return method.equals(HttpMethod.PUT) ? Optional.of(limits.reportTime().plus(AFTER_READER)) : Optional.empty();
    }

    @Override
    public Optional<CrossOrigin> crossOrigin() {
        return Optional.of(CROSS_ORIGIN);
    }

    @Override
    public Optional<Problem> problemOf(Throwable failure) {
        return switch (failure) {
            case DistributionProblemException e -> Optional.of(new Problem.Specific(json(e.problem())));
            case MapUnavailableException e ->
                Optional.of(new Problem.Unavailable(Dependency.DISTRIBUTION_MAP, true, e.isUnderRepair()));
            case ReadTooSlowException e -> Optional.of(Problem.Unavailable.of(Dependency.DISTRIBUTION_MAP));
            case TooManyRequestsException e -> Optional.of(Problem.TooManyRequests.underWay(e.limit()));
            default -> Optional.empty();
        };
    }

    @Override
    public RenderedProblem render(Problem problem) {
        return problem instanceof Problem.Specific(RenderedProblem rendered) ? rendered : json(worded(problem));
    }

    private DistributionProblem worded(Problem problem) {
        return switch (problem) {
            case Problem.Specific specific -> throw new IllegalArgumentException("worded already: " + specific);
            case Problem.MalformedPath(Problem.PathFault fault) -> DistributionProblem.badRequest(fault.description());
            case Problem.MalformedQuery(String parameter) ->
                DistributionProblem.badRequest("field '" + parameter + "' is not percent-encoded UTF-8");
            case Problem.RepeatedParameter(String name) ->
                DistributionProblem.badRequest("field '" + name + "' is given twice");
            case Problem.CrossSite(CrossSiteRule.Fault fault) ->
                DistributionProblem.early(fault.status(), fault.description());
            case Problem.BadRequest(int status, String description) -> DistributionProblem.early(status, description);
            case Problem.HeaderTooLarge header -> headerTooLarge(header);
            case Problem.BodyTooLarge ignored -> DistributionProblem.ofStatus(413);
            case Problem.UnreadableBody(String description) -> DistributionProblem.malformed(description + ".");
            case Problem.MissingField(String field) -> DistributionProblem.missing(field, "");
            case Problem.InvalidField(String field, String fault) -> DistributionProblem.badField(field, fault);
            case Problem.NotAuthenticated(Optional<Credential> credential) ->
                credential.map(sent -> badToken(sent.token())).orElse(DistributionProblem.NO_TOKEN);
            case Problem.UserDeleted ignored -> invalidToken();
            case Problem.TooManyUnknownCredentials ignored -> DistributionProblem.TOO_MANY;
            case Problem.TooManyLogins ignored -> DistributionProblem.TOO_MANY;
            case Problem.Forbidden ignored -> DistributionProblem.FORBIDDEN;
            case Problem.NotFound ignored -> DistributionProblem.NOT_FOUND;
            case Problem.Conflict(String description) -> DistributionProblem.early(409, description);
            case Problem.TooManyRequests many -> DistributionProblem.tooManyRequests(many.limit());
            case Problem.Unavailable unavailable ->
                unavailable.underRepair() ? DistributionProblem.UNDER_REPAIR : DistributionProblem.UNAVAILABLE;
            case Problem.ShuttingDown ignored -> DistributionProblem.UNAVAILABLE;
            case Problem.OfStatus(int status) -> DistributionProblem.ofStatus(status);
            case Problem.Internal ignored -> DistributionProblem.INTERNAL;
        };
    }

    /** A token that is too long is named as one. */
    private static DistributionProblem headerTooLarge(Problem.HeaderTooLarge header) {
        String name = header.header();
        boolean token = name.equalsIgnoreCase("X-Auth-Token")
                || name.equalsIgnoreCase("Authorization")
                || name.equalsIgnoreCase("Macaroon");
        return token
                ? DistributionProblem.tokenTooLarge(header.limitBytes())
                : DistributionProblem.early(431, header.description());
    }

    private DistributionProblem badToken(String token) {
        if (token.length() > MAX_TOKEN) {
            return DistributionProblem.tokenTooLarge(MAX_TOKEN);
        }
        return identities.understands(token)
                ? invalidToken()
                : DistributionProblem.badToken(
                        "badToken", Map.of(), "Provided token could not be understood by the server.");
    }

    private static DistributionProblem invalidToken() {
        return DistributionProblem.badToken("tokenInvalid", Map.of(), "Provided token is not valid.");
    }

    private RenderedProblem json(DistributionProblem problem) {
        RenderedProblem rendered = RenderedProblem.json(problem.status(), problem.body(format));
        return problem.status() == 503 || problem.status() == 429 ? rendered.retryAfter(SOON) : rendered;
    }
}
