package io.lockgate.api.files;

import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.Dialect;
import io.lockgate.http.Problem;
import io.lockgate.http.Problem.Dependency;
import io.lockgate.http.RenderedProblem;
import io.lockgate.identity.Credential;
import io.lockgate.range.IdempotencyKeyException;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.TooManyRequestsException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The files dialect (docs/api-files.md): a bearer token; an error catalogue with module and class. Login and version
 * are open.
 */
@Singleton
public final class FilesDialect implements Dialect {
    private static final String LOGIN = "/v1/session/login";
    private static final String VERSION = "/v1/version";
    private static final List<String> ROOTS = List.of("/v1", "/api/v1");
    private static final Duration SOON = Duration.ofSeconds(1);

    private final int bodyBytes;

    FilesDialect(FilesLimits limits) {
        this.bodyBytes = limits.bodyLimit();
    }

    @Override
    public List<String> roots() {
        return ROOTS;
    }

    /** Without {@code /api}. */
    @Override
    public String canonical(String path) {
        return path.startsWith(FilesRequest.API_PREFIX) ? path.substring(FilesRequest.API_PREFIX.length()) : path;
    }

    @Override
    public void rerouted(RoutingContext context, String path) {
        if (path.startsWith(FilesRequest.API_PREFIX)) {
            FilesRequest.markApi(context);
        }
    }

    @Override
    public boolean isOpen(String method, String path) {
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return plain.equals(LOGIN) || plain.equals(VERSION);
    }

    /** Renewals. */
    @Override
    public boolean isUrgent(String method, String path) {
        return method.equals("POST") && (path.endsWith("/renew") || path.endsWith("/renew/"));
    }

    @Override
    public Optional<Credential> credential(MultiMap headers, String method, String path) {
        return CredentialExtractor.bearer(headers);
    }

    @Override
    public int maxBodyBytes(HttpMethod method) {
        return bodyBytes;
    }

    @Override
    public boolean isProtectedFromOtherSites(RoutingContext context, String path) {
        return Dialect.isAt(context, path, LOGIN);
    }

    /** The 2019 client (docs/api-files.md, "Headers"). */
    @Override
    public boolean typesEmptyAnswers() {
        return false;
    }

    @Override
    public Optional<Problem> problemOf(Throwable failure) {
        return switch (failure) {
            case FilesProblemException e ->
                Optional.of(new Problem.Specific(
                        FilesProblem.of(e.error(), e.description()).rendered()));
            case SessionGoneException e ->
                Optional.of(new Problem.Specific(FilesProblem.ofGone(e).rendered()));
            case LockTableUnavailableException e ->
                Optional.of(new Problem.Unavailable(Dependency.LOCK_TABLE, e.outcomeKnown(), e.isUnderRepair()));
            case TooManyRequestsException e -> Optional.of(Problem.TooManyRequests.underWay(e.limit()));
            case IdempotencyKeyException e ->
                Optional.of(new Problem.Specific(idempotencyKey(e).rendered()));
            case CatalogUnavailableException e -> Optional.of(Problem.Unavailable.of(Dependency.FILE_REGISTRY));
            default -> Optional.empty();
        };
    }

    @Override
    public RenderedProblem render(Problem problem) {
        if (problem instanceof Problem.Specific(RenderedProblem rendered)) {
            return rendered;
        }
        RenderedProblem rendered = worded(problem).rendered();
        return problem instanceof Problem.NotAuthenticated || problem instanceof Problem.UserDeleted
                ? rendered.withHeader("WWW-Authenticate", "Bearer")
                : rendered;
    }

    private static FilesProblem worded(Problem problem) {
        return switch (problem) {
            case Problem.Specific specific -> throw new IllegalArgumentException("worded already: " + specific);
            case Problem.MalformedPath(Problem.PathFault fault) -> malformedPath(fault);
            case Problem.MalformedQuery(String parameter) -> field(parameter, "is not percent-encoded UTF-8");
            case Problem.RepeatedParameter(String name) -> field(name, "is given twice");
            case Problem.CrossSite(CrossSiteRule.Fault fault) -> crossSite(fault);
            case Problem.BadRequest(int status, String description) -> early(status, description);
            case Problem.HeaderTooLarge header -> early(431, header.description());
            case Problem.BodyTooLarge(int limit) ->
                FilesProblem.of(FilesError.BODY_TOO_LARGE, "the body is longer than " + limit + " bytes");
            case Problem.UnreadableBody(String description) -> FilesProblem.of(FilesError.DECODE, description);
            case Problem.MissingField(String name) -> field(name, "not found");
            case Problem.InvalidField(String name, String fault) -> field(name, fault);
            case Problem.NotAuthenticated ignored -> notAuthenticated();
            case Problem.UserDeleted ignored -> notAuthenticated();
            case Problem.TooManyUnknownCredentials ignored ->
                nothingChanged(
                        FilesError.TOO_MANY_LOGINS,
                        "too many credentials that are not known come from this network; nothing was changed");
            case Problem.TooManyLogins(Duration delay) ->
                FilesProblem.of(FilesError.TOO_MANY_LOGINS, "too many attempts to log in")
                        .retryAfter(delay);
            case Problem.Forbidden(String permission) ->
                FilesProblem.of(FilesError.NOT_PERMITTED, "this needs " + permission);
            case Problem.NotFound(String description) -> FilesProblem.of(FilesError.NOT_FOUND, description);
            case Problem.Conflict(String description) -> FilesProblem.of(FilesError.ENTRY_EXISTS, description);
            case Problem.TooManyRequests many -> nothingChanged(FilesError.TOO_MANY_REQUESTS, many.description());
            case Problem.Unavailable unavailable -> unavailable(unavailable);
            case Problem.ShuttingDown ignored ->
                nothingChanged(FilesError.STOPPING, "the gateway is stopping; nothing was changed");
            case Problem.OfStatus(int status) -> ofStatus(status);
            case Problem.Internal ignored ->
                FilesProblem.of(FilesError.INTERNAL, "the gateway failed; its log says more");
        };
    }

    private static FilesProblem idempotencyKey(IdempotencyKeyException refusal) {
        return switch (refusal.reason()) {
            case REUSED ->
                FilesProblem.of(
                                FilesError.IDEMPOTENCY_KEY_REUSED,
                                "header 'Idempotency-Key': the key belongs to another request of yours (another method, path,"
                                        + " query or body); nothing was changed")
                        .withOutcome(true);
            case LOST ->
                FilesProblem.of(
                        FilesError.LOCK_LOST,
                        "the call was granted before under this Idempotency-Key, and that lock ended, or not all of it"
                                + " stands any more; to acquire it again send the call with a new key");
            case TOO_MANY ->
                FilesProblem.of(
                                FilesError.TOO_MANY_IDEMPOTENCY_KEYS,
                                "header 'Idempotency-Key': the caller has used as many keys as one caller may"
                                        + " (lockgate.limits.idempotency-keys-per-principal): " + refusal.limit()
                                        + "; nothing was changed. Without the header the call is taken")
                        .withOutcome(true)
                        .retryAfter(Objects.requireNonNull(refusal.retryAfter()));
        };
    }

    private static FilesProblem malformedPath(Problem.PathFault fault) {
        return switch (fault) {
            case NOT_UTF8 ->
                FilesProblem.of(
                        FilesError.DECODE, "field 'ref' or another part of the path is not percent-encoded UTF-8");
            // The router would take a path with an empty ref for the path without one: another resource.
            case EMPTY_SEGMENT -> FilesProblem.of(FilesError.NOT_FOUND, "there is no such path: a segment is empty");
            case DOT_SEGMENT ->
                FilesProblem.of(FilesError.INVALID_PATH, "field 'ref' or another part of the path is a dot segment");
            case DISGUISED -> FilesProblem.of(FilesError.NOT_FOUND, "there is no such path");
        };
    }

    private static FilesProblem crossSite(CrossSiteRule.Fault fault) {
        return switch (fault) {
            case FOREIGN -> FilesProblem.of(FilesError.NOT_PERMITTED, fault.description());
            case NOT_JSON -> FilesProblem.of(FilesError.UNSUPPORTED_MEDIA_TYPE, fault.description());
        };
    }

    private static FilesProblem early(int status, String description) {
        return FilesProblem.withStatus(
                switch (status) {
                    case 408 -> FilesError.BODY_LATE;
                    case 413 -> FilesError.BODY_TOO_LARGE;
                    case 431 -> FilesError.HEADER_TOO_LARGE;
                    default -> FilesError.REQUEST;
                },
                status,
                description);
    }

    private static FilesProblem field(String name, String fault) {
        return FilesProblem.of(FilesError.DECODE, "field '" + name + "' " + fault);
    }

    private static FilesProblem notAuthenticated() {
        return FilesProblem.of(FilesError.NOT_AUTHENTICATED, "the credential is missing or not valid: need to log in");
    }

    private static FilesProblem nothingChanged(FilesError error, String description) {
        return FilesProblem.of(error, description).withOutcome(true).retryAfter(SOON);
    }

    private static FilesProblem unavailable(Problem.Unavailable unavailable) {
        return switch (unavailable.dependency()) {
            case LOCK_TABLE, ROUTE_LOCKS, COURSE_LOCKS, DISTRIBUTION_MAP ->
                FilesProblem.of(FilesError.UNAVAILABLE, lockTable(unavailable))
                        .withOutcome(unavailable.outcomeKnown())
                        .retryAfter(SOON);
            case FILE_REGISTRY ->
                nothingChanged(
                        FilesError.CATALOG_UNAVAILABLE,
                        "the file registry does not answer; it is safe to repeat the call");
            case IDENTITY, PASSWORD_HASHING ->
                nothingChanged(
                        FilesError.IDENTITY_UNAVAILABLE,
                        "the store of identities does not answer; nothing was changed");
        };
    }

    private static String lockTable(Problem.Unavailable unavailable) {
        if (!unavailable.outcomeKnown()) {
            return "the lock table did not do all of the call in time; whether it, or a part of it, happened is unknown. Repeating"
                    + " it is safe, but in smb it may count twice";
        }
        return unavailable.underRepair()
                ? "this part of the lock table is being repaired; nothing was changed"
                : "the lock table cannot take the call; nothing was changed";
    }

    private static FilesProblem ofStatus(int status) {
        return switch (status) {
            case 404 -> FilesProblem.of(FilesError.NOT_FOUND, "there is no such path");
            case 405 -> FilesProblem.of(FilesError.METHOD_NOT_ALLOWED, "this path does not take that method");
            case 413 -> FilesProblem.of(FilesError.BODY_TOO_LARGE, "the body is too large");
            case 415 -> FilesProblem.of(FilesError.UNSUPPORTED_MEDIA_TYPE, "a body must be application/json");
            default ->
                status >= 500
                        ? FilesProblem.withStatus(FilesError.INTERNAL, status, "the gateway failed")
                        : FilesProblem.withStatus(FilesError.REQUEST, status, "the request cannot be taken");
        };
    }
}
